// ClusterImagePolicy and TrustRoot: every field comes through, and whatever cannot be kept to is a fault at its place.
// The shapes are those of upstream's own test data, test/testdata in github.com/sigstore/policy-controller.
import { test } from 'tap';
import { get, getIn, isArray } from '../../src/base/json.ts';
import type { Authority } from '../../src/images/model.ts';
import { publicGoodRoot } from '../../src/images/trust/public-good.ts';
import type { ImagePolicy } from '../../src/policy/model.ts';
import { entriesOf } from '../../src/policy/registration/entries.ts';
import { gapsOf } from '../../src/policy/registration/gaps.ts';
import {
  chain,
  cip,
  corpusRoot,
  key,
  keyless,
  logKey,
  own,
  pem,
  root,
  scalar,
  trustRoot,
} from './image-texts.ts';
import { binding, built, join, policy, wholeSet } from './texts.ts';

function only(...texts: readonly string[]): ImagePolicy {
  const [first] = wholeSet(...texts).imagePolicies;
  if (first === undefined) throw new Error('there is no image policy');
  return first;
}

/** The first authority, as far as it is verified. */
function authority(...texts: readonly string[]): Authority {
  const [first] = only(...texts).authorities;
  if (first?.kind !== 'verified') throw new Error('nothing is verified');
  return first.authority;
}

test('every field comes through', (t) => {
  const found = only(
    cip({
      metadata: `, annotations: {sekisho.dev/title: Signed, sekisho.dev/remedy: sign it, sekisho.dev/severity: high,
        sekisho.dev/controls: "a:1, b:2", sekisho.dev/namespace-selector: "env=prod, tier in (web, api),!legacy,team!=x"}`,
      images: '{glob: "ghcr.io/acme/**"}, {glob: "*"}',
      authorities: `{name: both ways, key: {data: ${scalar(pem('rsa') + pem('p384'))}, hashAlgorithm: SHA512}, signatureFormat: bundle,
        source: [{oci: ghcr.io/acme/signatures, tagPrefix: sig, signaturePullSecrets: [{name: pull}]}],
        attestations: [{name: scan, predicateType: vuln, policy: {type: cel, data: "statement.predicate.ok == true"}},
          {name: any, predicateType: https://example.com/x}]}, {static: {action: fail, message: " not here "}}`,
      spec: `mode: warn
  match: [{group: apps, version: v1, resource: deployments, selector: {matchLabels: {a: b}}}, {version: "*", resource: pods}]
  policy: {type: cel, data: "has(authorityMatches.x)"}`,
    }),
  );
  const [first, second] = found.authorities;
  t.match(found, {
    name: 'signed',
    mode: 'warn',
    globs: ['ghcr.io/acme/**', '*'],
    match: [
      {
        group: 'apps',
        version: 'v1',
        resource: 'deployments',
        selector: { matchLabels: { a: 'b' } },
      },
      { group: '', version: '*', resource: 'pods', selector: null },
    ],
    condition: { program: { source: 'has(authorityMatches.x)' }, message: '' },
    ...{ title: 'Signed', remedy: 'sign it', severity: 'high', controls: ['a:1', 'b:2'] },
  });
  t.same(found.namespaceSelector?.matchExpressions, [
    { key: 'env', operator: 'In', values: ['prod'] },
    { key: 'tier', operator: 'In', values: ['web', 'api'] },
    { key: 'legacy', operator: 'DoesNotExist', values: [] },
    { key: 'team', operator: 'NotIn', values: ['x'] },
  ]);
  t.match(first, {
    kind: 'verified',
    name: 'both ways',
    authority: {
      name: 'both ways',
      signers: { kind: 'keys', keys: [pem('rsa'), pem('p384')], hashAlgorithm: 'sha512' },
      ...{ transparencyLog: null, timestamps: null, signatureFormat: 'bundle' },
      sources: [{ repository: 'ghcr.io/acme/signatures', tagPrefix: 'sig', pullSecrets: ['pull'] }],
      predicateTypes: ['https://cosign.sigstore.dev/attestation/vuln/v1', 'https://example.com/x'],
    },
    attestations: [
      { name: 'scan', condition: { program: { source: 'statement.predicate.ok == true' } } },
      { name: 'any', predicateType: 'https://example.com/x', condition: null },
    ],
  });
  t.same(second, { kind: 'static', name: 'authority-1', action: 'fail', message: 'not here' });
  t.end();
});

