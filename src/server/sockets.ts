// Opening and closing the sockets. A machine without IPv6 has no `::`; there it means 0.0.0.0.
import type { AddressInfo } from 'node:net';
import type { Diagnostic } from '../base/diagnostic.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Address, formatAddress } from '../config/settings.ts';
import type { App } from './app.ts';
import { late, within } from './within.ts';

type Listener = {
  listen(options: { host: string; port: number }): Promise<string>;
  readonly server: { address(): AddressInfo | string | null };
};

/** The address in use; its port is the one that the system chose when 0 was asked for. */
export async function listen(
  app: Listener,
  address: Address,
): Promise<Result<Address, readonly Diagnostic[]>> {
  const tried = await attempt(app, address);
  if (tried === undefined) return ok(inUse(app, address));
  if (address.host === '::' && (tried.code === 'EAFNOSUPPORT' || tried.code === 'EADDRNOTAVAIL')) {
    return listen(app, { ...address, host: '0.0.0.0' });
  }
  const file = formatAddress(address);
  return err([{ code: 'listen-failed', message: tried.message, file, line: 0, column: 0 }]);
}

async function attempt(
  app: Listener,
  address: Address,
): Promise<{ code: unknown; message: string } | undefined> {
  try {
    await app.listen({ ...address });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return { code: error.code, message: error.message };
  }
}

function inUse({ server }: Listener, asked: Address): Address {
  const found = server.address();
  return typeof found === 'object' && found !== null
    ? { host: found.address, port: found.port }
    : asked;
}

/** Requests in flight are answered; connections that are still open after `ms` milliseconds are cut. */
export async function close(app: App, ms: number): Promise<void> {
  const closed = app.close();
  if ((await within(ms, closed)) !== late) return;
  app.server.closeAllConnections();
  await closed;
}
