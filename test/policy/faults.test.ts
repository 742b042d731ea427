// Every fault that a policy file can have, at its line and column. In the texts § marks each place where one must be
// told, and nothing else may be told.
import { test } from 'tap';
import { codes } from '../../src/base/codes.ts';
import { check, marked, told } from './marked.ts';
import { binding as bindingOf, built, join, onPods, type PolicyText, policy } from './texts.ts';

const p = (piece: PolicyText): string => join(policy(piece), bindingOf('b'));
const b = (more: string): string => join(policy(), bindingOf('b', more));
const spec = (text: string): string => p({ spec: text });
const rule = (text: string): string => p({ rules: text });
const validation = (text: string): string => p({ validations: text });
const params = 'paramKind: {apiVersion: v1, kind: ConfigMap}';

check('unknown fields', [
  ['of the document', 'policy-field', p({}).replace('spec:', '§specs: {}\nspec:'), /"spec"/],
  [
    'of spec, with a suggestion',
    'policy-field',
    spec('§failurepolicy: Fail'),
    /did you mean "failurePolicy"/,
  ],
  [
    'of spec, with the known ones',
    'policy-field',
    spec('§zzzzzz: Fail'),
    /the fields here are .*variables/,
  ],
  ['of metadata', 'policy-field', p({ metadata: ', §nme: x' }), /"name"/],
  ['of a validation', 'policy-field', validation("{expression: 'true', §mesage: no}"), /"message"/],
  [
    'of a resource rule',
    'policy-field',
    rule(onPods.replace('}', ', §resource: [x]}')),
    /"resources"/,
  ],
  [
    'of a selector',
    'policy-field',
    p({ match: ', objectSelector: {§matchLabel: {a: b}}' }),
    /"matchLabels"/,
  ],
  ['with a quoted key', 'policy-field', spec('§"failure Policy": Fail'), /"failurePolicy"/],
  ['with a single-quoted key', 'policy-field', spec("§'it''s': Fail")],
  [
    'whose value is a block below it',
    'policy-field',
    spec('§matchConditons:\n    - {name: a, expression: "true"}'),
  ],
  [
    'whose value is a block below a comment',
    'policy-field',
    spec('§zz: # why\n    # not\n    a scalar'),
  ],
  [
    'that stands twice in the line',
    'policy-field',
    validation("{expression: 'zz', §zz: zz}").replace("'zz'", "'true'"),
  ],
  ['named __proto__', 'policy-field', spec('§__proto__: {failurePolicy: Fail}')],
  ['named constructor', 'policy-field', spec('§constructor: 1')],
  ['of a binding', 'policy-field', b(', §policyname: x'), /"policyName"/],
  [
    'of a paramRef',
    'policy-field',
    b(', paramRef: {name: x, parameterNotFoundAction: Deny, §names: y}').replace(
      'spec:\n',
      `spec:\n  ${params}\n`,
    ),
  ],
  ['several at once', 'policy-field', spec('§a1: 1\n  §b1: 2')],
]);

