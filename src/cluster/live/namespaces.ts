// Namespaces: from the watch while it is young enough; what it does not know, or when it is too old, is asked for live.
// Upstream: the lister with a live lookup of k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/namespace.
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { quote } from '../../base/text.ts';
import type { Answer, PortFault, Ports } from '../../engine/ports.ts';
import { type Aged, ageFault, momentText } from './aged.ts';
import { liveTimeout } from './live-reads.ts';
import { slim } from './object.ts';

/** INVARIANT: labels that are older than the limit decide nothing. Threat: CVE-2025-46342, a lookup that fails is no
 * namespace without labels: it is a fault. */
export function namespacePort(source: Aged): Ports['namespace'] {
  const { reflector, reads, api, clock, maxAge } = source;
  return async (name) => {
    const { objects, age, at } = reflector.state();
    const known = objects.get(`/${name}`);
    const isYoung = age !== null && age <= maxAge;
    if (known !== undefined && isYoung) return ok({ value: known, at });
    const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
    const moment = momentText(clock);
    const live = await reads.read(path, () => api.get(path, liveTimeout));
    if (live.ok) return ok({ value: slim(live.value), at: moment });
    if (live.error.kind === 'missing') return absent(name);
    if (known !== undefined && age !== null) {
      return err(ageFault('namespaces', age, maxAge, live.error));
    }
    const message = `the namespace ${quote(name)} is not known, and the API server cannot be asked: ${live.error.message}`;
    return err({ code: 'namespace-unavailable', message });
  };
}

function absent(name: string): Result<Answer<JsonObject>, PortFault> {
  const message = `the namespace ${quote(name)} does not exist`;
  return err({ code: 'namespace-unavailable', message });
}
