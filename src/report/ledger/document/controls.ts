// Controls of other people's catalogues, each with its policies and the evidence in the period.
import type { FrameworkPart, LedgerReport } from '../../../ledger/report/report.ts';
import {
  type Block,
  type Cell,
  code,
  evaluationCells,
  evaluationColumns,
  type Section,
  timeCell,
} from './blocks.ts';

export function controlsSection({
  frameworks,
  withoutControl,
  framework,
  laws,
}: LedgerReport): Section {
  const unknown = laws.items.some(({ text }) => text !== 'kept');
  const blocks: readonly Block[] = [
    { kind: 'text', text: intro },
    ...(unknown ? [{ kind: 'text', text: absentText } as const] : []),
    ...frameworks.flatMap(frameworkBlocks),
    ...(withoutControl.length === 0 || framework !== null
      ? []
      : [
          {
            kind: 'text',
            text: `Policies in force that name no control: ${withoutControl.join(', ')}.`,
          } as const,
        ]),
  ];
  return { id: 'controls', title: 'Controls and their evidence', blocks };
}

const intro =
  'A policy supports the controls that its annotation names; supporting a control is not meeting it, and a gate judges only what is asked of the API server. The evidence is how many decisions of the period were evaluated by the policies of a control, and what came of them. Those of Pod Security are from a table of this program.';
const absentText =
  'The text of a policy set is not there: policies that decided nothing under it, and their controls, are not known here.';

function frameworkBlocks(part: FrameworkPart): readonly Block[] {
  const name = part.title === null ? part.name : `${part.title} (${part.name})`;
  const columns = [
    ...['Control', 'Policies'].map((title) => ({ title })),
    ...evaluationColumns,
    { title: 'Evidence from' },
    { title: 'To' },
  ];
  const rows = part.controls.map((row): readonly Cell[] => [
    row.title === null ? code(row.control) : `${shortId(row.control)} ${row.title}`,
    row.policies.join(', '),
    ...evaluationCells(row),
    row.first === null ? { text: 'no decision', tone: 'mild' } : timeCell(row.first),
    timeCell(row.last),
  ]);
  const supported: Block =
    rows.length === 0
      ? { kind: 'text', text: `${name}: no policy in force names a control of it.` }
      : { kind: 'table', caption: name, columns, rows };
  if (part.uncovered.length === 0) return [supported];
  const uncovered = part.uncovered.map(({ control, title }): readonly Cell[] => [
    shortId(control),
    title,
  ]);
  const caption = `${name}: controls that no policy in force names`;
  const note = part.scope === null ? {} : { note: `Listed are ${part.scope}.` };
  return [
    supported,
    {
      kind: 'table',
      caption,
      columns: [{ title: 'Control' }, { title: 'Called' }],
      rows: uncovered,
      ...note,
    },
  ];
}

function shortId(control: string): string {
  return control.slice(control.indexOf(':') + 1);
}
