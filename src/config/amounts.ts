// Amounts as Kubernetes' users write them: `64Mi` of bytes, `90s`, `15m`, `1h` or `30d` of time.
const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};
const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Bytes; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^([1-9]\d{0,14})(Ki|Mi|Gi|Ti)?$/.exec(text) ?? [];
  return amount(digits, unitBytes[unit]);
}

/** Milliseconds; undefined for anything else. */
export function parsePeriod(text: string): number | undefined {
  const [, digits, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  return amount(digits, unitMs[unit]);
}

function amount(digits: string | undefined, unit: number | undefined): number | undefined {
  const value = Number(digits) * (unit ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : undefined;
}
