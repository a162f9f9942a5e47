/** The sheet in HTML, without style or script of its own: a part of the voting page and of the letter. */
import { escapeHtml } from "../html.ts";
import type { VoteSheet } from "./vote-sheet.ts";

/** Where the picture is, as an address that the reader's program can open, and its words. */
export type ShownPicture = { readonly src: string; readonly words: string };

/** `facts` are further ones that only this reader is told. */
export function renderSheetHtml(
  sheet: VoteSheet,
  picture: ShownPicture | undefined,
  facts: VoteSheet["facts"] = [],
): string {
  return [
    `<h1>Your vote: ${escapeHtml(sheet.title)}</h1>`,
    `<p>${escapeHtml(sheet.seen)}</p>`,
    table([...sheet.facts, { name: "Rule", value: sheet.rule }, ...facts]),
    `<p><strong>${escapeHtml(sheet.deadline)}</strong> ${escapeHtml(sheet.silence)}</p>`,
    "<h2>What exactly would change</h2>",
    changeTable(sheet),
    "<h2>On what evidence</h2>",
    ...(picture === undefined
      ? []
      : [
          `<p><img src="${escapeHtml(picture.src)}" alt="${escapeHtml(picture.words)}" width="640" height="200"></p>`,
          `<p><small>${escapeHtml(picture.words)}</small></p>`,
        ]),
    list(sheet.evidence),
    "<h2>Why</h2>",
    list(sheet.why),
    "<h2>Why it needs your vote</h2>",
    list(sheet.ruleReasons),
  ].join("\n");
}

function table(facts: VoteSheet["facts"]): string {
  const rows = facts.map(
    ({ name, value }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

function changeTable({ target, changes }: VoteSheet): string {
  const rows = changes.map(({ place, before, after }) => {
    const cells = [place, before, after].map((cell) => `<td><bdi>${escapeHtml(cell)}</bdi></td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  const shown =
    rows.length === 0
      ? "<p>Nothing would differ.</p>"
      : `<table><tr><th>Where</th><th>Now</th><th>Then</th></tr>${rows.join("")}</table>`;
  return `<p>${escapeHtml(target)}</p>${shown}`;
}

function list(lines: ReadonlyArray<string>): string {
  return `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;
}
