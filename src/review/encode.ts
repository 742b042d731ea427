// A Decision out: the admission.k8s.io/v1 AdmissionReview that the API server takes for an answer.
// Upstream: k8s.io/api/admission/v1 types.go, VerifyAdmissionResponse of the webhook plugin.
import type { Code } from '../base/codes.ts';
import { cut, printable } from '../base/text.ts';
import type { Decision } from '../model/decision.ts';
import { mapAnnotations } from './annotations.ts';
import { refusal } from './refusal.ts';
import { fitWarnings } from './warnings.ts';

/** 403 but where trying again helps: then 429, and clients of the API server do so by themselves. */
export type Status =
  | { readonly code: 403; readonly reason: 'Forbidden'; readonly message: string }
  | {
      readonly code: 429;
      readonly reason: 'TooManyRequests';
      readonly message: string;
      readonly details: { readonly retryAfterSeconds: number };
    };

/** `status` is there exactly when `allowed` is false. Never a patch: this is a validating webhook. */
export type ReviewResponse = {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: Status;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
};

export type AdmissionReview = {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: ReviewResponse;
};

/** `id`: of the decision. `seq`, `head`: its place in the ledger and the ledger's head hash, when it is recorded. */
export type Extras = { readonly id: string; readonly seq?: number; readonly head?: string };

const maxDeniedBy = 1024;
const maxMessage = 2048;

/** The answer to a review that was decided. */
export function encodeReview(uid: string, decision: Decision, extras: Extras): AdmissionReview {
  return prepareReview(uid, decision, extras.id)(extras);
}

/** All of the answer but its place in the ledger. What waits for that place holds texts, and no decision. */
export function prepareReview(
  uid: string,
  decision: Decision,
  id: string,
): (extras: Extras) => AdmissionReview {
  const { allowed } = decision;
  const warnings = fitWarnings(decision.warnings);
  // kubectl prints the message right after `denied the request: `; the line break sets our lines below it.
  const status = allowed ? {} : { status: forbidden(`\n${refusal(decision, { id })}`) };
  const warned = warnings.length > 0 ? { warnings } : {};
  const annotations: readonly (readonly [string, string])[] = [
    ['policy-set', decision.policySet],
    ...auditOnly(decision),
    ...exceptionsUsed(decision),
    ...(allowed ? [] : deniedBy(decision)),
    ...Object.entries(decision.auditAnnotations),
  ];
  return (extras) => {
    const auditAnnotations = mapAnnotations([...witnesses(extras), ...annotations]);
    return review({ uid, allowed, ...status, ...warned, auditAnnotations });
  };
}

/** The answer to a review that could not be decided, for a cause that is no rule's: always a denial. */
export function denyReview(
  uid: string,
  code: Code,
  message: string,
  extras?: Extras,
): AdmissionReview {
  const text = cut(printable(message), maxMessage);
  const trailer = extras === undefined ? '' : `\ndecision ${extras.id}`;
  return review({
    uid,
    allowed: false,
    status:
      code === 'overloaded'
        ? retry(`${text} (${code})${trailer}`)
        : forbidden(`${text} (${code})${trailer}`),
    auditAnnotations: mapAnnotations([
      ...(extras === undefined ? [] : witnesses(extras)),
      ['denied-by', `sekisho/${code}`],
    ]),
  });
}

/** The answer under AuditOnly to what could not be decided or recorded: the person is told, and nothing is refused. */
export function allowUndecided(
  uid: string,
  code: Code,
  message: string,
  extras?: Extras,
): AdmissionReview {
  const text = `not decided, and allowed because Sekisho only audits: ${message} (${code})`;
  return review({
    uid,
    allowed: true,
    warnings: fitWarnings([text]),
    auditAnnotations: mapAnnotations([
      ...(extras === undefined ? [] : witnesses(extras)),
      ['mode', 'AuditOnly'],
      ['undecided', `sekisho/${code}`],
    ]),
  });
}

function review(response: ReviewResponse): AdmissionReview {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

function forbidden(message: string): Status {
  return { code: 403, reason: 'Forbidden', message: message.toWellFormed() };
}

/** The API server turns the details into a Retry-After header, which client-go and kubectl heed. */
function retry(message: string): Status {
  const details = { retryAfterSeconds: 1 };
  return { code: 429, reason: 'TooManyRequests', message: message.toWellFormed(), details };
}

/** With these the API server's own audit log witnesses every record. */
function witnesses({ id, seq, head }: Extras): [string, string][] {
  return [
    ['decision-id', id],
    ...(seq === undefined ? [] : [['ledger-seq', String(seq)] satisfies [string, string]]),
    ...(head === undefined ? [] : [['ledger-head', head] satisfies [string, string]]),
  ];
}

function auditOnly({ mode, wouldDeny = [] }: Decision): [string, string][] {
  if (mode === undefined) return [];
  return [['mode', mode], ...(wouldDeny.length === 0 ? [] : [listed('would-deny', wouldDeny)])];
}

function exceptionsUsed({ exceptions = [] }: Decision): [string, string][] {
  return exceptions.length === 0
    ? []
    : [
        listed(
          'exceptions',
          exceptions.map(({ name }) => name),
        ),
      ];
}

function listed(key: string, names: readonly string[]): [string, string] {
  return [key, cut(names.join(','), maxDeniedBy)];
}

function deniedBy({ results }: Decision): [string, string][] {
  const rules = results.filter((r) => r.actions.includes('deny')).map((r) => r.rule);
  const text = cut([...new Set(rules)].join(','), maxDeniedBy);
  return text === '' ? [] : [['denied-by', text]];
}
