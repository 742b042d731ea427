// The authorizer of expressions: a SubjectAccessReview for each question. Nothing is kept: the engine asks the same thing
// once for an attempt, and the next attempt may get another answer.
// Upstream: k8s.io/api/authorization/v1, and the webhook authorizer of k8s.io/apiserver.
import { get, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { cut, printable } from '../../base/text.ts';
import type { AuthorizerQuestion } from '../../cel/authorizer.ts';
import type { Ports } from '../../engine/ports.ts';
import { momentText } from './aged.ts';
import type { Api } from './api.ts';
import type { Clock } from './clock.ts';
import { createLiveReads, liveTimeout } from './live-reads.ts';

const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const maxText = 1024;

export function authorizerPort(api: Api, clock: Clock): NonNullable<Ports['authorizer']> {
  const reads = createLiveReads();
  return async (question) => {
    const at = momentText(clock);
    const review = reviewOf(question);
    const answer = await reads.read(JSON.stringify(review), () =>
      api.post(path, review, liveTimeout),
    );
    if (!answer.ok) {
      const message = `no SubjectAccessReview can be made: ${answer.error.message}`;
      return err({ code: 'authorizer-unavailable', message });
    }
    const status = get(answer.value, 'status');
    const error = textIn(status, 'evaluationError');
    const value = {
      // Threat: anything but a plain yes is a no.
      allowed: get(status, 'allowed') === true && get(status, 'denied') !== true,
      reason: textIn(status, 'reason'),
      error: error === '' ? null : error,
    };
    return ok({ value, at });
  };
}

export function reviewOf(question: AuthorizerQuestion): JsonObject {
  const { username, uid, groups, extra } = question;
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: username,
      ...(uid === '' ? {} : { uid }),
      groups: [...groups],
      extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])),
      ...attributes(question),
    },
  };
}

function attributes(question: AuthorizerQuestion): JsonObject {
  const { verb } = question;
  if (question.kind === 'path') return { nonResourceAttributes: { path: question.path, verb } };
  const { group, resource, subresource, namespace, name, fieldSelector, labelSelector } = question;
  return {
    resourceAttributes: {
      ...{ verb, group, version: '*', resource, subresource, namespace, name },
      ...(fieldSelector === '' ? {} : { fieldSelector: { rawSelector: fieldSelector } }),
      ...(labelSelector === '' ? {} : { labelSelector: { rawSelector: labelSelector } }),
    },
  };
}

function textIn(status: JsonValue | undefined, key: string): string {
  const found = get(status, key);
  return typeof found === 'string' ? cut(printable(found), maxText) : '';
}
