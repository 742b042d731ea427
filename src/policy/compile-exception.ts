// PolicyException: who is excused from what, for how long. Only exact names: a pattern would excuse what nobody has seen.
import { type Digest, parseDigest } from '../base/brand.ts';
import { type FieldPath, formatPath } from '../base/field-path.ts';
import { quote } from '../base/text.ts';
import { refuseAnnotations } from './annotations.ts';
import { onceEach, type Report } from './faults.ts';
import { checkMetadata } from './metadata.ts';
import type { Exception, ExceptionMatch } from './model.ts';
import type { WrittenException } from './written.ts';

export function compileException(
  { metadata, spec = {} }: WrittenException,
  report: Report,
): Exception {
  const name = checkMetadata(metadata, report);
  refuseAnnotations(metadata, 'PolicyException', report);
  const { rules = [], match = {} } = spec;
  const distinct = onceEach(report);
  for (const [i, rule] of rules.entries()) distinct(['spec', 'rules', i], rule);
  return {
    name,
    rules,
    match: matchOf(match, report),
    reason: saidIn('reason', spec.reason, report),
    owner: saidIn('owner', spec.owner, report),
    ticket: saidIn('ticket', spec.ticket, report),
    approvedBy: saidIn('approvedBy', spec.approvedBy, report),
    expires: momentOf(spec.expires ?? '', report),
  };
}

function saidIn(field: string, text: string | undefined, report: Report): string {
  const trimmed = text?.trim() ?? '';
  if (text !== undefined && trimmed === '') {
    report({ path: ['spec', field], message: `spec.${field} must not be blank` });
  }
  return trimmed;
}

type WrittenMatch = NonNullable<NonNullable<WrittenException['spec']>['match']>;

function matchOf(written: WrittenMatch, report: Report): ExceptionMatch {
  const path: FieldPath = ['spec', 'match'];
  const {
    namespaces = null,
    names = null,
    workloads = null,
    images = null,
    users = null,
  } = written;
  if (Object.keys(written).length === 0) {
    const message = 'spec.match is empty: everything would be excused';
    report({ path, message, fix: 'name namespaces, names, workloads, images or users' });
  }
  if (workloads !== null && namespaces === null) {
    const message =
      'spec.match.workloads needs namespaces: anybody may use the name in another one';
    report({ path: [...path, 'workloads'], at: 'key', message });
  }
  for (const [field, values] of Object.entries({ namespaces, names, users })) {
    for (const [i, value] of (values ?? []).entries()) {
      exactName([...path, field, i], value, field, report);
    }
  }
  for (const [i, { kind = '', name = '' }] of (workloads ?? []).entries()) {
    exactName([...path, 'workloads', i, 'name'], name, 'workloads', report);
    exactName([...path, 'workloads', i, 'kind'], kind, 'workloads', report);
  }
  return {
    namespaces,
    names,
    workloads: workloads?.map(({ kind = '', name = '' }) => ({ kind, name })) ?? null,
    images: images === null ? null : digestsOf(images, [...path, 'images'], report),
    users,
  };
}

function exactName(path: FieldPath, name: string, field: string, report: Report): void {
  const where = formatPath(path);
  if (name === '') report({ path, message: `${where} must not be empty` });
  if (field !== 'users' && /[*?]/.test(name)) {
    const message = `${where} is no exact name: ${quote(name)}`;
    report({ path, message, fix: 'name each object; patterns are not read here' });
  }
}

function digestsOf(images: readonly string[], path: FieldPath, report: Report): readonly Digest[] {
  return images.flatMap((image, i) => {
    const digest = parseDigest(image);
    if (digest !== undefined) return [digest];
    const message = `${formatPath([...path, i])} must be sha256: and 64 lower-case hex digits, not ${quote(image)}`;
    report({ path: [...path, i], message });
    return [];
  });
}

const dateForm = /^\d{4}-\d{2}-\d{2}$/;
const momentForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 in UTC; the beginning of time when it cannot be read: then nothing is excused. */
function momentOf(text: string, report: Report): string {
  const isForm = dateForm.test(text) || momentForm.test(text);
  const time = isForm ? Date.parse(text) : Number.NaN;
  const isReal = !Number.isNaN(time) && sameDay(text);
  if (isReal) return new Date(time).toISOString();
  const message = `spec.expires must be a date or an RFC 3339 time, not ${quote(text)}`;
  report({
    path: ['spec', 'expires'],
    message,
    fix: 'for example "2027-01-31" or 2027-01-31T18:00:00Z',
  });
  return new Date(0).toISOString();
}

/** Date.parse takes the 31st of February for a day in March. */
function sameDay(text: string): boolean {
  const day = text.slice(0, 10);
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