check('missing fields, wrong types and words', [
  [
    'no spec',
    'policy-field',
    '§apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}',
  ],
  [
    'no name',
    'policy-field',
    policy().replace('name: p, ', '').replace('{annotations', '§{annotations'),
  ],
  [
    'no matchConstraints',
    'policy-field',
    p({})
      .replace(/ {2}matchConstraints.*/, '')
      .replace('spec:', '§spec:'),
  ],
  ['no resourceRules', 'policy-field', p({ rules: '' }).replace('[]', '§[]')],
  [
    'a null field is one that is missing',
    'policy-field',
    p({}).replace(/resourceRules: .*\]/, 'resourceRules: §null'),
  ],
  ['no expression', 'policy-field', validation('§{message: x}')],
  [
    'no policyName',
    'policy-field',
    b('').replace('policyName: p, ', '').replace('{validationActions', '§{validationActions'),
  ],
  [
    'no validationActions',
    'policy-field',
    b('').replace(', validationActions: [Deny]', '').replace('{policyName', '§{policyName'),
  ],
  ['empty validationActions', 'policy-field', b('').replace('[Deny]', '§[]')],
  [
    'no parameterNotFoundAction',
    'policy-field',
    b(', paramRef: §{name: x}').replace('spec:\n', `spec:\n  ${params}\n`),
    /"Allow" or "Deny"/,
  ],
  [
    'a boolean where a text belongs',
    'policy-field',
    p({ annotations: 'sekisho.dev/pod-templates: §true' }),
    /"true"/,
  ],
  [
    'a number where a text belongs',
    'policy-field',
    p({ annotations: 'a: §1234567890123456789' }),
    /"1234567890123456789"/,
  ],
  ['a text where a list belongs', 'policy-field', rule(onPods.replace('[pods]', '§pods')), /list/],
  ['a list where a mapping belongs', 'policy-field', spec('paramKind: §[]')],
  ['a null in a list', 'policy-field', validation("{expression: 'true'}, §null")],
  ['failurePolicy', 'policy-field', spec('failurePolicy: §fail'), /"Fail"/],
  ['matchPolicy', 'policy-field', p({ match: ', matchPolicy: §Equal' })],
  [
    'the reason Unauthorized',
    'policy-field',
    validation("{expression: 'true', reason: §Unauthorized}"),
  ],
  ['an empty reason', 'policy-field', validation("{expression: 'true', reason: §''}")],
  ['operations', 'policy-field', rule(onPods.replace('CREATE', 'CREATE, §create')), /"CREATE"/],
  ['scope', 'policy-field', rule(onPods.replace('}', ', scope: §namespaced}')), /"Namespaced"/],
  ['validationActions', 'policy-field', b('').replace('[Deny]', '[§Allow]')],
  [
    'parameterNotFoundAction',
    'policy-field',
    b(', paramRef: {name: x, parameterNotFoundAction: §Ignore}').replace(
      'spec:\n',
      `spec:\n  ${params}\n`,
    ),
  ],
  [
    'a document of 20,000 values',
    'policy-field',
    `§${p({ annotations: Array.from({ length: 20_000 }, (_, i) => `a${i}: b`).join() })}`,
  ],
]);

check('names', [
  ['of a policy', 'policy-field', join(policy({ name: '§P_1' }))],
  ['of a binding', 'policy-field', join(policy(), bindingOf('§B'))],
  [
    'of a policy that a binding names',
    'policy-field',
    b('').replace('policyName: p', 'policyName: §P!'),
  ],
  ['of a label', 'policy-field', p({ metadata: ', labels: {§a/b/c: x}' })],
  ['of a label value', 'policy-field', p({ metadata: ', labels: {a: §"x y"}' })],
  ['of an annotation', 'policy-field', p({ annotations: '§"a b": x' })],
  ['of a variable', 'policy-field', spec('variables: [{name: §a-b, expression: "1"}]')],
  [
    'of a variable, a reserved word',
    'policy-field',
    spec('variables: [{name: §namespace, expression: "1"}]'),
  ],
  [
    'of a variable, twice',
    'policy-field',
    spec('variables: [{name: a, expression: "1"}, {name: §a, expression: "2"}]'),
  ],
  [
    'of a match condition',
    'policy-field',
    spec('matchConditions: [{name: §"a b", expression: "true"}]'),
  ],
  [
    'of a match condition, empty',
    'policy-field',
    spec('matchConditions: [{name: §"", expression: "true"}]'),
  ],
  [
    'of a match condition, twice',
    'policy-field',
    spec('matchConditions: [{name: a, expression: "true"}, {name: §a, expression: "true"}]'),
  ],
  [
    'of an audit annotation',
    'policy-field',
    spec('auditAnnotations: [{key: §a/b, valueExpression: "\'x\'"}]'),
  ],
  [
    'of an audit annotation, twice',
    'policy-field',
    spec(
      'auditAnnotations: [{key: a, valueExpression: "\'x\'"}, {key: §a, valueExpression: "\'x\'"}]',
    ),
  ],
  [
    'of an audit annotation, too long',
    'policy-field',
    spec(`auditAnnotations: [{key: §${'a'.repeat(64)}, valueExpression: "'x'"}]`),
  ],
  ['of a paramKind', 'policy-field', spec('paramKind: {apiVersion: v1, kind: §Config_Map}')],
  ['of a paramKind group', 'policy-field', spec('paramKind: {apiVersion: §A.b/v1, kind: X}')],
  ['of a paramKind version', 'policy-field', spec('paramKind: {apiVersion: §a.b/1, kind: X}')],
  [
    'of a paramKind apiVersion in three parts',
    'policy-field',
    spec('paramKind: {apiVersion: §a/b/c, kind: X}'),
  ],
  ['of a paramKind, empty', 'policy-field', spec('paramKind: {apiVersion: §"", kind: X}')],
  ['of a resource name', 'policy-field', rule(onPods.replace('}', ', resourceNames: [§a/b]}'))],
  [
    'of a resource name, twice',
    'policy-field',
    rule(onPods.replace('}', ', resourceNames: [a, §a]}')),
  ],
  [
    'of a param in a paramRef',
    'policy-field',
    b(', paramRef: {name: §.., parameterNotFoundAction: Deny}').replace(
      'spec:\n',
      `spec:\n  ${params}\n`,
    ),
  ],
]);

