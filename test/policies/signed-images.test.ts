// The folder signed-images is off and says so; each of its files is on once it is filled in and its comment signs are gone.
import { readFileSync } from 'node:fs';
import { test } from 'tap';
import type { Diagnostic } from '../../src/base/diagnostic.ts';
import type { Result } from '../../src/base/result.ts';
import { buildPolicySet } from '../../src/policy/build.ts';
import { loadPolicySet } from '../../src/policy/load.ts';
import type { PolicySet } from '../../src/policy/model.ts';
import { readDocuments } from '../../src/yaml/read.ts';

const now = '2026-11-21T10:00:00Z';
const bundle = new URL('../../policies/', import.meta.url);
const textOf = (name: string): string =>
  readFileSync(new URL(`signed-images/${name}`, bundle), 'utf8');
const key = readFileSync(new URL('../fixtures/images/keys/p256.pub', import.meta.url), 'utf8');

/** From `apiVersion` to the end, without the comment signs. */
function uncommented(name: string): string {
  const text = textOf(name);
  return text.slice(text.indexOf('# apiVersion')).replaceAll(/^# /gm, '');
}

function loaded(...texts: readonly string[]): Result<PolicySet, readonly Diagnostic[]> {
  const documents = texts.flatMap((text, i) => readDocuments(text, `${i}.yaml`).documents);
  return buildPolicySet([documents], { now });
}

const filledKey = uncommented('key.yaml').replace(
  /( +)-----BEGIN[\s\S]*?-----END.*\n/,
  (_, indent: string) => key.replaceAll(/^(?=.)/gm, indent),
);

test('a policy path of comments alone is empty, and each file says why', async (t) => {
  const set = await loadPolicySet([new URL('signed-images', bundle).pathname], { now });
  t.same(set.ok ? [] : set.error.map(({ code }) => code), [
    'policies-empty',
    'policy-idle',
    'policy-idle',
  ]);
});

test('the bundle loads with signed-images off, and tells it', async (t) => {
  const set = await loadPolicySet([bundle.pathname], { now });
  if (!set.ok) throw new Error('the bundle does not load');
  t.same(set.value.imagePolicies, []);
  const told = set.value.idle.map(({ code, file }) => [code, file.split('/').slice(-2).join('/')]);
  t.same(told, [
    ['policy-idle', 'signed-images/key.yaml'],
    ['policy-idle', 'signed-images/keyless.yaml'],
  ]);
});

test('a key that was not filled in does not load', (t) => {
  const result = loaded(uncommented('key.yaml'));
  t.match(result.ok ? [] : result.error, [{ code: 'image-key' }]);
  t.end();
});

test('each file is a policy without warnings once it is filled in', (t) => {
  for (const text of [filledKey, uncommented('keyless.yaml')]) {
    const result = loaded(text);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    t.same(result.value.warnings, []);
    t.same(
      result.value.imagePolicies.map(({ name }) => name),
      ['signed-images', 'unsigned-images'],
    );
    const [signed] = result.value.imagePolicies;
    t.ok(signed?.title && signed.remedy && signed.severity);
    const page = readFileSync(new URL('../../docs/controls.md', import.meta.url), 'utf8');
    const section = /^## signed-images$[\s\S]*?^## /m.exec(page)?.[0] ?? '';
    for (const control of signed?.controls ?? []) t.match(section, `\`${control}\``);
  }
  t.end();
});

test('both files together are told to be one too many', (t) => {
  const result = loaded(filledKey, uncommented('keyless.yaml'));
  const codes = result.ok ? [] : result.error.map(({ code }) => code);
  t.same([...new Set(codes)], ['policy-duplicate']);
  t.end();
});
