// The object that was asked for: of an update what it changes, then the object as it is recorded.

import { pathIn } from '../../base/field-path.ts';
import type { JsonObject } from '../../base/json.ts';
import { get, getIn, isArray, isObject, type JsonValue } from '../../base/json.ts';
import { applyPatch, diff, type PatchOperation } from '../../base/json-patch.ts';
import { jsonText } from '../../base/json-text.ts';
import { cut } from '../../base/text.ts';
import { textAt } from '../../ledger/report/members.ts';

const mostLines = 120;
const mostChanges = 60;
const longestValue = 160;

export function objectLines(record: JsonObject): readonly string[] {
  const attempt = get(record, 'attempt');
  const object = get(attempt, 'object') ?? null;
  const old = oldObjectOf(object, get(attempt, 'oldObject') ?? null);
  if (isDigest(object)) return [digestText(object)];
  if (object === null) {
    return old === null ? [] : ['it is deleted; before:', ...bodyLines(old)];
  }
  if (old === null || isDigest(old)) return bodyLines(object);
  return [...changeLines(old, object), ...bodyLines(object)];
}

/** The difference is kept where it is shorter: docs/records.md. */
function oldObjectOf(object: JsonValue, old: JsonValue): JsonValue {
  const patch = get(old, 'patch');
  if (!isObject(old) || !isArray(patch) || Object.keys(old).length !== 1) return old;
  const before = applyPatch(object, patch.flatMap(operationOf));
  return before.ok ? before.value : null;
}

function operationOf(value: JsonValue): readonly PatchOperation[] {
  const op = textAt(value, 'op');
  const path = textAt(value, 'path');
  const own = get(value, 'value');
  if (op !== 'add' && op !== 'remove' && op !== 'replace') return [];
  return [{ op, path, ...(own === undefined ? {} : { value: own }) }];
}

function changeLines(old: JsonValue, object: JsonValue): readonly string[] {
  const changes = diff(old, object);
  if (changes.length === 0) return ['nothing changes'];
  const shown = changes.slice(0, mostChanges).map(({ op, path, value }) => {
    const before = valueText(at(old, path));
    const after = valueText(value ?? null);
    if (op === 'add') return `  + ${path}: ${after}`;
    return op === 'remove'
      ? `  - ${path}: was ${before}`
      : `  ~ ${path}: ${before} becomes ${after}`;
  });
  const more = changes.length > mostChanges ? [`  and ${changes.length - mostChanges} more`] : [];
  return ['changes:', ...shown, ...more, 'as it would be:'];
}

function at(value: JsonValue, pointer: string): JsonValue {
  return getIn(value, pathIn(value, pointer)) ?? null;
}

function valueText(value: JsonValue): string {
  return cut(jsonText(value), longestValue);
}

function bodyLines(value: JsonValue): readonly string[] {
  const lines = jsonText(value, 2).split('\n');
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `… ${lines.length - mostLines} more lines: -o jsonl`];
}

/** What is kept of what was too large. */
function isDigest(value: JsonValue): boolean {
  return get(value, 'cut') === true && typeof get(value, 'digest') === 'string';
}

function digestText(value: JsonValue): string {
  return `too large to keep: ${String(get(value, 'bytes'))} bytes, ${textAt(value, 'digest')}`;
}
