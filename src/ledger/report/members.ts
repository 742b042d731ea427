// Members of a record by type. What lies on a disk may be anything: what is not of the type is as if it were not there.
import { get, isArray, isObject, type JsonObject } from '../../base/json.ts';

export function textAt(value: unknown, key: string): string {
  return textOrNullAt(value, key) ?? '';
}

export function textOrNullAt(value: unknown, key: string): string | null {
  const member = get(value, key);
  return typeof member === 'string' ? member : null;
}

/** 0 where there is none. Threat: a count below nothing would make up for others. */
export function numberAt(value: unknown, key: string): number {
  const member = get(value, key);
  return typeof member === 'number' && Number.isFinite(member) && member > 0 ? member : 0;
}

export function textsAt(value: unknown, key: string): readonly string[] {
  const member = get(value, key);
  return isArray(member) ? member.filter((each) => typeof each === 'string') : [];
}

export function objectsAt(value: unknown, key: string): readonly JsonObject[] {
  const member = get(value, key);
  return isArray(member) ? member.filter(isObject) : [];
}
