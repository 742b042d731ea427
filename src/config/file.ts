// One Configuration file to its fields, or every fault in it with its line.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import type { FieldPath } from '../base/field-path.ts';
import { get, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { joinQuote, quote } from '../base/text.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { readFile } from '../yaml/files.ts';
import { readDocuments } from '../yaml/read.ts';
import { configurationKind, configurationSchema } from './schema.ts';
import { type Field, settingTable } from './settings.ts';

export type ConfigurationFile = {
  /** The value of a field as the schema has it; undefined when it is not set. */
  value(field: Field): JsonValue | undefined;
  /** A fault of a field that the schema cannot see. */
  fault(field: Field, message: string): Diagnostic;
};

export async function readConfiguration(
  file: string,
): Promise<Result<ConfigurationFile, readonly Diagnostic[]>> {
  const source = await readFile(file);
  if (!source.ok) return err([source.error]);
  const { documents, faults } = readDocuments(source.value.text, file);
  if (faults.length > 0) return err(faults);
  const [document, second] = documents;
  if (document === undefined || second !== undefined) {
    const message = `the file must hold one document of kind ${configurationKind.kind}`;
    return err([{ code: 'config-field', message, file, line: second?.line ?? 0, column: 1 }]);
  }
  const wrong = violations(document);
  if (wrong.length > 0) return err(wrong);
  return ok({
    value: (field) => get(document.value, field),
    fault: (field, message) => diagnostic(document, [field], message),
  });
}

function violations(document: SourceDocument): readonly Diagnostic[] {
  const validate = new Ajv2020({ allErrors: true }).compile(configurationSchema);
  if (validate(document.value)) return [];
  return (validate.errors ?? []).map((error) => told(document, error)).sort(byPlace);
}

function told(document: SourceDocument, error: ErrorObject): Diagnostic {
  const path = pathOf(error.instancePath);
  const { additionalProperty: unknown, missingProperty: missing, allowedValue } = error.params;
  if (typeof unknown === 'string') {
    const fix = `the fields are ${joinQuote(settingTable.map(({ field }) => field))}`;
    const message = `${quote(unknown)} is no field of a ${configurationKind.kind}`;
    return { ...diagnostic(document, [...path, unknown], message), fix };
  }
  if (typeof missing === 'string')
    return diagnostic(document, path, `${quote(missing)} is missing`);
  const what = typeof allowedValue === 'string' ? `must be ${quote(allowedValue)}` : error.message;
  return diagnostic(document, path, `${path.join('.') || 'the document'} ${what}`);
}

/** JSON pointers; the schema has no objects inside lists, so a step of digits is an index. */
function pathOf(pointer: string): FieldPath {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function diagnostic(document: SourceDocument, path: FieldPath, message: string): Diagnostic {
  const { line, column } = document.position(path);
  const excerpt = document.lineAt(line);
  return { code: 'config-field', message, file: document.file, line, column, excerpt };
}
