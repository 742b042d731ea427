// The identities of an authority, and patterns that let in more than their author saw. Patterns are RE2 and unanchored, as
// upstream has them: `github.com/acme` is also found in `https://evil.example/github.com/acme`.
// Upstream: Identity in sigstore/policy-controller.
import { type FieldPath, formatPath } from '../../base/field-path.ts';
import { quote } from '../../base/text.ts';
import { compilePattern, type Pattern } from '../../cel/pattern.ts';
import { CelError } from '../../cel/value.ts';
import type { Identity, TextRule } from '../../images/model.ts';
import type { Report } from '../faults.ts';
import type { WrittenIdentity } from './written.ts';

/** `warn` takes what is allowed and hardly meant. */
export function compileIdentity(
  written: WrittenIdentity,
  path: FieldPath,
  report: Report,
  warn: Report,
): Identity {
  const rule = (exact: 'issuer' | 'subject', pattern: 'issuerRegExp' | 'subjectRegExp') =>
    compileRule({ exact, pattern, written, path, report, warn });
  return { issuer: rule('issuer', 'issuerRegExp'), subject: rule('subject', 'subjectRegExp') };
}

type Asked = {
  readonly exact: 'issuer' | 'subject';
  readonly pattern: 'issuerRegExp' | 'subjectRegExp';
  readonly written: WrittenIdentity;
  readonly path: FieldPath;
  readonly report: Report;
  readonly warn: Report;
};

/** Threat: an identity without an issuer, or without a subject, is everybody who has the other one. */
function compileRule({ exact, pattern, written, path, report, warn }: Asked): TextRule | null {
  const [text = '', source = ''] = [written[exact], written[pattern]];
  if (text === '' && source === '') {
    const message = `${formatPath(path)} needs ${exact} or ${pattern}: without it anybody would do`;
    report({ path: [...path, exact], message });
    return null;
  }
  if (text !== '' && source !== '') {
    const message = `${formatPath(path)} has both ${exact} and ${pattern}`;
    report({ path: [...path, pattern], at: 'key', message, fix: 'remove one of them' });
  }
  if (text !== '') return { kind: 'exact', text };
  checkPattern(source, [...path, pattern], report, warn);
  return { kind: 'pattern', source };
}

const maxSource = 1000;

function checkPattern(source: string, path: FieldPath, report: Report, warn: Report): void {
  if (source.length > maxSource) {
    report({ path, message: `${formatPath(path)} is longer than ${maxSource} characters` });
    return;
  }
  const compiled = compilePattern(source);
  if (compiled instanceof CelError) {
    const message = `${formatPath(path)} is no regular expression: ${compiled.message}`;
    report({ code: 'cel-regex', path, message });
    return;
  }
  const loose = looseness(source, compiled);
  if (loose === undefined) return;
  warn({
    code: 'image-identity',
    path,
    message: `${formatPath(path)} ${loose.why}`,
    fix: loose.fix,
  });
}

type Loose = { readonly why: string; readonly fix: string };

function looseness(source: string, { re2 }: Pattern): Loose | undefined {
  if (re2.matcher('').find()) {
    return { why: `${quote(source)} is found in every text`, fix: 'write who may sign' };
  }
  const parts = partsOf(source);
  if (!isAnchored(parts)) {
    const why = `${quote(source)} is not anchored: it is found anywhere in a longer text`;
    return { why, fix: 'begin it with ^ and end it with $' };
  }
  const dot = parts.findIndex((part, i) => part === '.' && !repeats.test(parts[i + 1] ?? ''));
  if (dot < 0) return undefined;
  const before = parts.slice(0, dot + 1).join('');
  return {
    why: `has a dot that stands for any letter, in ${quote(before)}`,
    fix: 'write \\. for a dot',
  };
}

const repeats = /^[*+?{]/;
/** An escape, a class, or one letter. */
const token = /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|./gs;

/** Without the flags that it may begin with. */
function partsOf(source: string): readonly string[] {
  return source.replace(/^\(\?[imsU]+\)/, '').match(token) ?? [];
}

/** Every branch of it, where there are branches outside of groups. */
function isAnchored(parts: readonly string[]): boolean {
  const branches: string[][] = [[]];
  let depth = 0;
  for (const part of parts) {
    if (part === '(') depth += 1;
    if (part === ')') depth -= 1;
    if (part === '|' && depth === 0) branches.push([]);
    else branches.at(-1)?.push(part);
  }
  return branches.every((branch) => begins.has(branch[0] ?? '') && ends.has(branch.at(-1) ?? ''));
}

const begins: ReadonlySet<string> = new Set(['^', '\\A']);
const ends: ReadonlySet<string> = new Set(['$', '\\z']);
