// find and findAll. Upstream: k8s.io/apiserver/pkg/cel/library/regex.go.
import { RE2JS } from 're2js';
import { type Call, library } from '../function.ts';
import type { Value } from '../value.ts';

function findAll(text: string, source: string, limit: number, call: Call): Value {
  if (!call.spend(Math.ceil(text.length / 10) * Math.max(1, Math.ceil(source.length / 4))))
    return [];
  const compiled = call.pattern(source);
  if (!(compiled instanceof RE2JS)) return compiled;
  const found: string[] = [];
  const matcher = compiled.matcher(text);
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    if (!call.spend(1)) break;
    found.push(matcher.group() ?? '');
  }
  return found;
}

function find(text: string, source: string, call: Call): Value {
  const found = findAll(text, source, 1, call);
  return Array.isArray(found) ? (found[0] ?? '') : found;
}

// biome-ignore format: a table
export const regex = library([
  ['string.find(string): string',              find],
  ['string.findAll(string): list<string>',     (s: string, p: string, c: Call) => findAll(s, p, -1, c)],
  ['string.findAll(string, int): list<string>', findAll],
]);