const resources = (list: string): string => rule(onPods.replace('[pods]', list));
check('resource rules', [
  [
    'no operations',
    'policy-field',
    rule(onPods.replace('operations: [CREATE]', 'operations: §[]')),
  ],
  ['a star among operations', 'policy-field', rule(onPods.replace('[CREATE]', "§['*', CREATE]"))],
  ['a star among groups', 'policy-field', rule(onPods.replace('[""]', "§['*', apps]"))],
  ['a star among versions', 'policy-field', rule(onPods.replace('[v1]', "§[v1, '*']"))],
  ['an empty version', 'policy-field', rule(onPods.replace('[v1]', "[v1, §'']"))],
  ['no resources', 'policy-field', resources('§[]')],
  ['an empty resource', 'policy-field', resources("[§'']")],
  ['no subresource after the slash', 'policy-field', resources('[§pods/]')],
  ['no resource before the slash', 'policy-field', resources('[§/exec]')],
  ['two slashes', 'policy-field', resources('[§pods/exec/x]')],
  ['a double star with others', 'policy-field', resources("§['*/*', pods]")],
  ['a star with a resource after it', 'policy-field', resources("§['*', pods]")],
  ['a subresource after its star', 'policy-field', resources('[pods/*, §pods/exec]')],
  [
    'a resource after the star before its subresource',
    'policy-field',
    resources("['*/scale', §deployments/scale]"),
  ],
  [
    'in excludeResourceRules too',
    'policy-field',
    p({ match: `, excludeResourceRules: [${onPods.replace('[pods]', '[§/x]')}]` }),
  ],
  [
    'in a binding too',
    'policy-field',
    b(`, matchResources: {resourceRules: [${onPods.replace('[pods]', '[§/x]')}]}`),
  ],
]);

const selector = (text: string): string => p({ match: `, namespaceSelector: {${text}}` });
check('selectors', [
  ['a label key', 'policy-field', selector('matchLabels: {"a b": §x}')],
  ['a label value', 'policy-field', selector('matchLabels: {a: §"-"}')],
  [
    'an operator',
    'policy-field',
    selector('matchExpressions: [{key: a, operator: §Is, values: [b]}]'),
  ],
  [
    'In without values',
    'policy-field',
    selector('matchExpressions: [{key: a, operator: In, values: §[]}]'),
  ],
  [
    'NotIn without values',
    'policy-field',
    selector('matchExpressions: [§{key: a, operator: NotIn}]'),
  ],
  [
    'Exists with values',
    'policy-field',
    selector('matchExpressions: [{key: a, operator: Exists, values: §[b]}]'),
  ],
  ['a key', 'policy-field', selector('matchExpressions: [{key: §"", operator: Exists}]')],
  [
    'a value',
    'policy-field',
    selector('matchExpressions: [{key: a, operator: In, values: [b, §"b c"]}]'),
  ],
  [
    'of a paramRef',
    'policy-field',
    b(', paramRef: {selector: {matchLabels: {a: §"-"}}, parameterNotFoundAction: Deny}').replace(
      'spec:\n',
      `spec:\n  ${params}\n`,
    ),
  ],
]);

