/** What an action did to some units of a table, from the table and the question alone. */
import path from "node:path";
import { findNearest } from "../core/problem.ts";
import { InterlockError } from "../std/errors.ts";
import {
  BEFORE_MIN,
  CONTROLS_MIN,
  estimateGroupEffect,
  type GroupEffect,
} from "../stats/outcome/group-effect.ts";
import { readPanel, type PanelColumns, type PanelFile, type PanelRows } from "./panel-file.ts";

export type OutcomeQuestion = {
  readonly file: string;
  readonly columns: PanelColumns;
  readonly treated: ReadonlyArray<string>;
  /** First time of the action, and last time of the window, as the table writes times. */
  readonly from: string;
  readonly until: string | undefined;
  readonly betterWhen: "higher" | "lower";
  readonly margin: number;
};

export type OutcomeReport = Omit<GroupEffect, "relative" | "series" | "power"> & {
  /** Null where what was to be expected is not above zero. */
  readonly relative: GroupEffect["relative"] | null;
  readonly power: Omit<GroupEffect["power"], "detectable"> & {
    readonly detectable: { readonly absolute: number; readonly relative: number | null };
  };
  readonly question: {
    readonly treated: ReadonlyArray<string>;
    readonly from: string;
    readonly until: string;
    readonly better: "higher" | "lower";
    readonly margin: number;
    readonly timesReadAs: string;
  };
  readonly rows: PanelRows;
  readonly series: ReadonlyArray<{
    readonly time: string;
    readonly seen: number;
    readonly foretold: number;
  }>;
};

const NAMES_SHOWN = 10;

export async function estimateOutcome(question: OutcomeQuestion): Promise<OutcomeReport> {
  const file = await readPanel(question.file, question.columns);
  const fileName = path.basename(question.file);
  const treated = findTreated(file, question, fileName);
  const { start, end } = findWindow(file, question, fileName);
  const effect = estimateGroupEffect({
    panel: file.panel,
    question: { treated, start, end },
    betterWhen: question.betterWhen,
    margin: question.margin,
  });
  if ("missing" in effect) {
    throw new InterlockError("outcome/too-little-data", effect.missing, {
      help:
        `at least ${BEFORE_MIN} times before the start and ${CONTROLS_MIN} untouched units with ` +
        "values before and after are needed",
    });
  }
  const labelOf = new Map(file.panel.times.map((time, i) => [time, file.labels[i] ?? ""]));
  const { verdict, absolute, relative = null, pValue, power, series, ...rest } = effect;
  return {
    verdict,
    absolute,
    relative,
    pValue,
    power: {
      ...power,
      detectable: { ...power.detectable, relative: power.detectable.relative ?? null },
    },
    ...rest,
    question: {
      treated,
      from: file.labels[start] ?? "",
      until: file.labels[end - 1] ?? "",
      better: question.betterWhen,
      margin: question.margin,
      timesReadAs: file.timeFormat.name,
    },
    rows: file.rows,
    series: series.map(({ time, ...point }) => ({ time: labelOf.get(time) ?? "", ...point })),
  };
}

function findTreated(
  { panel }: PanelFile,
  { treated, columns }: OutcomeQuestion,
  fileName: string,
): ReadonlyArray<string> {
  const known = new Set(panel.units.map(({ id }) => id));
  const wanted = [...new Set(treated)];
  const stranger = wanted.find((id) => !known.has(id));
  if (wanted.length > 0 && stranger === undefined) return wanted;
  const names = panel.units.map(({ id }) => id);
  const nearest = stranger === undefined ? undefined : findNearest(stranger, names);
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `\`${name}\``);
  const more = names.length > NAMES_SHOWN ? " and more" : "";
  throw new InterlockError(
    "outcome/unknown-unit",
    stranger === undefined
      ? "no treated unit is named"
      : `column \`${columns.unit}\` of file \`${fileName}\` has no \`${stranger}\``,
    {
      help:
        nearest === undefined
          ? `its ${names.length} units are ${shown.join(", ")}${more}`
          : `did you mean \`${nearest}\`?`,
    },
  );
}

/** Indices of the first time at or after `from`, and of the first after `until`. */
function findWindow(
  { numbers, labels, timeFormat }: PanelFile,
  question: OutcomeQuestion,
  fileName: string,
): { readonly start: number; readonly end: number } {
  const parse = (label: string, option: string): number => {
    const number = timeFormat.parse(label);
    if (number !== undefined) return number;
    throw new InterlockError(
      "outcome/unreadable-time",
      `\`${option} ${label}\` is not written as the times of file \`${fileName}\`: ` +
        timeFormat.name,
      { help: `its times run from \`${labels[0]}\` to \`${labels.at(-1)}\`` },
    );
  };
  const from = parse(question.from, "--from");
  const until = question.until === undefined ? Infinity : parse(question.until, "--until");
  const start = numbers.findIndex((number) => number >= from);
  const after = numbers.findIndex((number) => number > until);
  const end = after < 0 ? numbers.length : after;
  const outside =
    until < from
      ? `the window ends at \`${question.until}\`, before it starts at \`${question.from}\``
      : start < 0 || start >= end
        ? `no time lies in the window that starts at \`${question.from}\``
        : start === 0
          ? `nothing lies before \`${question.from}\`, so there is nothing to tell the usual from`
          : until !== Infinity && until > (numbers.at(-1) ?? 0)
            ? `the window ends at \`${question.until}\`, after the last time there is`
            : undefined;
  if (outside === undefined) return { start, end };
  throw new InterlockError("outcome/outside-data", outside, {
    help: `the times of file \`${fileName}\` run from \`${labels[0]}\` to \`${labels.at(-1)}\``,
  });
}
