// docs/guards.md, made from the list of guards.
import { guards } from './guards.ts';

export function guardsPage(): string {
  const rows = guards.map(
    ({ keeps, file, tests }) =>
      `| ${keeps} | \`src/${file}\` | ${tests.map((name) => `\`${name}\``).join(', ')} |`,
  );
  return `# Guards

<!-- made from test/mutations/guards.ts by \`make docs\` -->

What each guard keeps out, where it stands, and the tests (below \`test/\`) that go red when it is taken away.
\`make mutations\` takes each of the ${guards.length} away, in a copy of the sources, and runs them.

| keeps out | where | tests |
| --- | --- | --- |
${rows.join('\n')}
`;
}
