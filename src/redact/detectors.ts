// Credentials in texts, told by their form: in URLs, headers, arguments and tokens of well-known makers.
// Every pattern is linear: bounded prefixes, no nested repetition.
export const marker = '[redacted]';

/** What a match becomes; `$1` is kept. */
type Detector = { readonly form: RegExp; readonly becomes: string };

const whole = (form: RegExp): Detector => ({ form, becomes: marker });
const after = (form: RegExp, end = ''): Detector => ({ form, becomes: `$1${marker}${end}` });

/** Forms that mean a credential wherever they stand. */
const certain: readonly Detector[] = [
  whole(
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
  ),
  after(/(\b[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>@]{1,1024}@/g, '@'),
  after(/(\b(?:[Bb]earer|BEARER)(?:\s{1,3}|%20|\+))[A-Za-z0-9._~+/=-]{6,}/g),
  after(
    /(\b(?:[Bb]asic|BASIC)(?:\s{1,3}|%20|\+))(?=[A-Za-z0-9+/]*[A-Z0-9=])[A-Za-z0-9+/]{6,}={0,2}/g,
  ),
  whole(/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g),
  whole(/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g),
  whole(/\bgh[pousr]_[A-Za-z0-9]{20,}/g),
  whole(/\bgithub_pat_[A-Za-z0-9_]{20,}/g),
  whole(/\bglpat-[A-Za-z0-9_-]{16,}/g),
  whole(/\bxox[abeprs]-[A-Za-z0-9-]{10,}/g),
  whole(/\bAIza[A-Za-z0-9_-]{30,}/g),
  whole(/\b(?:npm_|dckr_pat_|hvs\.|hvb\.)[A-Za-z0-9_-]{16,}/g),
  whole(/\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/g),
  whole(/\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g),
];

const secretWord =
  'pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization';

/** `password=…`, `--token …`, `"secret": "…"`: sure in what somebody wrote for a program, not in a sentence. */
const assigned: Detector = after(
  new RegExp(
    `((?:${secretWord})[A-Za-z0-9_-]{0,20}["']?(?:\\s{0,3}[=:]\\s{0,3}|\\s{1,3})["']?)(?!["'\\s=:]|\\[redacted)[^\\s"',;&]{1,4096}`,
    'gi',
  ),
);

/** Most texts hold nothing of it. */
const mayHold = new RegExp(
  `:\\/\\/|-----BEGIN|bearer|basic|eyJ|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|AIza|npm_|dckr_|hv[sb]\\.|[rs]k_|SG\\.|${secretWord}`,
  'i',
);

/** A text without what is certainly a credential; messages of policies are sentences, and stay readable. */
export function withoutCredentials(text: string): string {
  return text.length < 8 || !mayHold.test(text) ? text : apply(text, certain);
}

/** A field's text, where assignments count too. */
export function withoutAssignments(text: string): string {
  return text.length < 8 || !mayHold.test(text) ? text : apply(text, [...certain, assigned]);
}

function apply(text: string, detectors: readonly Detector[]): string {
  return detectors.reduce((left, { form, becomes }) => left.replace(form, becomes), text);
}

const secretName =
  /pass(?:word|wd|phrase)|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|^(?:proxy-)?authorization$/i;
const secretKeys: ReadonlySet<string> = new Set([
  ...['password', 'passwd', 'passphrase', 'token', 'accesstoken', 'refreshtoken', 'idtoken'],
  ...['bearertoken', 'clientsecret', 'apikey', 'secretkey', 'secretaccesskey', 'privatekey'],
]);

/** Names of annotations, headers and variables that hold a secret: `db-password`, `X-Api-Key`, `AUTHORIZATION`. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** Fields of any kind whose very name says that they hold a secret: `spec.token` of a TokenReview. */
export function isSecretKey(key: string): boolean {
  return secretKeys.has(key.toLowerCase().replace(/[_-]/g, ''));
}

const secretFlag = new RegExp(`^--?[A-Za-z0-9_.-]{0,40}(?:${secretWord})[A-Za-z0-9_-]{0,20}$`, 'i');

/** An argument that is followed by its secret. */
export function isSecretFlag(argument: string): boolean {
  return secretFlag.test(argument);
}
