// What a broken or hostile registry does instead of answering. Nothing here ends by itself: whoever asks must end it.
import type { ServerResponse } from 'node:http';

type Headers = Readonly<Record<string, string>>;

export type Trick =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Headers;
      readonly body?: string;
    }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: 301 | 302 | 307 | 308 }
  /** Other bytes, as if they were the ones that were asked for. */
  | { readonly kind: 'bytes'; readonly bytes: string; readonly headers?: Headers }
  /** Neither a status nor anything else. */
  | { readonly kind: 'hang' }
  /** One byte a second. */
  | { readonly kind: 'drip'; readonly headers?: Headers }
  /** Without a length, for as long as it is read. */
  | { readonly kind: 'endless'; readonly headers?: Headers }
  /** Says how long it is, and is. */
  | { readonly kind: 'large'; readonly size: number; readonly headers?: Headers }
  /** Says that it is longer than it is. */
  | {
      readonly kind: 'short';
      readonly said: number;
      readonly bytes: string;
      readonly headers?: Headers;
    }
  | { readonly kind: 'reset' };

const block = Buffer.alloc(64 * 1024, 0x20);

export function misbehave(trick: Trick, response: ServerResponse): void {
  switch (trick.kind) {
    case 'status':
      response.writeHead(trick.status, trick.headers).end(trick.body ?? '');
      return;
    case 'redirect':
      response.writeHead(trick.status ?? 307, { location: trick.to }).end();
      return;
    case 'bytes':
      response.writeHead(200, trick.headers).end(trick.bytes);
      return;
    case 'hang':
      return;
    case 'drip':
      response.writeHead(200, trick.headers);
      drip(response);
      return;
    case 'endless':
      response.writeHead(200, trick.headers);
      pour(response, Number.POSITIVE_INFINITY);
      return;
    case 'large':
      response.writeHead(200, { ...trick.headers, 'content-length': trick.size });
      pour(response, trick.size);
      return;
    case 'short':
      response.writeHead(200, { ...trick.headers, 'content-length': trick.said });
      response.write(trick.bytes, () => response.destroy());
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
  }
}

function drip(response: ServerResponse): void {
  response.write('{');
  const timer = setInterval(() => response.write(' '), 1000);
  response.on('close', () => clearInterval(timer));
}

function pour(response: ServerResponse, size: number): void {
  let left = size;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const part = left < block.length ? block.subarray(0, left) : block;
      left -= part.length;
      if (!response.write(part)) return;
    }
    if (left <= 0) response.end();
  };
  response.on('drain', more);
  more();
}
