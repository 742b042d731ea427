// Every fault that a ClusterImagePolicy or TrustRoot can have, at its place: § marks it.
import { test } from 'tap';
import {
  chain,
  cip,
  identity,
  key,
  keyless,
  logKey,
  own,
  pem,
  rootParts,
  scalar,
  trustRoot,
} from './image-texts.ts';
import { check } from './marked.ts';
import { built, join } from './texts.ts';

const plainKey = pem('p256');
const authorities = (text: string): string => cip({ authorities: text });
const withKey = (more: string): string => authorities(`${key.slice(0, -1)}, ${more}}`);
const policyText = (text: string): string => cip({ spec: `policy: ${text}` });
const attested = (text: string): string => withKey(`attestations: [${text}]`);

check('signers', [
  ['none', 'policy-field', authorities('§{rfc3161timestamp: {trustRootRef: own}}')],
  [
    'two of them',
    'policy-field',
    authorities(`{key: {data: ${scalar(plainKey)}}, §keyless: {identities: [${identity}]}}`),
  ],
  ['no authority', 'policy-field', cip().replace(/authorities: \[.*\]/, 'authorities: §[]')],
  [
    'authorities missing',
    'policy-field',
    cip()
      .replace(/^ {2}authorities: .*$/m, '')
      .replace('spec:', '§spec:'),
  ],
  ['an empty key', 'image-key', authorities('{key: §{}}'), /BEGIN PUBLIC KEY/],
  ['a key that is none', 'image-key', authorities('{key: {data: §---somedata---}}')],
  ['half a key', 'image-key', authorities(`{key: {data: §${scalar(plainKey.slice(0, 90))}}}`)],
  [
    'a key with something else in it',
    'image-key',
    authorities(`{key: {data: "§-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----"}}`),
  ],
  [
    'a private key',
    'image-key',
    authorities(
      '{key: {data: "§-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\\nAAAA\\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----"}}',
    ),
  ],
  [
    'a key service',
    'policy-unsupported',
    authorities('{key: {kms: §hashivault://key/path}}'),
    /spec\.authorities\[0\]\.key\.data/,
  ],
  [
    'a Secret',
    'policy-unsupported',
    authorities('{key: {secretRef: §{name: x}}}'),
    /put the public key/,
  ],
  [
    'a hash that is none',
    'policy-field',
    authorities(`{key: {data: ${scalar(plainKey)}, hashAlgorithm: §sha1}}`),
  ],
  ['a static action that is none', 'policy-field', authorities('{static: {action: §maybe}}')],
  [
    'static beside what is verified',
    'policy-field',
    authorities('{static: {action: pass}, §ctlog: {}, §attestations: []}'),
  ],
  [
    'two of one name',
    'policy-field',
    authorities(`{name: a, static: {action: pass}}, {name: §a, static: {action: fail}}`),
  ],
  [
    'a name with blanks around it',
    'policy-field',
    authorities(`{name: §" a", static: {action: pass}}`),
  ],
]);

check('keyless', [
  [
    'no identities',
    'policy-field',
    authorities('{keyless: §{url: "https://fulcio.sigstore.dev"}}'),
  ],
  ['an empty list of them', 'policy-field', authorities('{keyless: {identities: §[]}}')],
  ['no subject', 'policy-field', authorities(keyless('', '§{issuer: a}'))],
  ['no issuer', 'policy-field', authorities(keyless('', '§{subjectRegExp: ^a$}'))],
  ['empty texts are none', 'policy-field', authorities(keyless('', '{issuer: §"", subject: §""}'))],
  [
    'both a text and a pattern',
    'policy-field',
    authorities(keyless('', '{issuer: a, §issuerRegExp: ^a$, subject: b}')),
  ],
  [
    'a pattern that is none',
    'cel-regex',
    authorities(keyless('', '{issuerRegExp: §"****", subject: b}')),
  ],
  [
    'a pattern that RE2 does not know',
    'cel-regex',
    authorities(keyless('', '{issuerRegExp: §"^(?!a)b$", subject: b}')),
  ],
  [
    'an unknown Fulcio',
    'policy-reference',
    authorities(keyless(', url: §"https://fulcio.example"')),
    /TrustRoot/,
  ],
  [
    'an address and a certificate',
    'policy-field',
    authorities(keyless(', url: "https://fulcio.sigstore.dev", §ca-cert: {data: x}')),
  ],
  [
    'a certificate of its own without saying that no log has it',
    'policy-field',
    authorities(
      keyless(
        `, §ca-cert: {data: ${scalar(Buffer.from(chain('certificateAuthorities', 1), 'base64').toString())}}`,
      ),
    ),
    /insecureIgnoreSCT: true/,
  ],
  [
    'a certificate that is none',
    'image-key',
    authorities(keyless(`, insecureIgnoreSCT: true, ca-cert: {data: §${scalar(plainKey)}}`)),
  ],
  [
    'a TrustRoot that is not there',
    'policy-reference',
    authorities(keyless(', trustRootRef: §owm')),
    /put the TrustRoot beside/,
  ],
]);

