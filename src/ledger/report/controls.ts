// Controls with the policies that support them and the evidence in the period; those that no policy names; and policies
// that name none.
import {
  controlParts,
  type Framework,
  type FrameworkName,
  frameworks,
  podSecurityControls,
} from './catalogue.ts';
import type { ControlTally } from './decisions.ts';
import { noEvaluations } from './evaluation.ts';
import type { ControlRow, FrameworkPart, PolicyInForce } from './report.ts';

const podRules = [
  'privileged',
  'hostNamespaces',
  'allowPrivilegeEscalation',
  'runAsNonRoot',
  'capabilities_restricted',
  'windowsHostProcess',
  'hostPathVolumes',
  'hostPorts',
];

/** `only`: one framework; null: all that are named. */
export function frameworkParts(
  tallies: ReadonlyMap<string, ControlTally>,
  policies: readonly PolicyInForce[],
  only: FrameworkName | null,
): readonly FrameworkPart[] {
  const rows = controlRows(tallies, policies);
  const known = frameworks.map(({ name }): string => name);
  const others = [...new Set(rows.map(({ control }) => controlParts(control)[0]))]
    .filter((name) => !known.includes(name))
    .sort();
  return [...known, ...others]
    .filter((name) => only === null || name === only)
    .map((name) =>
      part(
        name,
        rows.filter(({ control }) => controlParts(control)[0] === name),
      ),
    );
}

function part(name: string, controls: readonly ControlRow[]): FrameworkPart {
  const framework = frameworks.find((each) => each.name === name);
  const sorted = [...controls].sort((a, b) => byId(a.control, b.control));
  const uncovered = framework === undefined ? [] : uncoveredOf(framework, controls);
  const { title = null, scope = null } = framework ?? {};
  return { name, title, scope, controls: sorted, uncovered };
}

function uncoveredOf(
  { name, controls }: Framework,
  covered: readonly ControlRow[],
): FrameworkPart['uncovered'] {
  const there = new Set(covered.map(({ control }) => control));
  return Object.entries(controls)
    .map(([id, title]) => ({ control: `${name}:${id}`, title }))
    .filter(({ control }) => !there.has(control));
}

/** Those that decisions name, and those of policies in force that decided nothing. */
function controlRows(
  tallies: ReadonlyMap<string, ControlTally>,
  policies: readonly PolicyInForce[],
): readonly ControlRow[] {
  const named = new Map<string, Set<string>>();
  for (const policy of policies) {
    for (const control of controlsOf(policy)) {
      named.set(control, (named.get(control) ?? new Set()).add(policy.name));
    }
  }
  return [...new Set([...tallies.keys(), ...named.keys()])].map((control) => {
    const tally = tallies.get(control);
    const { policies: own = new Set<string>(), ...counts } = tally ?? {};
    const together = [...new Set([...own, ...(named.get(control) ?? [])])].sort();
    const [framework, id] = controlParts(control);
    const titles = frameworks.find(({ name }) => name === framework)?.controls ?? {};
    const title = Object.hasOwn(titles, id) ? (titles[id] ?? null) : null;
    const evidence = { ...noEvaluations(), first: null, last: null, ...counts };
    return { control, title, policies: together, ...evidence };
  });
}

function controlsOf({ kind, controls }: PolicyInForce): readonly string[] {
  if (kind !== 'PodSecurity') return controls;
  return [...new Set(podRules.flatMap(podSecurityControls))];
}

/** Policies in force that name no control. */
export function withoutControl(policies: readonly PolicyInForce[]): readonly string[] {
  return policies.filter((each) => controlsOf(each).length === 0).map(({ name }) => name);
}

/** 5.2.10 comes after 5.2.9. */
function byId(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
