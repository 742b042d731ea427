// The text that a developer reads when something is refused: the same under kubectl and in `check`.
// One summary line, one block for each finding, and where to ask: design, section 5. Golden files pin it.
import type { Code } from '../base/codes.ts';
import { count, cut, printable } from '../base/text.ts';
import type { Decision, Finding, RuleResult } from '../model/decision.ts';
import { speaksFor } from './alike.ts';
import { toldOf } from './told.ts';

export type Trailer = { readonly id?: string };

/** A terminal's height; the rest is counted, and is in the record. */
const maxBlocks = 20;
const maxLine = 400;
const maxAlso = 8;

/** Multi-line, without colour or a final newline; nothing in it can move a cursor or forge a line. */
export function refusal(decision: Decision, trailer: Trailer = {}): string {
  const denying = decision.results.filter((result) => result.actions.includes('deny'));
  const blocks = [...new Set(denying.flatMap((result) => blocksOf(result, denying)))];
  const shown = blocks.slice(0, maxBlocks);
  const more = blocks.length - shown.length;
  return [
    summary(decision, denying),
    ...shown,
    ...(more > 0 ? [`  +${more} more, in the decision record`] : []),
    lastLine(decision, trailer),
  ].join('\n');
}

function summary(decision: Decision, denying: readonly RuleResult[]): string {
  const rules = (kind: RuleResult['evaluation']): number =>
    new Set(denying.filter((r) => r.evaluation === kind).map((r) => r.rule)).size;
  const [broken, undecided] = [rules('fail'), rules('error')];
  const said = [
    ...(broken > 0 ? [`breaks ${count(broken, 'rule')}`] : []),
    ...(undecided > 0 ? [`cannot be judged by ${count(undecided, 'rule')}`] : []),
  ];
  return `${subjectOf(decision)} ${said.join(' and ')}`;
}

/** `Pod shop/web`; a subresource is named as in a rule: `pods/exec shop/web`. */
export function subjectOf({ request }: Decision): string {
  const { kind, resource, subResource, namespace, name } = request;
  const what = subResource === undefined ? kind.kind : `${resource.resource}/${subResource}`;
  const isNamespace = resource.group === '' && resource.resource === 'namespaces';
  const where = namespace === '' || isNamespace ? name : `${namespace}/${name || '(no name yet)'}`;
  return safe(`${what} ${where}`.trim());
}

function blocksOf(result: RuleResult, denying: readonly RuleResult[]): readonly string[] {
  if (result.evaluation === 'error') {
    return [
      block(
        safe(`${labelOf(result)}: ${result.message}`, ` (${result.code})`),
        result.findings[0]?.remedy ?? advice(result.code),
      ),
    ];
  }
  const rulesOf = (finding: Finding): readonly RuleResult[] => speaksFor(result, finding, denying);
  const findings = result.findings.filter((finding) => rulesOf(finding).length > 0);
  return toldOf({ ...result, findings }).map(({ finding, also }) => {
    const labels = [...new Set(rulesOf(finding).map(labelOf))].join(', ');
    return block(safe(`${labels}: ${sentence(finding)}`), finding.remedy, also);
  });
}

/** The rule id; the policy's name where its only rule has no name of its own. */
function labelOf({ rule, policy }: RuleResult): string {
  return rule === `${policy}/validations[0]` ? policy : rule;
}

/** `spec.hostNetwork is true`: findings read on from the path. */
export function sentence(finding: Finding): string {
  return finding.path === '' ? finding.message : `${finding.path} ${finding.message}`;
}

function block(line: string, fix: string, also: readonly string[] = []): string {
  const more = also.length > maxAlso ? [`+${also.length - maxAlso} more`] : [];
  const others = [...also.slice(0, maxAlso), ...more].join(', ');
  return [
    `  ${line}`,
    ...(others === '' ? [] : [`    also: ${safe(others)}`]),
    ...(fix === '' ? [] : [`    fix: ${safe(fix)}`]),
  ].join('\n');
}

/** `end` stands there however long the text is. */
function safe(text: string, end = ''): string {
  return cut(printable(text), maxLine - end.length) + end;
}

function lastLine({ policySet }: Decision, { id }: Trailer): string {
  const law = `policies ${policySet.slice(0, 'sha256:'.length + 12)}`;
  return id === undefined ? law : `decision ${id} · ${law}`;
}

const advices: Partial<Record<Code, string>> = {
  'expression-error':
    'set the field that the expression reads, or ask the owners of the policy to guard it with has()',
  'cost-exceeded': 'make the object smaller, or ask the owners of the policy to simplify it',
  'params-not-found': 'ask the owners of the policy to create the params that its binding names',
  'params-invalid': 'ask the owners of the policy to correct the paramRef of its binding',
  'params-unavailable': 'try again; if it persists, the owners of the cluster must look',
  'namespace-unavailable': 'check that the namespace exists, and try again',
  'equivalent-version':
    'ask the owners of the policy to name this version in its rules, or to register an entry for it',
  'malformed-object': 'give the field the type that Kubernetes documents for it',
  'deadline-exceeded': 'try again; if it persists, the owners of the cluster must look',
};

function advice(code: Code | null): string {
  return (code === null ? undefined : advices[code]) ?? 'ask the owners of the cluster';
}
