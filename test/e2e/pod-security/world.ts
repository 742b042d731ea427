// Two namespaces for each level and version, with the same labels: in one the API server's own Pod Security admission
// enforces them, from the other it keeps away and only our webhook does. Each holds a pod that is debugged.
import type { Level } from '../../../src/pss/types.ts';
import { minimalPod } from '../../pss/generated/pods.ts';
import type { Api } from '../api.ts';
import { untilAccounts } from '../cluster.ts';

/** Of the API server that is built here: its newest version. */
export const newestOfServer = 36;

/** Where it is enforced by whom. */
export type Side = 'in-tree' | 'ours';
export type Held = { readonly level: Exclude<Level, 'privileged'>; readonly version: number };

export const held: readonly Held[] = (['baseline', 'restricted'] as const).flatMap((level) =>
  Array.from({ length: newestOfServer + 1 }, (_, version) => ({ level, version })),
);

export const namespaceOf = (side: Side, { level, version }: Held): string =>
  `${side}-${level}-${version}`;

/** To be exempt from the in-tree plugin. */
export const ourNamespaces: readonly string[] = held.map((each) => namespaceOf('ours', each));

export const debugged = 'debugged';

export async function makeWorld(api: Api): Promise<void> {
  const all = held.flatMap((each) =>
    (['in-tree', 'ours'] as const).map((side) => ({ ...each, namespace: namespaceOf(side, each) })),
  );
  await Promise.all(
    all.map(async ({ level, version, namespace }) => {
      const labels = {
        'pod-security.kubernetes.io/enforce': level,
        'pod-security.kubernetes.io/enforce-version': `v1.${version}`,
      };
      await created(api, '/api/v1/namespaces', { metadata: { name: namespace, labels } });
      await untilAccounts({ api }, [namespace]);
      const pod = { ...minimalPod({ level, version }), metadata: { name: debugged } };
      await created(api, `/api/v1/namespaces/${namespace}/pods`, pod);
    }),
  );
}

async function created(api: Api, path: string, object: object): Promise<void> {
  const { status, body } = await api.send('POST', path, object);
  if (status !== 201) throw new Error(`${path}: ${JSON.stringify(body)}`);
}
