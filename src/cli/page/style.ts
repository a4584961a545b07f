/** How a page looks: on a telephone, on a wall, on paper, by day and by night. It asks for no fonts and no pictures. */

const COLORS = `
:root {
  color-scheme: light dark;
  --ink: #17202c; --soft: #4d5a6b; --faint: #66717f; --ground: #f4f6f9; --card: #fff; --line: #dfe4ea;
  --accent: #1d4ed8; --hot: #b42318; --warm: #8a4b08; --hot-ground: #fdecea; --warm-ground: #fdf3e1;
  --maildrop: #0d9488; --incoming: #2563eb; --active: #16a34a; --deferred: #d97706; --hold: #9333ea;
  --heat: 214 92% 48%;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8edf4; --soft: #b0bccb; --faint: #94a1b2; --ground: #0d131b; --card: #161e29; --line: #2b3644;
    --accent: #8ab4ff; --hot: #ff9d92; --warm: #f3bf6f; --hot-ground: #3a1b1b; --warm-ground: #35280f;
    --maildrop: #2dd4bf; --incoming: #60a5fa; --active: #4ade80; --deferred: #f59e0b; --hold: #c084fc;
    --heat: 214 85% 52%;
  }
}`;

const GROUND = `
* { box-sizing: border-box; }
html { font: clamp(15px, 0.35vw + 11px, 24px)/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; scroll-behavior: smooth; }
body { margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 96rem; color: var(--ink); background: var(--ground); }
h1, h2 { line-height: 1.2; text-wrap: balance; letter-spacing: -0.015em; }
h1 { font-size: clamp(1.45rem, 3.2vw, 2.4rem); margin: 0.2em 0 0.5em; max-width: 40ch; }
h2 { font-size: 1.2rem; margin: 0; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, button:focus-visible, input:focus-visible, .scroll:focus-visible, td:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px;
}
code { font: 0.82rem/1.45 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
.eyebrow { margin: 0; color: var(--soft); }
.eyebrow strong { color: var(--ink); }
.faint { color: var(--faint); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; list-style: none; margin: 1.5rem 0; padding: 0; font-size: 0.9rem; }
main { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); align-items: start; }
main > section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem 1.25rem; min-width: 0; }
main > section.wide { grid-column: 1 / -1; }
.lead { margin: 0.25rem 0 0.9rem; color: var(--soft); font-size: 0.9rem; max-width: 85ch; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: 0.85rem; }`;

const COMMANDS = `
.way { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2rem 0.6rem; margin: 0.3rem 0; }
.way-label { min-width: 4.5rem; color: var(--soft); font-size: 0.85rem; }
.command { overflow-wrap: anywhere; color: var(--soft); }
.way > .command::before, .row-way > .command::before, .composed .command::before { content: "$ "; color: var(--faint); user-select: none; }
details > summary { cursor: pointer; color: var(--accent); font-size: 0.9rem; width: max-content; max-width: 100%; }
details.ways { margin-top: 0.9rem; }
.row-way summary { font: 0.75rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; list-style: none; white-space: nowrap; }
.row-way summary::-webkit-details-marker { display: none; }
.way-cell .command { min-width: 16rem; }
.row-way .command { display: block; max-width: 26rem; padding: 0.2rem 0; text-align: left; white-space: pre-wrap; }
.copy { font: inherit; font-size: 0.75rem; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 5px; padding: 0.05rem 0.5rem; cursor: pointer; }
.copy:hover { border-color: var(--accent); }
.composed { position: sticky; bottom: 0.75rem; z-index: 2; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.3rem 0.75rem; margin-top: 1rem; padding: 0.6rem 0.9rem; background: var(--card); border: 1px solid var(--accent); border-radius: 8px; box-shadow: 0 4px 18px rgb(0 0 0 / 0.18); }
.composed[hidden] { display: none; }`;

const TILES = `
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(46%, 12.5rem), 1fr)); gap: 0.75rem; list-style: none; margin: 1.1rem 0 0; padding: 0; }
.tile { display: flex; flex-direction: column; gap: 0.1rem; padding: 0.8rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; border-top: 3px solid var(--accent); min-width: 0; overflow-wrap: anywhere; }
.figure { font-size: 1.7rem; font-weight: 650; line-height: 1.15; font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
.words { color: var(--soft); font-size: 0.88rem; line-height: 1.35; flex: 1; }
.tile.warm { border-top-color: var(--warm); } .tile.warm .figure { color: var(--warm); }
.tile.hot { border-top-color: var(--hot); } .tile.hot .figure { color: var(--hot); }`;

