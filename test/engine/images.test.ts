// Image policies in the engine: what satisfies a policy, what each failure is called, what is done about it and what is
// offered as its fix. What is found of an image is made up here; verifying itself is test/images.
import { test } from 'tap';
import {
  authority,
  broken,
  byOthers,
  digest,
  halfFetched,
  judge,
  notFound,
  pinned,
  pod,
  policies,
  policy,
  scanned,
  settings,
  signature,
  signed,
  told,
  unreachable,
  unsigned,
  vuln,
  type World,
  web,
} from './image-scene.ts';

const one = policies(policy());
const two = policies(policy({ authorities: `${authority('release')}, ${authority('security')}` }));
const staticPolicy = (action: string): string =>
  policy({ name: 'listed', authorities: `{static: {action: ${action}}}` });
const condition = (text: string): string => `policy: {type: cel, data: "${text}"}`;
const scan = (data: string): string =>
  authority(
    'security',
    `, attestations: [{name: scan, predicateType: vuln, policy: {type: cel, data: "${data}"}}]`,
  );
const fresh = "timestamp(statement.predicate.metadata.scanFinishedOn) > now - duration('720h')";
const scanPolicy = policies(policy({ authorities: scan(fresh) }));
const both = policies(
  policy({
    authorities: `${authority('release')}, ${scan(fresh)}`,
    spec: condition("'release' in authorityMatches && 'security' in authorityMatches"),
  }),
);
const names = ['a', 'b', 'c'];
const twoOfThree = policies(
  policy({
    authorities: names.map((name) => authority(name)).join(', '),
    spec: condition('size(authorityMatches) >= 2'),
  }),
);
const [newScan, oldScan] = [scanned('2026-11-20T10:00:00Z'), scanned('2026-01-01T00:00:00Z')];

const worlds: readonly (readonly [string, typeof one, World, readonly string[]])[] = [
  ['a signature satisfies', one, { release: signed }, ['signed: pass']],
  ['no signature is unsigned', one, { release: unsigned }, ['signed: fail image-unsigned deny']],
  ['another signer is told apart', one, { release: byOthers }, ['signed: fail image-signer deny']],
  [
    'a broken signature is told apart',
    one,
    { release: broken },
    ['signed: fail image-signature deny'],
  ],
  [
    'what could not be fetched is never unsigned',
    one,
    { release: halfFetched },
    ['signed: error registry-unreachable deny'],
  ],
  [
    'nor is it signed by others',
    one,
    { release: { ...byOthers, ...halfFetched } },
    ['signed: error registry-unreachable deny'],
  ],
  [
    'a fault beside a valid signature is no matter',
    one,
    { release: { ...signed, ...halfFetched } },
    ['signed: pass'],
  ],
  [
    'a registry that is down is an error',
    one,
    unreachable,
    ['signed: error registry-unreachable deny'],
  ],
  [
    'an image that is not there is refused',
    one,
    { code: 'image-not-found', message: 'it is not in the registry' },
    ['signed: fail image-not-found deny'],
  ],
  [
    'an image that is not there by its digest is not unsigned',
    one,
    { release: notFound },
    ['signed: fail image-not-found deny'],
  ],
  ['any authority suffices', two, { release: unsigned, security: signed }, ['signed: pass']],
  [
    'of several failures the nearest is told',
    two,
    { release: unsigned, security: byOthers },
    ['signed: fail image-signer deny'],
  ],
  [
    'an authority that could not be judged might have sufficed',
    two,
    { release: byOthers, security: halfFetched },
    ['signed: error registry-unreachable deny'],
  ],
  [
    'an attestation that holds satisfies',
    scanPolicy,
    { security: { attestations: [newScan] } },
    ['signed: pass'],
  ],
  [
    'one statement that holds is enough',
    scanPolicy,
    { security: { attestations: [oldScan, newScan] } },
    ['signed: pass'],
  ],
  [
    'an old scan is refused',
    scanPolicy,
    { security: { attestations: [oldScan] } },
    ['signed: fail image-condition deny'],
  ],
  [
    'no scan is refused',
    scanPolicy,
    { security: unsigned },
    ['signed: fail image-attestation deny'],
  ],
  [
    'a signature is no attestation',
    scanPolicy,
    { security: signed },
    ['signed: fail image-attestation deny'],
  ],
  [
    'a scan by somebody else is told apart',
    scanPolicy,
    { security: byOthers },
    ['signed: fail image-signer deny'],
  ],
  [
    'a statement without the field does not hold',
    policies(policy({ authorities: scan('statement.predicate.nothing == 1') })),
    { security: { attestations: [newScan] } },
    ['signed: fail image-condition deny'],
  ],
  [
    'an old scan beside one that could not be fetched is no verdict',
    scanPolicy,
    { security: { attestations: [oldScan], ...halfFetched } },
    ['signed: error registry-unreachable deny'],
  ],
  [
    'both of two: both are there',
    both,
    { release: signed, security: { attestations: [newScan] } },
    ['signed: pass'],
  ],
  [
    'both of two: one is missing',
    both,
    { release: signed, security: unsigned },
    ['signed: fail image-condition deny'],
  ],
  [
    'both of two: one could not be fetched',
    both,
    { release: signed, security: halfFetched },
    ['signed: error registry-unreachable deny'],
  ],
  ['two of three: two are there', twoOfThree, { a: signed, c: signed }, ['signed: pass']],
  ['two of three: one is there', twoOfThree, { b: signed }, ['signed: fail image-condition deny']],
  [
    'a condition over signatures sees who signed',
    policies(
      policy({
        spec: condition(
          "authorityMatches.release.signatures.exists(s, s.subject.endsWith('@example.com'))",
        ),
      }),
    ),
    { release: { signatures: [signature({ subject: 'me@example.com' })] } },
    ['signed: pass'],
  ],
  [
    'a condition that ends in an error refuses',
    policies(policy({ spec: condition('authorityMatches.other.signatures.size() > 0') })),
    { release: signed },
    ['signed: fail image-condition deny'],
  ],
  [
    'a policy in the mode warn warns',
    policies(policy({ spec: 'mode: warn' })),
    { release: unsigned },
    ['signed: fail image-unsigned warn'],
  ],
  [
    'and warns of errors',
    policies(policy({ spec: 'mode: warn' })),
    unreachable,
    ['signed: error registry-unreachable warn'],
  ],
  [
    'onError: warn is about errors',
    policies(policy(), settings('onError: warn')),
    unreachable,
    ['signed: error registry-unreachable warn'],
  ],
  [
    'onError: allow is about errors',
    policies(policy(), settings('onError: allow')),
    unreachable,
    ['signed: error registry-unreachable'],
  ],
  [
    'onError: allow is not about unsigned images',
    policies(policy(), settings('onError: allow')),
    { release: unsigned },
    ['signed: fail image-unsigned deny'],
  ],
  [
    'all policies that cover an image must be satisfied',
    policies(policy({ name: 'a' }), policy({ name: 'b', authorities: authority('security') })),
    { release: signed, security: unsigned },
    ['a: pass', 'b: fail image-unsigned deny'],
  ],
  [
    'a condition sees the pod, its namespace and the image',
    policies(
      policy({
        spec: condition(
          "object.metadata.name == 'web' && namespaceObject.metadata.labels.env == 'prod' && image.repository == 'shop/web' && image.digest.startsWith('sha256:aa')",
        ),
      }),
    ),
    { release: signed },
    ['signed: pass'],
  ],
];

