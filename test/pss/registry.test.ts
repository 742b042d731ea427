// The registry: what it refuses to start with, how versions and overrides fall, and that folder and list agree.
import { readdirSync } from 'node:fs';
import { test } from 'tap';
import { podShape, readPod } from '../../src/k8s/pod.ts';
import { registry } from '../../src/pss/admission.ts';
import { type Control, pass } from '../../src/pss/control.ts';
import { controls } from '../../src/pss/controls/index.ts';
import { createRegistry } from '../../src/pss/registry.ts';
import type { Level, Version } from '../../src/pss/types.ts';

const check = () => pass;
const control = (changes: Partial<Control>): Control => ({
  id: 'a',
  level: 'baseline',
  versions: [{ since: 0, check }],
  ...changes,
});

const wrong: readonly [string, readonly Control[]][] = [
  ['two controls of one id', [control({}), control({})]],
  ['no version', [control({ versions: [] })]],
  [
    'versions that do not rise',
    [
      control({
        versions: [
          { since: 2, check },
          { since: 2, check },
        ],
      }),
    ],
  ],
  [
    'a baseline control that overrides',
    [control({}), control({ id: 'b', versions: [{ since: 0, check, overrides: ['a'] }] })],
  ],
  [
    'an override of a restricted control',
    [
      control({ level: 'restricted' }),
      control({ id: 'b', level: 'restricted', versions: [{ since: 0, check, overrides: ['a'] }] }),
    ],
  ],
  [
    'an override of nothing',
    [control({ level: 'restricted', versions: [{ since: 0, check, overrides: ['x'] }] })],
  ],
];

for (const [name, list] of wrong) {
  test(`the registry does not start with ${name}`, (t) => {
    t.throws(() => createRegistry(list));
    t.end();
  });
}

const read = readPod({ spec: { containers: [] } });
if (!read.ok) throw new Error(read.error);
const ids = (level: Level, version: Version) =>
  registry.evaluate({ level, version }, read.value).map(({ id }) => id);

const counts: readonly [Level, Version, number][] = [
  ['privileged', 'latest', 0],
  ['baseline', 0, 11],
  ['restricted', 0, 12],
  ['baseline', 34, 12],
  ['restricted', 34, 15],
  ['baseline', 'latest', 12],
  ['restricted', 'latest', 15],
];

for (const [level, version, count] of counts) {
  test(`${level} in v1.${version} has ${count} controls`, (t) => {
    t.equal(ids(level, version).length, count, ids(level, version).join());
    t.end();
  });
}

/** From which version on how many are in force: as many as EvaluatePod of the in-tree library has results. */
const inForce = {
  baseline: [
    [0, 11],
    [34, 12],
  ],
  restricted: [
    [0, 12],
    [8, 13],
    [23, 14],
    [34, 15],
  ],
} as const;

test('A21: no control is missing in any version, nor in latest', (t) => {
  for (const name of ['baseline', 'restricted'] as const) {
    const found: (readonly [number, number])[] = [];
    for (let version = 0; version <= registry.newest; version++) {
      const count = ids(name, version).length;
      if (found.at(-1)?.[1] !== count) found.push([version, count]);
    }
    t.same(found, inForce[name], name);
    t.same(ids(name, 'latest'), ids(name, registry.newest), name);
  }
  t.end();
});

test('a version that nobody knows yet is judged as the newest', (t) => {
  t.equal(registry.newest, 37);
  t.same(ids('restricted', 99), ids('restricted', 'latest'));
  t.same(ids('restricted', 37), ids('restricted', 'latest'));
  t.end();
});

test('an override leaves the baseline control out of restricted, and only there', (t) => {
  t.ok(ids('baseline', 'latest').includes('capabilities_baseline'));
  t.notOk(ids('restricted', 'latest').includes('capabilities_baseline'));
  t.ok(ids('restricted', 21).includes('capabilities_baseline'));
  t.end();
});

test('baseline controls come first, each kind in the order of its ids, as in-tree', (t) => {
  const level = new Map(controls.map((each) => [each.id, each.level]));
  const found = ids('restricted', 'latest');
  const baseline = found.filter((id) => level.get(id) === 'baseline');
  const restricted = found.filter((id) => level.get(id) === 'restricted');
  t.same(found, [...baseline].sort().concat([...restricted].sort()));
  t.end();
});

test('the folder of controls and their list agree', (t) => {
  const files = readdirSync(new URL('../../src/pss/controls', import.meta.url)).filter(
    (name) => name !== 'index.ts',
  );
  t.equal(files.length, controls.length);
  t.equal(podShape.kind, 'object');
  t.end();
});