check('expressions', [
  ['a syntax error', 'cel-syntax', validation('{expression: "true && §&& true"}')],
  ['a name that is not there', 'cel-unknown', validation("{expression: 'object.a == 1 && §foo'}")],
  [
    'in a block scalar, at its own line',
    'cel-unknown',
    validation("{expression: 'true'}").replace(
      "[{expression: 'true'}]",
      '\n    - expression: |\n        true &&\n          §foo',
    ),
  ],
  [
    'in a folded scalar',
    'cel-unknown',
    validation('x').replace('[x]', '\n    - expression: >-\n        true &&\n        §foo'),
  ],
  ['a validation that is not bool', 'cel-type', validation("{expression: '§object.spec.b'}")],
  ['a blank validation', 'policy-field', validation("{expression: §'  '}")],
  ['params without a paramKind', 'cel-unknown', validation("{expression: '§params.a == 1'}")],
  [
    'variables where there are none',
    'cel-unknown',
    validation("{expression: '§variables.a == 1'}"),
  ],
  [
    'a variable that is not there',
    'cel-unknown',
    p({
      spec: 'variables: [{name: a, expression: "1"}]',
      validations: "{expression: '§variables.b == 1'}",
    }),
  ],
  [
    'a later variable',
    'cel-unknown',
    spec('variables: [{name: a, expression: "§variables.b"}, {name: b, expression: "1"}]'),
  ],
  [
    'a broken variable is told once',
    'cel-unknown',
    p({
      spec: 'variables: [{name: a, expression: §foo}]',
      validations: "{expression: 'variables.a == 1'}",
    }),
  ],
  [
    'variables in a match condition',
    'cel-unknown',
    spec(
      'variables: [{name: a, expression: "true"}]\n  matchConditions: [{name: a, expression: §variables.a}]',
    ),
  ],
  [
    'a match condition that is not bool',
    'cel-type',
    spec('matchConditions: [{name: a, expression: §"1"}]'.replace('§"', '"§')),
  ],
  [
    'a messageExpression that is not text',
    'cel-type',
    validation("{expression: 'true', messageExpression: '§object.metadata.name'}"),
  ],
  [
    'a blank messageExpression',
    'policy-field',
    validation("{expression: 'true', messageExpression: §' '}"),
  ],
  [
    'an audit annotation that is not text',
    'cel-type',
    spec('auditAnnotations: [{key: a, valueExpression: "§1"}]'),
  ],
  [
    'an audit annotation of more than 5 KiB',
    'policy-field',
    spec(`auditAnnotations: [{key: a, valueExpression: §"'${'x'.repeat(5200)}'"}]`),
  ],
  [
    'a regular expression that is not RE2',
    'cel-regex',
    validation("{expression: \"'a'.matches(§'(?=a)')\"}"),
  ],
  [
    'a message with a line break',
    'policy-field',
    validation('{expression: \'true\', message: §"a\\nb"}'),
    /one line/,
  ],
  ['a blank message', 'policy-field', validation("{expression: 'true', message: §' '}")],
  [
    'neither validations nor audit annotations',
    'policy-field',
    p({ validations: '' }).replace('[]', '§[]'),
  ],
  [
    'too many match conditions',
    'policy-field',
    spec(
      `matchConditions: §[${Array.from({ length: 65 }, (_, i) => `{name: c${i}, expression: "true"}`)}]`,
    ),
  ],
  [
    'too many audit annotations',
    'policy-field',
    spec(
      `auditAnnotations: §[${Array.from({ length: 21 }, (_, i) => `{key: c${i}, valueExpression: "'a'"}`)}]`,
    ),
  ],
]);

