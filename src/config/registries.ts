// What the operator says of registries, from a Configuration, flags, files and the environment, as the client wants it.
import { X509Certificate } from 'node:crypto';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { FieldPath } from '../base/field-path.ts';
import { get, isArray, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';
import { parseDockerConfig } from '../images/registry/credentials.ts';
import { isHost } from '../images/registry/endpoint.ts';
import type { Credentials } from '../images/registry/registry.ts';
import {
  defaultRegistrySettings,
  type HostSettings,
  hostSettings,
  type ProxySettings,
  type RegistrySettings,
} from '../images/registry/settings.ts';
import { readFile } from '../yaml/files.ts';

/** One host of `registries`, its files not read yet. */
export type RegistryHost = Omit<HostSettings, 'ca'> & { readonly caFile: string | null };

/** What flags and a Configuration say together. */
export type RegistryFiles = {
  readonly registries: readonly RegistryHost[];
  /** Hosts that are asked over plain HTTP. */
  readonly insecureRegistry: readonly string[];
  /** Path of a docker config.json. */
  readonly registryConfig: string | null;
  /** Whether the pull secrets of pods are read from the live cluster. */
  readonly pullSecrets: boolean;
};

/** What a server has that says nothing of registries. */
export const noRegistries: RegistryFiles = {
  registries: [],
  insecureRegistry: [],
  registryConfig: null,
  pullSecrets: false,
};

/** Once its schema holds. `note` is told what is wrong at a path below `registries`. */
export function registriesOf(
  value: JsonValue | undefined,
  note: (path: FieldPath, message: string) => void,
): readonly RegistryHost[] {
  const hosts = (isArray(value) ? value : []).map(registryOf);
  for (const [i, { host, mirror, tokenHosts }] of hosts.entries()) {
    const places: readonly (readonly [FieldPath, string])[] = [
      [[i, 'host'], host],
      ...(mirror === null ? [] : [[[i, 'mirror'], mirror.split('/')[0] ?? ''] as const]),
      ...tokenHosts.map((each, k) => [[i, 'tokenHosts', k], each] as const),
    ];
    for (const [path, text] of places) {
      if (!isHost(text)) note(path, `${quote(text)} is not HOST or HOST:PORT`);
    }
    if (hosts.findIndex((each) => each.host === host) < i) {
      note([i, 'host'], `there is another entry for ${quote(host)}`);
    }
  }
  return hosts;
}

function registryOf(value: JsonValue): RegistryHost {
  const [host, caFile, mirror] = ['host', 'caFile', 'mirror'].map((key) => textAt(value, key));
  const tokenHosts = get(value, 'tokenHosts');
  return {
    host: host ?? '',
    insecure: get(value, 'insecure') === true,
    caFile: caFile ?? null,
    mirror: mirror ?? null,
    mirrorOnly: get(value, 'mirrorOnly') === true,
    tokenHosts: isArray(tokenHosts) ? tokenHosts.map(String) : [],
  };
}

function textAt(value: JsonValue, key: string): string | null {
  const member = get(value, key);
  return typeof member === 'string' ? member : null;
}

/** Reads the files. */
export async function readRegistries(
  { registries, insecureRegistry, registryConfig }: Omit<RegistryFiles, 'pullSecrets'>,
  proxy: ProxySettings,
  apiServers: readonly string[],
): Promise<Result<RegistrySettings, readonly Diagnostic[]>> {
  const named = await Promise.all(registries.map(withCa));
  const credentials = registryConfig === null ? ok(null) : await dockerConfig(registryConfig);
  const faults = [...named, credentials].flatMap((each) => (each.ok ? [] : [each.error]));
  if (faults.length > 0) return err(faults);
  const hosts = new Map(named.flatMap((each) => (each.ok ? [[each.value.host, each.value]] : [])));
  for (const host of insecureRegistry) {
    hosts.set(host, { ...(hosts.get(host) ?? hostSettings(host)), insecure: true });
  }
  return ok({
    ...defaultRegistrySettings,
    hosts: [...hosts.values()],
    credentials: credentials.ok ? credentials.value : null,
    proxy,
    apiServers,
  });
}

async function withCa({
  caFile,
  ...host
}: RegistryHost): Promise<Result<HostSettings, Diagnostic>> {
  if (caFile === null) return ok({ ...host, ca: null });
  const read = await readFile(caFile);
  if (!read.ok) return read;
  const ca = read.value.text;
  if (isCertificate(ca)) return ok({ ...host, ca });
  const message = `holds no certificate that registry ${quote(host.host)} could be trusted by`;
  return err({ code: 'tls-unusable', message, file: caFile, line: 0, column: 0 });
}

/** Node says nothing of a CA that it cannot read, and trusts nobody by it. */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

async function dockerConfig(path: string): Promise<Result<Credentials, Diagnostic>> {
  const read = await readFile(path);
  if (!read.ok) return read;
  const parsed = parseDockerConfig(read.value.text, path);
  return parsed.ok ? parsed : err({ ...parsed.error, file: path, line: 0, column: 0 });
}
