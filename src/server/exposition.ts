// The Prometheus text format 0.0.4: counters, histograms and gauges as lines.
const defaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Labels = Readonly<Record<string, string>>;

export function counter(name: string, help: string) {
  const all = new Map<string, { value: number }>();
  /** What is counted for every request asks for its labels once. */
  const of = (labels: Labels) => {
    const key = `${name}${braced(labels)}`;
    const one = all.get(key) ?? { value: 0 };
    all.set(key, one);
    return (n: number): void => {
      one.value += n;
    };
  };
  return {
    of,
    add: (labels: Labels, n: number): void => of(labels)(n),
    lines: (): readonly string[] => [
      ...head(name, help, 'counter'),
      ...[...all].map(([key, { value }]) => `${key} ${value}`),
    ],
  };
}

export function histogram(name: string, help: string, bounds: readonly number[] = defaultBounds) {
  const buckets = bounds.map(() => 0);
  let sum = 0;
  let count = 0;
  return {
    observe(value: number): void {
      // From the widest: most values are small, and fit in nearly all.
      for (let i = bounds.length - 1; i >= 0 && value <= (bounds[i] ?? 0); i--) {
        buckets[i] = (buckets[i] ?? 0) + 1;
      }
      sum += value;
      count += 1;
    },
    lines: (): readonly string[] => [
      ...head(name, help, 'histogram'),
      ...bounds.map((bound, i) => `${name}_bucket{le="${bound}"} ${buckets[i]}`),
      `${name}_bucket{le="+Inf"} ${count}`,
      `${name}_sum ${sum}`,
      `${name}_count ${count}`,
    ],
  };
}

export function gauge(
  name: string,
  help: string,
  labels: Labels,
  value: number,
): readonly string[] {
  return [...head(name, help, 'gauge'), `${name}${braced(labels)} ${value}`];
}

function head(name: string, help: string, type: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function braced(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