const note = (text: string): string => p({ annotations: text });
check('annotations', [
  [
    'an unknown one',
    'policy-annotation',
    note('§sekisho.dev/rule-name: a'),
    /"sekisho.dev\/rule-names"/,
  ],
  [
    'an unknown one that is like none',
    'policy-annotation',
    note('§sekisho.dev/xyzzy: a'),
    /sekisho.dev\/title, /,
  ],
  ['a blank title', 'policy-annotation', note('sekisho.dev/title: §" "')],
  ['a severity', 'policy-annotation', note('sekisho.dev/severity: §High'), /"high"/],
  ['pod-templates', 'policy-annotation', note('sekisho.dev/pod-templates: §"yes"')],
  ['an empty control', 'policy-annotation', note('sekisho.dev/controls: §"a:1,,b:2"')],
  ['too many rule names', 'policy-annotation', note('sekisho.dev/rule-names: §"a, b"')],
  ['a rule name that is no label', 'policy-annotation', note('sekisho.dev/rule-names: §A')],
  [
    'rule names that repeat',
    'policy-annotation',
    p({
      annotations: 'sekisho.dev/rule-names: §"a, a"',
      validations: "{expression: 'true'}, {expression: 'true'}",
    }),
  ],
  [
    'on a binding',
    'policy-annotation',
    b('').replace('{name: b}', '{name: b, annotations: {§sekisho.dev/title: x}}'),
    /policy/,
  ],
]);

const pss = 'apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n';
const inside = (plugins: string): string =>
  `apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n${plugins}`;
const flowPss =
  'apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration';
check('PodSecurityConfiguration', [
  ['a level', 'policy-field', `${pss}defaults: {enforce: §Baseline}`, /"baseline"/],
  ['a version', 'policy-field', `${pss}defaults: {enforce-version: §v1}`],
  [
    'a version that YAML reads as a number',
    'policy-field',
    `${pss}defaults: {enforce-version: §1.30}`,
    /quotes/,
  ],
  ['a namespace', 'policy-field', `${pss}exemptions: {namespaces: [kube-system, §Kube]}`],
  ['a namespace, twice', 'policy-field', `${pss}exemptions: {namespaces: [a, §a]}`],
  ['an empty username', 'policy-field', `${pss}exemptions: {usernames: [§""]}`],
  ['a runtime class', 'policy-field', `${pss}exemptions: {runtimeClasses: [§A]}`],
  ['an unknown field', 'policy-field', `${pss}§exemption: {}`, /"exemptions"/],
  [
    'inside an AdmissionConfiguration',
    'policy-field',
    inside(`plugins: [{name: PodSecurity, configuration: {${flowPss}, defaults: {§enforced: x}}}]`),
  ],
  [
    'in another file',
    'policy-field',
    inside('plugins: [{name: PodSecurity, path: §podsecurity.yaml}]'),
    /configuration/,
  ],
  ['not configured', 'policy-field', inside('plugins: [§{name: PodSecurity}]')],
  ['no such plugin', 'policy-kind', inside('plugins: §[]')],
  [
    'another kind inside',
    'policy-kind',
    inside('plugins: [{name: PodSecurity, configuration: {apiVersion: v1, kind: §Pod}}]'),
  ],
  [
    'a policy inside',
    'policy-kind',
    inside(
      'plugins: [{name: PodSecurity, configuration: {apiVersion: admissionregistration.k8s.io/v1, kind: §ValidatingAdmissionPolicy}}]',
    ),
  ],
  ['a second one in one path', 'policy-duplicate', `${pss}---\n§${pss}`],
]);

const settings = (spec: string): string =>
  join(p({}), `apiVersion: sekisho.dev/v1alpha1\nkind: PolicySettings\nspec: {${spec}}`);
const rollouts = 'apiGroup: argoproj.io, kind: Rollout, resource: rollouts';
check('PolicySettings', [
  ['an unknown setting', 'policy-field', settings('§mod: AuditOnly'), /"mode"/],
  ['a mode', 'policy-field', settings('mode: §audit')],
  ['errors', 'policy-field', settings('errors: §Ignore')],
  ['a version without quotes', 'policy-field', settings('kubernetesVersion: §1.30')],
  ['a version that is not known', 'policy-field', settings('kubernetesVersion: §"1.29"')],
  ['templates', 'policy-field', settings('podSecurity: {templates: §warn}'), /"Warn"/],
  ['a floor level', 'policy-field', settings('podSecurity: {floor: {level: §strict}}')],
  [
    'a floor version',
    'policy-field',
    settings('podSecurity: {floor: {level: baseline, version: §"1.30"}}'),
  ],
  [
    'a template path',
    'policy-field',
    settings(`podTemplates: [{${rollouts}, path: §/spec/template}]`),
    /spec\.template/,
  ],
  [
    'a kind whose templates are known',
    'policy-field',
    settings(
      'podTemplates: [§{apiGroup: apps, kind: Deployment, resource: deployments, path: spec.template}]',
    ),
    /remove/,
  ],
  [
    'a kind twice',
    'policy-field',
    settings(
      `podTemplates: [{${rollouts}, path: spec.template}, §{${rollouts}, path: spec.other}]`,
    ),
    /remove/,
  ],
  ['a preset', 'policy-field', settings('podTemplates: [{preset: §knativ}]'), /"knative"/],
  [
    'a preset beside other fields',
    'policy-field',
    settings('podTemplates: [{preset: §tekton, kind: TaskRun}]'),
    /entry of its own/,
  ],
  ['a template without a path', 'policy-field', settings(`podTemplates: [§{${rollouts}}]`)],
  [
    'a kind that a preset has already',
    'policy-field',
    settings(`podTemplates: [{preset: argo-rollouts}, §{${rollouts}, path: spec.template}]`),
    /remove/,
  ],
  ['a bound of exceptions', 'policy-field', settings('exceptions: {maxDays: §10000}')],
]);

