// Every policy that matches an attempt, evaluated: outcomes, in the order of the policy set.
// Upstream: Dispatch in k8s.io/apiserver/pkg/admission/plugin/policy/validating; unlike it, every failing rule is told.
import type { Code } from '../base/codes.ts';
import type { Roots } from '../cel/program.ts';
import type { Attempt } from '../model/attempt.ts';
import type { Evaluation, PortInput } from '../model/decision.ts';
import type { Binding, Policy, PolicySet } from '../policy/model.ts';
import { isAskedAt } from '../policy/registration/entries.ts';
import type { AuditNotes } from './audit-notes.ts';
import { type Authorizing, maxRounds } from './authorizing.ts';
import { deadlineExceeded } from './gate.ts';
import { isExempt, type Match, matchesNamespace, matchesRules } from './match.ts';
import type { Meter } from './meter.ts';
import type { Outcome } from './outcome.ts';
import { type Param, paramsOf } from './params.ts';
import type { Ports } from './ports.ts';
import { namespaceObject, requestObject } from './request.ts';
import { objectSubject, type Subject, templateSubjects } from './subject.ts';
import type { Surroundings } from './surroundings.ts';
import { type Judged, validate } from './validate.ts';

/** A policy whose rules match a subject; whether its namespace selector does is not yet known. */
export type Candidate = {
  readonly policy: Policy;
  readonly subject: Subject;
  readonly match: Match;
};

export type Evaluating = {
  readonly policySet: PolicySet;
  readonly attempt: Attempt;
  readonly ports: Ports;
  readonly surroundings: Surroundings;
  /** `request` and `namespaceObject` as expressions see them: made once, for all policies that are evaluated. */
  readonly seen: () => Pick<Roots, 'request' | 'namespaceObject'>;
  readonly authorizing: Authorizing;
  readonly inputs: PortInput[];
  readonly notes: AuditNotes;
  /** Lets other requests run between two expressions, when they have waited long. */
  readonly pause: () => Promise<void> | undefined;
  /** Whether the deadline has passed. */
  readonly isUp: () => boolean | Promise<boolean>;
  readonly meter: Meter;
};

/** What expressions see of an attempt beside its objects. */
export function seenOf(attempt: Attempt, surroundings: Surroundings): Evaluating['seen'] {
  let made: ReturnType<Evaluating['seen']> | undefined;
  return () => {
    made ??= {
      request: requestObject(attempt),
      namespaceObject: namespaceObject(surroundings.namespaceObject),
    };
    return made;
  };
}

/** The policies that an attempt concerns, by their rules alone; no port is asked. */
export function candidatesOf(
  policySet: PolicySet,
  attempt: Attempt,
  entry?: string,
): readonly Candidate[] {
  const subject = objectSubject(attempt);
  if (isExempt(subject)) return [];
  const templates = templateSubjects(attempt, policySet.settings.workloads);
  const { group, resource } = attempt.resource;
  return policySet.policiesFor(group, resource).flatMap((policy) => {
    if (entry !== undefined && !isAskedAt(policy, entry)) return [];
    const subjects = policy.podTemplates ? [subject, ...templates] : [subject];
    return subjects
      .map((each) => ({
        policy,
        subject: each,
        match: matchesRules(policy.matchConstraints, each),
      }))
      .filter((candidate) => candidate.match !== 'no');
  });
}

/** All outcomes of one candidate: for each binding and each param object, each rule. */
export async function evaluateCandidate(
  { policy, subject, match }: Candidate,
  context: Evaluating,
): Promise<readonly Outcome[]> {
  const labels = context.surroundings.namespaceLabels;
  if (!matchesNamespace(policy.matchConstraints, labels)) return [];
  const outcomes: Outcome[] = [];
  for (const binding of policy.bindings) {
    const bound = bindingMatch(binding, subject, labels, match);
    if (bound === 'no') continue;
    if (bound === 'equivalent') outcomes.push(notConverted(policy, binding, context.attempt));
    else outcomes.push(...(await evaluateBinding(policy, binding, subject, context)));
  }
  return outcomes;
}

function bindingMatch(
  { matchResources }: Binding,
  subject: Subject,
  labels: Surroundings['namespaceLabels'],
  ofPolicy: Match,
): Match {
  if (matchResources === null) return ofPolicy;
  if (!matchesNamespace(matchResources, labels)) return 'no';
  const own = matchesRules(matchResources, subject);
  return own === 'yes' ? ofPolicy : own;
}

