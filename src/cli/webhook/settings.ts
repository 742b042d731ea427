// The flags of `webhook`, read strictly: whatever is wrong with any of them is told at once.

import { readFile } from 'node:fs/promises';
import { messageOf } from '../../base/cause.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Registration, WebhookClient } from '../../policy/registration/configuration.ts';
import type { Flags } from '../command.ts';
import { flagFault, listFlag, switchFlag, textFlag } from '../flags.ts';

export type WebhookSettings = {
  readonly policies: readonly string[];
  readonly output: 'yaml' | 'json';
  readonly registration: Registration;
};

const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const service = /^([^/:]+)\/([^/:]+)(?::(\d{1,5}))?$/;

/** A webhook is asked again and again while it is slow: under three seconds a busy cluster refuses what it should not. */
const [minTimeout, maxTimeout] = [3, 30];

export async function webhookSettings(
  flags: Flags,
): Promise<Result<WebhookSettings, readonly Diagnostic[]>> {
  const faults: Diagnostic[] = [];
  const note = (flag: string, message: string, fix?: string): void =>
    void faults.push(flagFault(flag, message, fix));
  const ca = await caOf(flags, note);
  const client = clientOf(flags, ca, note);
  const timeoutSeconds = timeoutOf(flags, note);
  const certManager = certManagerOf(flags, ca, note);
  const excludedNamespaces = excludedOf(flags, client, note);
  const output = textFlag(flags, 'output') ?? 'yaml';
  if (output !== 'yaml' && output !== 'json') note('--output', 'must be yaml or json');
  if (faults.length > 0) return err(faults);
  const policies = listFlag(flags, 'policies');
  return ok({
    policies: policies.length === 0 ? ['policies'] : policies,
    output: output === 'json' ? 'json' : 'yaml',
    registration: {
      name: textFlag(flags, 'name') ?? 'sekisho',
      ...{ client, timeoutSeconds, excludedNamespaces, certManager },
      adminGroups: listFlag(flags, 'adminGroup'),
    },
  });
}

type Note = (flag: string, message: string, fix?: string) => void;

async function caOf(flags: Flags, note: Note): Promise<string | null> {
  const file = textFlag(flags, 'caBundle');
  if (file === undefined) return null;
  try {
    const text = await readFile(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    note('--ca-bundle', `${file} holds no certificate in PEM`);
  } catch (cause) {
    note('--ca-bundle', `cannot be read: ${messageOf(cause)}`);
  }
  return null;
}

function clientOf(flags: Flags, ca: string | null, note: Note): WebhookClient {
  const url = textFlag(flags, 'url');
  const text = textFlag(flags, 'service');
  if (url !== undefined) {
    if (text !== undefined) note('--url', 'cannot stand beside --service');
    if (!isHttps(url)) note('--url', 'must be https://HOST[:PORT][/PATH] without query or user');
    return { kind: 'url', url, ca };
  }
  const [, namespace = '', name = '', port = '443'] = service.exec(text ?? 'sekisho/sekisho') ?? [];
  const fits = dnsLabel.test(namespace) && dnsLabel.test(name);
  const inRange = Number(port) > 0 && Number(port) < 65_536;
  if (!fits || !inRange) note('--service', 'must be NAMESPACE/NAME or NAMESPACE/NAME:PORT');
  return { kind: 'service', namespace, name, port: Number(port), ca };
}

function isHttps(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:') return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function timeoutOf(flags: Flags, note: Note): number {
  const text = textFlag(flags, 'timeout') ?? '10';
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= minTimeout && seconds <= maxTimeout) return seconds;
  note(
    '--timeout',
    `must be ${minTimeout} to ${maxTimeout} seconds: one that is shorter refuses what a busy cluster only answers late`,
  );
  return minTimeout;
}

function certManagerOf(flags: Flags, ca: string | null, note: Note): string | null {
  const text = textFlag(flags, 'certManager');
  if (text === undefined) return null;
  if (ca !== null)
    note('--cert-manager', 'cannot stand beside --ca-bundle: one of them gives the CA');
  if (!/^[^/]+\/[^/]+$/.test(text)) note('--cert-manager', 'must be NAMESPACE/CERTIFICATE');
  return text;
}

function excludedOf(flags: Flags, client: WebhookClient, note: Note): readonly string[] {
  const named = listFlag(flags, 'excludeNamespace');
  for (const name of named) {
    if (!dnsLabel.test(name)) note('--exclude-namespace', `${name} is no name of a namespace`);
  }
  const own = client.kind === 'service' ? [client.namespace] : [];
  const system = switchFlag(flags, 'includeKubeSystem') ? [] : ['kube-system'];
  const all = [...new Set([...own, ...system, ...named])];
  if (all.length > 0) return all;
  note(
    '--exclude-namespace',
    'with --url and --include-kube-system no namespace is left out',
    'name the namespace that Sekisho runs in',
  );
  return all;
}
