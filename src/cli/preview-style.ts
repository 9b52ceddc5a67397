/** The style of a preview's HTML page, for light and dark mode. */

export const PREVIEW_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b2330; --soft: #5a6577; --line: #dfe3ea; --code: #f0f2f6;
  --bad: #b3261e; --bad-soft: #fdecea; --warn: #8a5a00; --warn-soft: #fdf3dc; --good: #14693b; --good-soft: #e5f4ea;
  --link: #1d5fbf;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --card: #1a2029; --text: #e3e8f0; --soft: #98a3b5; --line: #2d3644; --code: #232b37;
    --bad: #ff8f86; --bad-soft: #3a1f20; --warn: #f0c060; --warn-soft: #362b14; --good: #7fd3a0; --good-soft: #17301f;
    --link: #8ab6f5;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h1::first-letter { text-transform: uppercase; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1rem; font-size: .92rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .25rem 0; }
a { color: var(--link); }
.soft { color: var(--soft); }
.arrow { color: var(--soft); padding: 0 .2em; }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--code); border-radius: 6px; padding: .75rem 1rem; margin: .5rem 0 0; overflow-x: auto; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; margin: 1.25rem 0 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1rem; min-width: 8.5rem; }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.2; }
.tiles .bad { background: var(--bad-soft); } .tiles .bad b { color: var(--bad); }
.tiles .warn b { color: var(--warn); } .tiles .good b { color: var(--good); }
.banner { border-radius: 8px; padding: .6rem 1rem; margin-top: 1.25rem; background: var(--good-soft); color: var(--good); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; margin: .75rem 0; }
.card.bad { border-left: 4px solid var(--bad); } .card.warn { border-left: 4px solid var(--warn); }
.card.good { border-left: 4px solid var(--good); } .card:target { outline: 2px solid var(--link); }
.message { margin-top: .6rem; overflow-wrap: anywhere; }
.names { margin: .4rem 0 0; }
.names > div { display: flex; gap: .5rem .75rem; margin: .25rem 0; }
.names dt { flex: 0 0 8rem; color: var(--soft); font-size: .88rem; overflow-wrap: anywhere; }
.names dd { margin: 0; min-width: 0; }
.names ul { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .3rem .5rem; }
.names li { background: var(--code); border-radius: 5px; padding: .05rem .5rem; font-size: .88rem; overflow-wrap: anywhere; }
.plain { margin: .4rem 0 0; padding-left: 1.1rem; overflow-wrap: anywhere; }
.namespace th { background: var(--code); color: var(--text); overflow-wrap: anywhere; }
details > summary { cursor: pointer; color: var(--link); font-size: .9rem; margin-top: .4rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: .75rem; }
th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--soft); }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td a { white-space: nowrap; }
td code { overflow-wrap: anywhere; }
.fields tr td { border-bottom: 1px solid var(--line); }
.fields { table-layout: fixed; min-width: 52rem; }
.fields .area { width: 7rem; } .fields .path { width: 36%; }
.fields td.area { color: var(--soft); font-size: .88rem; }
.old code, .new code { display: inline-block; border-radius: 4px; padding: 0 .35rem; }
.old code { background: var(--bad-soft); color: var(--bad); } .new code { background: var(--good-soft); color: var(--good); }
.badge { display: inline-block; border-radius: 5px; padding: .05rem .5rem; font-size: .85rem; white-space: nowrap; background: var(--code); }
.badge.bad { background: var(--bad-soft); color: var(--bad); } .badge.warn { background: var(--warn-soft); color: var(--warn); }
.badge.good { background: var(--good-soft); color: var(--good); }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 700px) {
  main { padding: 1rem .6rem 3rem; }
  .card { padding: .75rem .7rem; }
  .names > div { display: block; }
  .fields { min-width: 0; }
  .fields thead, .stack thead { display: none; }
  .fields tbody, .fields tr, .fields td, .stack tbody, .stack tr, .stack td, .stack .namespace th { display: block; width: auto; }
  .fields td, .fields tr td, .stack td { border-bottom: 0; padding: .15rem .3rem; }
  .fields .area, .fields .path { width: auto; }
  .fields tr, .stack tr { border-bottom: 1px solid var(--line); padding: .35rem 0; }
  .fields .old::before { content: "before "; } .fields .new::before { content: "after "; }
  .stack td[data-label]::before { content: attr(data-label) ": "; }
  .fields .old::before, .fields .new::before, .stack td[data-label]::before { color: var(--soft); font-size: .8rem; }
  td code, pre { overflow-wrap: anywhere; white-space: pre-wrap; }
}
@media print { body { background: none; } .card, .tiles li { break-inside: avoid; } }
`
