// A whole list of the API server, page by page, bounded.
import { get, isArray, isObject, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Api, ApiFault } from './api.ts';
import { textOf } from './object.ts';

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
    const page = await onePage(api, path, { size: pageSize, from: next }, timeout);
    if (!page.ok) return page;
    for (const item of page.value.items) items.push(item);
    if (items.length > most) return err(unusable(`there are more than ${most} objects`));
    const { resourceVersion } = page.value;
    if (resourceVersion === '') return err(unusable('the list has no version'));
    next = page.value.next;
    if (next === '') return ok({ items, resourceVersion });
  }
}

/** `from`: what the page before says; "": the first. */
export type PageQuestion = { readonly size: number; readonly from: string };

/** `next`: "" when it is the last. `remaining`: how many objects follow it, as far as the server says. */
export type Page = Listed & { readonly next: string; readonly remaining: number };

export async function onePage(
  api: Pick<Api, 'get'>,
  path: string,
  { size, from }: PageQuestion,
  timeout: number,
): Promise<Result<Page, ApiFault>> {
  const more = from === '' ? '' : `&continue=${encodeURIComponent(from)}`;
  const page = await api.get(`${path}?limit=${size}${more}`, timeout);
  if (!page.ok) return page;
  const metadata = get(page.value, 'metadata');
  const [next, remaining] = [textOf(metadata, 'continue'), get(metadata, 'remainingItemCount')];
  return ok({
    items: itemsOf(page.value),
    resourceVersion: textOf(metadata, 'resourceVersion'),
    next,
    remaining: typeof remaining === 'number' ? remaining : next === '' ? 0 : 1,
  });
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
