// The watched cluster in the Prometheus text format. Labels are kinds that policies name, and closed sets.
import { apiFaultKinds } from '../cluster/live/api.ts';
import type { WatchedState } from '../cluster/live/live.ts';
import { type Gap, gapKinds } from '../policy/registration/gaps.ts';

type Watched = readonly (readonly [what: string, states: readonly WatchedState['state'][]])[];

/** `gaps`: null when the webhook configurations are not known. */
export function clusterMetrics(
  states: readonly WatchedState[],
  reads: { readonly made: number; readonly failed: number },
  gaps: readonly Gap[] | null,
): string {
  const watched: Watched = [...Map.groupBy(states, ({ what }) => what)].map(([what, all]) => [
    what,
    all.map(({ state }) => state),
  ]);
  const total = (name: string, of: (state: WatchedState['state']) => number): readonly string[] =>
    watched.map(([what, all]) => {
      const sum = all.reduce((n, state) => n + of(state), 0);
      return `${name}{what="${escaped(what)}"} ${sum}`;
    });
  return [
    ...head('age_seconds', 'gauge', 'Since the API server last vouched for what is known.'),
    ...watched.map(
      ([what, all]) => `sekisho_cluster_age_seconds{what="${escaped(what)}"} ${oldest(all)}`,
    ),
    ...head('objects', 'gauge', 'Objects that are held.'),
    ...total('sekisho_cluster_objects', ({ objects }) => objects.size),
    ...head('watch_restarts_total', 'counter', 'Watches that ended, as they do, or failed.'),
    ...total('sekisho_cluster_watch_restarts_total', ({ restarts }) => restarts),
    ...head('errors_total', 'counter', 'Lists and watches that failed.'),
    ...watched.flatMap(([what, all]) =>
      apiFaultKinds.map((kind) => {
        const sum = all.reduce((n, { errors }) => n + errors[kind], 0);
        return `sekisho_cluster_errors_total{what="${escaped(what)}",cause="${kind}"} ${sum}`;
      }),
    ),
    ...head('live_reads_total', 'counter', 'Reads that a request waited for.'),
    `sekisho_cluster_live_reads_total{result="answered"} ${reads.made - reads.failed}`,
    `sekisho_cluster_live_reads_total{result="failed"} ${reads.failed}`,
    '# HELP sekisho_webhook_gaps What webhook configurations leave out of what policies match, or do otherwise.',
    '# TYPE sekisho_webhook_gaps gauge',
    ...gapKinds.map((kind) => {
      const n = gaps?.filter((gap) => gap.kind === kind).length ?? 'NaN';
      return `sekisho_webhook_gaps{kind="${kind}"} ${n}`;
    }),
    '',
  ].join('\n');
}

/** What was never had is infinitely old. */
function oldest(all: readonly WatchedState['state'][]): string {
  const ages = all.map(({ age }) => age ?? Number.POSITIVE_INFINITY);
  const most = Math.max(0, ...ages);
  return Number.isFinite(most) ? (most / 1000).toFixed(1) : '+Inf';
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP sekisho_cluster_${name} ${help}`, `# TYPE sekisho_cluster_${name} ${type}`];
}

/** Kinds are identifiers and group names; a policy file may say anything. */
function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9./ _-]/g, '_');
}
