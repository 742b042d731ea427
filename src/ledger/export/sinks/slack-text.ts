// Alerts as one short message. Threat: names, users and rules come from whoever sends an object. Nothing in them pings
// anybody, becomes a link or a format, or makes the message long. https://api.slack.com/reference/surfaces/formatting
import { count, cut, plural, printable } from '../../../base/text.ts';
import { withoutCredentials } from '../../../redact/detectors.ts';
import type { Alert } from './slack-alerts.ts';

const mostAlerts = 10;

export type Quiet = {
  /** How often the alert came since it was told last. */
  readonly quiet: (key: string) => number;
  /** From before an hour ago, not told one by one. */
  readonly older: number;
};

export function messageText(
  replica: string,
  alerts: readonly Alert[],
  { quiet, older }: Quiet,
): string {
  const shown = alerts.slice(0, mostAlerts);
  const more = alerts.length - shown.length;
  return [
    `Sekisho ${safe(replica, 80)}`,
    ...shown.map((alert) => line(alert, quiet(alert.key))),
    ...(more > 0 ? [`and ${more} more ${plural(more, 'rule')}: the ledger has them`] : []),
    ...(older > 0 ? [`${count(older, 'older record')} of that kind: the ledger has them`] : []),
  ].join('\n');
}

function line(alert: Alert, quiet: number): string {
  const { what, rule, namespace, count: times, example } = alert;
  const where = namespace === '' ? '' : ` in ${safe(namespace, 63)}`;
  const by = rule === '' ? '' : ` ${what === 'denied' ? 'by' : 'from'} ${safe(rule, 120)}`;
  const often = times === 1 ? '' : `, ${times} times`;
  const before = quiet === 0 ? '' : ` (and ${quiet} more since it was told last)`;
  return `${what}${by}${where}${often}: ${safe(example, 200)}${before}`;
}

/** `<!channel>` and named links need `<`. A bare `@name`, by which other receivers of such hooks ping, and a bare address,
 * which Slack makes a link of without being asked, end at a zero-width space. */
function safe(text: string, most: number): string {
  return cut(printable(withoutCredentials(text)), most)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':\u200b//');
}
