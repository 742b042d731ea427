// The real cosign, as people run it: keys, signatures and attestations in both formats, keyless against services on
// loopback. Upstream: sigstore/cosign v3, `sign`, `attest`, `import-key-pair`, `signing-config create`.
import { execFile } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '../../../src/base/json.ts';
import { buildCosign } from '../../e2e/programs.ts';
import { identityToken, type Services } from './services.ts';

export const formats = ['legacy', 'bundle'] as const;
export type Format = (typeof formats)[number];

export type Signer =
  | { readonly kind: 'key'; readonly name: string; readonly logged: boolean }
  | { readonly kind: 'keyless' };

type Keys = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export type Cosign = {
  /** From now on a signer may have this name; the answer is the public key as PEM. */
  importKeys(name: string, keys: Keys): Promise<string>;
  /** `image`: `host:port/repository@sha256:…`. */
  sign(image: string, signer: Signer, format: Format): Promise<void>;
  /** `type` as `cosign attest --type` has it. */
  attest(image: string, signer: Signer, format: Format, what: Attested): Promise<void>;
};

export type Attested = { readonly type: string; readonly predicate: JsonObject };

/** As GitHub Actions describes a run of a release workflow. */
export const claims: JsonObject = {
  iss: 'https://token.actions.githubusercontent.com',
  sub: 'https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1.4.0',
  repository: 'acme/shop',
  repository_owner: 'acme',
  ref: 'refs/tags/v1.4.0',
  event_name: 'push',
  workflow: 'release',
};

const always = ['--allow-http-registry', '-y'];

/** Works in a folder of its own, which holds private keys. */
export async function openCosign(work: string, services: Services): Promise<Cosign> {
  const program = await buildCosign();
  const env = {
    HOME: work,
    COSIGN_PASSWORD: '',
    SIGSTORE_ROOT_FILE: join(work, 'fulcio.pem'),
    SIGSTORE_REKOR_PUBLIC_KEY: join(work, 'rekor.pem'),
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: join(work, 'ct.pem'),
  };
  /** Not the synchronous kind: cosign talks to services of this very process. */
  const run = async (args: readonly string[]): Promise<void> => {
    await promisify(execFile)(program, args, { cwd: work, env });
  };
  writeSettings(work, services);
  for (const args of signingConfigs(services.url)) await run(args);
  return {
    async importKeys(name, { publicKey, privateKey }) {
      const secret = join(work, `${name}.pem`);
      writeFileSync(secret, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      await run(['import-key-pair', '-y', '-k', secret, '-o', name]);
      return publicKey.export({ type: 'spki', format: 'pem' }).toString();
    },
    async sign(image, signer, format) {
      const annotations = ['-a', 'env=prod', '-a', 'build=1.4.0'];
      await run([
        'sign',
        ...signing(services.url, signer, format),
        ...annotations,
        ...always,
        image,
      ]);
    },
    async attest(image, signer, format, { type, predicate }) {
      writeFileSync(join(work, 'predicate.json'), JSON.stringify(predicate));
      const what = ['--predicate', 'predicate.json', '--type', type];
      await run(['attest', ...signing(services.url, signer, format), ...what, ...always, image]);
    },
  };
}

/** What cosign reads: the trusted root (the legacy format as three PEM files) and the token. */
function writeSettings(work: string, { trustedRoot, pems }: Services): void {
  const texts = {
    'trusted-root.json': JSON.stringify(trustedRoot),
    'fulcio.pem': pems.ca,
    'rekor.pem': pems.log,
    'ct.pem': pems.ct,
    'token.txt': identityToken(claims),
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(work, name), text);
}

/** Where the services are, and that there are none. */
function signingConfigs(url: string): readonly (readonly string[])[] {
  const create = ['signing-config', 'create', '--out'];
  const since = 'api-version=1,start-time=2024-01-01T00:00:00Z,operator=example.test';
  return [
    [...create, 'no-services.json'],
    [
      ...[...create, 'services.json'],
      ...['--fulcio', `url=${url},${since}`],
      ...['--rekor', `url=${url},${since}`, '--rekor-config', 'ANY'],
      ...['--oidc-provider', `url=${url},${since}`],
    ],
  ];
}

/** The flags that say who signs and in which format. */
function signing(url: string, signer: Signer, format: Format): readonly string[] {
  const who =
    signer.kind === 'key' ? ['--key', `${signer.name}.key`] : ['--identity-token', 'token.txt'];
  const logged = signer.kind === 'keyless' || signer.logged;
  if (format === 'bundle') {
    // With a trusted root cosign checks what it made, and cannot check its own Ed25519.
    const bundle = logged
      ? ['--signing-config', 'services.json', '--trusted-root', 'trusted-root.json']
      : ['--signing-config', 'no-services.json'];
    return [...who, ...bundle];
  }
  const legacy = ['--new-bundle-format=false', '--use-signing-config=false'];
  const urls = ['--fulcio-url', url, '--rekor-url', url];
  return [...who, ...legacy, ...(logged ? urls : ['--tlog-upload=false'])];
}
