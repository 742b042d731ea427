// A signed image in registries that show it only to who logs in: Debian's docker-registry twice before one storage, one
// with a password file and one with a token server. Upstream: distribution/docs/content/spec/auth/token.md.
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { makeAuthority } from '../../certs/make.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { openCosign } from '../images/corpus/cosign.ts';
import { pushImage, startRegistry } from '../images/corpus/registry-program.ts';
import { startServices } from '../images/corpus/services.ts';
import { freePort, start, until } from './processes.ts';

/** Begins every password of these tests. */
export const canary = 'canary-2c81d0';

/** Who may read all; anybody else may log in to nothing. */
export const login = { username: 'kubelet', password: `${canary}-good` } as const;
/** As a Secret has it, and a header. */
export const encoded = Buffer.from(`${login.username}:${login.password}`).toString('base64');

/** As `htpasswd -B` writes it: another password wants another hash. */
const htpasswdLine = `${login.username}:$2y$05$sekisho.e2e.registrieeCzCw3udCLa8J9OknIjPs4XyYx2srJFi\n`;

export type PrivateRegistries = {
  /** Asks for a name and password. */
  readonly basic: string;
  /** Asks for a token, which `tokens` gives to the same name and password. */
  readonly bearer: string;
  readonly tokens: string;
  /** The tokens that were given out. */
  given(): readonly string[];
  /** PEM. */
  readonly publicKey: string;
  /** An image that the holder of the key has signed: `repository@sha256:…`, the same in both. */
  readonly image: string;
};

type Front = { readonly folder: string; readonly name: string; readonly auth: JsonObject };

export async function startPrivateRegistries(t: Test): Promise<PrivateRegistries> {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-e2e-private-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const signed = await signedImage(t, folder);
  const passwords = join(folder, 'htpasswd');
  writeFileSync(passwords, htpasswdLine);
  const htpasswd = { realm: 'e2e', path: passwords };
  const { tokens, given, token } = await startTokens(t, folder);
  return {
    ...signed,
    basic: await startFront(t, { folder, name: 'basic', auth: { htpasswd } }),
    bearer: await startFront(t, { folder, name: 'bearer', auth: { token } }),
    ...{ tokens, given: () => given },
  };
}

/** Through a registry that asks nobody and is gone before the others come. */
async function signedImage(
  t: Test,
  folder: string,
): Promise<Pick<PrivateRegistries, 'publicKey' | 'image'>> {
  const services = await startServices();
  t.teardown(() => services.close());
  const open = await startRegistry(folder);
  t.teardown(() => open.stop());
  const cosign = await openCosign(folder, services);
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = await cosign.importKeys('release', keys);
  const image = `shop/web@${await pushImage(`${open.host}/shop/web`, '1.4', 'amd64')}`;
  const release = { kind: 'key', name: 'release', logged: false } as const;
  await cosign.sign(`${open.host}/${image}`, release, 'bundle');
  open.stop();
  return { publicKey, image };
}

async function startFront(t: Test, { folder, name, auth }: Front): Promise<string> {
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, `${name}.yml`);
  const settings = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'registry') } },
    http: { addr: host, secret: 'e2e' },
    auth,
  };
  writeFileSync(config, JSON.stringify(settings));
  const program = start('docker-registry', ['serve', config], join(folder, `${name}.log`));
  t.teardown(() => program.stop());
  await until(`the registry ${name}`, 30, async () => {
    return (await fetch(`http://${host}/v2/`)).status === 401;
  });
  return host;
}

const [service, issuer] = ['e2e registry', 'e2e tokens'];

/** Gives out tokens to pull what is asked for; where they are had, and what the registry must know of them. */
async function startTokens(
  t: Test,
  folder: string,
): Promise<{
  readonly tokens: string;
  readonly given: readonly string[];
  readonly token: JsonObject;
}> {
  const authority = await makeAuthority('e2e tokens');
  const identity = await authority.issue({ commonName: issuer });
  const rootcertbundle = join(folder, 'tokens.crt');
  writeFileSync(rootcertbundle, authority.certificate);
  const given: string[] = [];
  const server = createServer((request, response) => {
    if (request.headers.authorization !== `Basic ${encoded}`)
      return void response.writeHead(401).end();
    const token = tokenFor(request, identity);
    given.push(token);
    response.end(JSON.stringify({ token }));
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close().closeAllConnections());
  const tokens = `127.0.0.1:${port}`;
  return {
    ...{ tokens, given },
    token: { realm: `http://${tokens}/token`, service, issuer, rootcertbundle },
  };
}

function tokenFor(
  { url = '' }: IncomingMessage,
  { cert, key }: { readonly cert: string; readonly key: string },
): string {
  const [type, name] = (URL.parse(url, 'http://tokens')?.searchParams.get('scope') ?? '').split(
    ':',
  );
  const now = Math.floor(Date.now() / 1000);
  const header = {
    ...{ typ: 'JWT', alg: 'ES256' },
    x5c: [new X509Certificate(cert).raw.toString('base64')],
  };
  const claims = {
    ...{ iss: issuer, sub: 'e2e', aud: service, jti: String(now) },
    ...{ iat: now, nbf: now - 10, exp: now + 300 },
    access: [{ type, name, actions: ['pull'] }],
  };
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