type ExceptionText = {
  name?: string;
  rules?: string;
  match?: string;
  expires?: string;
  more?: string;
};
const exceptionOf = ({
  name = 'e',
  rules = '[p]',
  match = '{namespaces: [shop]}',
  expires = '2027-01-31',
  more = 'reason: r, owner: o, ticket: t, approvedBy: a',
}: ExceptionText = {}): string =>
  `apiVersion: sekisho.dev/v1alpha1\nkind: PolicyException\nmetadata: {name: ${name}}\nspec: {rules: ${rules}, match: ${match}, expires: ${expires}, ${more}}\n`;
const e = (text: ExceptionText): string => join(p({}), exceptionOf(text));
const two = (one: string, other: string): string =>
  join(p({}), exceptionOf({ match: one }), exceptionOf({ name: 'f', match: `§${other}` }));
check('PolicyException', [
  ['no such rule', 'policy-reference', e({ rules: '[§q/no-root]' })],
  [
    'a rule nearly named',
    'policy-reference',
    e({ rules: '[§pod-security/hostNamespace]' }),
    /hostNamespaces/,
  ],
  [
    'a rule without a name',
    'policy-reference',
    e({ rules: '[§"p/validations[0]"]' }),
    /rule-names/,
  ],
  ['a rule twice', 'policy-field', e({ rules: '[p, §p]' })],
  [
    'Pod Security where a policy is called so too',
    'policy-reference',
    join(
      policy({ name: 'pod-security' }),
      bindingOf('b').replace('policyName: p', 'policyName: pod-security'),
      exceptionOf({ rules: '[§pod-security]' }),
    ),
    /rename one/,
  ],
  [
    'a policy whose name an image policy has too',
    'policy-reference',
    join(
      p({}),
      'apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: p}\nspec: {images: [{glob: "**"}], authorities: [{static: {action: fail}}]}\n',
      exceptionOf({ rules: '[§p]' }),
    ),
    /rename one/,
  ],
  ['no rules', 'policy-field', e({ rules: '§[]' })],
  ['an empty match', 'policy-field', e({ match: '§{}' }), /name namespaces/],
  [
    'a pattern of names',
    'policy-field',
    e({ match: '{namespaces: [shop], names: [§web-*]}' }),
    /patterns/,
  ],
  [
    'a workload of any namespace',
    'policy-field',
    e({ match: '{§workloads: [{kind: Job, name: x}]}' }),
  ],
  [
    'a workload of an unknown kind',
    'policy-field',
    e({ match: '{namespaces: [shop], workloads: [{kind: §Rollout, name: x}]}' }),
    /PolicySettings/,
  ],
  ['a tag in place of a digest', 'policy-field', e({ match: '{images: [§nginx]}' })],
  ['an unknown criterion', 'policy-field', e({ match: '{§namespace: [shop]}' }), /"namespaces"/],
  [
    'a blank reason',
    'policy-field',
    e({ more: "reason: §' ', owner: o, ticket: t, approvedBy: a" }),
  ],
  [
    'no owner',
    'policy-field',
    e({ more: 'reason: r, ticket: t, approvedBy: a' }).replace('spec: {rules', 'spec: §{rules'),
  ],
  ['no date', 'policy-field', e({ expires: '§soon' }), /2027-01-31/],
  ['a day that is not there', 'policy-field', e({ expires: '§2027-02-30' })],
  [
    'an end without bound',
    'exception-expiry',
    e({ expires: '§2099-01-01' }),
    /end it by 2027-11-22/,
  ],
  [
    'two that are the same',
    'exception-overlap',
    two('{namespaces: [shop]}', '{namespaces: [shop]}'),
  ],
  ['two that may meet', 'exception-overlap', two('{namespaces: [shop]}', '{users: [alice]}')],
  [
    'two that may meet, the wider one first',
    'exception-overlap',
    two('{users: [alice]}', '{namespaces: [shop]}'),
  ],
  [
    'two that may meet, by a rule and its policy',
    'exception-overlap',
    join(
      p({ annotations: 'sekisho.dev/rule-names: a' }),
      exceptionOf(),
      exceptionOf({ name: 'f', rules: '[p/a]', match: '§{namespaces: [shop, web]}' }),
    ),
  ],
]);

