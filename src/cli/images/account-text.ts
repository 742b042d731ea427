// The account of an image for people: what it is, what each policy says, what was found, and what to do.
import { cut, printable } from '../../base/text.ts';
import type { AuthorityEvidence, VerifiedSignature } from '../../images/model.ts';
import type { RuleResult } from '../../model/decision.ts';
import type { Paint } from '../../report/paint.ts';
import type { Account, Verdict } from './account.ts';

const maxLine = 1000;

/** Threat: what is attached to an image is written by whoever may push to its repository. */
function safe(text: string): string {
  return cut(printable(text), maxLine);
}

const verdicts: Readonly<Record<Verdict, string>> = {
  verified: 'verified',
  'not-verified': 'not verified',
  unknown: 'could not be verified now',
};

export function accountText(account: Account, paint: Paint): string {
  const { reference, evidence, results, verdict, needsDigest } = account;
  const digest = evidence === null ? [] : [`digest ${evidence.digest}`];
  const isGood = verdict === 'verified';
  const said = (isGood ? paint.good : paint.bad)(verdicts[verdict]);
  const lines = [
    safe(reference),
    ...digest.map((line) => `  ${line}`),
    ...(evidence?.authorities ?? []).flatMap(foundLines),
    ...results.flatMap((result) => resultLines(result, paint)),
    ...(results.length === 0 ? ['no ClusterImagePolicy is loaded'] : []),
    ...(needsDigest && isGood && evidence !== null ? [digestNote(account, evidence.digest)] : []),
    said,
  ];
  return `${lines.join('\n')}\n`;
}

function foundLines(found: AuthorityEvidence): readonly string[] {
  const { name, signatures, attestations, rejected, faults } = found;
  const lines = [
    ...signatures.map((each) => `signature ${signedText(each)}`),
    ...attestations.map((each) => `attestation ${each.predicateType} ${signedText(each)}`),
    ...rejected.map(
      ({ artefact, code, message }) => `not counted: ${artefact} ${message} (${code})`,
    ),
    ...faults.map(({ code, message }) => `not known: ${message} (${code})`),
  ];
  const said = lines.length === 0 ? ['nothing is attached that could count'] : lines;
  return [`  ${safe(name)}`, ...said.map((line) => `    ${safe(line)}`)];
}

function signedText({ issuer, subject, key, signedAt, format }: VerifiedSignature): string {
  const by = subject === null ? `key sha256:${key}` : `${subject} (${issuer ?? 'no issuer'})`;
  return `by ${by}${signedAt === null ? '' : `, ${signedAt}`}, ${format}`;
}

function resultLines(result: RuleResult, paint: Paint): readonly string[] {
  const { rule, evaluation, code, message, findings } = result;
  if (evaluation === 'pass') return [`${safe(rule)}: ${paint.good('satisfied')}`];
  const told =
    evaluation === 'fail'
      ? findings.map((finding) => ({ text: finding.message, fix: finding.remedy }))
      : [{ text: message, fix: '' }];
  const head = evaluation === 'fail' ? 'not satisfied' : 'cannot be told';
  return told.flatMap(({ text, fix }) => [
    `${safe(rule)}: ${paint.bad(head)} (${code ?? ''})`,
    `  ${safe(text)}`,
    ...(fix === '' ? [] : [`  fix: ${safe(fix)}`]),
  ]);
}

function digestNote({ image }: Account, digest: string): string {
  const pinned = `${image.replace(/:[^/:]*$/, '')}@${digest}`;
  return `a Pod must name it by digest: ${safe(pinned)}`;
}
