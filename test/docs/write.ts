// `make docs`: writes the pages of docs/ that are made from the sources.
import { writeFileSync } from 'node:fs';
import { commandLineDocument } from '../../src/cli/document.ts';
import { guardsPage } from '../mutations/document.ts';
import { codesPage, renderCodes } from './codes.ts';

writeFileSync(codesPage, renderCodes());
writeFileSync(new URL('../../docs/cli.md', import.meta.url), commandLineDocument());
writeFileSync(new URL('../../docs/guards.md', import.meta.url), guardsPage());
process.stdout.write('wrote docs/codes.md, docs/cli.md and docs/guards.md\n');