test('keys of every type that cosign makes are taken, and each once', (t) => {
  const all = (['p256', 'p384', 'p521', 'rsa', 'ed25519', 'p256'] as const).map(pem).join('\n');
  const { signers } = authority(cip({ authorities: `{key: {data: ${scalar(all)}}}` }));
  t.equal(signers.kind === 'keys' && signers.keys.length, 5);
  t.equal(signers.kind === 'keys' && signers.hashAlgorithm, null);
  t.end();
});

test('a TrustRoot becomes the trusted root that cosign reads', (t) => {
  const found = authority(own, cip({ authorities: keyless(', trustRootRef: own') }));
  if (found.signers.kind !== 'keyless') throw new Error('it has keys');
  const { name, json } = found.signers.trustRoot;
  t.equal(name, 'own');
  // Upstream writes no times: everything counts from the beginning.
  const expected = JSON.parse(corpusRoot().replaceAll('2020-01-01', '1970-01-01'));
  t.same(json, expected);
  t.end();
});

test('what vouches for a signature is found where the policy says, and is the public Sigstore by default', (t) => {
  const named = ', trustRootRef: own';
  const rows: readonly (readonly [
    authority: string,
    signers: string,
    log: string,
    timestamps: string,
  ])[] = [
    [keyless(), 'public-good', '-', '-'],
    [keyless(', url: "https://fulcio.sigstore.dev/"'), 'public-good', '-', '-'],
    [keyless(`${named}, url: "https://fulcio.example.test"`), 'own', '-', '-'],
    [`${keyless().slice(0, -1)}, ctlog: {}}`, 'public-good', 'public-good', '-'],
    [
      `${keyless(named).slice(0, -1)}, ctlog: {url: "https://rekor.example.test"}}`,
      'own',
      'own',
      '-',
    ],
    [`${key.slice(0, -1)}, ctlog: {url: "https://rekor.sigstore.dev"}}`, '-', 'public-good', '-'],
    [`${key.slice(0, -1)}, ctlog: {trustRootRef: own}}`, '-', 'own', '-'],
    [`${key.slice(0, -1)}, rfc3161timestamp: {trustRootRef: own}}`, '-', '-', 'own'],
  ];
  for (const [text, ...wanted] of rows) {
    const { signers, transparencyLog, timestamps } = authority(own, cip({ authorities: text }));
    const certifier = signers.kind === 'keyless' ? signers.trustRoot : null;
    const found = [certifier, transparencyLog, timestamps].map((each) => each?.name ?? '-');
    t.same(found, wanted, text.slice(0, 120));
  }
  t.end();
});

test('of the logs of a TrustRoot only that at the url counts, where the policy names one', (t) => {
  const [ours, theirs] = ['https://rekor.example.test', 'https://log.example.test'];
  const log = (url: string, part: string): string =>
    `{baseURL: "${url}", hashAlgorithm: sha-256, publicKey: ${logKey(part)}}`;
  const two = trustRoot('two', `tLogs: [${log(ours, 'tlogs')}, ${log(theirs, 'ctlogs')}]`);
  const urls = (ctlog: string): readonly unknown[] => {
    const authorities = `${key.slice(0, -1)}, ctlog: {${ctlog}}}`;
    const logs = authority(two, cip({ authorities })).transparencyLog?.json['tlogs'];
    return isArray(logs) ? logs.map((each) => get(each, 'baseUrl')) : [];
  };
  t.same(urls('trustRootRef: two'), [ours, theirs]);
  t.same(urls(`trustRootRef: two, url: "${theirs}"`), [theirs]);
  t.same(urls('trustRootRef: two, url: "https://REKOR.example.test:443/"'), [ours]);
  const shard = 'https://log2025-1.rekor.sigstore.dev';
  t.same(urls(`url: "${shard}"`), [shard], 'also of the public ones');
  t.ok(urls('url: "https://rekor.sigstore.dev/"').includes(shard), 'whose name stands for all');
  t.end();
});

test('a certificate authority in the policy is believed beside the public logs, and no public certificate is', (t) => {
  const certificate = Buffer.from(chain('certificateAuthorities', 1), 'base64').toString();
  const text = keyless(`, insecureIgnoreSCT: true, ca-cert: {data: ${scalar(certificate)}}`);
  const { signers } = authority(cip({ authorities: text }));
  if (signers.kind !== 'keyless') throw new Error('it has keys');
  const { json } = signers.trustRoot;
  t.equal(signers.insecureIgnoreSCT, true);
  t.same(json['tlogs'], publicGoodRoot.json['tlogs']);
  t.same([json['ctlogs'], json['timestampAuthorities']], [[], []]);
  t.same(
    getIn(json, ['certificateAuthorities', 0, 'certChain']),
    getIn(root, ['certificateAuthorities', 0, 'certChain']),
  );
  t.end();
});

