// `sekisho.dev/patch`: the fields that a policy would have set, and to what, where a finding is about one of them. The author
// says it, for an expression does not: `labels.exempt == "yes" || !privileged` is made true by either.
import type { JsonValue } from '../base/json.ts';
import { quote } from '../base/text.ts';
import type { Report } from './faults.ts';
import type { FieldRemedy } from './model.ts';

/** `securityContext.privileged=false`: fields by their plain names, a word or a number or a boolean. */
const form = /^([A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*)=([A-Za-z0-9_./-]+)$/;

export function readPatch(items: readonly string[], report: Report): readonly FieldRemedy[] {
  return items.flatMap((item) => {
    const [, field, value] = form.exec(item) ?? [];
    if (field !== undefined && value !== undefined) {
      return [{ field: field.split('.'), value: parsed(value) }];
    }
    report({
      code: 'policy-annotation',
      path: ['metadata', 'annotations', 'sekisho.dev/patch'],
      message: `${quote(item)} is no FIELD=VALUE`,
      fix: 'write it as securityContext.privileged=false',
    });
    return [];
  });
}

function parsed(text: string): JsonValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
