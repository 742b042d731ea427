// A Sigstore of one's own, on loopback: certificate authority, transparency logs and timestamp authority of
// @sigstore/mock, with what cosign expects of the real ones and the mock leaves out.
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from '@sigstore/mock';
import { get, type JsonObject } from '../../../src/base/json.ts';

type Keys = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
type Answer = { readonly status: number; readonly body: Buffer };
type Route = (body: string, request: IncomingMessage) => Promise<Answer>;

export type Services = {
  readonly url: string;
  readonly trustedRoot: JsonObject;
  /** Certificate of the authority, keys of the logs: how cosign takes them for the legacy format. */
  readonly pems: { readonly ca: string; readonly log: string; readonly ct: string };
  close(): void;
};

/** Its certificates and keys are new each time; `clock`: what time it is to all of its services, else the true one. */
export async function startServices(clock?: Date): Promise<Services> {
  const [caKeys, ctKeys, logKeys, tsaKeys] = [ecKeys(), ecKeys(), ecKeys(), ecKeys()];
  const ca = await initializeCA(caKeys, await initializeCTLog(ctKeys, clock), clock);
  const log = await initializeTLog(logUrl, logKeys, clock);
  const tsaClock = wholeSecond(clock);
  const tsa = await initializeTSA(tsaKeys, tsaClock);
  const [fulcio, rekor, stamps] = [fulcioHandler(ca), rekorHandler(log), tsaHandler(tsa)];
  const routes = new Map<string, Route>([
    [fulcio.path, async (body, asked) => reply(await fulcio.fn(withToken(body, asked)), 200)],
    [rekor.path, async (body) => reply(await rekor.fn(canonicalEntry(body)), 201)],
    [
      stamps.path,
      async (body) => {
        tsaClock.setTime(wholeSecond(clock).getTime());
        return reply(await stamps.fn(body), 201);
      },
    ],
  ]);
  const server = createServer((request, response) => void serve(routes, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const certificates = {
    ca: [der(ca.rootCertificate)],
    tsa: [der(tsa.intCertificate), der(tsa.rootCertificate)],
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trustedRoot: trustedRoot(certificates, ctKeys, logKeys),
    pems: {
      ca: `-----BEGIN CERTIFICATE-----\n${certificates.ca[0]}\n-----END CERTIFICATE-----\n`,
      log: spkiPem(logKeys),
      ct: spkiPem(ctKeys),
    },
    close: () => server.close(),
  };
}

const logUrl = 'https://rekor.example.test';

/** The library's reader of timestamps takes whole seconds or three digits of a fraction, nothing between. */
function wholeSecond(clock = new Date()): Date {
  return new Date(Math.floor(clock.getTime() / 1000) * 1000);
}

function ecKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

export function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function der(view: ArrayBufferView): string {
  return bytesOf(view).toString('base64');
}

function spkiPem({ publicKey }: Keys): string {
  return publicKey.export({ format: 'pem', type: 'spki' }).toString();
}

function reply(
  handled: { readonly statusCode: number; readonly response: string | ArrayBufferView },
  whenCreated: number,
): Answer {
  const { statusCode, response } = handled;
  const body = typeof response === 'string' ? Buffer.from(response) : bytesOf(response);
  return { status: statusCode === 201 ? whenCreated : statusCode, body };
}

/** cosign sends its token as a bearer, the mock looks for it in the body. */
function withToken(body: string, { headers }: IncomingMessage): string {
  const token = headers.authorization?.replace(/^Bearer /, '');
  const asked = JSON.parse(body);
  return JSON.stringify(
    token === undefined ? asked : { ...asked, credentials: { oidcIdentityToken: token } },
  );
}

/** Rekor logs the hashes and signatures of a proposed envelope, not the envelope. */
function canonicalEntry(body: string): string {
  const asked = JSON.parse(body);
  const proposed = asked.spec?.proposedContent;
  if (asked.kind !== 'dsse' || proposed === undefined) return body;
  const envelope = JSON.parse(proposed.envelope);
  const spec = {
    envelopeHash: hashed(Buffer.from(proposed.envelope)),
    payloadHash: hashed(Buffer.from(envelope.payload, 'base64')),
    signatures: envelope.signatures.map(({ sig }: { sig: string }, index: number) => ({
      signature: sig,
      verifier: proposed.verifiers[index],
    })),
  };
  return JSON.stringify({ ...asked, spec });
}

function hashed(bytes: Uint8Array): JsonObject {
  return { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') };
}

async function serve(
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const route = routes.get((request.url ?? '').replace(/\?.*/, ''));
  if (route === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { status, body } = await route(Buffer.concat(chunks).toString(), request);
  response.writeHead(status, { 'content-type': 'application/json', ...locationOf(body) }).end(body);
}

/** Rekor names a new entry by its uuid in two headers. */
function locationOf(body: Buffer): Record<string, string> {
  if (body[0] !== 0x7b) return {};
  const [uuid = ''] = Object.keys(JSON.parse(body.toString()));
  return { etag: uuid, location: `/api/v1/log/entries/${uuid}` };
}

type Certificates = { readonly ca: readonly string[]; readonly tsa: readonly string[] };

function trustedRoot({ ca, tsa }: Certificates, ct: Keys, log: Keys): JsonObject {
  const authority = (name: string, chain: readonly string[]): JsonObject => ({
    subject: { organization: 'example.test', commonName: name },
    uri: `https://${name}.example.test`,
    certChain: { certificates: chain.map((rawBytes) => ({ rawBytes })) },
    validFor,
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logInstance(logUrl, log)],
    certificateAuthorities: [authority('fulcio', ca)],
    ctlogs: [logInstance('https://ct.example.test', ct)],
    timestampAuthorities: [authority('tsa', tsa)],
  };
}

const validFor = { start: '2020-01-01T00:00:00Z' };

function logInstance(baseUrl: string, { publicKey }: Keys): JsonObject {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const keyId = createHash('sha256').update(spki).digest('base64');
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: spki.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor,
    },
    logId: { keyId },
  };
}

/** A token as GitHub Actions has it, signed by nobody. */
export function identityToken(claims: JsonObject): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: JsonObject): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = { aud: 'sigstore', iat: now, exp: now + 3600, ...claims };
  const subject = get(body, 'sub');
  if (typeof subject !== 'string') throw new Error('the claims have no sub');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(body)}.${Buffer.from('none').toString('base64url')}`;
}
