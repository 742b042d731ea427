// Attempt: one normalised admission request. Nothing after the door knows whether it came over HTTPS,
// from a manifest, a test case or a record.
import type { JsonObject } from '../base/json.ts';
import type { GroupVersionKind, GroupVersionResource } from '../k8s/gvk.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
export const operations: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

export type Origin = 'webhook' | 'manifest' | 'case' | 'record' | 'inventory';

export type UserInfo = {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
};

export type Attempt = {
  readonly uid: string;
  readonly origin: Origin;
  readonly operation: Operation;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  /** "" when there is none. */
  readonly subResource: string;
  readonly requestKind: GroupVersionKind;
  readonly requestResource: GroupVersionResource;
  readonly requestSubResource: string;
  readonly name: string;
  /** "" for cluster-scoped objects. A Namespace object's own name, as the API server sends it. */
  readonly namespace: string;
  readonly userInfo: UserInfo;
  /** null on DELETE. */
  readonly object: JsonObject | null;
  /** null on CREATE and CONNECT. */
  readonly oldObject: JsonObject | null;
  readonly options: JsonObject | null;
  readonly dryRun: boolean;
  /** RFC 3339 in UTC: the only clock that the engine sees. */
  readonly now: string;
  /** Milliseconds after arrival (`Turn.elapsed`) by which an answer must be ready; null: no deadline. */
  readonly deadline: number | null;
};
