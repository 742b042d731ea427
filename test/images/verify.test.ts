// Which signatures and attestations of the real cosign count under which authority, and whom an identity names.
import { test } from 'tap';
import type { Authority } from '../../src/images/model.ts';
import {
  attachedTo,
  exact,
  imageOf,
  issuer,
  keyed,
  keyless,
  localRoot,
  pattern,
  provenanceType,
  rootWith,
  scanType,
  subject,
} from './corpus/corpus.ts';
import { evidenceOf, verdict } from './corpus/verdict.ts';

const both = { predicateTypes: [scanType, provenanceType] };
const attested = `attested: ${scanType} ${provenanceType}`;
const logged = { transparencyLog: localRoot };
const stamped = { timestamps: localRoot };

const accepted: readonly (readonly [repository: string, authority: Authority, verdict: string])[] =
  [
    ...['p256', 'p384', 'p521', 'rsa', 'ed25519'].flatMap((name) => [
      [`${name}/legacy`, keyed(name), 'signed'] as const,
      [`${name}/bundle`, keyed(name), 'signed'] as const,
    ]),
    ...['legacy', 'bundle'].flatMap((format) => [
      [`index/${format}`, keyed('p256'), 'signed'] as const,
      [`logged/${format}`, keyed('p256', logged), 'signed'] as const,
      [`logged/${format}`, keyed('p256'), 'signed'] as const,
      [`attested/${format}`, keyed('p256', both), attested] as const,
      [`attested/${format}`, keyed('p256'), 'nothing'] as const,
      [`keyless/${format}`, keyless(), 'signed'] as const,
      [`keyless/${format}`, keyless({}, logged), 'signed'] as const,
      [`keyless/${format}`, keyless({}, both), attested] as const,
      [`keyless/${format}`, keyless({ insecureIgnoreSCT: true }), 'signed'] as const,
    ]),
    ['p384/bundle', keyed(['rsa', 'p384']), 'signed'],
    ['stamped', keyless(), 'signed'],
    ['stamped', keyless({}, stamped), 'signed'],
    ['stamped', keyless({ trustRoot: rootWith({ tlogs: [] }) }), 'signed'],
    ['unsigned', keyed('p256'), 'nothing'],
  ];

for (const [repository, authority, expected] of accepted) {
  const asks = `${authority.signers.kind} ${authority.predicateTypes.length} ${authority.transparencyLog?.name ?? ''}`;
  test(`what the real cosign made: ${repository} under ${asks}: ${expected}`, async (t) => {
    const found = verdict(await attachedTo(repository), authority, imageOf(repository));
    t.equal(found, expected);
  });
}

test('what is known of a keyless signature is what its certificate and the log say', async (t) => {
  const [signature] = evidenceOf(
    await attachedTo('keyless/bundle'),
    keyless(),
    imageOf('keyless/bundle'),
  ).signatures;
  t.match(signature, {
    format: 'bundle',
    issuer,
    subject,
    annotations: { env: 'prod', build: '1.4.0' },
    signedAt: /^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/,
    logIndex: /^\d+$/,
    extensions: { issuer, githubWorkflowRepository: 'acme/shop', buildTrigger: 'push' },
  });
});

test('a signature by a bare key names that key, and no time that nobody vouches for', async (t) => {
  const [signature] = evidenceOf(
    await attachedTo('logged/legacy'),
    keyed('p256'),
    imageOf('logged/legacy'),
  ).signatures;
  t.match(signature, { format: 'legacy', issuer: null, subject: null, signedAt: null });
  t.match(signature, { logIndex: null, annotations: { env: 'prod', build: '1.4.0' } });
  t.match(signature?.key, /^[0-9a-f]{64}$/);
  const [seen] = evidenceOf(
    await attachedTo('logged/legacy'),
    keyed('p256', logged),
    imageOf('logged/legacy'),
  ).signatures;
  t.match(seen, { signedAt: /^2\d{3}-/, logIndex: /^\d+$/ }, 'with a log that was asked for');
});

test('an attestation carries its whole statement', async (t) => {
  const [scan] = evidenceOf(
    await attachedTo('attested/bundle'),
    keyed('p256', { predicateTypes: [scanType] }),
    imageOf('attested/bundle'),
  ).attestations;
  t.match(scan, {
    predicateType: scanType,
    statement: { predicate: { metadata: { scanFinishedOn: '2026-11-20T10:00:30Z' } } },
  });
});

const someone = { issuer: exact(issuer), subject: exact('https://github.com/acme/other') };
const byIdentity = (
  issuerText: string | null,
  subjectRule: ReturnType<typeof exact | typeof pattern>,
) =>
  keyless({
    identities: [{ issuer: issuerText === null ? null : exact(issuerText), subject: subjectRule }],
  });

const identities: readonly (readonly [rule: string, authority: Authority, verdict: string])[] = [
  ['another subject', keyless({ identities: [someone] }), 'image-signature-identity'],
  [
    'any of several',
    keyless({ identities: [someone, { issuer: exact(issuer), subject: null }] }),
    'signed',
  ],
  [
    'another issuer',
    byIdentity('https://accounts.example.com', exact(subject)),
    'image-signature-identity',
  ],
  [
    'a subject that only begins like it',
    byIdentity(issuer, exact(`${subject}.1`)),
    'image-signature-identity',
  ],
  [
    'a subject that is a part of it',
    byIdentity(issuer, exact('https://github.com/acme')),
    'image-signature-identity',
  ],
  [
    'an exact subject with a dot for another letter',
    byIdentity(issuer, exact(subject.replace('shop', 'sh.p'))),
    'image-signature-identity',
  ],
  [
    'an issuer with a dot for another letter',
    byIdentity(issuer.replace('token', 't.ken'), exact(subject)),
    'image-signature-identity',
  ],
  ['a pattern is not anchored, as in cosign', byIdentity(issuer, pattern('acme/shop')), 'signed'],
  [
    'an anchored pattern of a part',
    byIdentity(issuer, pattern('^acme/shop$')),
    'image-signature-identity',
  ],
  [
    'a pattern with an escaped dot',
    byIdentity(null, pattern('^https://github\\.com/acme/shop/')),
    'signed',
  ],
  [
    'upper case is another subject',
    byIdentity(issuer, exact(subject.toUpperCase())),
    'image-signature-identity',
  ],
];

for (const [rule, authority, expected] of identities) {
  test(`identity: ${rule}: ${expected}`, async (t) => {
    t.equal(
      verdict(await attachedTo('keyless/bundle'), authority, imageOf('keyless/bundle')),
      expected,
    );
  });
}

test('a wrong identity is told with who was wanted and who was found', async (t) => {
  const authority = keyless({ identities: [someone] });
  const [rejected] = evidenceOf(
    await attachedTo('keyless/bundle'),
    authority,
    imageOf('keyless/bundle'),
  ).rejected;
  t.ok(
    rejected?.message.includes(JSON.stringify(subject)),
    rejected?.message ?? 'nothing is rejected',
  );
  t.ok(
    rejected?.message.includes('"https://github.com/acme/other"'),
    rejected?.message ?? 'nothing is rejected',
  );
});