test('what is found of an image decides, and each outcome has its own code', async (t) => {
  for (const [name, policySet, world, wanted] of worlds) {
    const { decision } = await judge({ policySet, world });
    t.strictSame(told(decision), wanted, name);
    t.equal(decision.allowed, !wanted.some((each) => each.endsWith('deny')), `${name}: allowed`);
  }
});

test('a static authority asks no registry, and makes an allow-list of names', async (t) => {
  const listed = policies(
    policy({
      name: 'listed',
      glob: 'registry.example.com/**',
      authorities: '{static: {action: pass}}',
    }),
  );
  const inside = await judge({ policySet: listed, attempt: { object: pod(`${web}:1.4`) } });
  t.strictSame(told(inside.decision), ['listed: pass'], 'a tag is fine: nothing was verified');
  const outside = await judge({ policySet: listed, attempt: { object: pod('nginx') } });
  t.strictSame(told(outside.decision), ['image-policies/no-match: fail image-not-covered deny']);
  const refused = await judge({ policySet: policies(staticPolicy('fail')) });
  t.strictSame(told(refused.decision), ['listed: fail image-static deny']);
  t.strictSame(
    [inside, outside, refused].flatMap(({ asked }) => asked),
    [],
  );
});

test('an image that no policy covers is as the settings say', async (t) => {
  for (const [noMatch, wanted] of [
    ['deny', ['image-policies/no-match: fail image-not-covered deny']],
    ['warn', ['image-policies/no-match: fail image-not-covered warn']],
    ['allow', []],
  ] as const) {
    const policySet = policies(policy({ glob: 'other/**' }), settings(`noMatch: ${noMatch}`));
    const { decision, asked } = await judge({ policySet });
    t.strictSame(told(decision), wanted, noMatch);
    t.strictSame(asked, []);
  }
  const none = await judge({ policySet: { ...one, imagePolicies: [] } });
  t.strictSame(told(none.decision), [], 'without any image policy nothing is looked at');
});