const TABLES = `
.scroll { position: relative; overflow-x: auto; margin: 0 -0.4rem; padding: 0 0.4rem; }
.tall { max-height: min(46rem, 85vh); overflow-y: auto; }
.tall thead th { position: sticky; top: 0; z-index: 1; background: var(--card); box-shadow: inset 0 -1px var(--line); }
.tall tfoot tr:last-child > * { position: sticky; bottom: 0; background: var(--card); box-shadow: inset 0 1px var(--line); }
table { border-collapse: collapse; width: 100%; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.32rem 0.5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 550; overflow-wrap: anywhere; }
tfoot th, tfoot td { font-weight: 650; border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.ages tbody th { min-width: 12.5rem; max-width: 24rem; }
.ages .age { min-width: 3.1rem; }
tbody td.age { border-left: 1px solid var(--card); }
td.age[tabindex] { cursor: pointer; }
.id { font: 0.8rem ui-monospace, "DejaVu Sans Mono", monospace; white-space: nowrap; }
.address { min-width: 9rem; max-width: 18rem; overflow-wrap: anywhere; }
.reason { min-width: 14rem; max-width: 60ch; overflow-wrap: anywhere; }
.bar-cell { width: 28%; min-width: 5rem; vertical-align: middle; }
.bar { display: block; width: 100%; height: 0.65rem; fill: var(--accent); }
.sort { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
.sort:hover { color: var(--accent); text-decoration: underline; }
[aria-sort="ascending"] .sort::after { content: " \\2191"; color: var(--accent); }
[aria-sort="descending"] .sort::after { content: " \\2193"; color: var(--accent); }
.filter { display: flex; flex-wrap: wrap; gap: 0.4rem 0.8rem; align-items: baseline; margin: 0 0 0.7rem; font-size: 0.88rem; }
.filter input { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--faint); border-radius: 6px; padding: 0.2rem 0.6rem; width: min(100%, 18rem); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 0.55rem 1.5rem; margin: 0.7rem 0 0; font-size: 0.9rem; }
.facts dt { color: var(--soft); font-size: 0.8rem; } .facts dd { margin: 0; overflow-wrap: anywhere; }
.heat-1 { background: hsl(var(--heat) / 0.07); } .heat-2 { background: hsl(var(--heat) / 0.13); }
.heat-3 { background: hsl(var(--heat) / 0.19); } .heat-4 { background: hsl(var(--heat) / 0.26); }
.heat-5 { background: hsl(var(--heat) / 0.33); } .heat-6 { background: hsl(var(--heat) / 0.4); }
.heat-7 { background: hsl(var(--heat) / 0.47); } .heat-8 { background: hsl(var(--heat) / 0.54); font-weight: 650; }`;

const CHARTS = `
figure { margin: 0; }
.chart { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 0.6rem; }
.chart ol { list-style: none; margin: 0; padding: 0; display: flex; justify-content: space-between; color: var(--faint); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.chart .y-axis { flex-direction: column; text-align: right; margin: -0.55em 0; }
.chart .x-axis { grid-column: 2; gap: 0.5rem; }
.chart .x-axis li { max-width: 33%; } .chart .x-axis li:last-child { text-align: right; } .chart .x-axis li:nth-child(2):not(:last-child) { text-align: center; }
.plot { width: 100%; height: clamp(9rem, 22vw, 17rem); overflow: visible; }
.plot .grid { stroke: var(--line); vector-effect: non-scaling-stroke; }
.plot .hit { fill: transparent; } .plot a:hover .hit, .plot a:focus-visible .hit { fill: hsl(var(--heat) / 0.12); }
.plot a:focus-visible { outline: 2px solid var(--accent); }
.queue-maildrop { fill: var(--maildrop); } .queue-incoming { fill: var(--incoming); } .queue-active { fill: var(--active); }
.queue-deferred { fill: var(--deferred); } .queue-hold { fill: var(--hold); }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; list-style: none; margin: 0.8rem 0 0; padding: 0; font-size: 0.88rem; }
.legend li { display: flex; gap: 0.45rem; align-items: baseline; flex-wrap: wrap; }
.legend li::before { content: ""; width: 0.7rem; height: 0.7rem; border-radius: 2px; background: currentColor; align-self: center; }
.legend .queue-maildrop::before { background: var(--maildrop); } .legend .queue-incoming::before { background: var(--incoming); }
.legend .queue-active::before { background: var(--active); } .legend .queue-deferred::before { background: var(--deferred); }
.legend .queue-hold::before { background: var(--hold); }
.concerns, .plain-list { margin: 0.9rem 0 0; padding: 0; list-style: none; font-size: 0.92rem; }
.concerns li { padding: 0.45rem 0.8rem; margin: 0.4rem 0; border-left: 3px solid var(--accent); background: var(--ground); border-radius: 0 6px 6px 0; overflow-wrap: anywhere; }
.concerns .problem { border-color: var(--hot); background: var(--hot-ground); } .concerns .warning { border-color: var(--warm); background: var(--warm-ground); }
.concerns .faint { color: var(--soft); }
.routes { width: auto; }
tr:target > * { background: var(--warm-ground); }`;

const PAPER = `
@media print {
  :root { --ground: #fff; --line: #c3cad3; }
  @page { size: A4; margin: 14mm 12mm; }
  html { font-size: 9.5pt; }
  body { padding: 0; max-width: none; }
  nav, .filter, .copy, .composed, details, .way-cell, .unseen { display: none; }
  main { display: block; }
  main > section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 4mm 0; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .tile { break-inside: avoid; padding: 2mm 3mm; }
  .scroll { overflow: visible; max-height: none; }
  .tall thead th, .tall tfoot tr:last-child > * { position: static; }
  table { font-size: 8pt; }
  th, td { padding: 0.8mm 1.2mm; }
  .ages tbody th, .address, .reason { min-width: 0; max-width: none; } .ages .age { min-width: 0; }
  tr, figure { break-inside: avoid; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
  * { print-color-adjust: exact; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }`;

/** The style of all pages. */
export const STYLE = [COLORS, GROUND, COMMANDS, TILES, TABLES, CHARTS, PAPER].join('\n');
