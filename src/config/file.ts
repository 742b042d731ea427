// One Configuration file to its fields, or every fault in it with its line.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { byPlace, type Diagnostic } from '../base/diagnostic.ts';
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { getIn, isObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { joinQuote, quote } from '../base/text.ts';
import { exporterKinds } from '../ledger/export/settings.ts';
import type { SourceDocument } from '../yaml/document.ts';
import { readFile } from '../yaml/files.ts';
import { readDocuments } from '../yaml/read.ts';
import { configurationKind, configurationSchema } from './schema.ts';
import { settingTable } from './setting-table.ts';
import { pathOf, type Setting } from './settings.ts';

export type ConfigurationFile = {
  /** The value of a field as the schema has it; undefined when it is not set. */
  value(setting: Setting): JsonValue | undefined;
  /** A fault of a field that the schema cannot see. */
  fault(setting: Setting, message: string): Diagnostic;
  /** What is no row of the table: `exporters`, `registries`. */
  at(path: FieldPath): JsonValue | undefined;
  faultAt(path: FieldPath, message: string): Diagnostic;
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
    value: (setting) => getIn(document.value, pathOf(setting)),
    fault: (setting, message) => diagnostic(document, pathOf(setting), message),
    at: (path) => getIn(document.value, path),
    faultAt: (path, message) => diagnostic(document, path, `${formatPath(path)} ${message}`),
  });
}

function violations(document: SourceDocument): readonly Diagnostic[] {
  const validate = new Ajv2020({
    allErrors: true,
    verbose: true,
    discriminator: true,
    allowUnionTypes: true,
  }).compile(configurationSchema);
  if (validate(document.value)) return [];
  return (validate.errors ?? []).map((error) => told(document, error)).sort(byPlace);
}

function told(document: SourceDocument, error: ErrorObject): Diagnostic {
  const path = stepsOf(error.instancePath);
  const { additionalProperty: unknown, missingProperty: missing, allowedValue } = error.params;
  const choice = error.keyword === 'discriminator' ? exporterKinds : error.params['allowedValues'];
  if (typeof unknown === 'string') {
    const fix = `the fields are ${joinQuote(fieldsAt(path, error))}`;
    const place = path.length === 0 ? `a ${configurationKind.kind}` : formatPath(path);
    const message = `${quote(unknown)} is no field of ${place}`;
    return { ...diagnostic(document, [...path, unknown], message), fix };
  }
  if (typeof missing === 'string')
    return diagnostic(document, path, `${quote(missing)} is missing`);
  const what = typeof allowedValue === 'string' ? `must be ${quote(allowedValue)}` : error.message;
  const rule = Array.isArray(choice) ? `must be one of ${joinQuote(choice.map(String))}` : what;
  return diagnostic(document, path, `${formatPath(path) || 'the document'} ${rule}`);
}

function fieldsAt(path: FieldPath, { parentSchema }: ErrorObject): readonly string[] {
  const properties: unknown = parentSchema?.['properties'];
  const isList = path[0] === 'exporters' || path[0] === 'registries';
  if (isList && isObject(properties)) return Object.keys(properties);
  const inside = settingTable
    .map(pathOf)
    .filter((steps) => path.every((step, i) => steps[i] === step));
  return [...new Set(inside.map((steps) => steps[path.length] ?? ''))];
}

/** JSON pointers; no field is called by digits, so a step of them is an index. */
function stepsOf(pointer: string): FieldPath {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function diagnostic(document: SourceDocument, path: FieldPath, message: string): Diagnostic {
  const { line, column } = document.position(path);
  const excerpt = document.lineAt(line);
  return { code: 'config-field', message, file: document.file, line, column, excerpt };
}
