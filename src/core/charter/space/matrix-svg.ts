/**
 * A matrix as a picture that stands by itself: no script, no font or colour from elsewhere, and every
 * colour is also a word.
 */
import type { Matrix, MatrixCell } from "./matrix.ts";
import { cellToText, decider, describeMatrixPoint, legendOf, tierTexts } from "./matrix-text.ts";

const PAD = 24;
const HEAD = 88;
const ROW_HEIGHT = 52;
const LINE_HEIGHT = 20;
/** Of a sans-serif letter at 13 px, generously. */
const LETTER_WIDTH = 7.6;
const COLUMN_WIDTH_MIN = 110;

const COLOURS = {
  auto: { fill: "#d7f0dd", ink: "#14532d" },
  approve: { fill: "#fdf0c8", ink: "#6b4a00" },
  approveMany: { fill: "#fbdfc0", ink: "#7a3300" },
  forbid: { fill: "#e5e7eb", ink: "#374151" },
  none: { fill: "#fbd5d5", ink: "#8b1a1a" },
} as const;

export function matrixToSvg(matrix: Matrix): string {
  const { rows } = matrix;
  const legend = legendOf(matrix);
  const tiers = tierTexts(matrix);
  const names = rows.map(({ option, reversible }) =>
    reversible ? option : `${option} (for good)`,
  );
  const nameWidth = widthOf(names) + PAD;
  const widths = tiers.map((tier, column) =>
    Math.max(
      COLUMN_WIDTH_MIN,
      widthOf([tier, ...rows.map(({ cells }) => textOf(cells[column]))]) + PAD,
    ),
  );
  const lefts = widths.map((_, i) =>
    widths.slice(0, i).reduce((sum, width) => sum + width, PAD + nameWidth),
  );
  const footTop = HEAD + rows.length * ROW_HEIGHT + PAD;
  const notes = legend.map((text, i) => `${i + 1}  ${text}`);
  const subtitle = `${describeMatrixPoint(matrix)}; columns are value at stake`;
  const width = Math.ceil(
    Math.max(
      (lefts.at(-1) ?? 0) + (widths.at(-1) ?? 0),
      widthOf([matrix.title, subtitle, ...notes]) + PAD,
    ) + PAD,
  );
  const height = footTop + notes.length * LINE_HEIGHT + PAD;
  const parts = [
    `<title>${escape(matrix.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(PAD, 32, matrix.title, `font-size="16" font-weight="600"`),
    text(PAD, 52, subtitle, `fill="#4b5563"`),
    ...tiers.map((tier, i) => text((lefts[i] ?? 0) + 8, HEAD - 10, tier, `fill="#4b5563"`)),
    ...rows.flatMap(({ cells }, row) => {
      const top = HEAD + row * ROW_HEIGHT;
      return [
        text(PAD, top + 30, names[row] ?? "", `font-weight="600"`),
        ...cells.map((cell, i) =>
          draw(cell, legend.indexOf(decider(cell)) + 1, lefts[i] ?? 0, top, widths[i] ?? 0),
        ),
      ];
    }),
    ...notes.map((note, i) => text(PAD, footTop + (i + 1) * LINE_HEIGHT, note, `fill="#4b5563"`)),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#111827">`,
    ...parts.map((part) => `  ${part}`),
    "</svg>",
    "",
  ].join("\n");
}

function draw(cell: MatrixCell, number: number, left: number, top: number, width: number): string {
  const { fill, ink } = colourOf(cell);
  const box = `<rect x="${left}" y="${top}" width="${width - 4}" height="${ROW_HEIGHT - 4}" rx="6" fill="${fill}"/>`;
  return [
    box,
    text(left + 8, top + 22, cellToText(cell), `fill="${ink}" font-weight="600"`),
    text(left + 8, top + 39, String(number), `fill="${ink}" font-size="11"`),
  ].join("");
}

function colourOf({ decidedBy, effect }: MatrixCell): { fill: string; ink: string } {
  if (decidedBy === "no-rule") return COLOURS.none;
  if (effect.kind !== "approve") return COLOURS[effect.kind];
  return effect.votes.length > 1 ? COLOURS.approveMany : COLOURS.approve;
}

function textOf(cell: MatrixCell | undefined): string {
  return cell === undefined ? "" : cellToText(cell);
}

function widthOf(texts: ReadonlyArray<string>): number {
  return Math.ceil(Math.max(0, ...texts.map(({ length }) => length)) * LETTER_WIDTH);
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
