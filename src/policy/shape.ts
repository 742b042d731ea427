// The one parse door of this room: a JSON Schema (ajv, draft 2020-12) says whether a document has the shape of its kind.
// Nothing is coerced, filled in or removed.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { type FieldPath, formatPath, pathIn } from '../base/field-path.ts';
import { isArray, isObject, type JsonValue } from '../base/json.ts';
import { cut, joinQuote, quote } from '../base/text.ts';
import type { Fault, Report } from './faults.ts';
import type { WrittenImagePolicy, WrittenTrustRoot } from './images/written.ts';
import { withoutNulls } from './pieces.ts';
import { clusterImagePolicySchema } from './schema/cluster-image-policy.ts';
import type { Schema } from './schema/parts.ts';
import {
  admissionConfigurationSchema,
  podSecurityConfigurationSchema,
} from './schema/pod-security-configuration.ts';
import { policyExceptionSchema } from './schema/policy-exception.ts';
import { policySettingsSchema } from './schema/policy-settings.ts';
import { policyTestSchema } from './schema/policy-test.ts';
import { trustRootSchema } from './schema/trust-root.ts';
import { validatingAdmissionPolicySchema } from './schema/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindingSchema } from './schema/validating-admission-policy-binding.ts';
import { suggest } from './suggest.ts';
import type {
  WrittenAdmissionConfiguration,
  WrittenBinding,
  WrittenException,
  WrittenPodSecurity,
  WrittenPolicy,
  WrittenPolicyTest,
  WrittenSettings,
} from './written.ts';

/** undefined when a field has a type that nothing can be made of; every fault has been reported. */
export type Shape<T> = (
  value: JsonValue,
  report: Report,
) => { readonly written: T; readonly content: JsonValue } | undefined;

export type Shapes = {
  readonly policy: Shape<WrittenPolicy>;
  readonly binding: Shape<WrittenBinding>;
  readonly podSecurity: Shape<WrittenPodSecurity>;
  readonly admissionConfiguration: Shape<WrittenAdmissionConfiguration>;
  readonly settings: Shape<WrittenSettings>;
  readonly exception: Shape<WrittenException>;
  readonly imagePolicy: Shape<WrittenImagePolicy>;
  readonly trustRoot: Shape<WrittenTrustRoot>;
  readonly policyTest: Shape<WrittenPolicyTest>;
};

/** Real policies hold hundreds. What is checked of each item against all others stays small. */
const maxValues = 20_000;

export function createShapes(): Shapes {
  // The schemas are ours and a test holds them to their draft: that need not be proven again at every load.
  const trusted = { validateSchema: false, meta: false };
  const options = { strict: true, allErrors: true, verbose: true, ownProperties: true };
  const ajv = new Ajv2020({ ...options, ...trusted });
  return {
    policy: shape(ajv, validatingAdmissionPolicySchema),
    binding: shape(ajv, validatingAdmissionPolicyBindingSchema),
    podSecurity: shape(ajv, podSecurityConfigurationSchema),
    admissionConfiguration: shape(ajv, admissionConfigurationSchema),
    settings: shape(ajv, policySettingsSchema),
    exception: shape(ajv, policyExceptionSchema),
    imagePolicy: shape(ajv, clusterImagePolicySchema),
    trustRoot: shape(ajv, trustRootSchema),
    policyTest: shape(ajv, policyTestSchema),
  };
}

/** A schema is compiled when the first document of its kind is met. */
function shape<T>(ajv: Ajv2020, schema: Schema): Shape<T> {
  let validate: ValidateFunction<T> | undefined;
  return (value, report) => {
    validate ??= ajv.compile<T>(schema);
    const content = withoutNulls(value, maxValues);
    if (content === undefined) {
      report({ path: [], message: `the document holds more than ${maxValues} values` });
      return undefined;
    }
    if (validate(content)) return { written: content, content };
    // `if` only says that its `then` or `else` has failed.
    const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if');
    for (const error of errors) report(told(error, pathIn(content, error.instancePath)));
    if (errors.some((error) => error.keyword === 'type')) return undefined;
    // INVARIANT: every type is right (T has no required fields and no closed words), so all else can be judged too.
    return { written: content as T, content };
  };
}

function told(
  { keyword, params, parentSchema, data, message }: ErrorObject,
  path: FieldPath,
): Fault {
  const field = path.length === 0 ? 'the document' : formatPath(path);
  switch (keyword) {
    case 'additionalProperties':
      return unknownField(path, String(params['additionalProperty']), parentSchema);
    case 'required': {
      const missing = [...path, String(params['missingProperty'])];
      return {
        path: missing,
        message: `${formatPath(missing)} is missing`,
        ...words(parentSchema, missing),
      };
    }
    case 'enum':
      return wrongWord(path, field, data, textsOf(params['allowedValues']));
    case 'type':
      return wrongType(path, field, data, String(params['type']));
    case 'minItems':
      return { path, message: `${field} must not be empty` };
    case 'maxItems':
      return { path, message: `${field} must not have more than ${params['limit']} items` };
    default:
      return { path, message: `${field} ${message ?? 'cannot be used'}` };
  }
}

function unknownField(owner: FieldPath, name: string, schema: unknown): Fault {
  const path = [...owner, name];
  const known = Object.keys(propertiesOf(schema));
  const fix = suggest(name, known) ?? `the fields here are ${known.join(', ')}`;
  return { path, at: 'key', message: `unknown field ${formatPath(path)}`, fix };
}

/** A missing field with closed words says which. */
function words(schema: unknown, path: FieldPath): { readonly fix?: string } {
  const field = propertiesOf(schema)[String(path.at(-1))];
  const allowed = isRecord(field) ? textsOf(field['enum']) : [];
  return allowed.length === 0
    ? {}
    : { fix: `set it to ${joinQuote(allowed).replaceAll(', ', ' or ')}` };
}

function wrongWord(
  path: FieldPath,
  field: string,
  data: unknown,
  allowed: readonly string[],
): Fault {
  const fix = typeof data === 'string' ? suggest(data, allowed) : undefined;
  return {
    path,
    message: `${field} must be one of ${joinQuote(allowed)}, not ${shown(data)}`,
    fix,
  };
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a string',
};

function wrongType(path: FieldPath, field: string, data: unknown, type: string): Fault {
  const message = `${field} must be ${typeNames[type] ?? type}, not ${shown(data)}`;
  const isScalar = ['boolean', 'number', 'bigint'].includes(typeof data);
  if (type === 'string' && isScalar)
    return { path, message, fix: `put it in quotes: "${String(data)}"` };
  if (type === 'array' && typeof data === 'string')
    return { path, message, fix: 'make it a list: [ … ]' };
  return { path, message };
}

function shown(data: unknown): string {
  if (isArray(data)) return 'a list';
  if (isObject(data)) return 'a mapping';
  return typeof data === 'string' ? quote(cut(data, 60)) : String(data);
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  const properties = isRecord(schema) ? schema['properties'] : undefined;
  return isRecord(properties) ? properties : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