test('a name that cannot be read is refused wherever image policies look', async (t) => {
  const bad = { object: pod('Shop/Web:1.4') };
  for (const [policySet, wanted] of [
    [one, ['image-policies/reference: fail image-reference deny']],
    [
      policies(policy({ spec: 'mode: warn' }), settings('noMatch: allow')),
      ['image-policies/reference: fail image-reference warn'],
    ],
    [
      policies(
        policy({ spec: 'match: [{group: apps, version: v1, resource: deployments}]' }),
        settings('noMatch: allow'),
      ),
      [],
    ],
  ] as const) {
    const { decision } = await judge({ policySet, attempt: bad });
    t.strictSame(told(decision), wanted);
  }
  const sha512 = `${web}@sha512:${'a'.repeat(128)}`;
  const { decision, asked } = await judge({ policySet: one, attempt: { object: pod(sha512) } });
  t.strictSame(
    told(decision),
    ['signed: fail image-reference deny'],
    'nor one that nothing is signed by',
  );
  t.strictSame(asked, []);
});

test('a tag is refused with the digest that it has now, as the settings say', async (t) => {
  const tagged = { object: pod(`${web}:1.4`) };
  for (const [digests, wanted] of [
    ['require', ['signed: fail image-tag deny']],
    ['warn', ['signed: fail image-tag warn']],
    ['resolve', ['signed: pass']],
  ] as const) {
    const policySet = policies(policy(), settings(`digests: ${digests}`));
    const { decision } = await judge({ policySet, attempt: tagged, world: { release: signed } });
    t.strictSame(told(decision), wanted, digests);
    t.equal(decision.auditAnnotations['signed/verified-images'], pinned, 'the digest is noted');
  }
  const { decision } = await judge({ policySet: one, attempt: tagged, world: { release: signed } });
  const [finding] = decision.results.flatMap(({ findings }) => findings);
  t.match(finding, {
    path: 'spec.containers[0].image',
    pointer: '/spec/containers/0/image',
    value: `${web}:1.4`,
    allowed: [pinned],
    message: `"${web}:1.4" is a tag`,
    remedy: `pin it by digest: ${pinned}`,
    patch: [{ op: 'replace', path: '/spec/containers/0/image', value: pinned }],
  });
  const lost = await judge({ policySet: one, attempt: tagged, world: unreachable });
  t.strictSame(told(lost.decision), [
    'signed: error registry-unreachable deny',
    'signed: fail image-tag deny',
  ]);
});

test('a refusal names the image, who is asked for and what to do', async (t) => {
  const messageOf = async (policySet: typeof one, world: World): Promise<string> => {
    const { decision } = await judge({ policySet, world });
    const [finding] = decision.results.flatMap(({ findings }) => findings);
    return `${finding?.message} | ${finding?.remedy}`;
  };
  const short = `"${pinned}"`;
  t.equal(
    await messageOf(one, { release: unsigned }),
    `${short} is not signed: no signature by release was found | sign ${pinned} as release (cosign sign), or use an image that is signed; the digest of one platform has no signature of its own: write that of the index`,
  );
  t.match(
    await messageOf(one, { release: byOthers }),
    /is signed by others: the signature sha256:d{12} is not made with the key "sha256:1" \(asked for by release\) \| have .* signed by release/,
  );
  t.match(
    await messageOf(scanPolicy, { security: unsigned }),
    `lacks an attestation: no attestation "scan" by security was found | attest ${vuln}`,
  );
  t.match(
    await messageOf(both, { release: signed, security: { attestations: [oldScan] } }),
    /the condition of the policy does not hold.*satisfied is "release".*"scan" by security does not hold/,
  );
  const own = policies(policy({ annotations: 'sekisho.dev/remedy: "use the release workflow"' }));
  t.match(await messageOf(own, { release: unsigned }), /\| use the release workflow$/);
});

test('evidence and its question are in the inputs, large statements by their digest alone', async (t) => {
  const large = { ...newScan, statement: { ...newScan.statement, padding: 'x'.repeat(70_000) } };
  const world = { security: { attestations: [newScan, large] } };
  const { decision } = await judge({ policySet: scanPolicy, world });
  const [input] = decision.inputs.filter(({ port }) => port === 'images');
  t.match(input, {
    question: { image: pinned, authorities: [/^[0-9a-f]{64}$/] },
    answer: {
      digest,
      authorities: [
        {
          name: 'security',
          attestations: [
            { statement: newScan.statement },
            { statement: { cut: true, bytes: Number, digest: /^sha256:/ } },
          ],
        },
      ],
    },
  });
  t.ok(JSON.stringify(input).length < 70_000, 'and it is not large');
  const cut = { ...newScan, statement: { cut: true, bytes: 1, digest } };
  const replayed = await judge({
    policySet: scanPolicy,
    world: { security: { attestations: [cut] } },
    attempt: { origin: 'record' },
  });
  t.strictSame(told(replayed.decision), ['signed: unknown value-unknown']);
});

test('what could not be verified has the fix of its cause, and trying again where that may help', async (t) => {
  for (const [code, wanted] of [
    ['registry-unreachable', /^try again/],
    ['registry-denied', /imagePullSecrets/],
    ['registry-credentials', /^correct the pull secret/],
    ['image-artefacts-limit', /^delete/],
  ] as const) {
    const { decision } = await judge({ policySet: one, world: { code, message: 'x' } });
    t.match(decision.results[0]?.findings[0]?.remedy, wanted, code);
  }
});
