// Label selectors as text, as `kubectl -l` takes them: `env=prod,tier in (web, api),!legacy`.
// Upstream: labels.Parse in k8s.io/apimachinery/pkg/labels, without its comparisons by number.
import { err, ok, type Result } from '../base/result.ts';
import { quote } from '../base/text.ts';
import { type LabelSelector, parseSelector, type WrittenRequirement } from './selector.ts';

const key = '[A-Za-z0-9][-A-Za-z0-9_./]*';
const value = '[-A-Za-z0-9_.]*';
const equal = new RegExp(`^(${key})\\s*(==?|!=)\\s*(${value})$`);
const among = new RegExp(
  `^(${key})\\s+(in|notin)\\s*\\(\\s*(${value}(?:\\s*,\\s*${value})*)\\s*\\)$`,
);
const exists = new RegExp(`^(!?)\\s*(${key})$`);

/** Threat: what stands between commas is looked for again at each of them. */
const longest = 4_096;

/** The error is to be read after what holds the text. */
export function parseSelectorText(text: string): Result<LabelSelector, string> {
  if (text.length > longest) return err(`is longer than ${longest} characters`);
  const requirements: WrittenRequirement[] = [];
  for (const part of partsOf(text)) {
    const requirement = requirementOf(part.trim());
    if (requirement === undefined) {
      return err(
        `cannot be read at ${quote(part.trim())}: write it as for kubectl -l, such as env=prod,tier in (web, api)`,
      );
    }
    requirements.push(requirement);
  }
  const { selector, faults } = parseSelector({ matchExpressions: requirements });
  const [fault] = faults;
  return fault === undefined ? ok(selector) : err(`cannot be used: ${fault.message}`);
}

/** At commas outside of parentheses. */
function partsOf(text: string): readonly string[] {
  return text.split(/,(?![^()]*\))/);
}

function requirementOf(part: string): WrittenRequirement | undefined {
  const [, left, sign, right = ''] = equal.exec(part) ?? [];
  if (left !== undefined)
    return { key: left, operator: sign === '!=' ? 'NotIn' : 'In', values: [right] };
  const [, of, word, listed = ''] = among.exec(part) ?? [];
  if (of !== undefined) {
    const values = listed.split(',').map((each) => each.trim());
    return { key: of, operator: word === 'in' ? 'In' : 'NotIn', values };
  }
  const [, not, name] = exists.exec(part) ?? [];
  return name === undefined
    ? undefined
    : { key: name, operator: not === '' ? 'Exists' : 'DoesNotExist' };
}
