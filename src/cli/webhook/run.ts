// One run of `webhook`: the objects that a cluster needs are printed, or why they could lock it out.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { loadPolicySet } from '../../policy/load.ts';
import { webhookObjects } from '../../policy/registration/configuration.ts';
import { type LockoutRisk, lockoutRisks } from '../../policy/registration/lockout.ts';
import { yamlText } from '../../yaml/write.ts';
import type { ExitCode, Io } from '../command.ts';
import { tellFaults, tellWarnings } from '../faults.ts';
import type { WebhookSettings } from './settings.ts';

export async function runWebhook(settings: WebhookSettings, io: Io): Promise<ExitCode> {
  const { policies, output, registration } = settings;
  const policySet = await loadPolicySet(policies, { now: io.now() });
  if (!policySet.ok) {
    await tellFaults(policySet.error, io);
    return 2;
  }
  await tellWarnings(policySet.value.warnings, io);
  const risks = lockoutRisks(policySet.value);
  const neverAsked = risks.filter(({ failurePolicy }) => failurePolicy === 'Ignore');
  await tellWarnings(neverAsked.map(unasked), io);
  const refused = risks.filter(({ failurePolicy }) => failurePolicy === 'Fail');
  if (refused.length > 0) {
    await tellFaults(refused.map(lockout), io);
    return 1;
  }
  const objects = webhookObjects(policySet.value, registration);
  await io.stdout.write(output === 'json' ? json(objects) : yamlText(objects));
  return 0;
}

function lockout({ policy, resource, why }: LockoutRisk): Diagnostic {
  return {
    ...{ code: 'webhook-lockout', file: policy, line: 0, column: 0 },
    message: `names ${resource} with failurePolicy Fail: while no replica answers, ${why}`,
    fix: `leave ${resource} out of resourceRules, or set failurePolicy: Ignore`,
  };
}

function unasked({ policy, resource, why }: LockoutRisk): Diagnostic {
  return {
    ...{ code: 'webhook-lockout', file: policy, line: 0, column: 0 },
    message: `names ${resource}, which the API server is told never to ask about: else, while no replica answers, ${why}`,
  };
}

function json(objects: readonly object[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`;
}
