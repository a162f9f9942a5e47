/** A matrix as plain text, for a terminal or a letter: cells are short, the legend says who decides. */
import { describeMinute, describeStretchOfMoney, percent } from "./region-words.ts";
import type { Matrix, MatrixCell } from "./matrix.ts";

/** "auto", "logistics + marketing", "forbidden", "no rule" */
export function cellToText({ decidedBy, effect }: MatrixCell): string {
  if (decidedBy === "no-rule") return "no rule";
  if (effect.kind === "auto") return "auto";
  if (effect.kind === "forbid") return "forbidden";
  return effect.votes
    .map(({ party, quorum }) => (quorum === 1 ? party : `${quorum} x ${party}`))
    .join(" + ");
}

/** Who decided, in the order of first appearance; a cell's number is its place in it. */
export function legendOf({ rows }: Matrix): ReadonlyArray<string> {
  return [...new Set(rows.flatMap(({ cells }) => cells.map(decider)))];
}

export function decider({ decidedBy, by }: MatrixCell): string {
  if (decidedBy === "rule") return `rule ${by}`;
  return decidedBy === "limit" ? `guardrail ${by}` : "nobody: no rule fits, so it is forbidden";
}

/** What all cells have in common. */
export function describeMatrixPoint({ at }: Matrix): string {
  return [
    `confidence ${at.confidence}`,
    `${at.subjects} place${at.subjects === 1 ? "" : "s"}`,
    `${percent(at.shareOfOrders)} of all orders`,
    `${percent(at.shareOfSpend)} of all ad spend`,
    describeMinute(at.time),
  ].join(", ");
}

export function tierTexts({ tiers, currency }: Matrix): ReadonlyArray<string> {
  if (tiers.length === 1) return ["any value at stake"];
  return tiers.map(({ atLeast, below }) =>
    describeStretchOfMoney(
      {
        ...(atLeast === undefined || atLeast === 0 ? {} : { atLeast }),
        ...(below === undefined ? {} : { below }),
      },
      currency,
    ),
  );
}

export function matrixToText(matrix: Matrix): string {
  const legend = legendOf(matrix);
  const lines = [
    ["", ...tierTexts(matrix)],
    ...matrix.rows.map(({ option, reversible, cells }) => [
      reversible ? option : `${option} (for good)`,
      ...cells.map((cell) => `${cellToText(cell)} [${legend.indexOf(decider(cell)) + 1}]`),
    ]),
  ];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const table = lines.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    matrix.title,
    `at ${describeMatrixPoint(matrix)}; columns are value at stake`,
    "",
    ...table,
    "",
    ...legend.map((text, i) => `[${i + 1}] ${text}`),
  ].join("\n");
}
