// The API server over HTTPS without kubectl, for what is asked a thousand times: JSON in, status and JSON out.
import { Agent, request } from 'node:https';

export type ApiAnswer = {
  readonly status: number;
  readonly body: unknown;
  /** Texts of the Warning headers. */
  readonly warnings: readonly string[];
};

export type Api = {
  get(path: string): Promise<ApiAnswer>;
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  close(): void;
};

export type ApiOptions = { readonly port: number; readonly ca: string; readonly token: string };

export function apiClient({ port, ca, token }: ApiOptions): Api {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 8 });
  const send: Api['send'] = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(text === undefined
          ? {}
          : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
      };
      const options = { host: '127.0.0.1', port, path, method, agent, headers, timeout: 30_000 };
      const asked = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, rawHeaders } = response;
          const warnings = warningsOf(rawHeaders);
          resolve({ status: statusCode, body: parsed(Buffer.concat(chunks).toString()), warnings });
        });
      });
      asked.on('timeout', () => asked.destroy(new Error('the API server did not answer in time')));
      asked.on('error', reject);
      asked.end(text);
    });
  return { get: (path) => send('GET', path), send, close: () => agent.destroy() };
}

/** `299 - "text"`, once for each header. */
function warningsOf(headers: readonly string[]): string[] {
  const values = headers.filter(
    (_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'warning',
  );
  return values.map((value) =>
    (/^299 - "(.*)"$/s.exec(value)?.[1] ?? value).replace(/\\(.)/g, '$1'),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
