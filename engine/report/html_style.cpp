#include "report/html_sections.hpp"

namespace audit::report {

// Contrast: every ink below is at least 4.5:1 on both of its papers (WCAG 2.2 AA, 1.4.3).
Markup style_sheet() {
  return R"css(
:root {
  --paper: #fff; --panel: #f4f5f7; --ink: #1b1f24; --quiet: #57606b; --line: #d5dae0; --link: #0b57a4;
  --fail: #b3261e; --error: #7a2b8c; --blind: #855000; --pass: #17663a; --na: #57606b; --info: #0b57a4;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --panel: #1e2329; --ink: #e6e9ec; --quiet: #a5aeb9; --line: #3a424b; --link: #8fc1ff;
    --fail: #ff8f86; --error: #dda6ec; --blind: #f2bd62; --pass: #84d6a0; --na: #a5aeb9; --info: #8fc1ff;
  }
}
* { box-sizing: border-box; }
html { color-scheme: light dark; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 70rem; padding: 0 clamp(1rem, 4vw, 2.5rem) 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { margin: .2em 0 .3em; font-size: clamp(1.6rem, 1.1rem + 2.4vw, 2.5rem); letter-spacing: -.015em; }
h2 { margin: 3rem 0 1rem; padding-top: .6rem; border-top: 2px solid var(--ink); font-size: 1.5rem; }
h3 { margin: 2rem 0 .6rem; font-size: 1.15rem; }
h4 { margin: 1.4rem 0 .5rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 46rem; }
ul { margin: .5rem 0; padding-left: 1.2rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code, .place { unicode-bidi: isolate; }
code { font: .875em/1.5 var(--mono); }
time { white-space: nowrap; }

header { border-top: .5rem solid var(--tone); padding-top: 1.5rem; }
header.incomplete, header.failed { --tone: var(--fail); }
header.partial { --tone: var(--blind); }
header.clean { --tone: var(--pass); }
header h1 { color: var(--tone); }
header .name { display: flex; flex-wrap: wrap; gap: 0 .7em; margin: 0; color: var(--quiet); font-weight: 600; }
header .name time { font-weight: 400; }
header .detail { font-size: 1.15rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 1.5rem 0; }
.figures > div { flex: 1 1 12rem; max-width: 24rem; }
.figures dt { color: var(--quiet); font-size: .875rem; }
.figures dd { margin: 0; }
.figures strong { display: block; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em; }
.formula { color: var(--quiet); font-size: .875rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: 0; padding: .6rem 0; list-style: none;
  border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
nav a { display: inline-block; padding: .2rem 0; }

.status, .severity { white-space: nowrap; font-weight: 600; }
.status::before { display: inline-block; width: 1.3em; font-weight: 700; }
.pass { color: var(--pass); } .pass::before { content: "✓"; }
.fail { color: var(--fail); } .fail::before { content: "×"; }
.error { color: var(--error); } .error::before { content: "!"; }
.blind > .status, .status.blind { color: var(--blind); } .status.blind::before { content: "?"; }
.na { color: var(--na); } .na::before { content: "–"; }
.info { color: var(--info); } .info::before { content: "i"; }
.severity { display: inline-block; padding: 0 .5em; border: 1.5px solid currentColor; border-radius: .25em;
  font-size: .8125rem; line-height: 1.5; }
.critical, .high { color: var(--fail); }
.critical { background: var(--fail); color: var(--paper); border-color: var(--fail); }
.medium { color: var(--blind); } .low { color: var(--info); } .least { color: var(--na); }

table { border-collapse: collapse; font-size: .9375rem; line-height: 1.45; }
caption { padding: .3rem 0; text-align: left; color: var(--quiet); }
th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
th { font-weight: 600; }
thead th { color: var(--quiet); font-size: .8125rem; vertical-align: bottom; }
.n { text-align: right; white-space: nowrap; }
.counts { width: 100%; max-width: 44rem; }
.counts .bar { width: 45%; padding-right: 0; vertical-align: middle; }
.counts svg { display: block; width: 100%; height: .6rem; }
.track { fill: var(--panel); } .fill { fill: var(--quiet); }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll table { min-width: 100%; }
.scroll + .scroll { margin-top: 1.5rem; }
.stack tbody th { overflow-wrap: anywhere; }
.matrix th:first-child { position: sticky; left: 0; background: var(--paper); max-width: 40vw; min-width: 7rem; }
.matrix td, .matrix thead th { white-space: nowrap; }
.matrix td { color: var(--quiet); }
.matrix td.open { color: var(--ink); font-weight: 700; }
.matrix td.unknown { color: var(--blind); font-weight: 700; }
.targets th:first-child { min-width: 9rem; }
.targets td:nth-child(4) { min-width: 7rem; }
.targets td:nth-child(5) { min-width: 12rem; }
.targets td:last-child { min-width: 8rem; }
.hash { overflow-wrap: anywhere; }
.control { white-space: nowrap; font-weight: 600; }
.control::before { display: inline-block; width: 1.3em; font-weight: 700; }
.unmet { color: var(--fail); } .unmet::before { content: "×"; }
.accepted { color: var(--fail); } .accepted::before { content: "~"; }
.met { color: var(--pass); } .met::before { content: "✓"; }
.attested { color: var(--info); } .attested::before { content: "§"; }
.some { color: var(--info); } .some::before { content: "½"; }
.unknown-control { color: var(--blind); } .unknown-control::before { content: "?"; }
.bare { color: var(--na); } .bare::before { content: "–"; }
.controls tbody th { min-width: 12rem; max-width: 20rem; font-weight: 400; }
.controls ul { margin: 0; padding: 0; list-style: none; }
.controls li + li { margin-top: .4rem; }
.rules tbody th { min-width: 15rem; font-weight: 400; }
.facts, .legend, .cut { color: var(--quiet); font-size: .8125rem; font-weight: 400; }
.cut { font-style: italic; }

article { margin: 1.5rem 0 2.5rem; }
article h4 { margin: 0 0 .6rem; font-size: 1.1rem; }
article h4 code { margin-left: .3em; color: var(--quiet); font-weight: 400; font-size: .8em; }
.about { display: grid; grid-template-columns: 9rem minmax(0, 44rem); gap: .3rem 1rem; margin: .6rem 0 1rem; }
.about dt { color: var(--quiet); } .about dd { margin: 0; } .about ul { margin: 0; padding: 0; list-style: none; }
.findings { padding: 0; list-style: none; }
.finding { margin: 0 0 1.2rem; padding: .1rem 0 .1rem 1rem; border-left: 3px solid var(--line); }
.finding:target { border-left-color: var(--link); background: var(--panel); }
.finding p { margin: .2rem 0; }
.place { font-size: 1rem; } .place code { margin-left: .4em; } .self { color: inherit; text-decoration: none; }
.self:hover { text-decoration: underline; }
.key { color: var(--quiet); }
.said { color: var(--quiet); font-size: .875rem; }
.said, .message { white-space: pre-line; }
details { margin: .4rem 0; }
summary { cursor: pointer; color: var(--quiet); font-size: .875rem; padding: .15rem 0; }
details ul { padding: 0; list-style: none; }
details li { margin: .4rem 0; padding: .5rem .8rem; background: var(--panel); border-radius: .3rem; }
.source { font-weight: 600; font-size: .875rem; }
.seen { margin: .4rem 0 0; font-size: .875rem; }
.seen > div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: .2rem 1rem; }
.seen dt { color: var(--quiet); } .seen dd { margin: 0; }
.seen code, details li p code { white-space: pre-wrap; }
ul.blind { list-style: none; padding: 0; }
ul.blind > li { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid var(--line); }
.who { font-weight: 600; }
dl.facts { font-size: .9375rem; color: var(--ink); }
dl.facts > div { display: grid; grid-template-columns: 12rem minmax(0, 1fr); gap: .2rem 1rem; padding: .35rem 0;
  border-bottom: 1px solid var(--line); }
dl.facts dt { color: var(--quiet); } dl.facts dd { margin: 0; }
.label { color: var(--quiet); }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin: 1rem 0; }
.tiles > div { display: flex; flex-direction: column-reverse; min-width: 7rem; }
.tiles dt { color: var(--quiet); font-size: .875rem; }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.2; }
.map, .chart { display: block; margin: .6rem 0; max-width: none; }
.map text { font: 12px var(--mono); fill: var(--ink); }
.map text.title, .map text.name { font-weight: 700; }
.map text.line { fill: var(--quiet); }
.map rect { fill: var(--paper); stroke: var(--line); }
.map rect.zone { fill: var(--panel); stroke: var(--quiet); stroke-width: 1.5; }
.map .away rect { stroke-dasharray: 6 4; }
.map .bad rect { stroke: var(--fail); stroke-width: 3; } .map .bad .name, .map .bad .outcome { fill: var(--fail); }
.map .lesser rect { stroke: var(--blind); stroke-width: 2; }
.map .lesser .name, .map .lesser .outcome { fill: var(--blind); }
.map .accepted-risk rect { stroke: var(--fail); }
.map .unseen rect { stroke: var(--quiet); fill: var(--panel); }
.chart text { font-size: 13px; fill: var(--quiet); }
.chart text.title { font-weight: 600; fill: var(--ink); }
.chart text.scale { text-anchor: end; }
.chart .grid { stroke: var(--line); fill: none; }
.chart polyline.score { fill: none; stroke: var(--link); stroke-width: 2; }
.chart circle.score { fill: var(--paper); stroke: var(--link); stroke-width: 2; }
.failed-bar { fill: var(--fail); stroke: var(--fail); }
.blind-bar { fill: none; stroke: var(--blind); stroke-width: 1.5; }
.signers { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem 3rem; }
.signer { break-inside: avoid; }
.signer dl > div { display: flex; align-items: flex-end; gap: 1rem; height: 3.2rem; }
.signer dt { width: 5.5rem; color: var(--quiet); }
.signer dd { flex: 1; margin: 0; align-self: stretch; border-bottom: 1px solid var(--ink); }
@media screen { .filtered { display: none !important; } }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; max-width: none; }
.tools input { margin-left: .3em; padding: .2rem .4rem; border: 1px solid var(--quiet); border-radius: .25em; font: inherit;
  color: inherit; background: var(--paper); }
