// The pods of a namespace, listed when somebody asks and not before: at most so many, in at most so much time. Nothing of
// them is kept: who changes the labels of a namespace waits for it, and nobody else.
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import type { InventoryQuestion, Ports } from '../../engine/ports.ts';
import { type Aged, momentText } from './aged.ts';
import type { ApiFault } from './api.ts';
import { type Moment, since } from './clock.ts';
import { onePage } from './list.ts';

type Source = Pick<Aged, 'api' | 'clock' | 'reads'>;
type Found = { readonly pods: readonly JsonObject[]; readonly total: number };

const pageSize = 250;

export function inventoryPort(source: Source): NonNullable<Ports['inventory']> {
  const { clock, reads } = source;
  return async (question) => {
    const started = clock.now();
    const at = momentText(clock);
    const listed = await reads.read(JSON.stringify(question), () =>
      list(source, question, started),
    );
    if (listed.ok) return ok({ value: listed.value.pods, total: listed.value.total, at });
    const what = `the pods of namespace ${quote(question.namespace)} cannot be listed`;
    return err({ code: 'inventory-unavailable', message: `${what}: ${listed.error.message}` });
  };
}

/** What was read when the limit or the time is reached; a fault when that is nothing. */
async function list(
  { api, clock }: Source,
  { namespace, limit, within }: InventoryQuestion,
  started: Moment,
): Promise<Result<Found, ApiFault>> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const pods: JsonObject[] = [];
  let [from, remaining] = ['', 0];
  do {
    const size = Math.min(pageSize, limit - pods.length);
    // A timeout is a whole number.
    const left = Math.max(1, Math.floor(within - since(clock, started)));
    const page = await onePage(api, path, { size, from }, left);
    if (!page.ok && pods.length === 0) return page;
    if (!page.ok) break;
    pods.push(...page.value.items);
    ({ next: from, remaining } = page.value);
  } while (from !== '' && pods.length < limit && since(clock, started) < within);
  return ok({ pods, total: pods.length + remaining });
}
