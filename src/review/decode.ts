// AdmissionReview in: one admission.k8s.io/v1 request to an Attempt, or why not, with the uid when there is one.
// Upstream: k8s.io/api/admission/v1 types.go. What is evaluated is the plain parse: nothing is coerced or filled in.
import type { Code } from '../base/codes.ts';
import { get, getIn, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { cut } from '../base/text.ts';
import type { GroupVersionKind, GroupVersionResource } from '../k8s/gvk.ts';
import { type Attempt, operations, type UserInfo } from '../model/attempt.ts';
import { inconsistency } from './consistency.ts';
import { Fields } from './fields.ts';

/** `now`: RFC 3339 in UTC. `deadline`: milliseconds after arrival, null for none. */
export type DecodeContext = { readonly now: string; readonly deadline: number | null };

/** `uid` is null where the request cannot be tied to one: then it cannot be answered with a review. */
export type DecodeFault = {
  readonly code: Code;
  readonly message: string;
  readonly uid: string | null;
};

/** The API server sends a UUID, 36 characters. */
const maxUid = 256;
const maxFaultsShown = 5;
const maxFaultText = 200;

export function decodeReview(
  value: JsonValue,
  { now, deadline }: DecodeContext,
): Result<Attempt, DecodeFault> {
  const uid = readUid(value);
  const fault = (code: Code, message: string) => err({ code, message, uid });

  if (
    get(value, 'apiVersion') !== 'admission.k8s.io/v1' ||
    get(value, 'kind') !== 'AdmissionReview'
  ) {
    return fault('review-kind', 'the body is not an AdmissionReview of admission.k8s.io/v1');
  }
  const request = get(value, 'request');
  if (!isObject(request)) return fault('review-malformed', 'request must be an object');
  if (uid === null) {
    return fault('review-malformed', `request.uid must be a string of 1 to ${maxUid} characters`);
  }

  const faults: string[] = [];
  const attempt = readRequest(request, faults);
  if (attempt === undefined || faults.length > 0) return fault('review-malformed', told(faults));
  const decoded = { ...attempt, uid, now, deadline };
  const wrong = inconsistency(decoded);
  if (wrong !== undefined) return fault('inconsistent-review', cut(wrong, 2 * maxFaultText));
  return ok(decoded);
}

/** The uid that an answer must carry, even where all else is wrong. */
function readUid(value: JsonValue): string | null {
  const uid = getIn(value, ['request', 'uid']);
  return typeof uid === 'string' && uid !== '' && uid.length <= maxUid ? uid : null;
}

type Read = Omit<Attempt, 'uid' | 'now' | 'deadline'>;

/** INVARIANT: undefined only when a fault was noted. */
function readRequest(request: JsonObject, faults: string[]): Read | undefined {
  const fields = new Fields(request, 'request', faults);
  const operation = fields.choice('operation', operations);
  const kind = readKind(fields.fields('kind', 'required'));
  const resource = readResource(fields.fields('resource', 'required'));
  const requestKind = readKind(fields.fields('requestKind', 'optional')) ?? kind;
  const ownResource = readResource(fields.fields('requestResource', 'optional'));
  const subResource = fields.optionalString('subResource');
  const requestSubResource = fields.optionalString('requestSubResource');
  const rest = {
    name: fields.optionalString('name'),
    namespace: fields.optionalString('namespace'),
    userInfo: readUser(fields.fields('userInfo', 'optional')),
    object: fields.optionalObject('object'),
    oldObject: fields.optionalObject('oldObject'),
    options: fields.optionalObject('options'),
    dryRun: fields.optionalBoolean('dryRun'),
  };
  if (!operation || !kind || !resource || !requestKind) return undefined;
  return {
    origin: 'webhook',
    operation,
    kind,
    resource,
    subResource,
    requestKind,
    requestResource: ownResource ?? resource,
    requestSubResource: ownResource === undefined ? subResource : requestSubResource,
    ...rest,
  };
}

function readKind(fields: Fields | undefined): GroupVersionKind | undefined {
  return (
    fields && {
      group: fields.optionalString('group'),
      version: fields.requiredString('version'),
      kind: fields.requiredString('kind'),
    }
  );
}

function readResource(fields: Fields | undefined): GroupVersionResource | undefined {
  return (
    fields && {
      group: fields.optionalString('group'),
      version: fields.requiredString('version'),
      resource: fields.requiredString('resource'),
    }
  );
}

/** An absent user is one without a name and without groups: no policy excuses it. */
function readUser(fields: Fields | undefined): UserInfo {
  return {
    username: fields?.optionalString('username') ?? '',
    uid: fields?.optionalString('uid') ?? '',
    groups: fields?.strings('groups') ?? [],
    extra: fields?.stringLists('extra') ?? {},
  };
}

function told(faults: readonly string[]): string {
  const shown = faults.slice(0, maxFaultsShown).map((fault) => cut(fault, maxFaultText));
  const more = faults.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; +${more} more` : ''}`;
}