.tools button { padding: .2rem .7rem; border: 1px solid var(--quiet); border-radius: .25em; font: inherit; color: inherit;
  background: var(--panel); }
th button { min-height: 24px; padding: 0; border: 0; background: none; font: inherit; color: inherit; text-align: inherit;
  cursor: pointer; text-decoration: underline dotted; text-underline-offset: .2em; }
th[aria-sort=ascending] button::after { content: " ▲"; } th[aria-sort=descending] button::after { content: " ▼"; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (max-width: 40rem) {
  .about, .seen > div, dl.facts > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .about dd, .seen dd { margin-bottom: .5rem; }
  .counts .bar { display: none; }
  th, td { padding-right: .7rem; }
}
/* On a narrow screen a row is a card: its heads go, and each cell says what it is. */
@media screen and (max-width: 40rem) {
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack thead:focus-within { position: static; width: auto; height: auto; clip-path: none; }
  .stack tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  .stack th, .stack td, .stack td:last-child { min-width: 0; max-width: none; padding: .1rem 0; border: 0;
    text-align: left; white-space: normal; overflow-wrap: anywhere; }
  .stack td::before { margin-right: .5em; color: var(--quiet); font-size: .8125rem; }
  .stack td:empty { display: none; }
  .stack td > br:first-of-type { display: none; }
  .stack td > br:first-of-type + .facts::before { content: "\a0· "; }
  .stack td > ul { margin: .2rem 0 0; padding-left: .8rem; border-left: 3px solid var(--line); }
  .waivers td:nth-child(2)::before, .controls td:nth-child(2)::before { content: "State"; }
  .waivers td:nth-child(3)::before { content: "Names"; }
  .waivers td:nth-child(4)::before { content: "In this run"; }
  .waivers td:nth-child(5)::before { content: "Reason, approver"; }
  .attestations td:nth-child(2)::before { content: "Counts as"; }
  .attestations td:nth-child(3)::before { content: "Evidence, by whom"; }
  .controls td:nth-child(3)::before { content: "Why"; }
  .controls td:nth-child(4)::before { content: "Rules behind it"; }
  .remarks td:nth-child(2)::before { content: "Seen"; }
  .remarks td:nth-child(3)::before { content: "Targets"; }
  .remarks td:nth-child(4)::before { content: "Which"; }
  .targets td:nth-child(2)::before { content: "Failures"; }
  .targets td:nth-child(3)::before { content: "Not judged"; }
  .targets td:nth-child(4)::before { content: "Life"; }
  .targets td:nth-child(5)::before { content: "Open ports"; }
  .targets td:nth-child(6)::before { content: "Inventory"; }
  .certificates td:nth-child(2)::before { content: "State"; }
  .certificates td:nth-child(3)::before { content: "Days left"; }
  .certificates td:nth-child(4)::before { content: "Expires"; }
  .certificates td:nth-child(5)::before { content: "Seen at"; }
  .trend td:nth-child(2)::before { content: "Started"; }
  .trend td:nth-child(3)::before { content: "Score"; }
  .trend td:nth-child(4)::before { content: "Planned"; }
  .trend td:nth-child(5)::before { content: "Pass"; }
  .trend td:nth-child(6)::before { content: "Fail"; }
  .trend td:nth-child(7)::before { content: "Error"; }
  .trend td:nth-child(8)::before { content: "Not reviewed"; }
  .trend td:nth-child(n+4) { display: inline-block; margin-right: 1em; }
  .lists td:nth-child(2)::before { content: "Count"; }
  .lists td:nth-child(3)::before { content: "Which"; }
  .diff td:nth-child(2)::before { content: "Rule"; }
  .diff td:nth-child(3)::before, .diff-observations td:nth-child(2)::before { content: "Where"; }
  .diff td:nth-child(4)::before { content: "What"; }
  .diff-unknown td:nth-child(2)::before { content: "Target"; }
  .diff-unknown td:nth-child(3)::before, .diff-observations td:nth-child(3)::before { content: "Was"; }
  .diff-unknown td:nth-child(4)::before, .diff-observations td:nth-child(4)::before { content: "Now"; }
  .diff-unknown td:nth-child(5)::before, .diff-observations td:nth-child(5)::before { content: "Why"; }
  .targets .severity { margin-left: .4em; }
  .rules td:nth-child(n+3) { display: inline-block; margin-right: 1em; }
  .rules td:nth-child(2)::before { content: "Severity"; }
  .rules td:nth-child(3)::before { content: "Pass"; }
  .rules td:nth-child(4)::before { content: "Fail"; }
  .rules td:nth-child(5)::before { content: "Error"; }
  .rules td:nth-child(6)::before { content: "Not reviewed"; }
  .rules td:nth-child(7)::before { content: "Not applicable"; }
  .rules td:nth-child(8)::before { content: "Informational"; }
}
@media print {
  :root { --paper: #fff; --panel: #f4f5f7; --ink: #000; --quiet: #454c54; --line: #b9bfc6; --link: #000;
    --fail: #8f1b15; --error: #5f1f6e; --blind: #663d00; --pass: #0f4d2a; --na: #454c54; --info: #08427d; }
  @page { size: A4; margin: 16mm 12mm 15mm; font: 7.5pt sans-serif;
    @bottom-right { content: "page " counter(page) " of " counter(pages); } }
  html { font-size: 8.5pt; }
  body { max-width: none; padding: 0; line-height: 1.35; }
  nav, .tools { display: none; }
  th button { display: contents; }  /* a button in a head is not painted where the head is repeated */
  p { max-width: none; }
  h2 { margin: 1.6rem 0 .5rem; }
  h3 { margin: 1rem 0 .3rem; }
  article { margin: .8rem 0 1.2rem; }
  .finding { margin-bottom: .6rem; }
  h2, h3, h4, thead, summary, caption { break-after: avoid; }
  tr, .finding p, .controls li, details li { break-inside: avoid; }
  thead { display: table-header-group; }
  table { line-height: 1.3; }
  th, td { padding: .2rem .6rem .2rem 0; }
  .scroll { overflow: visible; }
  .map, .chart { width: 100%; height: auto; break-inside: avoid; margin: .3rem 0; }
  #signoff { break-inside: avoid; }
  .stack { width: 100%; font-size: .875rem; }
  .stack th, .stack td, .stack tbody th { min-width: 0; max-width: none; }
  .stack td { overflow-wrap: anywhere; }
  .controls { table-layout: fixed; }
  .controls th:nth-child(1), .controls th:nth-child(3) { width: 18%; }
  .controls th:nth-child(2) { width: 15%; }
  .controls li + li { margin-top: .15rem; }
  .controls li br { display: none; }
  .controls li .facts::before { content: "\a0· "; }
  .rules tbody th { width: 62%; }
  .rules thead th, .targets thead th { white-space: normal; }
  .matrix th:first-child { position: static; }
  .matrix td, .matrix th { padding-right: .4rem; font-size: .75rem; }
  details::details-content { content-visibility: visible; height: auto; }
  details > ul { margin: .2rem 0; }
  #controls details > ul { columns: 2; }
  details li { margin: .15rem 0; padding: .2rem .5rem; }
  .seen { margin: 0; line-height: 1.3; }
  .seen > div { display: inline; }
  .seen dt, .seen dd { display: inline; }
  .seen dt::after { content: ": "; }
  .seen dd { margin-right: .8em; }
  .critical, .track, .fill, details li { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";
}

}  // namespace audit::report
