/** The effect of an action for a person: the verdict, a table, and the two lines as a picture. */
import pc from "picocolors";
import type { OutcomeReport } from "../app/estimate-outcome.ts";
import { table } from "./output.ts";

const WIDTH = 72;
const HEIGHT = 9;
const UNITS_SHOWN = 5;

export function outcomeToScreen(report: OutcomeReport): string {
  const { absolute, relative, total, question, power, controls, fit, rows } = report;
  const paint = { helped: pc.green, harmed: pc.red, "no-effect": pc.cyan, undetermined: pc.yellow };
  const [, ...reasons] = report.reasons;
  const units = question.treated.slice(0, UNITS_SHOWN).join(", ");
  const more = question.treated.length - UNITS_SHOWN;
  const detectable =
    power.detectable.relative === null
      ? number(power.detectable.absolute)
      : percent(power.detectable.relative);
  const facts: ReadonlyArray<ReadonlyArray<string>> = [
    [
      "treated",
      `${units}${more > 0 ? ` and ${more} more` : ""}, ${question.from} to ${question.until}`,
    ],
    ["", "effect", "90% interval"],
    ...(relative === null || relative === undefined
      ? []
      : [["relative", percent(relative.estimate), relative.interval.map(percent).join(" to ")]]),
    ["a unit and time", number(absolute.estimate), absolute.interval.map(number).join(" to ")],
    ["in all", number(total.estimate), total.interval.map(number).join(" to ")],
  ];
  const details: ReadonlyArray<ReadonlyArray<string>> = [
    ["p", p(report.pValue)],
    ["power", `an effect of ${detectable} is seen four times in five`],
    [
      "controls",
      `${controls.used}, as much as ${controls.effective.toFixed(1)} equal ones; heaviest ` +
        controls.heaviest
          .slice(0, UNITS_SHOWN)
          .map(({ unit, weight }) => `${unit} ${percent(weight)}`)
          .join(", "),
    ],
    ...controls.dropped
      .slice(0, UNITS_SHOWN)
      .map(({ unit, reason }) => ["left out", `${unit}: ${reason}`]),
    [
      "fit before",
      `${fit.judgement}; off by ${fit.relative === undefined ? number(fit.rmse) : percent(fit.relative)} ` +
        `over ${fit.timesBefore} times, then ${fit.timesAfter} after`,
    ],
    ["method", report.method],
    [
      "rows",
      `${rows.used} of ${rows.read} used, ${rows.empty} without a value, ${rows.rejected} refused`,
    ],
    ...rows.examples.map(({ line, message }) => ["", `line ${line}: ${message}`]),
  ];
  return [
    `${paint[report.verdict](report.reasons[0] ?? report.verdict)}`,
    "",
    table(facts),
    "",
    drawSeries(report),
    "",
    ...reasons.map((reason) => `- ${reason}`),
    "",
    table(details),
  ].join("\n");
}

/** Seen (o) and foretold (.) over time, the start as a bar; several times share a column. */
export function drawSeries({ series, fit }: Pick<OutcomeReport, "series" | "fit">): string {
  const width = Math.min(WIDTH, series.length);
  const columns = Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * series.length) / width);
    const until = Math.max(from + 1, Math.floor(((column + 1) * series.length) / width));
    const part = series.slice(from, until);
    const mean = (read: (point: (typeof series)[number]) => number) =>
      part.reduce((sum, point) => sum + read(point), 0) / part.length;
    return { seen: mean(({ seen }) => seen), foretold: mean(({ foretold }) => foretold) };
  });
  const start = Math.floor((fit.timesBefore * width) / series.length);
  const all = columns.flatMap(({ seen, foretold }) => [seen, foretold]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const rowOf = (value: number) =>
    high > low ? Math.round(((high - value) / (high - low)) * (HEIGHT - 1)) : 0;
  const grid = Array.from({ length: HEIGHT }, () =>
    Array.from({ length: width }, (_, column): string => (column === start ? "|" : " ")),
  );
  columns.forEach(({ seen, foretold }, column) => {
    const put = (value: number, mark: string): void => {
      const row = grid[rowOf(value)];
      if (row !== undefined) row[column] = mark;
    };
    put(foretold, "·");
    put(seen, "o");
  });
  const lines = grid.map((row, i) => {
    const label = i === 0 ? number(high) : i === HEIGHT - 1 ? number(low) : "";
    return `${label.padStart(10)} ${row.join("").trimEnd()}`;
  });
  const [first, last] = [series[0]?.time ?? "", series.at(-1)?.time ?? ""];
  const axis = `${first}${" ".repeat(Math.max(1, width - first.length - last.length))}${last}`;
  return [
    ...lines,
    `${" ".repeat(11)}${axis}`,
    `${" ".repeat(11)}o seen   · foretold   | start`,
  ].join("\n");
}

function percent(share: number): string {
  return `${number(share * 100)}%`;
}

function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)) + 0);
}

function p(value: number): string {
  return value < 0.001 ? "below 0.001" : String(Number(value.toPrecision(2)));
}
