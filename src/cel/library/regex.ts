// Regular expressions of RE2: matches, find and findAll, in linear time by re2js.
// Upstream: cel-spec "matches"; k8s.io/apiserver/pkg/cel/library/regex.go.
import { type Call, library } from '../function.ts';
import { Pattern } from '../pattern.ts';
import { CelError, type Value } from '../value.ts';
import { find as findCost, typedMatch } from './cost.ts';

function matches(text: string, source: string, call: Call): Value {
  const pattern = call.pattern(source);
  if (!(pattern instanceof Pattern)) return pattern;
  const plain = pattern.plain?.(text);
  if (plain !== undefined) return call.spend(text.length / 4) && plain;
  return spent(pattern, text, call) && pattern.matches(text);
}

/** Threat: linear in text times pattern is still long when both are. */
function spent(pattern: Pattern, text: string, call: Call): boolean {
  return call.spend((text.length + 1) * pattern.weight);
}

function findAll(text: string, source: string, limit: number, call: Call): Value {
  const pattern = call.pattern(source);
  if (pattern instanceof CelError) return new CelError(`Illegal regex: ${pattern.message}`);
  const found: string[] = [];
  if (!(pattern instanceof Pattern && spent(pattern, text, call))) return found;
  const matcher = pattern.re2.matcher(text);
  let end = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    if (!call.spend(1)) break;
    const match = matcher.group() ?? '';
    // As Go: nothing is found a second time where a match has just ended.
    if (match !== '' || matcher.start() !== end) found.push(match);
    end = matcher.end();
  }
  return found;
}

function find(text: string, source: string, call: Call): Value {
  const found = findAll(text, source, 1, call);
  return Array.isArray(found) ? (found[0] ?? '') : found;
}

// biome-ignore format: a table
export const regex = library([
  ['string.matches(string): bool',              'core', typedMatch, matches],
  ['matches(string, string): bool',             'core', typedMatch, matches],
  ['string.find(string): string',               '1.23', findCost,   find],
  ['string.findAll(string): list<string>',      '1.23', findCost,   (s: string, p: string, c: Call) => findAll(s, p, -1, c)],
  ['string.findAll(string, int): list<string>', '1.23', findCost,   findAll],
]);
