// What the ledger holds of the pods that were sent: what was judged, the texts of the in-tree checks, and the patches.
import { get, getIn, isArray, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import type { PatchOperation } from '../../../src/base/json-patch.ts';
import type { RuleResult } from '../../../src/model/decision.ts';
import { decisionsIn } from '../scene.ts';
import { ephemeralOf } from './asking.ts';

export type Recorded = {
  /** As the API server sent it: with its defaults. */
  readonly object: JsonObject;
  readonly allowed: boolean;
  /** `reason (detail)` of all failing checks, as the in-tree plugin joins them. */
  readonly text: string;
  /** Of all findings, in order. */
  readonly patch: readonly PatchOperation[];
};

/** By the name of the pod, or of the container that debugs it; the last where there are several. */
export async function readRecords(ledger: string): Promise<ReadonlyMap<string, Recorded>> {
  const records = new Map<string, Recorded>();
  for (const record of await decisionsIn(ledger)) {
    const object = getIn(record, ['attempt', 'object']) as JsonObject;
    const results = getIn(record, ['decision', 'results']);
    const failed = (isArray(results) ? (results as readonly JsonValue[]) : [])
      .map((each) => each as RuleResult & JsonObject)
      .filter(({ mode, evaluation }) => mode === 'enforce' && evaluation === 'fail');
    records.set(idOf(object), {
      object,
      allowed: getIn(record, ['decision', 'allowed']) === true,
      text: failed.map(({ message }) => message).join(', '),
      patch: failed.flatMap(({ findings }) => findings.flatMap(({ patch }) => patch)),
    });
  }
  return records;
}

function idOf(object: JsonObject): string {
  const [debugging] = ephemeralOf(object);
  return String(get(debugging, 'name') ?? getIn(object, ['metadata', 'name']));
}
