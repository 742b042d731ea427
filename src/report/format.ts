// The output formats of decisions, one file each: what `-o` takes.
import { github } from './github.ts';
import { json } from './json.ts';
import { jsonl } from './jsonl.ts';
import { junit } from './junit.ts';
import type { Format } from './report.ts';
import { sarif } from './sarif.ts';
import { text } from './text.ts';

export const formats: readonly Format[] = [text, json, jsonl, junit, sarif, github];
