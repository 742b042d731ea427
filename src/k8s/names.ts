// The forms of names that the API server knows, with the words that say what each allows.
// Upstream: k8s.io/apimachinery/pkg/util/validation and pkg/api/validation/path.
export type NameForm =
  | 'dns-subdomain'
  | 'dns-label'
  | 'dns-1035-label'
  | 'qualified-name'
  | 'label-value'
  | 'path-segment'
  | 'cel-identifier';

type Form = {
  /** A sentence's end: `spec.policyName must be …`. */
  readonly rule: string;
  holds(text: string): boolean;
};

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const subdomain = new RegExp(`^${label}(?:\\.${label})*$`);
const dnsLabel = new RegExp(`^${label}$`);
const dns1035Label = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

// Lengths come before patterns: nothing long is matched.
const isSubdomain = (text: string): boolean => text.length <= 253 && subdomain.test(text);
const isNamePart = (text: string): boolean => text.length <= 63 && namePart.test(text);

function isQualifiedName(text: string): boolean {
  const slash = text.indexOf('/');
  return isNamePart(text.slice(slash + 1)) && (slash < 0 || isSubdomain(text.slice(0, slash)));
}

export const nameForms: Readonly<Record<NameForm, Form>> = {
  'dns-subdomain': {
    rule: 'a DNS subdomain: lower-case letters, digits, "-" and ".", at most 253 characters',
    holds: isSubdomain,
  },
  'dns-label': {
    rule: 'a DNS label: lower-case letters, digits and "-", at most 63 characters',
    holds: (text) => text.length <= 63 && dnsLabel.test(text),
  },
  'dns-1035-label': {
    rule: 'a DNS label that starts with a letter: lower-case letters, digits and "-", at most 63 characters',
    holds: (text) => text.length <= 63 && dns1035Label.test(text),
  },
  'qualified-name': {
    rule: 'a qualified name: letters, digits, "-", "_" and ".", at most 63 characters, after an optional DNS subdomain and "/"',
    holds: isQualifiedName,
  },
  'label-value': {
    rule: 'a label value: empty, or letters, digits, "-", "_" and ".", at most 63 characters',
    holds: (text) => text === '' || isNamePart(text),
  },
  'path-segment': {
    rule: 'a name without "/" and "%", and not "." or ".."',
    holds: (text) => text !== '.' && text !== '..' && !/[/%]/.test(text),
  },
  'cel-identifier': {
    rule: 'a CEL identifier: letters, digits and "_", not starting with a digit, and no reserved word',
    holds: (text) => identifier.test(text) && !reserved.has(text),
  },
};
