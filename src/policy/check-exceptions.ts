// What exceptions say together and of the policies: rules that exist, no two that meet, an end within bounds.
import type { Diagnostic } from '../base/diagnostic.ts';
import { quote } from '../base/text.ts';
import { controls } from '../pss/controls/index.ts';
import type { Entry } from './entries.ts';
import { diagnose, type Fault } from './faults.ts';
import { excusableImageRules, imageRuleId, imagesPolicy } from './images/rules.ts';
import type { Exception, ExceptionMatch, ImagePolicy, Policy, PolicySettings } from './model.ts';
import { suggest } from './suggest.ts';

export type ExceptionEntry = { readonly entry: Entry; readonly exception: Exception };

export type Checking = {
  readonly policies: readonly Pick<Policy, 'name' | 'validations'>[];
  readonly imagePolicies: readonly Pick<ImagePolicy, 'name'>[];
  readonly settings: PolicySettings;
  /** RFC 3339. */
  readonly now: string;
  readonly faults: Diagnostic[];
  readonly warnings: Diagnostic[];
};

export function checkExceptions(entries: readonly ExceptionEntry[], checking: Checking): void {
  const known = { rules: rulesOf(checking), shared: sharedNames(checking) };
  for (const one of entries) {
    for (const fault of [
      ...ruleFaults(one.exception, known),
      ...kindFaults(one.exception, checking),
    ]) {
      checking.faults.push(diagnose(one.entry.piece, fault));
    }
    checkEnd(one, checking);
  }
  const earlier = earlierExceptions();
  for (const one of entries) {
    for (const other of earlier.near(one)) {
      if (!mayMeet(one.exception.match, other.exception.match)) continue;
      const rule = sharedRule(one.exception, other.exception);
      if (rule === undefined) continue;
      checking.faults.push(diagnose(one.entry.piece, overlap(rule, other)));
    }
    earlier.add(one);
  }
}

/** Threat: a cluster may hold thousands, and nobody is answered while each is held against all the others. Those that have
 * no namespace in common never meet. */
function earlierExceptions() {
  const all: ExceptionEntry[] = [];
  const anywhere: ExceptionEntry[] = [];
  const byNamespace = new Map<string, ExceptionEntry[]>();
  return {
    near({ exception }: ExceptionEntry): Iterable<ExceptionEntry> {
      const { namespaces } = exception.match;
      if (namespaces === null) return all;
      return new Set([...anywhere, ...namespaces.flatMap((each) => byNamespace.get(each) ?? [])]);
    },
    add(one: ExceptionEntry): void {
      const { namespaces } = one.exception.match;
      all.push(one);
      if (namespaces === null) anywhere.push(one);
      for (const each of namespaces ?? []) {
        const known = byNamespace.get(each) ?? [];
        known.push(one);
        byNamespace.set(each, known);
      }
    },
  };
}

/** Rule ids with a name, and policies: what an exception may name. */
function rulesOf({ policies, imagePolicies }: Checking): ReadonlySet<string> {
  return new Set([
    ...policies.flatMap(({ name, validations }) => [
      name,
      ...validations.map(({ rule }) => rule).filter((rule) => !rule.endsWith(']')),
    ]),
    'pod-security',
    ...controls.map(({ id }) => `pod-security/${id}`),
    ...imagePolicies.map(({ name }) => name),
    imagesPolicy,
    ...excusableImageRules.map(imageRuleId),
  ]);
}

/** Threat: a policy may have the name of one of another kind, or of Pod Security, and so may its rules: an exception that
 * was approved for the one would excuse the other. */
function sharedNames({ policies, imagePolicies }: Checking): ReadonlySet<string> {
  const names = [...policies.map(({ name }) => name), ...imagePolicies.map(({ name }) => name)];
  const all = [...names, 'pod-security', imagesPolicy];
  return new Set(all.filter((name, i) => all.indexOf(name) !== i));
}

type Known = { readonly rules: ReadonlySet<string>; readonly shared: ReadonlySet<string> };

