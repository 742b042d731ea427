// A whole list of the API server, page by page, bounded.
import { get, getIn, isArray, isObject, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Api, ApiFault } from './api.ts';

export type Listed = {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: string;
};

const pageSize = 500;
/** More objects than this of one kind are no params, and no namespaces of a cluster that works. */
const most = 100_000;

/** `timeout`: milliseconds for each page. */
export async function pages(
  api: Pick<Api, 'get'>,
  path: string,
  timeout: number,
): Promise<Result<Listed, ApiFault>> {
  const items: JsonObject[] = [];
  let next = '';
  for (;;) {
    const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const page = await api.get(`${path}?limit=${pageSize}${more}`, timeout);
    if (!page.ok) return page;
    for (const item of itemsOf(page.value)) items.push(item);
    if (items.length > most) return err(unusable(`there are more than ${most} objects`));
    const token = getIn(page.value, ['metadata', 'continue']);
    const resourceVersion = getIn(page.value, ['metadata', 'resourceVersion']);
    if (typeof resourceVersion !== 'string') return err(unusable('the list has no version'));
    if (typeof token !== 'string' || token === '') return ok({ items, resourceVersion });
    next = token;
  }
}

/** Items of a list do not say what they are: the list does. */
function itemsOf(list: JsonObject): readonly JsonObject[] {
  const [items, kind] = [get(list, 'items'), get(list, 'kind')];
  const apiVersion = get(list, 'apiVersion') ?? '';
  const own = typeof kind === 'string' ? kind.replace(/List$/, '') : '';
  if (!isArray(items)) return [];
  return items.filter(isObject).map((item) => ({ apiVersion, kind: own, ...item }));
}

function unusable(message: string): ApiFault {
  return { kind: 'other', message, retryAfter: null };
}
