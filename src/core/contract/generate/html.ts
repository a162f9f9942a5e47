/**
 * The contract's documentation as one HTML page that needs nothing else: no script, no font, no image,
 * nothing fetched. It follows the reader's light or dark setting, can be read with a keyboard and a
 * screen reader, and prints.
 */
import { escapeHtml as escape } from "../../html.ts";
import type { Contract } from "../types.ts";
import { type Block, contractToPage, type Inline, type Page, type Section } from "./page.ts";
import { PAGE_STYLE } from "./page-style.ts";

export function contractToHtml(contract: Contract): string {
  const page = contractToPage(contract);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="description" content="${escape(page.lead)}">
<title>${escape(page.title)} · ${escape(page.name)} ${escape(page.version)}</title>
<style>
${PAGE_STYLE}
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the contract</a>
${headerOf(page)}
<div class="sheet">
${contentsOf(page)}
<main id="main" tabindex="-1">
${page.sections.map((section) => sectionToHtml(section, 2)).join("\n")}
</main>
</div>
<footer><p>Generated from the contract; whoever changes the contract changes this page.</p></footer>
</body>
</html>
`;
}

function headerOf(page: Page): string {
  const [from, to, ...others] = page.facts;
  const facts = others
    .map(([name, text]) => `<div><dt>${escape(name)}</dt><dd>${inline(text)}</dd></div>`)
    .join("\n");
  const party = (text: Inline | undefined): string =>
    `<span class="party">${inline(text ?? [])}</span>`;
  return `<header class="top">
<p class="kicker"><code>${escape(page.name)}</code> <span>version ${escape(page.version)}</span></p>
<h1>${escape(page.title)}</h1>
<p class="route">
${party(from?.[1])} <span class="arrow" aria-hidden="true"></span>
<span class="hidden">to</span> ${party(to?.[1])}
</p>
<p class="lead">${escape(page.lead)}</p>
<dl class="facts">
${facts}
</dl>
</header>`;
}

function contentsOf(page: Page): string {
  const items = page.sections
    .map(({ id, title }) => `<li><a href="#${escape(id)}">${inline(title)}</a></li>`)
    .join("\n");
  return `<nav aria-label="Contents"><ol>\n${items}\n</ol></nav>`;
}

function sectionToHtml(section: Section, level: number): string {
  const heading = `h${Math.min(level, 6)}`;
  return [
    `<section id="${escape(section.id)}" aria-labelledby="${escape(section.id)}-title">`,
    `<${heading} id="${escape(section.id)}-title">${inline(section.title)}</${heading}>`,
    ...section.blocks.map((block) => blockToHtml(block)),
    ...section.parts.map((part) => sectionToHtml(part, level + 1)),
    "</section>",
  ].join("\n");
}

function blockToHtml(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return `<p>${inline(block.text)}</p>`;
    case "table":
      return tableToHtml(block);
    case "scale": {
      const parts = block.parts.map(({ to, means }, i) => {
        const from = block.parts[i - 1]?.to ?? 0;
        const width = Math.round((to - from) * 1000) / 10;
        const words = `<b>${from} to ${to}</b> ${escape(means)}`;
        return `<li class="step${i + 4 - block.parts.length}" style="flex-grow:${width}">${words}</li>`;
      });
      return `<ol class="scale" aria-label="${escape(block.label)}">\n${parts.join("\n")}\n</ol>`;
    }
    case "code": {
      const label = escape(block.label);
      return `<pre tabindex="0" role="region" aria-label="${label}"><code>${escape(block.text)}</code></pre>`;
    }
  }
}

/** The first cell of a row names it. Wide tables scroll in their own region, which a key can reach. */
function tableToHtml({ caption, head, rows }: Block & { readonly kind: "table" }): string {
  const columns = head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join("");
  const body = rows.map(([first = [], ...cells]) => {
    const rest = cells.map((cell) => `<td>${inline(cell)}</td>`);
    return `<tr><th scope="row">${inline(first)}</th>${rest.join("")}</tr>`;
  });
  const label = escape(caption);
  return `<div class="wide" role="region" aria-label="${label}" tabindex="0"><table>
<caption class="hidden">${label}</caption>
<thead><tr>${columns}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table></div>`;
}

function inline(spans: Inline): string {
  return spans
    .map((span) => {
      if (typeof span !== "string") return `<code>${escape(span.code)}</code>`;
      if (span === " *") return `<span class="required">required</span>`;
      return escape(span);
    })
    .join("");
}
