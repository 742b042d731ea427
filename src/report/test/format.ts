// The output formats of test results, one file each: what `sekisho test -o` takes.
import type { CaseFormat } from './entry.ts';
import { github } from './github.ts';
import { json } from './json.ts';
import { jsonl } from './jsonl.ts';
import { junit } from './junit.ts';
import { text } from './text.ts';

export const caseFormats: readonly CaseFormat[] = [text, json, jsonl, junit, github];
