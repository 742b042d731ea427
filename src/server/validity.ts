// From when until when certificates may be used, by the wall clock: a machine that slept wakes up to the time of day.
import type { Chain } from './pem.ts';

/** Milliseconds since the epoch. */
export type Validity = { readonly from: number; readonly until: number };

/** `early`: not yet valid. `ending`: so little is left that a renewal is late. */
export type Phase = 'early' | 'valid' | 'ending' | 'expired';

const day = 24 * 60 * 60 * 1000;
/** cert-manager renews when a third is left; its file takes a minute or two to arrive. */
const lastPart = 1 / 4;
/** For authorities that live for years. */
const longestEnding = 30 * day;

/** Of a server's certificate and what it is sent with: all of them must be valid. */
export function chainValidity(chain: Chain): Validity {
  const each = chain.map(validityOf);
  return {
    from: Math.max(...each.map(({ from }) => from)),
    until: Math.min(...each.map(({ until }) => until)),
  };
}

/** Of authorities that stand side by side while one takes over from another: until the first of the valid ones ends. */
export function bundleValidity(bundle: Chain, now: number): Validity {
  const each = bundle.map(validityOf);
  const valid = each.filter(({ from, until }) => from <= now && now < until);
  if (valid.length === 0) return last(each);
  return valid.reduce((a, b) => (b.until < a.until ? b : a));
}

export function phaseAt({ from, until }: Validity, now: number): Phase {
  if (now < from) return 'early';
  if (now >= until) return 'expired';
  return until - now < Math.min((until - from) * lastPart, longestEnding) ? 'ending' : 'valid';
}

function last(each: readonly Validity[]): Validity {
  return each.reduce((a, b) => (b.until > a.until ? b : a));
}

function validityOf({ validFrom, validTo }: Chain[number]): Validity {
  return { from: Date.parse(validFrom), until: Date.parse(validTo) };
}
