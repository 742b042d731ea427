// The output formats, one file each: what `-o` takes.
import { json } from './json.ts';
import { jsonl } from './jsonl.ts';
import type { Format } from './report.ts';
import { text } from './text.ts';

export const formats: readonly Format[] = [text, json, jsonl];
