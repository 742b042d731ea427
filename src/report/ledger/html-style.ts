// How the page looks, on a screen and on paper (A4): light, with the fonts that are there.
export const style = `
:root { --ink: #1b2430; --soft: #586474; --line: #d9dee5; --pale: #f4f6f9; --accent: #1f4e79;
  --good: #2f7d4f; --mild: #9a6200; --bad: #a8201a; }
* { box-sizing: border-box; }
html { font-size: 15px; }
body { margin: 0 auto; max-width: 74rem; padding: 2.2rem 2rem 4rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
h1 { margin: 0 0 1rem; font-size: 1.8rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 2.6rem 0 0.8rem; padding-bottom: 0.3rem; border-bottom: 2px solid var(--accent); font-size: 1.25rem; color: var(--accent); }
p { margin: 0.6rem 0; max-width: 62rem; }
a { color: var(--accent); }
code { font: 0.92em ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
header { border-bottom: 1px solid var(--line); padding-bottom: 1rem; }
.facts { display: grid; gap: 0.15rem; margin: 0; }
.facts div { display: flex; gap: 0.8rem; }
.facts dt { flex: 0 0 5.5rem; color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
nav ol { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; }
.verdict { border-left: 5px solid var(--soft); background: var(--pale); padding: 0.8rem 1rem; max-width: none; border-radius: 0 4px 4px 0; }
.verdict strong { display: block; font-size: 1.1rem; }
.verdict.good { border-color: var(--good); background: #eef7f1; } .verdict.good strong { color: var(--good); }
.verdict.mild { border-color: #d99a1c; background: #fdf6e7; } .verdict.mild strong { color: var(--mild); }
.verdict.bad { border-color: var(--bad); background: #fbeeed; } .verdict.bad strong { color: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0.6rem; margin: 0.8rem 0; }
.figures div { border: 1px solid var(--line); border-top: 3px solid var(--soft); border-radius: 4px; padding: 0.6rem 0.8rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures dt { color: var(--soft); font-size: 0.85rem; line-height: 1.25; }
.figures .good { border-top-color: #7fb2d8; } .figures .mild { border-top-color: #e0a63a; } .figures .bad { border-top-color: var(--bad); }
table { width: 100%; border-collapse: collapse; margin: 0.9rem 0 0.4rem; font-size: 0.86rem; }
caption { text-align: left; font-weight: 600; padding: 0 0 0.35rem; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; padding: 0; }
th, td { text-align: left; vertical-align: top; padding: 0.32rem 0.55rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { background: var(--pale); color: var(--soft); font-weight: 600; overflow-wrap: normal; }
tbody th { font-weight: 400; min-width: 9rem; }
th.n, td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td:not(.n) { min-width: 5rem; }
.t { white-space: nowrap; }
td .good { color: var(--good); } td .mild { color: var(--mild); } td .bad, th .bad { color: var(--bad); font-weight: 600; }
.note { color: var(--soft); font-size: 0.83rem; }
figure { margin: 0.8rem 0; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, "Segoe UI", Arial, "DejaVu Sans", sans-serif; }
svg text { fill: #3c4856; } svg text.n { text-anchor: end; } svg text.c { text-anchor: middle; }
svg .grid { stroke: #e3e7ec; }
.s-good { fill: #9cc3e0; } .s-mild { fill: #eab04d; } .s-excused { fill: #7d6bb5; } .s-bad { fill: #b3312b; } .s-plain { fill: #a3acb8; }
.above figure { max-width: 60rem; }
.above th, .above td { padding-top: 0.12rem; padding-bottom: 0.12rem; }
@media screen and (min-width: 62rem) {
  .beside { display: grid; grid-template-columns: 2fr 3fr; gap: 2rem; align-items: start; }
}
@media screen and (max-width: 48rem) {
  body { padding: 1.2rem 1rem 3rem; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  section > table, section div > table { display: block; overflow-x: auto; }
}
@media print {
  @page { size: A4; margin: 15mm 13mm 17mm;
    @bottom-left { content: "Admission decisions: report for audit"; font: 8pt sans-serif; color: #586474; }
    @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #586474; } }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 9.2pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { margin-top: 7mm; break-after: avoid; }
  section { break-inside: auto; }
  figure, .figures, .verdict, tr, table.short { break-inside: avoid; }
  tbody tr:first-child { break-before: avoid; }
  .note { break-before: avoid; }
  caption { break-after: avoid; }
  thead { display: table-header-group; }
  th, td { padding: 1mm 1.4mm; } .above th, .above td { padding: 0.4mm 1.4mm; }
  .above figure { max-width: 165mm; } .beside figure { max-width: 105mm; }
  p { orphans: 3; widows: 3; }
}
`;