function ruleFaults({ rules }: Exception, { rules: known, shared }: Known): readonly Fault[] {
  return rules.flatMap((rule, i) => {
    const path = ['spec', 'rules', i];
    const policy = rule.split('/')[0] ?? '';
    if (shared.has(policy)) {
      const message = `${quote(policy)} is the name of more than one policy: both would be excused`;
      return [{ code: 'policy-reference', path, message, fix: 'rename one' } satisfies Fault];
    }
    if (known.has(rule)) return [];
    const [message, fix] = /\/validations\[\d+\]$/.test(rule)
      ? [
          `the rule ${quote(rule)} has no name, and its number may change`,
          known.has(policy)
            ? `name it by sekisho.dev/rule-names on the policy, or except all of ${quote(policy)}`
            : undefined,
        ]
      : [`there is no rule or policy ${quote(rule)}`, suggest(rule, [...known])];
    return [{ code: 'policy-reference', path, message, fix } satisfies Fault];
  });
}

function kindFaults({ match }: Exception, { settings }: Checking): readonly Fault[] {
  const known = settings.workloads.map(({ kind }) => kind);
  return (match.workloads ?? []).flatMap(({ kind }, i) => {
    if (kind === '' || known.includes(kind)) return [];
    const path = ['spec', 'match', 'workloads', i, 'kind'];
    const message = `${quote(kind)} is no kind with pod templates that is known here`;
    const fix =
      suggest(kind, known) ?? `known are ${known.join(', ')}; PolicySettings may add more`;
    return [{ path, message, fix }];
  });
}

const day = 24 * 60 * 60 * 1000;

function checkEnd({ entry: { piece }, exception }: ExceptionEntry, checking: Checking): void {
  const { settings, now, faults, warnings } = checking;
  const left = Date.parse(exception.expires) - Date.parse(now);
  const { maxDays } = settings.exceptions;
  const path = ['spec', 'expires'];
  if (left > maxDays * day) {
    const most = new Date(Date.parse(now) + maxDays * day).toISOString().slice(0, 10);
    faults.push(
      diagnose(piece, {
        code: 'exception-expiry',
        path,
        message: `spec.expires is ${Math.ceil(left / day)} days ahead; the bound is ${maxDays} days`,
        fix: `end it by ${most}, and renew it while it is needed`,
      }),
    );
  } else if (left <= 0 && Date.parse(exception.expires) > 0) {
    const message = `the exception ${quote(exception.name)} expired on ${exception.expires}: it excuses nothing`;
    warnings.push(diagnose(piece, { code: 'exception-expired', path, message, fix: 'remove it' }));
  }
}

/** A rule that both name; the name of a policy stands for all its rules. */
function sharedRule(one: Exception, other: Exception): string | undefined {
  const covers = (wide: string, narrow: string): boolean =>
    wide === narrow || narrow.startsWith(`${wide}/`);
  return one.rules.find((a) => other.rules.some((b) => covers(a, b) || covers(b, a)));
}

/** Threat: of two exceptions for one object nobody can say which one was approved for it. Unless some criterion of both
 * has no value in common they may meet. Different images do not: each excuses findings of its own containers. */
function mayMeet(one: ExceptionMatch, other: ExceptionMatch): boolean {
  return (
    common(one.namespaces, other.namespaces) &&
    common(one.names, other.names) &&
    common(one.users, other.users) &&
    common(one.images, other.images) &&
    common(one.workloads?.map(named), other.workloads?.map(named))
  );
}

function named({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}

function common(
  one: readonly string[] | null | undefined,
  other: readonly string[] | null | undefined,
): boolean {
  return !one || !other || one.some((each) => other.includes(each));
}

function overlap(rule: string, { entry: { piece }, exception }: ExceptionEntry): Fault {
  const { line } = piece.document.position(piece.base);
  return {
    code: 'exception-overlap',
    path: ['spec', 'match'],
    message: `it overlaps with exception ${quote(exception.name)} (${piece.document.file}:${line}): both may excuse ${rule} for one object`,
    fix: 'make them one, or let a criterion of both have no value in common',
  };
}
