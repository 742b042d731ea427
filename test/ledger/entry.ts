// A decision as the server hands it to the ledger, and what a test wants to be different about it.
import { parseDigest } from '../../src/base/brand.ts';
import type { DecisionEntry } from '../../src/ledger/entry.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { Decision } from '../../src/model/decision.ts';
import { attemptOf } from '../fixtures/attempts.ts';

export function entryOf(
  attempt: Partial<Attempt>,
  decision: Partial<Decision> = {},
): DecisionEntry {
  const made = attemptOf(attempt);
  const policySet = parseDigest(`sha256:${'4be1'.repeat(16)}`);
  if (policySet === undefined) throw new Error('not a digest');
  const { uid, operation, kind, resource, namespace, name, userInfo, dryRun } = made;
  return {
    kind: 'decision',
    id: '01941f2e-0000-7000-8000-000000000000',
    attempt: made,
    decision: {
      request: { uid, operation, kind, resource, namespace, name, userInfo, dryRun },
      allowed: false,
      policySet,
      results: [],
      warnings: [],
      auditAnnotations: {},
      inputs: [],
      ...decision,
    },
    engineVersion: '0.0.0',
    durationMs: 1.23456,
  };
}
