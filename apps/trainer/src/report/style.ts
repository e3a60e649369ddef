/** The report's style sheet: one column on a phone, more where there is room; light, dark and paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f6f3; --card: #ffffff; --ink: #1b1d21; --muted: #5c6169; --line: #e1e1db; --accent: #1f55c4; --wrong: #b3470b;
  --chart-ink: var(--ink); --chart-muted: var(--muted); --chart-grid: #0000001c; --chart-on-fill: #ffffff;
  --chart-1: #2a63d6; --chart-2: #c4500f; --chart-3: #16875d; --chart-4: #8a4fd3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121316; --card: #1b1d21; --ink: #ececea; --muted: #a2a8b1; --line: #30343a; --accent: #86aeff; --wrong: #ff9d5c;
    --chart-grid: #ffffff24; --chart-on-fill: #101114;
    --chart-1: #7ba7ff; --chart-2: #ff9d5c; --chart-3: #4cc79a; --chart-4: #c39bff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
main, header > div { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
header { background: var(--card); border-bottom: 1px solid var(--line); padding: 28px 0 24px; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 4px; }
h3 { font-size: 0.95rem; margin: 0 0 8px; }
p { margin: 0 0 12px; max-width: 75ch; }
.muted { color: var(--muted); }
.small { font-size: 0.85rem; }
section { margin: 40px 0; }
h2, h3, section > p { break-after: avoid; }
tr, .tiles { break-inside: avoid; }
thead { display: table-header-group; }
section > p { color: var(--muted); }
.pair { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; min-width: 0; break-inside: avoid; }
.wide { grid-column: 1 / -1; }
.card svg { display: block; width: 100%; max-width: 520px; height: auto; margin: 0 auto; }
.tiles { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(min(180px, 100%), 1fr)); margin: 24px 0 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; min-width: 0; }
.tile dt { color: var(--muted); font-size: 0.85rem; }
.tile dd { margin: 0; font-size: 1.6rem; font-weight: 600; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.tile dd + dd { font-size: 0.82rem; font-weight: 400; letter-spacing: 0; color: var(--muted); }
.tile.first { border-color: var(--accent); box-shadow: inset 0 3px 0 var(--accent); }
.scroll { overflow-x: auto; }
.scroll.large svg { max-width: 1000px; min-width: 720px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.92rem; }
th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { color: var(--muted); font-weight: 500; }
tr:last-child td { border-bottom: 0; }
table.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; vertical-align: top; }
table.facts th { text-align: left; white-space: nowrap; padding-left: 0; vertical-align: top; font-weight: 500; }
.gallery { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); margin: 0; padding: 0; list-style: none; }
.gallery li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px; font-size: 0.82rem; line-height: 1.35; break-inside: avoid; }
.gallery img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; background: #000; border-radius: 4px; image-rendering: pixelated; margin-bottom: 6px; }
.gallery .read { font-weight: 600; color: var(--wrong); }
.gallery li > div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 6px; overflow-wrap: anywhere; }
.gallery .probability { font-variant-numeric: tabular-nums; white-space: nowrap; }
.gallery.pairs { grid-template-columns: repeat(auto-fill, minmax(min(220px, 100%), 1fr)); }
.gallery .two { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.gallery .name { color: var(--muted); overflow-wrap: anywhere; }
.sheet { display: block; width: 100%; max-width: 960px; height: auto; background: #000; border-radius: 4px; image-rendering: pixelated; }
.problems { margin: 0; padding-left: 20px; }
.problems li { margin-bottom: 6px; overflow-wrap: anywhere; }
.pages { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); margin: 0; padding: 0; list-style: none; }
.pages li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px; break-inside: avoid; }
.pages table { table-layout: fixed; }
.pages th, .pages td { padding: 2px 4px; text-align: center; border: 0; white-space: normal; font-size: 0.82rem; }
.pages img { display: block; width: 100%; height: auto; background: #000; border-radius: 4px; image-rendering: pixelated; }
.filters { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 0; list-style: none; }
.filters img { display: block; width: 56px; height: 56px; image-rendering: pixelated; background: var(--card); border: 1px solid var(--line); border-radius: 4px; }
.filters.large img { width: 84px; height: 84px; }
pre { background: var(--page); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; overflow-x: auto; margin: 0 0 12px; font: 0.84rem/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
details > summary { cursor: pointer; padding: 4px 0; font-weight: 500; }
details > pre { margin-top: 8px; }
footer { color: var(--muted); font-size: 0.85rem; margin: 40px 0 48px; }
.notice { border-left: 4px solid var(--wrong); padding: 8px 14px; background: var(--card); border-radius: 4px; margin: 20px 0 0; }
@media (max-width: 480px) {
  main, header > div { padding: 0 14px; }
  .card { padding: 12px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 8px; }
  .tile { padding: 10px 12px; }
  .tile dd { font-size: 1.3rem; }
  .tile.first { grid-column: 1 / -1; }
  .tile.first dd:nth-of-type(1) { font-size: 1.9rem; }
  h1 { font-size: 1.4rem; }
  th, td { padding: 5px 7px; }
  .gallery { grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 8px; }
}
@media print {
  :root {
    --page: #fff; --card: #fff; --ink: #000; --muted: #444; --line: #ccc; --accent: #1f55c4; --wrong: #9c3c08;
    --chart-grid: #0000001c; --chart-on-fill: #fff; --chart-1: #2a63d6; --chart-2: #c4500f; --chart-3: #16875d; --chart-4: #8a4fd3;
    color-scheme: light; print-color-adjust: exact; -webkit-print-color-adjust: exact;
  }
  @page { margin: 14mm 12mm; }
  body { font-size: 10pt; }
  main, header > div { padding: 0; max-width: none; }
  header { border: 0; padding: 0; }
  section { margin: 18pt 0; }
  .tiles { grid-template-columns: repeat(4, 1fr); gap: 8px; margin-top: 12pt; }
  .tile { padding: 8px 10px; }
  .tile dd { font-size: 1.25rem; }
  .pair { grid-template-columns: 1fr 1fr; gap: 10px; }
  .card { padding: 10px; }
  .card.breaks { break-inside: auto; }
  .pair.facts { display: block; }
  .pair.facts > .card { margin-bottom: 10px; }
  .scroll { overflow: visible; }
  .scroll.large svg { min-width: 0; max-width: 100%; }
  th, td { padding: 3px 6px; }
  .gallery { grid-template-columns: repeat(7, 1fr); gap: 8px; }
  .gallery li { padding: 5px; font-size: 7.5pt; }
  p { break-inside: avoid; }
  .pair.facts > .card:first-child tbody { display: block; columns: 2; column-gap: 24px; }
  .pair.facts > .card:first-child tr { display: grid; grid-template-columns: 1fr auto; }
  .filters { break-inside: avoid; }
  .filters img { width: 40px; height: 40px; }
  details > summary { list-style: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  pre { white-space: pre-wrap; font-size: 7.5pt; }
}
`;
