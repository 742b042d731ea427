// Credentials in texts, told by their form: in URLs, headers, arguments and tokens of well-known makers.
// Every pattern is linear: bounded prefixes, no nested repetition.
export const marker = '[redacted]';

/** What a match becomes; `$1` is kept. */
type Detector = { readonly name: string; readonly form: RegExp; readonly becomes: string };

const whole = (name: string, form: RegExp): Detector => ({ name, form, becomes: marker });
const after = (name: string, form: RegExp, end = ''): Detector => ({
  name,
  form,
  becomes: `$1${marker}${end}`,
});

/** Forms that mean a credential wherever they stand. */
const certain: readonly Detector[] = [
  whole(
    'private keys',
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
  ),
  after('passwords in URLs', /(\b[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>@]{1,1024}@/g, '@'),
  after('Bearer credentials', /(\b(?:[Bb]earer|BEARER)(?:\s{1,3}|%20|\+))[A-Za-z0-9._~+/=-]{6,}/g),
  after(
    'Basic credentials',
    /(\b(?:[Bb]asic|BASIC)(?:\s{1,3}|%20|\+))(?=[A-Za-z0-9+/]*[A-Z0-9=])[A-Za-z0-9+/]{6,}={0,2}/g,
  ),
  whole('JSON Web Tokens', /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g),
  whole('AWS access keys', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g),
  whole('GitHub tokens', /\bgh[pousr]_[A-Za-z0-9]{20,}/g),
  whole('GitHub fine-grained tokens', /\bgithub_pat_[A-Za-z0-9_]{20,}/g),
  whole('GitLab tokens', /\bglpat-[A-Za-z0-9_-]{16,}/g),
  whole('Slack tokens', /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g),
  whole('Google API keys', /\bAIza[A-Za-z0-9_-]{30,}/g),
  whole('npm, Docker and Vault tokens', /\b(?:npm_|dckr_pat_|hvs\.|hvb\.)[A-Za-z0-9_-]{16,}/g),
  whole('Stripe keys', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/g),
  whole('SendGrid keys', /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g),
];

const secretWord =
  'pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization';

/** `password=…`, `--token …`, `"secret": "…"`: sure in what somebody wrote for a program, not in a sentence. */
const assigned: Detector = after(
  'assignments',
  new RegExp(
    `((?:${secretWord})[A-Za-z0-9_-]{0,20}["']?(?:\\s{0,3}[=:]\\s{0,3}|\\s{1,3})["']?)(?!["'\\s=:]|\\[redacted)[^\\s"',;&]{1,4096}`,
    'gi',
  ),
);

/** Most texts hold nothing of it. */
const mayHold = new RegExp(
  `:\\/\\/|-----BEGIN|b(?:earer|asic)|eyJ|A(?:KIA|SIA|Iza)|g(?:h[pousr]_|ithub_pat_|lpat-)|xox|npm_|dckr_|hv[sb]\\.|[rs]k_|SG\\.|${secretWord}`,
  'i',
);

/** Their names and patterns, for the record of what is redacted. */
export function detectorForms(): readonly { readonly name: string; readonly form: string }[] {
  return [...certain, assigned].map(({ name, form }) => ({ name, form: form.source }));
}

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
/** In lower case, without hyphens and underscores: `adminPassword`, `join_token`. */
const secretKey =
  /(?:password|passwd|passphrase|token|clientsecret|apikey|secretkey|secretaccesskey|privatekey)$/;

/** The same few hundred keys come in every object. */
const knownKeys = new Map<string, boolean>();
const mostKnownKeys = 5_000;
const longestKnownKey = 64;

/** Names of annotations, headers and variables that hold a secret: `db-password`, `X-Api-Key`, `AUTHORIZATION`. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** Fields of any kind whose very name says that they hold a secret: `spec.token` of a TokenReview. */
export function isSecretKey(key: string): boolean {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  if (knownKeys.size >= mostKnownKeys) knownKeys.clear();
  const isSecret = secretKey.test(key.toLowerCase().replace(/[_-]/g, ''));
  if (key.length <= longestKnownKey) knownKeys.set(key, isSecret);
  return isSecret;
}

const secretFlag = new RegExp(`^--?[A-Za-z0-9_.-]{0,40}(?:${secretWord})[A-Za-z0-9_-]{0,20}$`, 'i');

/** An argument that is followed by its secret. */
export function isSecretFlag(argument: string): boolean {
  return secretFlag.test(argument);
}
