/** The contract's documentation as Markdown, for a repository or a wiki. */
import type { Contract } from "../types.ts";
import { type Block, contractToPage, type Inline, type Section } from "./page.ts";

export function contractToMarkdown(contract: Contract): string {
  const page = contractToPage(contract);
  const facts = page.facts.map(([name, text]) => `- **${escape(name)}:** ${inline(text)}`);
  const parts = [
    `<!-- Generated from the contract; do not edit. -->`,
    `# ${escape(page.title)}`,
    `\`${page.name}\` version \`${page.version}\``,
    escape(page.lead),
    facts.join("\n"),
    ...page.sections.flatMap((section) => sectionLines(section, 2)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function sectionLines(section: Section, level: number): ReadonlyArray<string> {
  return [
    `${"#".repeat(level)} ${inline(section.title)}`,
    ...section.blocks.map(blockToText),
    ...section.parts.flatMap((part) => sectionLines(part, level + 1)),
  ];
}

function blockToText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return inline(block.text);
    case "table":
      return table(
        block.head.map(escape),
        block.rows.map((row) => row.map(inline)),
      );
    case "scale": {
      const rows = block.parts.map(({ to, means }, i) => {
        const from = i === 0 ? 0 : (block.parts[i - 1]?.to ?? 0);
        return [`${from} to ${to}`, escape(means)];
      });
      return table(["Confidence", "Then"], rows);
    }
    case "code": {
      const fence = "`".repeat(Math.max(3, longestRun(block.text) + 1));
      return `${fence}json\n${block.text}\n${fence}`;
    }
  }
}

function table(head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string {
  const line = (cells: ReadonlyArray<string>): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function inline(spans: Inline): string {
  return spans
    .map((span) => (typeof span === "string" ? escape(span) : codeSpan(span.code)))
    .join("");
}

/** A run of backticks longer than any inside; a space where the text begins or ends with one. */
function codeSpan(text: string): string {
  const flat = text.replaceAll(/[\p{C}\p{Z}]/gu, " ");
  const ticks = "`".repeat(longestRun(flat) + 1);
  const gap = flat.startsWith("`") || flat.endsWith("`") || flat.trim() === "" ? " " : "";
  return `${ticks}${gap}${flat}${gap}${ticks}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Words stay words: nothing in them is read as markup or as HTML. */
function escape(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replace(/^(\s*)([#+-]|\d+[.)])(?=\s)/, "$1\\$2");
}
