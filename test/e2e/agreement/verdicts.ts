// What each of the three says of a manifest, brought into one form: rules and texts, sorted.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { get, isArray, isObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import { readDocuments } from '../../../src/yaml/read.ts';
import type { ApiAnswer } from '../api.ts';
import { manifest } from '../scene.ts';

export type Denied = {
  readonly rules: readonly string[];
  /** As the API server would warn of the same failures of ValidatingAdmissionPolicies. */
  readonly messages: readonly string[];
};

/** The rules that the gate denied by, none when it was let in; undefined when the API server refused it as such.
 * `PodSecurity`: the API server's own, by the labels of the namespace. */
export function decidedBy({ status, body }: ApiAnswer): readonly string[] | undefined {
  // It would be there already: that is found out after admission.
  if (status === 201 || status === 409) return [];
  const message = isObject(body) ? String(body['message']) : '';
  if (status !== 403) return undefined;
  if (message.includes('violates PodSecurity')) return ['PodSecurity'];
  if (!message.includes('" denied the request: ')) return undefined;
  return distinct([...message.matchAll(/^ {2}(\S+): /gm)].map(([, rule = '']) => rule));
}

/** Of the JSON that `check` printed, a decision for each manifest. */
export function denials(report: JsonValue): readonly Denied[] {
  const decisions = get(report, 'decisions');
  return (isArray(decisions) ? decisions : []).map((decision) => {
    const results = get(decision, 'results');
    const denied = (isArray(results) ? results : [])
      .filter(isObject)
      .filter(({ actions }) => isArray(actions) && actions.includes('deny'));
    const texts = denied
      .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
      .map(({ policy, binding, message }) =>
        failure(String(policy), String(binding), String(message)),
      );
    return { rules: distinct(denied.map(({ rule }) => String(rule))), messages: distinct(texts) };
  });
}

function failure(policy: string, binding: string, message: string): string {
  return `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`;
}

/** What ValidatingAdmissionPolicies of the API server say: as warnings, and as the one denial that a binding without its
 * params ends in, whatever its actions are. */
export function failuresOf({ warnings, body }: ApiAnswer): readonly string[] {
  const texts = warnings.map((text) => Buffer.from(text, 'latin1').toString('utf8'));
  const message = isObject(body) ? String(body['message']) : '';
  const [, policy = '', binding = '', said = ''] = denial.exec(message) ?? [];
  const denied = policy === '' ? [] : [failure(policy, binding, said)];
  return distinct([
    ...texts.filter((text) => text.startsWith('Validation failed for ')),
    ...denied,
  ]);
}

const denial = /ValidatingAdmissionPolicy '([^']*)' with binding '([^']*)' denied request: (.*)$/s;

/** The policies, bindings and params of a folder for the API server itself; the bindings warn instead of denying, so
 * that every failure is told and not just the first. */
export function inTree(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(policy|binding|params)\.yaml$/.test(name))
    .sort();
  return files
    .flatMap((name) => readDocuments(readFileSync(join(folder, name), 'utf8'), name).documents)
    .map(({ value }) => value)
    .filter(isObject)
    .filter(
      ({ kind }) => kind === 'ConfigMap' || String(kind).startsWith('ValidatingAdmissionPolicy'),
    )
    .map(warning)
    .map(manifest)
    .join('---\n');
}

function warning(object: JsonObject): JsonObject {
  const spec = object['spec'];
  if (object['kind'] !== 'ValidatingAdmissionPolicyBinding' || !isObject(spec)) return object;
  return { ...object, spec: { ...spec, validationActions: ['Warn'] } };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
