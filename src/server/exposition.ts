// The Prometheus text format 0.0.4: counters, histograms and gauges as lines.
const defaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Labels = Readonly<Record<string, string>>;

export function counter(name: string, help: string) {
  const values = new Map<string, number>();
  return {
    add(labels: Labels, n: number): void {
      const key = `${name}${braced(labels)}`;
      values.set(key, (values.get(key) ?? 0) + n);
    },
    lines: (): readonly string[] => [
      ...head(name, help, 'counter'),
      ...[...values].map(([key, value]) => `${key} ${value}`),
    ],
  };
}

export function histogram(name: string, help: string, bounds: readonly number[] = defaultBounds) {
  const buckets = bounds.map(() => 0);
  let sum = 0;
  let count = 0;
  return {
    observe(value: number): void {
      bounds.forEach((bound, i) => {
        if (value <= bound) buckets[i] = (buckets[i] ?? 0) + 1;
      });
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