check('logs, timestamps, sources', [
  [
    'an unknown log',
    'policy-reference',
    withKey('ctlog: {url: §"https://rekor.example"}'),
    /tLogs/,
  ],
  [
    'a log that the TrustRoot does not have',
    'policy-reference',
    join(own, withKey('ctlog: {trustRootRef: own, url: §"https://rekor.example"}')),
    /"https:\/\/rekor\.example\.test"\), or add the log/,
  ],
  ['a timestamp authority of nobody', 'policy-field', withKey('rfc3161timestamp: §{}')],
  [
    'a TrustRoot that is not there',
    'policy-reference',
    withKey('rfc3161timestamp: {trustRootRef: §x}'),
  ],
  ['a source with a tag', 'policy-field', withKey('source: [{oci: §"ghcr.io/acme/sig:1"}]')],
  ['a source that is no name', 'policy-field', withKey('source: [{oci: §"https://ghcr.io/acme"}]')],
  ['a tag prefix that is none', 'policy-field', withKey('source: [{tagPrefix: §"a/b"}]')],
  [
    'a pull secret without a name',
    'policy-field',
    withKey('source: [{signaturePullSecrets: [§{}]}]'),
  ],
  ['a format that is none', 'policy-field', withKey('signatureFormat: §notary')],
]);

check('attestations and conditions', [
  [
    'a predicate type that nobody writes',
    'policy-field',
    attested('{name: a, predicateType: §vulnerability}'),
  ],
  ['no name', 'policy-field', attested('{name: §"", predicateType: vuln}')],
  [
    'two of one name',
    'policy-field',
    attested('{name: a, predicateType: vuln}, {name: §a, predicateType: link}'),
  ],
  [
    'Rego',
    'policy-unsupported',
    policyText('{type: §rego, data: "package sigstore"}'),
    /authorityMatches/,
  ],
  [
    'CUE of the whole policy',
    'policy-unsupported',
    policyText('{type: §cue, data: "spec: serviceAccount: \\"default\\""}'),
    /object\.spec\.serviceAccount == "default"/,
  ],
  ['an unknown language', 'policy-field', policyText('{type: §lua, data: x}')],
  ['no expression', 'policy-field', policyText('§{type: cel}')],
  ['a blank one', 'policy-field', policyText('{type: cel, data: §" "}')],
  ['no bool', 'cel-type', policyText('{type: cel, data: "§1 + 1"}')],
  [
    'an unverified name',
    'cel-unknown',
    policyText('{type: cel, data: "true && §request.name == \'\'"}'),
  ],
  [
    'the statement of no attestation',
    'cel-unknown',
    policyText('{type: cel, data: "§statement.x == 1"}'),
  ],
  [
    'all matches in an attestation',
    'cel-unknown',
    attested(
      '{name: a, predicateType: vuln, policy: {type: cel, data: "§authorityMatches.x == 1"}}',
    ),
  ],
  [
    'a field that signatures have not',
    'cel-unknown',
    attested(
      '{name: a, predicateType: vuln, policy: {type: cel, data: "§signature.email == \'\'"}}',
    ),
  ],
  [
    'a policy from elsewhere',
    'policy-unsupported',
    policyText('{type: cel, remote: §{url: x}}').replace('remote: §', '§remote: '),
  ],
  [
    'included fields',
    'policy-unsupported',
    policyText(
      '{type: cel, data: "true", §includeSpec: true, §includeObjectMeta: true, §includeTypeMeta: true, §fetchConfigFile: true}',
    ),
    /object\.spec/,
  ],
]);

const rollouts = 'group: argoproj.io';

check('images and matches', [
  ['no image', 'policy-field', cip({ images: '' }).replace('images: []', 'images: §[]')],
  ['a glob that is none', 'policy-field', cip({ images: '{glob: §"["}' })],
  ['an empty glob', 'policy-field', cip({ images: '{glob: §""}' })],
  ['an unknown field', 'policy-field', cip({ images: '{glob: "**", §regex: x}' })],
  ['a mode that is none', 'policy-field', cip({ spec: 'mode: §garbage' })],
  [
    'a resource without images',
    'policy-field',
    cip({ spec: 'match: [{group: apps, version: v1, resource: §apple}]' }),
  ],
  [
    'a resource of another group',
    'policy-field',
    cip({ spec: 'match: [{version: v1, resource: §deployments}]' }),
  ],
  [
    'a custom resource of which no template is known, so that the policy would refuse nothing',
    'policy-field',
    cip({ spec: `match: [{${rollouts}, version: v1alpha1, resource: §rollouts}]` }),
    /podTemplates/,
  ],
  [
    'a version in which nothing is asked about',
    'policy-field',
    cip({ spec: 'match: [{group: apps, version: §v1beta1, resource: deployments}]' }),
  ],
  ['no version', 'policy-field', cip({ spec: 'match: [§{resource: pods}]' })],
  [
    'a selector without a resource',
    'policy-field',
    cip({ spec: 'match: [§{version: v1, selector: {}}]' }),
  ],
  [
    'a selector of namespaces that cannot be read',
    'policy-annotation',
    cip({ metadata: ', annotations: {sekisho.dev/namespace-selector: §"env>1"}' }),
  ],
  [
    'a selector of namespaces with a bad label',
    'policy-annotation',
    cip({ metadata: ', annotations: {sekisho.dev/namespace-selector: §"a/b/c=1"}' }),
  ],
  [
    'an annotation for other policies',
    'policy-annotation',
    cip({ metadata: ', annotations: {§sekisho.dev/rule-names: a}' }),
  ],
  [
    'a version of the format that is not read',
    'policy-kind',
    cip({ version: 'v2' }).replace('apiVersion: ', 'apiVersion: §'),
  ],
]);

