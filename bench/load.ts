// A closed loop of reviews over keep-alive HTTPS: each connection sends its next review when it has the answer.
// It speaks HTTP/1.1 itself, so that it costs little beside the server it measures. Every answer is checked.
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export type Target = {
  readonly port: number;
  readonly ca: string;
  /** Where reviews are taken, else `/validate`. */
  readonly path?: string;
};

export type Load = {
  readonly connections: number;
  readonly warmUpMs: number;
  readonly ms: number;
};

export type Figures = {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
};

/** Runs the load and gives its figures, times in milliseconds; throws at the first wrong answer. */
export async function drive(target: Target, body: string, load: Load): Promise<Figures> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => dial(target)));
  const start = performance.now();
  const window = { from: start + load.warmUpMs, to: start + load.warmUpMs + load.ms };
  const times = await Promise.all(
    sockets.map((socket, n) => loop(socket, prepare(body, target.path), n, window)),
  );
  for (const socket of sockets) socket.destroy();
  return figures(times.flat(), load.ms);
}

async function dial({ port, ca }: Target): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
  socket.setNoDelay(true);
  await once(socket, 'secureConnect');
  return socket;
}

/** One review of the same kind, whatever the answer. */
export async function ask(target: Target, body: string): Promise<unknown> {
  const socket = await dial(target);
  const reader = createReader(socket);
  socket.write(prepare(body, target.path)('00000000-0000-4000-8000-000000000000'));
  const answer = await reader();
  socket.destroy();
  return JSON.parse(answer.body);
}

type Window = { readonly from: number; readonly to: number };

/** The times of the answers that came within the window. */
async function loop(
  socket: TLSSocket,
  prepared: Prepared,
  n: number,
  window: Window,
): Promise<number[]> {
  const reader = createReader(socket);
  const times: number[] = [];
  for (let i = 0; performance.now() < window.to; i += 1) {
    const uid = `${hex(n, 8)}-0000-4000-8000-${hex(i, 12)}`;
    const sent = performance.now();
    socket.write(prepared(uid));
    check(await reader(), uid);
    const came = performance.now();
    if (came >= window.from && came < window.to) times.push(came - sent);
  }
  return times;
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}

type Prepared = (uid: string) => Buffer;

/** The whole request with another uid each time; a uid always has 36 characters. */
function prepare(body: string, path = '/validate'): Prepared {
  const head = [
    `POST ${path}?timeout=10s HTTP/1.1`,
    'Host: localhost',
    'User-Agent: kube-apiserver-admission',
    'Accept: application/json, */*',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '\r\n',
  ].join('\r\n');
  const bytes = Buffer.from(head + body);
  const at = bytes.indexOf('"uid":"') + '"uid":"'.length;
  return (uid) => {
    bytes.write(uid, at, 'latin1');
    return bytes;
  };
}

type Answer = { readonly status: number; readonly body: string };

/** Gives the next answer of the connection each time it is called; one is awaited at a time. */
function createReader(socket: TLSSocket): () => Promise<Answer> {
  let received = '';
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    received += piece;
    const answer = parseAnswer(received);
    if (answer === undefined || waiting === undefined) return;
    const { resolve } = waiting;
    waiting = undefined;
    received = '';
    resolve(answer);
  });
  const fail = (error: Error): void => waiting?.reject(error);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed a connection')));
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
}

function parseAnswer(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
  const rest = text.slice(end + 4);
  if (length === undefined ? !rest.endsWith('0\r\n\r\n') : rest.length < Number(length)) {
    return undefined;
  }
  return { status: Number(text.slice(9, 12)), body: length === undefined ? joined(rest) : rest };
}

/** What came in chunks: each a length in hexadecimal digits, a line end, as many bytes, a line end. */
function joined(chunks: string): string {
  let body = '';
  for (let at = 0; ; ) {
    const line = chunks.indexOf('\r\n', at);
    const length = Number.parseInt(chunks.slice(at, line), 16);
    if (!(length > 0)) return body;
    body += chunks.slice(line + 2, line + 2 + length);
    at = line + 2 + length + 2;
  }
}

function check({ status, body }: Answer, uid: string): void {
  const { response } = JSON.parse(body);
  if (status !== 200 || response?.allowed !== true || response.uid !== uid) {
    throw new Error(`wrong answer (${status}) to ${uid}: ${body.slice(0, 2_000)}`);
  }
}

/** Exact percentiles: all times are kept. */
function figures(times: readonly number[], ms: number): Figures {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    requests: sorted.length,
    perSecond: (sorted.length * 1000) / ms,
    p50: at(0.5),
    p99: at(0.99),
  };
}
