// A real server on loopback with files of its own, and a client that speaks HTTPS to it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import { makeAuthority, serverNames } from '../../certs/make.ts';
import type { Settings } from '../../src/config/settings.ts';
import { type Replaceable, type RunningServer, startServer } from '../../src/server/start.ts';
import { settingsIn } from './settings.ts';

type Files = Record<string, NonNullable<Parameters<Test['testdir']>[0]>>;

export const denyHostNetwork = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-host-network}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
  validations:
    - expression: "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false"
      message: host network is not for you
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-host-network}
spec: {policyName: no-host-network, validationActions: [Deny]}
`;

export const namespaces = `
apiVersion: v1
kind: Namespace
metadata: {name: capture, labels: {kubernetes.io/metadata.name: capture}}
`;

export type Running = RunningServer & {
  readonly folder: string;
  readonly logged: string[];
  readonly ca: string;
  readonly call: (call: Call) => Promise<Reply>;
  readonly plain: (path: string) => Promise<{ status: number; text: string }>;
};

export type Options = {
  /** Files and folders, as tap's testdir takes them. */
  readonly policies?: Files;
  /** More files beside policies and certificates. */
  readonly files?: Files;
  readonly settings?: (folder: string) => Partial<Settings>;
  readonly replace?: Partial<Replaceable>;
};

/** tap empties the one folder of a test before it fills it again, and a running server reads its files again. */
const folders = new WeakMap<Test, string>();

function folderOf(t: Test, files: Files): string {
  const known = folders.get(t);
  if (known === undefined) {
    // tap removes its folder before what was to be done first, unless that was said before the folder was made.
    t.teardown(() => {});
    const first = t.testdir(files);
    folders.set(t, first);
    return first;
  }
  const folder = mkdtempSync(`${known}-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  place(folder, files);
  return folder;
}

function place(folder: string, files: object): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(path, content);
    else if (typeof content === 'object' && content !== null && !('type' in content)) {
      mkdirSync(path);
      place(path, content);
    } else throw new Error(`${name}: only texts and folders in a second folder of a test`);
  }
}

export async function serve(t: Test, options: Options = {}): Promise<Running> {
  const { policies = { 'policy.yaml': denyHostNetwork }, files = {} } = options;
  const authority = await makeAuthority();
  const { cert, key } = await authority.issue({ commonName: 'sekisho', names: serverNames });
  const objects = { 'namespaces.yaml': namespaces };
  const folder = folderOf(t, { ...files, policies, objects, cert, key });
  const settings = settingsIn(folder, {
    clusterObjects: [join(folder, 'objects')],
    ...options.settings?.(folder),
  });
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const replace = { pollEvery: 20, ...options.replace };
  const started = await startServer(settings, { log, engineVersion: 'test', replace });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const server = started.value;
  const agent = new Agent({ keepAlive: true, ca: authority.certificate });
  t.teardown(async () => {
    agent.destroy();
    await server.stop();
  });
  const { port } = server.address;
  return {
    ...server,
    folder,
    logged,
    ca: authority.certificate,
    call: (call) => send({ agent, port, ...call }),
    async plain(path) {
      const response = await fetch(`http://127.0.0.1:${server.metricsAddress.port}${path}`);
      return { status: response.status, text: await response.text() };
    },
  };
}

export type Call = {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends the body in pieces, without a Content-Length. */
  readonly chunked?: boolean;
  readonly agent?: Agent;
};

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; empty when it is none. */
  readonly json: Answered;
  readonly localPort: number | undefined;
};

export type Answered = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly response?: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: Readonly<Record<string, string>>;
  };
  readonly code?: string;
  readonly message?: string;
};

const json = { 'content-type': 'application/json' };

export function send(call: Call & { readonly port: number }): Promise<Reply> {
  const { body = '', path = '/validate', method = 'POST', headers = json, agent, port } = call;
  return new Promise((resolve, reject) => {
    const length = call.chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      ...(agent === undefined ? {} : { agent }),
      headers: method === 'GET' ? {} : { ...headers, ...length },
    });
    sent.on('response', (response) => {
      const { localPort } = response.socket;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, text, json: parsed(text), localPort });
      });
    });
    sent.on('error', reject);
    if (call.chunked) sent.write('');
    sent.end(method === 'GET' ? undefined : body);
  });
}

function parsed(text: string): Answered {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const reviews = join(import.meta.dirname, '../fixtures/reviews');

/** A recorded body, with fields of its object's spec replaced. */
export function podReview(spec: object = {}, request: object = {}): string {
  const review = JSON.parse(readFileSync(join(reviews, 'pod-create-apply.json'), 'utf8'));
  Object.assign(review.request.object.spec, spec);
  Object.assign(review.request, request);
  return JSON.stringify(review);
}

export const podUid = 'df963d50-e631-490d-8159-2dcaa11603c6';

/** What was said of an answer in one line, for tables. */
export function outcome({ status, json }: Reply): string {
  if (json.response === undefined) return `${status} ${json.code ?? ''}`.trim();
  const code = /\((\S+)\)$/m.exec(json.response.status?.message ?? '')?.[1];
  return `${status} ${json.response.allowed ? 'allowed' : 'denied'}${code === undefined ? '' : ` ${code}`}`;
}

/** Asks again and again until the answer is the wanted one; tap's own limit ends it otherwise. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
