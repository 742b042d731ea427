// A record in one line, for the table: what was done to what, and which rules said something about it.

import type { JsonObject } from '../../base/json.ts';
import { get } from '../../base/json.ts';
import { count, cut } from '../../base/text.ts';
import {
  type DecisionFacts,
  denies,
  exceptionsOf,
  isTold,
  mainOutcome,
  type RuleFacts,
} from '../../ledger/report/decision-facts.ts';
import { numberAt, objectsAt, textAt, textsAt } from '../../ledger/report/members.ts';

/** `Pod shop/web`, `Pod shop/web exec`, `Namespace shop`. */
export function objectText({ kind, namespace, name, subResource }: DecisionFacts): string {
  const isNamespace = kind === 'Namespace' || namespace === '';
  const full = isNamespace ? name : `${namespace}/${name}`;
  const sub = subResource === '' ? '' : ` ${subResource}`;
  return `${kind === '' ? 'not recorded' : kind} ${full}`.trimEnd() + sub;
}

/** Denials first; then what warned or was only noted, and what an exception permitted. */
export function rulesText(decision: DecisionFacts): string {
  const told = decision.rules.filter(isTold);
  const denied = told.filter(denies);
  const others = told.filter((rule) => !denies(rule));
  const texts = [...denied, ...others].map((rule) => ruleText(rule, decision));
  return [...new Set(texts)].join(', ');
}

function ruleText(rule: RuleFacts, { wouldDeny }: DecisionFacts): string {
  const name = rule.rule === '' ? rule.policy : rule.rule;
  const excepted = exceptionsOf(rule);
  const notes = [
    ...(rule.evaluation === 'error' ? ['error'] : []),
    ...(wouldDeny.includes(rule.rule) ? ['would deny'] : []),
    ...(rule.actions.includes('warn') ? ['warned'] : []),
    ...(excepted.length > 0 ? [`exception ${excepted.join(', ')}`] : []),
    ...(rule.actions.join() === 'audit' && wouldDeny.length === 0 ? ['audit'] : []),
  ];
  return notes.length === 0 ? name : `${name} (${notes.join('; ')})`;
}

/** Of decisions their outcome, of others their kind. */
export function outcomeText(kind: string, decision: DecisionFacts | null): string {
  return decision === null ? kind : mainOutcome(decision);
}

/** `sha256:4be14be1…` */
export function shortHash(hash: string): string {
  return cut(hash, 'sha256:'.length + 13);
}

/** What a record says that is no decision. */
export function eventText(kind: string, record: JsonObject): string {
  const say = (key: string): string => textAt(record, key);
  const law = (): string => {
    const revision = say('revision');
    const hash = say('policySet');
    const set = hash === '' ? 'no policies' : `policies ${shortHash(hash)}`;
    return revision === '' ? set : `${set}, revision ${revision}`;
  };
  switch (kind) {
    case 'segment':
      return `segment ${numberAt(record, 'segment')} (${say('why')}), epoch ${numberAt(record, 'epoch')}`;
    case 'start':
      return `engine ${say('engine')}, ${law()}${say('mode') === 'AuditOnly' ? ', AuditOnly' : ''}`;
    case 'stop':
      return say('reason');
    case 'reload':
      return say('outcome') === 'accepted'
        ? `accepted: ${law()}`
        : `${say('outcome')}: ${textsAt(record, 'faults')[0] ?? 'no reason given'}`;
    case 'unreadable':
      return `${say('code')}: ${say('message')}`;
    case 'refused':
      return `${count(numberAt(record, 'count'), 'caller')} turned away: ${textAt(get(record, 'sample'), 'cause')}`;
    case 'gap':
      return `${numberAt(record, 'denied')} denied, ${numberAt(record, 'allowed')} allowed without a record: ${say('cause')}`;
    case 'checkpoint':
      return `signed up to record ${say('note').split('\n')[1] ?? 'unknown'}`;
    case 'retention':
      return `${count(objectsAt(record, 'files').length, 'segment')} removed`;
    case 'redaction':
      return `${count(textsAt(record, 'rules').length, 'rule')} in force`;
    case 'withdrawn':
      return `decision ${say('decision')} was answered as a denial: ${say('cause')}`;
    default:
      return 'a kind of record that this version does not know';
  }
}
