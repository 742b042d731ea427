// Documents held against their schemas. Nothing is coerced, filled in or removed.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FieldPath } from '../base/field-path.ts';
import type { JsonValue } from '../base/json.ts';
import type { SourceDocument } from '../yaml/document.ts';
import type { DocumentKind } from './classify.ts';
import type { Faults } from './faults.ts';
import {
  admissionConfigurationSchema,
  podSecurityConfigurationSchema,
} from './schema/pod-security-configuration.ts';
import { policySettingsSchema } from './schema/policy-settings.ts';
import { validatingAdmissionPolicySchema } from './schema/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindingSchema } from './schema/validating-admission-policy-binding.ts';

export type Schemas = {
  /** Whether the schema accepts the value at `path` of the document; what it refuses is noted. */
  accepts(
    kind: keyof Validators,
    document: SourceDocument,
    path: FieldPath,
    value: JsonValue,
    faults: Faults,
  ): boolean;
};

type Validators = Readonly<Record<Exclude<DocumentKind, 'test' | 'other'>, ValidateFunction>>;

export function createSchemas(): Schemas {
  const ajv = new Ajv2020({ allErrors: true, strict: true, verbose: true, allowUnionTypes: true });
  const validators: Validators = {
    policy: ajv.compile(validatingAdmissionPolicySchema),
    binding: ajv.compile(validatingAdmissionPolicyBindingSchema),
    'pod-security': ajv.compile(podSecurityConfigurationSchema),
    'admission-configuration': ajv.compile(admissionConfigurationSchema),
    settings: ajv.compile(policySettingsSchema),
  };
  return {
    accepts(kind, document, path, value, faults) {
      const validate = validators[kind];
      if (validate(value) === true) return true;
      faults.ofSchema(document, path, validate.errors ?? []);
      return false;
    },
  };
}
