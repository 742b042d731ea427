// Denials and exceptions used, told to people: by rule and namespace, once in a window, never more often than is bearable,
// and never for dry runs. What is told no more one by one is counted, and in the ledger in any case.
import { err, ok, type Result } from '../../../base/result.ts';
import { fault, post, readSecret } from '../post.ts';
import type { SlackSettings } from '../settings.ts';
import type { Batch, Sink, SinkFault } from '../sink.ts';
import { alertsOf } from './slack-alerts.ts';
import { messageText } from './slack-text.ts';

export type SlackPorts = {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

const timeoutMs = 15_000;
/** What is older is news no more. */
const freshMs = 3_600_000;
/** Rules and namespaces that are remembered; of more the oldest is told again too early. */
const mostRemembered = 2000;

type Told = { readonly at: number; readonly quiet: number };

export function slackSink(settings: SlackSettings, { now, sleep }: SlackPorts): Sink {
  const told = new Map<string, Told>();
  let lastPost = Number.NEGATIVE_INFINITY;
  let staleTold: number | undefined;
  let untoldStale = 0;

  function remember(key: string, value: Told): void {
    told.delete(key);
    told.set(key, value);
    const oldest = told.size > mostRemembered ? told.keys().next().value : undefined;
    if (oldest !== undefined) told.delete(oldest);
  }

  /** Nothing is remembered before it was taken: the batch may come again. */
  async function send(batch: Batch, signal: AbortSignal): Promise<Result<void, SinkFault>> {
    const { alerts, stale } = alertsOf(batch, now() - freshMs);
    const due = alerts.filter(({ key }) => isDue(told.get(key)?.at));
    const keys = new Set(due.map(({ key }) => key));
    const older = isDue(staleTold) ? untoldStale + stale : 0;
    if (due.length > 0 || older > 0) {
      await sleep(Math.max(0, lastPost + settings.everyMs - now()), signal);
      const quiet = (key: string): number => told.get(key)?.quiet ?? 0;
      const sent = await tell(messageText(batch.replica, due, { quiet, older }), signal);
      if (!sent.ok) return sent;
      lastPost = now();
    }
    untoldStale = older > 0 ? 0 : untoldStale + stale;
    if (older > 0) staleTold = now();
    for (const { key, count } of alerts) {
      const before = told.get(key);
      if (before === undefined || keys.has(key)) remember(key, { at: now(), quiet: 0 });
      else remember(key, { at: before.at, quiet: before.quiet + count });
    }
    return ok(undefined);
  }

  function isDue(at: number | undefined): boolean {
    return at === undefined || now() - at >= settings.windowMs;
  }

  async function tell(text: string, signal: AbortSignal): Promise<Result<void, SinkFault>> {
    if (signal.aborted) return fault('again', 'timeout', 'stopped');
    const url = await readSecret(settings.urlFile);
    if (!url.ok) return err(url.error);
    // The URL is the secret: no message holds it.
    if (!isWebhook(url.value)) {
      return fault('halt', 'settings', `${settings.urlFile} does not hold an https URL`);
    }
    const body = { text, mrkdwn: false, link_names: false, unfurl_links: false };
    return post(
      {
        url: url.value,
        headers: { 'content-type': 'application/json', 'user-agent': 'sekisho' },
        body: Buffer.from(JSON.stringify(body)),
        tls: { caFile: settings.caFile, certFile: null, keyFile: null },
        timeoutMs,
        now,
      },
      signal,
    );
  }

  return { send, close: async () => {} };
}

function isWebhook(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}
