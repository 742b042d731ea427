// Faults of policy documents, at the place of the field that they are about.
import type { ErrorObject } from 'ajv';
import type { Code } from '../base/codes.ts';
import type { Diagnostic, Position } from '../base/diagnostic.ts';
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { isArray, type JsonValue } from '../base/json.ts';
import { quote } from '../base/text.ts';
import type { CelFault } from '../cel/program.ts';
import type { SourceDocument } from '../yaml/document.ts';

export type Faults = {
  readonly all: Diagnostic[];
  at(document: SourceDocument, path: FieldPath, code: Code, message: string, fix?: string): void;
  /** A fault inside the expression at `path`. */
  inExpression(document: SourceDocument, path: FieldPath, fault: CelFault): void;
  /** What a JSON Schema refused. */
  ofSchema(document: SourceDocument, base: FieldPath, errors: readonly ErrorObject[]): void;
};

export function collectFaults(): Faults {
  const all: Diagnostic[] = [];
  const note = (
    document: SourceDocument,
    { line, column }: Position,
    code: Code,
    message: string,
    fix?: string,
  ): void => {
    const excerpt = document.lineAt(line);
    all.push({
      code,
      message,
      file: document.file,
      line,
      column,
      excerpt,
      ...(fix === undefined ? {} : { fix }),
    });
  };
  return {
    all,
    at: (document, path, code, message, fix) =>
      note(document, document.position(path), code, message, fix),
    inExpression: (document, path, { code, message, start }) =>
      note(document, document.positionInScalar(path, start), code, message),
    ofSchema(document, base, errors) {
      for (const error of errors) {
        const told = tell(error, base, document.value);
        if (told === undefined) continue;
        note(document, document.position(told.path), 'policy-field', told.message, told.fix);
      }
    },
  };
}

type Told = {
  readonly path: FieldPath;
  readonly message: string;
  readonly fix?: string;
};

function tell(error: ErrorObject, base: FieldPath, root: JsonValue): Told | undefined {
  const path = [...base, ...pathOf(error.instancePath, base, root)];
  const { keyword, params, message = 'cannot be used' } = error;
  const shown = formatPath(path) || 'the document';
  switch (keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const fix = suggestion(name, Object.keys(error.parentSchema?.['properties'] ?? {}));
      const told = {
        path: [...path, name],
        message: `unknown field ${quote(formatPath([...path, name]))}`,
      };
      return fix === undefined ? told : { ...told, fix };
    }
    case 'required':
      return {
        path,
        message: `${formatPath([...path, String(params['missingProperty'])])} is required`,
      };
    case 'enum':
      return {
        path,
        message: `${shown} must be one of ${(params['allowedValues'] as unknown[]).join(', ')}`,
      };
    case 'const':
      return { path, message: `${shown} must be ${quote(String(params['allowedValue']))}` };
    case 'pattern':
      return { path, message: `${shown} ${patternMessage(String(params['pattern']))}` };
    default:
      return { path, message: `${shown} ${message}` };
  }
}

function patternMessage(pattern: string): string {
  if (pattern === '\\S') return 'must not be blank';
  if (pattern === '^[^\\r\\n]*$') return 'must not contain line breaks';
  return `must match ${pattern}`;
}

/** A JSON pointer, with numbers where the value has lists. */
function pathOf(pointer: string, base: FieldPath, root: JsonValue): FieldPath {
  let at: unknown = base.reduce<unknown>((value, step) => (value as never)?.[step], root);
  return pointer
    .split('/')
    .slice(1)
    .map((raw) => {
      const name = raw.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = isArray(at) ? Number(name) : name;
      at = (at as never)?.[step];
      return step;
    });
}

/** The nearest known name, when it is near enough to be meant. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((each) => ({ each, distance: distance(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ each, distance }) => distance <= Math.max(1, Math.floor(each.length / 3)))
    .sort((a, b) => a.distance - b.distance)[0];
  return near === undefined ? undefined : `did you mean ${quote(near.each)}?`;
}

function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 4 || a.length > 64) return 99;
  let row = [...new Array(b.length + 1).keys()];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 99;
}
