// `make docs`: writes the pages of docs/ that are made from the sources.
import { mkdirSync, writeFileSync } from 'node:fs';
import { commandLineDocument } from '../../src/cli/document.ts';
import { guardsPage } from '../mutations/document.ts';
import { celPage, renderCel } from './cel.ts';
import { codesPage, renderCodes } from './codes.ts';
import { definitionFile, renderDefinition } from './definition.ts';
import { registrationFile, renderRegistration } from './registration.ts';
import { schemaFiles, schemaFolder } from './schemas.ts';

writeFileSync(celPage, renderCel());
writeFileSync(codesPage, renderCodes());
writeFileSync(new URL('../../docs/cli.md', import.meta.url), commandLineDocument());
writeFileSync(new URL('../../docs/guards.md', import.meta.url), guardsPage());
mkdirSync(schemaFolder, { recursive: true });
for (const [name, text] of schemaFiles()) writeFileSync(new URL(name, schemaFolder), text);
mkdirSync(new URL('.', definitionFile), { recursive: true });
writeFileSync(definitionFile, renderDefinition());
mkdirSync(new URL('.', registrationFile), { recursive: true });
writeFileSync(registrationFile, await renderRegistration());
process.stdout.write(
  'wrote docs/cel.md, docs/codes.md, docs/cli.md, docs/guards.md, docs/schemas and the chart’s definition and registration\n',
);