async function evaluateBinding(
  policy: Policy,
  binding: Binding,
  subject: Subject,
  context: Evaluating,
): Promise<readonly Outcome[]> {
  const { policySet, attempt, ports, inputs } = context;
  const params = await paramsOf({ policySet, policy, binding, attempt, ports, inputs });
  if (!params.ok) {
    const { code, message, portFault } = params.error;
    const text = `failed to configure binding: ${message}`;
    const evaluation = portFault ? undecided(attempt, code, text) : missing(policy, code, text);
    return [
      outcomeOf(policy, binding, null, {
        rule: policy.name,
        index: null,
        evaluation,
        alwaysDenies: true,
      }),
    ];
  }
  const outcomes: Outcome[] = [];
  for (const param of params.value) {
    // Threat: params come from a cluster, where there may be thousands of them.
    if (await context.isUp()) return [...outcomes, deadlineExceeded(attempt)];
    outcomes.push(...(await evaluateParam(policy, binding, param, subject, context)));
  }
  return outcomes;
}

async function evaluateParam(
  policy: Policy,
  binding: Binding,
  param: Param,
  subject: Subject,
  { attempt, seen, notes, pause, meter, authorizing }: Evaluating,
): Promise<readonly Outcome[]> {
  const roots: Roots = {
    object: subject.object,
    oldObject: subject.oldObject,
    ...seen(),
    authorizer: authorizing.authorizer,
    ...(policy.paramKind === null ? {} : { params: param.object }),
  };
  const shownRoots = (): Roots => {
    const { object, oldObject } = subject.shown();
    return { ...roots, object, oldObject };
  };
  const quotable = { shown: shownRoots, basePath: subject.basePath };
  let validated = await validate(policy, roots, quotable, { pause, meter });
  for (let round = 0; round < maxRounds && (await authorizing.settle()); round++)
    validated = await validate(policy, roots, quotable, { pause, meter });
  const { judged, annotations } = validated;
  for (const { key, value } of annotations) notes.add(policy.name, key, value);
  return judged.map((each) =>
    outcomeOf(policy, binding, param.name, decided(each, attempt, authorizing)),
  );
}

/** INVARIANT: the webhook has no unknowns, which nothing denies: there they are errors. */
function decided(judged: Judged, attempt: Attempt, authorizing: Authorizing): Judged {
  const { evaluation } = judged;
  if (evaluation.kind !== 'unknown') return judged;
  const { code, message } = evaluation;
  const fault = code === 'authorizer-unavailable' ? authorizing.fault() : undefined;
  const text = fault === undefined ? message : `${message}: ${fault.message}`;
  return { ...judged, evaluation: undecided(attempt, code, text) };
}

/** Which version the API server would have converted to is not ours to make up. */
function notConverted(policy: Policy, binding: Binding, attempt: Attempt): Outcome {
  const { group, version, resource } = attempt.resource;
  const name = group === '' ? `${resource} ${version}` : `${resource} ${group}/${version}`;
  const evaluation = undecided(
    attempt,
    'equivalent-version',
    `the policy names another version of ${name}, and the object would have to be converted to it`,
  );
  return outcomeOf(policy, binding, null, {
    rule: policy.name,
    index: null,
    evaluation,
    alwaysDenies: true,
  });
}

/** What cannot be had is an error in the webhook and unknown anywhere else. */
export function undecided(attempt: Attempt, code: Code, message: string): Evaluation {
  return attempt.origin === 'webhook'
    ? { kind: 'error', code, message }
    : { kind: 'unknown', code, message };
}

/** Params that are not there: the policy's remedy may say which are needed. */
function missing({ remedy }: Policy, code: Code, message: string): Evaluation {
  const told = code === 'params-not-found' && remedy !== null ? { remedy } : {};
  return { kind: 'error', code, message, ...told };
}

function outcomeOf(
  policy: Policy,
  binding: Binding,
  param: string | null,
  { rule, index, evaluation, alwaysDenies }: Judged,
): Outcome {
  return {
    policy: policy.name,
    binding: binding.name,
    param,
    kind: 'ValidatingAdmissionPolicy',
    rule,
    index,
    evaluation,
    enforcement: {
      kind: 'policy',
      failurePolicy: policy.failurePolicy,
      validationActions: binding.validationActions,
      alwaysDenies,
    },
    controls: policy.controls,
  };
}
