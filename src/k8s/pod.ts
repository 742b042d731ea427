// A Pod as far as our controls read it. Upstream: k8s.io/api/core/v1/types.go.
// Threat: a field of the wrong type (`privileged: "true"`) must not pass for one that is unset.
import { formatPath } from '../base/field-path.ts';
import { isArray, isObject, type JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { bool, int, list, misfit, object, type Shape, text, texts } from './shape.ts';

type Maybe<T> = T | null | undefined;
type Typed = { readonly type?: Maybe<string> };

export type SeLinuxOptions = Typed & {
  readonly user?: Maybe<string>;
  readonly role?: Maybe<string>;
};

export type SecurityContext = {
  readonly privileged?: Maybe<boolean>;
  readonly allowPrivilegeEscalation?: Maybe<boolean>;
  readonly runAsNonRoot?: Maybe<boolean>;
  readonly runAsUser?: Maybe<number | bigint>;
  readonly procMount?: Maybe<string>;
  readonly capabilities?: Maybe<{
    readonly add?: Maybe<readonly string[]>;
    readonly drop?: Maybe<readonly string[]>;
  }>;
  readonly seLinuxOptions?: Maybe<SeLinuxOptions>;
  readonly seccompProfile?: Maybe<Typed>;
  readonly appArmorProfile?: Maybe<Typed>;
  readonly windowsOptions?: Maybe<{ readonly hostProcess?: Maybe<boolean> }>;
  readonly sysctls?: Maybe<readonly { readonly name?: Maybe<string> }[]>;
};

type Hosted = { readonly host?: Maybe<string> };
export type Handler = { readonly httpGet?: Maybe<Hosted>; readonly tcpSocket?: Maybe<Hosted> };

export type Container = {
  readonly name?: Maybe<string>;
  readonly image?: Maybe<string>;
  readonly ports?: Maybe<readonly { readonly hostPort?: Maybe<number> }[]>;
  readonly securityContext?: Maybe<SecurityContext>;
  readonly livenessProbe?: Maybe<Handler>;
  readonly readinessProbe?: Maybe<Handler>;
  readonly startupProbe?: Maybe<Handler>;
  readonly lifecycle?: Maybe<{
    readonly postStart?: Maybe<Handler>;
    readonly preStop?: Maybe<Handler>;
  }>;
};

/** Its sources stand beside its name, under their own keys. */
export type Volume = { readonly name?: Maybe<string> } & JsonObject;

export type PodSpec = {
  readonly hostNetwork?: Maybe<boolean>;
  readonly hostPID?: Maybe<boolean>;
  readonly hostIPC?: Maybe<boolean>;
  readonly hostUsers?: Maybe<boolean>;
  readonly os?: Maybe<{ readonly name?: Maybe<string> }>;
  readonly runtimeClassName?: Maybe<string>;
  readonly securityContext?: Maybe<SecurityContext>;
  readonly initContainers?: Maybe<readonly Container[]>;
  readonly containers?: Maybe<readonly Container[]>;
  readonly ephemeralContainers?: Maybe<readonly Container[]>;
  readonly volumes?: Maybe<readonly Volume[]>;
};

export type Pod = {
  readonly metadata: { readonly annotations?: Maybe<Readonly<Record<string, string>>> };
  readonly spec: PodSpec;
};

const typed = object({ type: text });
const securityContext = object({
  privileged: bool,
  allowPrivilegeEscalation: bool,
  runAsNonRoot: bool,
  runAsUser: int,
  procMount: text,
  capabilities: object({ add: list(text), drop: list(text) }),
  seLinuxOptions: object({ type: text, user: text, role: text }),
  seccompProfile: typed,
  appArmorProfile: typed,
  windowsOptions: object({ hostProcess: bool }),
  sysctls: list(object({ name: text })),
});
const handler = object({ httpGet: object({ host: text }), tcpSocket: object({ host: text }) });
const container = object({
  name: text,
  image: text,
  ports: list(object({ hostPort: int })),
  securityContext,
  livenessProbe: handler,
  readinessProbe: handler,
  startupProbe: handler,
  lifecycle: object({ postStart: handler, preStop: handler }),
});

/** Every field that a control reads is here: a test holds the two together. */
export const podShape: Shape = object({
  metadata: object({ annotations: texts }),
  spec: object({
    hostNetwork: bool,
    hostPID: bool,
    hostIPC: bool,
    hostUsers: bool,
    os: object({ name: text }),
    runtimeClassName: text,
    securityContext,
    initContainers: list(container),
    containers: list(container),
    ephemeralContainers: list(container),
    volumes: list(object({ name: text })),
  }),
});

/** The same object, known to have the types that it must; a sentence with the path where it has not. */
export function readPod(value: JsonObject): Result<Pod, string> {
  const pod = isObject(value['metadata']) ? value : { ...value, metadata: value['metadata'] ?? {} };
  return isPod(pod) ? ok(pod) : err(faultOf(pod) ?? '');
}

/** The one place where the checked shape becomes the type. */
function isPod(value: JsonObject): value is JsonObject & Pod {
  return faultOf(value) === undefined;
}

function faultOf(value: JsonObject): string | undefined {
  const found = misfit(value, podShape) ?? (isObject(value['spec']) ? undefined : noSpec);
  if (found !== undefined) return `${formatPath(found.path)} must be ${found.wanted}`;
  return nullItems(value);
}

const noSpec = { path: ['spec'], wanted: 'an object' };

/** A null in a list of containers or volumes is nothing that could be judged. */
function nullItems({ spec }: JsonObject): string | undefined {
  for (const key of ['initContainers', 'containers', 'ephemeralContainers', 'volumes']) {
    const items = isObject(spec) ? spec[key] : undefined;
    if (isArray(items) && items.includes(null)) return `spec.${key} must not hold null`;
  }
  return undefined;
}