const sigstore = (keys: string): string => join(trustRoot('r', keys), cip());
const authorityOf = (text: string): string =>
  `{subject: {organization: a, commonName: b}, uri: u, certChain: ${text}}`;

check('trust roots', [
  ['nothing to trust', 'policy-field', sigstore('').replace('sigstoreKeys: ', 'sigstoreKeys: §')],
  [
    'a TUF mirror',
    'policy-unsupported',
    sigstore('').replace('sigstoreKeys: {}', '§remote: {mirror: "https://x", root: e30=}'),
    /trusted_root\.json/,
  ],
  [
    'PEM that is not in base64',
    'image-key',
    sigstore(`certificateAuthorities: [${authorityOf('§"-----BEGIN CERTIFICATE-----"')}]`),
    /base64 -w0/,
  ],
  [
    'a key for a certificate',
    'image-key',
    sigstore(`certificateAuthorities: [${authorityOf(`§${logKey('tlogs')}`)}]`),
  ],
  [
    'a certificate for a key',
    'image-key',
    sigstore(
      `tLogs: [{baseURL: u, hashAlgorithm: sha256, publicKey: §${chain('certificateAuthorities', 1)}}]`,
    ),
  ],
  [
    'a chain without its root',
    'image-key',
    sigstore(`timestampAuthorities: [${authorityOf(`§${chain('timestampAuthorities', 1)}`)}]`),
  ],
  [
    'no certificate authority',
    'image-key',
    sigstore(`certificateAuthorities: [${authorityOf(`§${chain('timestampAuthorities', 2)}`)}]`),
  ],
  [
    'a hash that is none',
    'policy-field',
    sigstore(`tLogs: [{baseURL: u, hashAlgorithm: §md5, publicKey: ${logKey('tlogs')}}]`),
  ],
  [
    'a field that is missing',
    'policy-field',
    sigstore('tLogs: [§{baseURL: u, hashAlgorithm: sha256}]'),
  ],
  [
    'a root without what is asked of it',
    'policy-reference',
    join(trustRoot('own', rootParts[2] ?? ''), authorities(keyless(', trustRootRef: §own'))),
  ],
  [
    'certificates without their log',
    'policy-reference',
    join(
      trustRoot('own', [rootParts[0], rootParts[2]].join(', ')),
      authorities(keyless(', trustRootRef: §own')),
    ),
    /ctLogs|add them/,
  ],
  [
    'nobody who says when',
    'policy-reference',
    join(
      trustRoot('own', [rootParts[0], rootParts[1]].join(', ')),
      authorities(keyless(', trustRootRef: §own')),
    ),
  ],
  [
    'a policy is not blamed for the faults of its root',
    'image-key',
    join(
      trustRoot('own', `certificateAuthorities: [${authorityOf('§"x"')}]`),
      authorities(keyless(', trustRootRef: own')),
    ),
  ],
]);

test('faults of all kinds are told at once', (t) => {
  const text = cip({
    images: '{glob: "["}',
    authorities: `{key: {kms: x}}, ${keyless(', trustRootRef: none', '{issuer: a}')}, {}`,
    spec: 'policy: {type: cel, data: "1"}',
  });
  const result = built(text);
  t.same((result.ok ? [] : result.error.map(({ code }) => code)).sort(), [
    ...['cel-type', 'policy-field', 'policy-field', 'policy-field'],
    ...['policy-reference', 'policy-unsupported'],
  ]);
  t.end();
});

test('nothing of a private key gets into a message', (t) => {
  const secret = 'c2VjcmV0LXNlY3JldA==';
  for (const label of ['PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY']) {
    const text = scalar(`-----BEGIN ${label}-----\n${secret}\n-----END ${label}-----\n`);
    const result = built(authorities(`{key: {data: ${text}}}`));
    const [fault] = result.ok ? [] : result.error;
    t.match(fault?.message, /is a private key/);
    t.notMatch(`${fault?.message} ${fault?.fix}`, secret);
  }
  t.end();
});

test('a match may name a custom resource whose templates the settings know', (t) => {
  const known = 'apiGroup: argoproj.io, kind: Rollout, resource: rollouts, path: spec.template';
  const policy = cip({ spec: `match: [{${rollouts}, version: v1alpha1, resource: rollouts}]` });
  const settings = `
apiVersion: sekisho.dev/v1alpha1
kind: PolicySettings
metadata: {name: settings}
spec: {podTemplates: [{${known}}]}
`;
  t.ok(built(join(policy, settings)).ok);
  t.notOk(built(join(policy)).ok);
  t.end();
});