test('the id of an authority is of all that verification depends on, and of nothing else', (t) => {
  const id = (piece: Parameters<typeof cip>[0], ...more: readonly string[]): string =>
    authority(...more, cip(piece)).id;
  const plain = id({});
  t.match(plain, /^[0-9a-f]{64}$/);
  const alike: readonly Parameters<typeof cip>[0][] = [
    { version: 'v1alpha1' },
    { images: '{glob: "a*"}', spec: 'mode: warn' },
    { authorities: `{key: {data: ${scalar(`\n${pem('p256')}\n`)}, hashAlgorithm: ""}}` },
  ];
  for (const piece of alike) t.equal(id(piece), plain, JSON.stringify(piece));
  const others = [
    `{key: {data: ${scalar(pem('p384'))}}}`,
    `${key.slice(0, -2)}, hashAlgorithm: sha256}}`,
    `${key.slice(0, -1)}, signatureFormat: legacy}`,
    `${key.slice(0, -1)}, ctlog: {}}`,
    `${key.slice(0, -1)}, ctlog: {trustRootRef: own}}`,
    `${key.slice(0, -1)}, rfc3161timestamp: {trustRootRef: own}}`,
    `${key.slice(0, -1)}, source: [{tagPrefix: a}]}`,
    `${key.slice(0, -1)}, attestations: [{name: a, predicateType: vuln}]}`,
    keyless(),
    keyless(', insecureIgnoreSCT: true'),
    keyless('', '{issuer: a, subject: b}'),
    keyless('', '{issuerRegExp: a, subject: b}'),
    keyless(', trustRootRef: own'),
  ].map((authorities) => id({ authorities }, own));
  t.equal(new Set([plain, ...others]).size, others.length + 1);
  t.end();
});

test('image policies are of the law: overrides, hash, and the order of names', (t) => {
  const base = join(cip(), cip({ images: '{glob: "a*"}' }).replace('name: signed', 'name: other'));
  const overlay = cip({ version: 'v1alpha1', spec: 'mode: warn' });
  t.same(
    wholeSet(base, overlay).imagePolicies.map(({ name, mode }) => [name, mode]),
    [
      ['other', 'enforce'],
      ['signed', 'warn'],
    ],
  );
  const withStatus = base.replace('spec:', 'status: {conditions: []}\nspec:');
  t.equal(wholeSet(withStatus).hash, wholeSet(base).hash);
  t.not(wholeSet(base, overlay).hash, wholeSet(base).hash);
  t.not(wholeSet(base, own).hash, wholeSet(base).hash, 'TrustRoots are of it too');
  t.end();
});

test('settings of images have strict defaults and come through', (t) => {
  const settings = (images: string): string =>
    `apiVersion: sekisho.dev/v1alpha1\nkind: PolicySettings\nspec: {images: ${images}}\n`;
  const strict = { noMatch: 'deny', onError: 'deny', digests: 'require' };
  t.same(wholeSet(cip()).settings.images, strict);
  t.same(wholeSet(cip(), settings('{onError: warn}')).settings.images, {
    ...strict,
    onError: 'warn',
  });
  const mild = { noMatch: 'allow', onError: 'allow', digests: 'resolve' };
  t.same(wholeSet(cip(), settings(JSON.stringify(mild))).settings.images, mild);
  t.end();
});

test('the API server is asked about pods and workloads for an image policy, and a gap in that is told', (t) => {
  const set = wholeSet(join(cip(), policy({ name: 'signed' }), binding('b', '', 'signed')));
  const [entry] = entriesOf(set);
  t.equal(entry?.name, 'fail-v1');
  t.same(entry?.policies, ['pod-security', 'signed']);
  const asked = JSON.stringify(entry?.rules);
  for (const resource of ['pods/*', 'deployments', 'cronjobs']) t.match(asked, `"${resource}"`);
  t.same(
    gapsOf(set, []).map(({ kind, policy: of }) => [kind, of]),
    [
      ['never-asked', 'pod-security'],
      ['never-asked', 'signed'],
    ],
  );
  t.end();
});

