// Who is let in to a fake registry: by name and password, or by a token that its token endpoint gives out.
// Upstream: https://distribution.github.io/distribution/spec/auth/token/
import type { ServerResponse } from 'node:http';
import type { Asked } from './server.ts';

export type Access =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** `users` null: everybody gets a token. `realm`: where the challenge sends, else to the registry itself. */
  | {
      readonly kind: 'bearer';
      readonly users: { readonly username: string; readonly password: string } | null;
      readonly realm?: string;
      /** What the token endpoint says, instead of a token. */
      readonly says?: string;
    };

const token = 'the-token-of-the-fake-registry';

export function isLetIn(access: Access, { authorization }: Asked): boolean {
  if (access.kind === 'basic') return authorization === basic(access);
  return authorization === `Bearer ${token}`;
}

export function refuseEntry(
  access: Access,
  origin: string,
  asked: Asked,
  response: ServerResponse,
): void {
  response.setHeader('www-authenticate', challenge(access, origin, asked));
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end('{"errors":[{"code":"UNAUTHORIZED"}]}');
}

function challenge(access: Access, origin: string, { path }: Asked): string {
  if (access.kind === 'basic') return 'Basic realm="fake"';
  const [, repository = ''] = /^\/v2\/(.+)\/(?:manifests|blobs|referrers)\//.exec(path) ?? [];
  const realm = access.realm ?? `${origin}/token`;
  return `Bearer realm="${realm}",service="fake",scope="repository:${repository}:pull"`;
}

/** Anonymous where everybody gets a token; else by Basic. */
export function answerToken(access: Access, asked: Asked, response: ServerResponse): void {
  if (access.kind !== 'bearer') {
    response.writeHead(404).end();
    return;
  }
  if (access.users !== null && asked.authorization !== basic(access.users)) {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(access.says ?? JSON.stringify({ token, expires_in: 300 }));
}

export function basic(user: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
}
