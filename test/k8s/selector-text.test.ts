// Selectors as text mean what they mean to kubectl -l.
import { test } from 'tap';
import { selects } from '../../src/k8s/selector.ts';
import { parseSelectorText } from '../../src/k8s/selector-text.ts';

const labels = { env: 'prod', 'example.com/tier': 'web', empty: '' };

test('a selector of text selects as for kubectl', (t) => {
  for (const [text, selected] of [
    ['env=prod', true],
    ['env==prod', true],
    ['env = prod', true],
    ['env=dev', false],
    ['env!=dev', true],
    ['env!=prod', false],
    ['other!=x', true],
    ['env', true],
    ['!env', false],
    ['! other', true],
    ['empty=', true],
    ['env=', false],
    ['example.com/tier in (api, web)', true],
    ['example.com/tier in (api)', false],
    ['example.com/tier notin (api,db)', true],
    ['other notin (a)', true],
    ['env=prod,example.com/tier in (web, api),!legacy', true],
    ['env=prod,example.com/tier in (db, api),!legacy', false],
  ] as const) {
    const parsed = parseSelectorText(text);
    t.equal(parsed.ok && selects(parsed.value, labels), selected, text);
  }
  t.end();
});

test('what is no selector is refused with the part that cannot be read', (t) => {
  for (const [text, error] of [
    ['', /cannot be read at ""/],
    ['env=prod,', /cannot be read at ""/],
    ['env>1', /cannot be read at "env>1"/],
    ['env in prod', /cannot be read at "env in prod"/],
    ['env in (a', /cannot be read/],
    ['a=b=c', /cannot be read/],
    ['a b', /cannot be read/],
    ['a/b/c=1', /cannot be used: the label key "a\/b\/c"/],
    ['env=-x', /cannot be used: "-x"/],
    [','.repeat(4_097), /longer than 4096 characters/],
  ] as const) {
    const parsed = parseSelectorText(text);
    t.match(parsed.ok ? 'a selector' : parsed.error, error, text);
  }
  t.end();
});