test('what is allowed and hardly meant is a warning', (t) => {
  const told = (text: string): readonly string[] =>
    wholeSet(text).warnings.map(
      ({ code, message, line, column }) => `${line}:${column} ${code}: ${message}`,
    );
  const subject = (pattern: string): readonly string[] =>
    told(cip({ authorities: keyless('', `{issuer: a, subjectRegExp: ${scalar(pattern)}}`) })).map(
      (each) => each.replace(/^.*subjectRegExp /, ''),
    );
  const rows: readonly (readonly [pattern: string, told: RegExp | null])[] = [
    ['^https://github\\.com/acme/.*$', null],
    ['\\Ahttps://[^/.]+\\.example/[.]*\\z', null],
    ['^(a|b)$', null],
    ['^a$|^b$', null],
    ['(?i)^a.*$', null],
    ['^a\\Q.b.\\E$', null],
    ['.*', /is found in every text/],
    ['', null],
    ['acme', /is not anchored/],
    ['^acme', /is not anchored/],
    ['acme$', /is not anchored/],
    ['^a|b$', /is not anchored/],
    ['^a\\$', /is not anchored/],
    ['^https://github.com/.*$', /has a dot that stands for any letter, in "\^https:\/\/github\."/],
  ];
  for (const [pattern, wanted] of rows) {
    if (pattern === '') continue;
    const found = subject(pattern);
    if (wanted === null) t.same(found, [], pattern);
    else t.match(found, [wanted], pattern);
  }
  t.same(
    told(
      cip({
        images:
          '{glob: ghcr.io/acme/app}, {glob: "a:1"}, {glob: a*}, {glob: a@*}, {glob: "b/c:*"}, {glob: "d:5000/*"}',
      }),
    ),
    [
      '5:19 image-glob: spec.images[0].glob covers "ghcr.io/acme/app" by the tag latest alone, and by no digest',
      '5:85 image-glob: spec.images[4].glob covers "b/c:*" by tags alone, and by no digest',
    ],
  );
  const loose = ['registry.example.com**', '**.example.com/x*', '*example.com/*', 'acme*/app*'];
  const plain = ['**', '**/x*', '*', '*/*', 'nginx*', '*.example.com/*', 'eu-*.example.com:*/**'];
  for (const [globs, count] of [
    [loose, 1],
    [plain, 0],
  ] as const) {
    for (const glob of globs)
      t.equal(told(cip({ images: `{glob: "${glob}"}` })).length, count, glob);
  }
  t.end();
});

test('the fix for simple CUE is the CEL that demands the same', (t) => {
  const rows: readonly (readonly [cue: string, cel: string | null])[] = [
    [
      'predicateType: "x"\npredicate: Data: "a\\"b"',
      'statement.predicateType == "x" && statement.predicate.Data == "a\\"b"',
    ],
    [
      'predicate: {\n  a: 1\n  b: true, c: >=2.5 & <3\n}\n',
      'statement.predicate.a == 1 && statement.predicate.b == true && statement.predicate.c >= 2.5 && statement.predicate.c < 3',
    ],
    ['predicate: "a-b": in: !="x" // why', 'statement.predicate["a-b"]["in"] != "x"'],
    [
      'predicate: uri: =~"^a\\\\.b"\npredicate: no: !~"c"',
      'statement.predicate.uri.matches("^a\\\\.b") && !statement.predicate.no.matches("c")',
    ],
    [
      'import "time"\nbefore: time.Parse(time.RFC3339, "2049-10-09T17:10:27Z")\npredicate: {\n  at: <before\n}',
      'timestamp(statement.predicate.at) < timestamp("2049-10-09T17:10:27Z")',
    ],
    ['predicate: n: >limit\nlimit: 3', 'statement.predicate.n > 3'],
    ['import "list"\npredicate: x: list.MinItems(1)', null],
    ['predicate: x: 1 | 2', null],
    ['predicate: x: string', null],
    ['predicate: x?: 1', null],
    ['predicate: {x: 1', null],
    ['other: {x: 1}', null],
    ['predicate: x: 12345678901234567890', null],
    ['predicate: x: unknownName', null],
    ['if true { predicate: x: 1 }', null],
    ['predicate: x: "\\(y)"', null],
    ['predicate: [...]', null],
    [`predicate: ${'a: '.repeat(50)}1`, null],
    ['', null],
  ];
  for (const [cue, cel] of rows) {
    const attestation = `{name: a, predicateType: vuln, policy: {type: cue, data: ${scalar(cue)}}}`;
    const result = built(
      cip({ authorities: `${key.slice(0, -1)}, attestations: [${attestation}]}` }),
    );
    const [fault] = result.ok ? [] : result.error;
    t.equal(fault?.code, 'policy-unsupported');
    t.equal(
      fault?.fix,
      `write the rule in CEL: type: cel, data: ${cel ?? 'an expression over statement, signature, image, object, namespaceObject and now'}`,
      cue,
    );
    if (cel === null) continue;
    const drafted = attestation.replace(/policy: .*/, `policy: {type: cel, data: ${scalar(cel)}}}`);
    t.ok(
      built(cip({ authorities: `${key.slice(0, -1)}, attestations: [${drafted}]}` })).ok,
      'and it loads',
    );
  }
  t.end();
});
