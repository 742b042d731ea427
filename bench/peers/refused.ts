// What every server that holds Pod Security's restricted level must refuse before it is measured: the body of the benchmark,
// each time with one thing changed.
import { isAllowed, type Server } from './servers.ts';

type Fields = { [key: string]: unknown };
type Pod = Fields & {
  metadata: Fields & { annotations: Fields };
  spec: Fields & { containers: [Container, ...Container[]]; volumes?: Fields[] };
};
type Container = Fields & { securityContext: Fields };

const changes: Readonly<Record<string, (pod: Pod) => unknown>> = {
  hostNetwork: ({ spec }) => (spec['hostNetwork'] = true),
  hostPID: ({ spec }) => (spec['hostPID'] = true),
  hostPort: ({ spec }) => (spec.containers[0]['ports'] = [{ containerPort: 80, hostPort: 80 }]),
  'host of a probe': ({ spec }) =>
    (spec.containers[0]['livenessProbe'] = { httpGet: { port: 80, host: '10.0.0.1' } }),
  privileged: context({ privileged: true, allowPrivilegeEscalation: true }),
  allowPrivilegeEscalation: context({ allowPrivilegeEscalation: undefined }),
  'added capability': context({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }),
  'capabilities not dropped': context({ capabilities: {} }),
  'init container': ({ spec }) => (spec['initContainers'] = [{ name: 'init', image: 'a/b' }]),
  procMount: context({ procMount: 'Unmasked' }),
  seLinuxOptions: context({ seLinuxOptions: { type: 'spc_t' } }),
  'user of seLinuxOptions': context({ seLinuxOptions: { user: 'system_u' } }),
  sysctl: ({ spec }) =>
    (spec['securityContext'] = { sysctls: [{ name: 'kernel.msgmax', value: '1' }] }),
  'AppArmor annotation': ({ metadata }) =>
    (metadata.annotations['container.apparmor.security.beta.kubernetes.io/web'] = 'unconfined'),
  appArmorProfile: context({ appArmorProfile: { type: 'Unconfined' } }),
  hostPath: ({ spec }) =>
    (spec.volumes = [{ name: 'tmp', hostPath: { path: '/' } }, ...(spec.volumes ?? [])]),
  runAsNonRoot: context({ runAsNonRoot: undefined }),
  'runAsNonRoot false': context({ runAsNonRoot: false }),
  runAsUser: context({ runAsUser: 0 }),
  'no seccompProfile': context({ seccompProfile: undefined }),
  seccompProfile: context({ seccompProfile: { type: 'Unconfined' } }),
};

export const refusedCount = Object.keys(changes).length;

/** Throws the name of the first change that it allows. */
export async function proveRefusals(server: Server, review: string): Promise<void> {
  for (const [name, change] of Object.entries(changes)) {
    if ((await isAllowed(server, changed(review, change))) !== false) {
      throw new Error(`${server.name} does not refuse ${name}`);
    }
  }
}

/** A pod that every set of policies refuses: it shares the network of its node. */
export function withHostNetwork(review: string): string {
  return changed(review, ({ spec }) => (spec['hostNetwork'] = true));
}

function changed(review: string, change: (pod: Pod) => unknown): string {
  const made = JSON.parse(review);
  change(made.request.object);
  return JSON.stringify(made);
}

function context(fields: Fields): (pod: Pod) => unknown {
  return ({ spec }) => Object.assign(spec.containers[0].securityContext, fields);
}
