/** How the page looks: one column of reading width, tables that keep their air, two colour schemes. */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2129; --soft: #575e6b; --line: #e2dfd7;
  --accent: #1f5f5b; --tint: #e6f0ee; --code: #f2f0ea;
  --silent: #ece9e1; --wait: #f4dfae; --act: #bfe0cd;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --card: #1b1f26; --ink: #e7e8ea; --soft: #a4abb8; --line: #2f3540;
    --accent: #7cc7bd; --tint: #1e302f; --code: #232832;
    --silent: #2a2f38; --wait: #4d3f1c; --act: #1f4736;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1.5rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--accent); text-underline-offset: .2em; }
a:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 4px;
}
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; top: 0; padding: .75rem 1rem; background: var(--card); }
.skip:focus { left: 0; z-index: 1; }
.hidden {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.top {
  max-width: 76rem; margin: 0 auto;
  padding: clamp(2rem, 6vw, 4.5rem) clamp(1rem, 4vw, 3rem) 2rem;
}
.kicker { margin: 0; color: var(--soft); font-size: .9375rem; }
.kicker span { margin-left: .5rem; }
h1 {
  margin: .35rem 0 .75rem; font-size: clamp(1.9rem, 5vw, 3.1rem); line-height: 1.12;
  letter-spacing: -.02em; font-weight: 680; text-wrap: balance;
}
.route { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 0 0 1.25rem; }
.party {
  padding: .2rem .85rem; border: 1px solid var(--accent); border-radius: 2rem;
  background: var(--tint); font-weight: 600;
}
.arrow { position: relative; width: 3.5rem; height: 2px; background: var(--accent); }
.arrow::after {
  content: ""; position: absolute; right: 0; top: -4px; width: 9px; height: 9px;
  border-top: 2px solid var(--accent); border-right: 2px solid var(--accent);
  transform: rotate(45deg);
}
.lead {
  max-width: 44rem; margin: 0 0 1.75rem; font-size: 1.1875rem; color: var(--soft);
  text-wrap: pretty;
}
.facts {
  display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 0; padding-top: 1.25rem;
  border-top: 1px solid var(--line);
}
dt { font-size: .8125rem; color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.sheet {
  max-width: 76rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 3rem) 4rem; display: grid;
  gap: 0 3.5rem;
}
nav ol {
  list-style: none; margin: 0; padding: 1rem 0; display: flex; flex-wrap: wrap;
  gap: .25rem 1.25rem;
}
nav a { display: inline-block; padding: .25rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
main { min-width: 0; }
section { margin-top: 3rem; }
section section { margin-top: 2rem; }
h2 { margin: 0 0 .75rem; font-size: 1.625rem; line-height: 1.25; letter-spacing: -.01em; }
h3 { margin: 0 0 .5rem; font-size: 1.125rem; }
h3 code { font-size: 1em; }
p { max-width: 44rem; margin: 0 0 1rem; overflow-wrap: break-word; text-wrap: pretty; }
code, pre {
  font-family: ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Noto Sans Mono", monospace;
  font-size: .9em;
}
code { padding: .1em .35em; border-radius: 4px; background: var(--code); overflow-wrap: anywhere; }
pre {
  margin: 0 0 1rem; padding: 1.1rem 1.25rem; overflow: auto; max-height: 36rem;
  border: 1px solid var(--line); border-radius: 10px; background: var(--card);
  line-height: 1.5;
}
pre code { padding: 0; background: none; overflow-wrap: normal; }
.wide {
  overflow-x: auto; margin: 0 0 1rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--card);
}
table { width: 100%; border-collapse: collapse; font-size: .9688rem; line-height: 1.5; }
th, td {
  padding: .65rem .9rem; text-align: left; vertical-align: top;
  border-top: 1px solid var(--line);
}
thead th {
  border-top: 0; font-size: .8125rem; font-weight: 600; color: var(--soft);
  white-space: nowrap;
}
tbody th { font-weight: 500; white-space: nowrap; }
tbody th code { overflow-wrap: normal; }
td:nth-child(2) { min-width: 15rem; }
.required {
  display: block; margin-top: .15rem; font-size: .75rem; font-weight: 400; color: var(--soft);
}
.scale {
  list-style: none; display: flex; margin: 1.25rem 0; padding: 0; border-radius: 10px;
  overflow: hidden; border: 1px solid var(--line);
}
.scale li { flex-basis: 9rem; padding: .75rem .9rem; font-size: .9375rem; line-height: 1.4; }
.scale b { display: block; font-variant-numeric: tabular-nums; }
.step1 {
  background: var(--silent); } .step2 { background: var(--wait);
  } .step3 { background: var(--act);
}
footer {
  max-width: 76rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 3rem;
  font-size: .875rem; color: var(--soft);
}
@media (min-width: 68rem) {
  .sheet { grid-template-columns: 12rem minmax(0, 1fr); }
  nav { position: sticky; top: 1rem; align-self: start; padding-top: 2.25rem; }
  nav ol { flex-direction: column; }
}
@media (max-width: 44rem) {
  .scale { flex-direction: column; }
  .scale li { flex-basis: auto; }
}
@media print {
  body { background: none; font-size: 10.5pt; }
  nav, .skip { display: none; }
  pre { max-height: none; white-space: pre-wrap; }
  section, tr { break-inside: avoid-page; }
}`;