test('exceptions that cannot meet load together; one that has expired loads with a warning', (t) => {
  const pairs: readonly [string, string][] = [
    ['{namespaces: [shop]}', '{namespaces: [web]}'],
    ['{namespaces: [shop], names: [a]}', '{namespaces: [shop], names: [b]}'],
    ['{users: [alice]}', '{users: [bob]}'],
  ];
  for (const [one, other] of pairs) {
    const text = join(
      policy(),
      bindingOf('b'),
      exceptionOf({ match: one }),
      exceptionOf({ name: 'f', match: other }),
    );
    t.equal(built(text).ok, true, `${one} ${other}`);
  }
  const old = built(join(policy(), bindingOf('b'), exceptionOf({ expires: '2026-11-21' })));
  t.same(old.ok ? old.value.warnings.map(({ code }) => code) : [], ['exception-expired']);
  t.end();
});

const configMap = (metadata: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\n`;
const withParam = (metadata: string): string => join(p({ spec: params }), configMap(metadata));
check('kinds and references', [
  [
    'a kind that is not read',
    'policy-kind',
    join(p({}), 'apiVersion: apps/v1\nkind: §Deployment\n'),
  ],
  [
    'a kind that is nearly one',
    'policy-kind',
    join(
      p({}),
      'apiVersion: admissionregistration.k8s.io/v1\nkind: §ValidatingAdmissionPolicyBindings\n',
    ),
    /"ValidatingAdmissionPolicyBinding"/,
  ],
  [
    'params of a kind that no policy names',
    'policy-kind',
    join(p({}), configMap('{name: x}').replace('ConfigMap', '§ConfigMap')),
    /paramKind/,
  ],
  [
    'params in another version',
    'policy-kind',
    join(p({ spec: 'paramKind: {apiVersion: a.b/v1, kind: X}' }), 'apiVersion: a.b/v2\nkind: §X\n'),
  ],
  [
    'a version that is not read',
    'policy-kind',
    p({}).replace(
      'apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding',
      'apiVersion: §admissionregistration.k8s.io/v1alpha1\nkind: ValidatingAdmissionPolicyBinding',
    ),
    /v1beta1/,
  ],
  [
    'a Secret, even as params',
    'policy-kind',
    join(
      p({ spec: 'paramKind: {apiVersion: v1, kind: Secret}' }),
      'apiVersion: v1\nkind: §Secret\nmetadata: {name: s}\n',
    ),
    /ConfigMap/,
  ],
  ['no kind', 'policy-kind', join(p({}), '§apiVersion: v1\n')],
  ['no apiVersion', 'policy-kind', join(p({}), '§kind: Pod\n')],
  ['no mapping', 'policy-kind', join(p({}), '§just text\n')],
  [
    'a List of another group, even with items',
    'policy-kind',
    join(p({}), 'apiVersion: example.com/v1\nkind: §List\nitems: []\n'),
  ],
  [
    'another kind with items',
    'policy-kind',
    join(p({}), 'apiVersion: v1\nkind: §Basket\nitems: []\n'),
  ],
  [
    'a List whose items are no list',
    'policy-kind',
    join(p({}), 'apiVersion: v1\nkind: §List\nitems: x\n'),
  ],
  [
    'an item of a List',
    'policy-kind',
    join(p({}), 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: §Pod}\n'),
  ],
  ['a param without a name', 'policy-field', withParam('§{namespace: a}')],
  ['a param with a name that is none', 'policy-field', withParam('{name: §a/b}')],
  ['a param in a namespace that is none', 'policy-field', withParam('{name: a, namespace: §A}')],
  [
    'a binding of a policy that is not there',
    'policy-reference',
    join(policy({ name: 'no-latest' }), bindingOf('b', '', '§no-lates')),
    /"no-latest"/,
  ],
  [
    'params for a policy that takes none',
    'policy-reference',
    b(', paramRef: §{name: x, parameterNotFoundAction: Deny}'),
  ],
  [
    'a paramRef with neither name nor selector',
    'policy-field',
    b(', paramRef: §{parameterNotFoundAction: Deny}').replace('spec:\n', `spec:\n  ${params}\n`),
  ],
  [
    'a paramRef with both',
    'policy-field',
    b(', paramRef: {name: x, selector: §{}, parameterNotFoundAction: Deny}').replace(
      'spec:\n',
      `spec:\n  ${params}\n`,
    ),
  ],
  ['Deny together with Warn', 'policy-field', b('').replace('[Deny]', '§[Deny, Warn]')],
  ['an action twice', 'policy-field', b('').replace('[Deny]', '[Deny, Audit, §Deny]')],
  [
    'a policy twice in one path',
    'policy-duplicate',
    join(policy(), policy({ name: '§p' }), bindingOf('b')),
  ],
  [
    'a policy twice, in two versions',
    'policy-duplicate',
    join(policy(), policy({ name: '§p' }).replace('k8s.io/v1', 'k8s.io/v1beta1'), bindingOf('b')),
  ],
  [
    'a binding twice in one path',
    'policy-duplicate',
    join(policy(), bindingOf('b'), bindingOf('§b')),
  ],
  [
    'a param twice in one path',
    'policy-duplicate',
    join(p({ spec: params }), configMap('{name: x}'), configMap('{name: §x, namespace: default}')),
  ],
]);

test('faults of all kinds in all documents are told at once, in the order of the text', async (t) => {
  const { text, wanted } = marked(
    join(
      policy({ name: '§A', spec: '§zz: 1', validations: "{expression: '§foo', reason: §Nope}" }),
      policy({ annotations: '§sekisho.dev/x: z' }),
      bindingOf('b', ', §yy: 2', '§q'),
      'kind: §Pod\napiVersion: v1\n',
    ),
    'a.yaml',
    'policy-field',
  );
  const result = built(text);
  const found = result.ok ? [] : result.error;
  const place = (at: string): string => at.slice(0, at.lastIndexOf(': '));
  t.same(found.map(told).map(place), wanted.map(place));
  t.same(
    found.map((each) => each.code),
    [
      'policy-field',
      'policy-field',
      'cel-unknown',
      'policy-field',
      'policy-annotation',
      'policy-reference',
      'policy-field',
      'policy-kind',
    ],
  );
});

test('the second of two documents names the place of the first', async (t) => {
  const result = built(join(policy(), policy()));
  t.match(result.ok ? '' : result.error[0]?.message, /"p" is already at a\.yaml:1$/);
});

test('nothing to refuse by is a fault', async (t) => {
  for (const texts of [[], [''], ['apiVersion: sekisho.dev/v1alpha1\nkind: PolicyTest\n']]) {
    const result = built(...texts);
    t.same(result.ok ? [] : result.error.map((each) => each.code), ['policies-empty']);
  }
});

test('an overridden document with a fault is still a fault', async (t) => {
  const result = built(policy({ validations: "{expression: 'foo'}" }), policy());
  t.same(result.ok ? [] : result.error.map(told), ['a.yaml:7:31: cel-unknown']);
});

test('every code that this room gives is in the list of codes', async (t) => {
  for (const code of ['policy-unbound', 'policies-empty', 'policy-reference']) {
    t.ok(Object.hasOwn(codes, code), code);
  }
});
