/** What `detect` found, for a person: one line a finding with its course by weeks, then what was not judged. */
import pc from "picocolors";
import type { SeriesFile } from "../app/series-file.ts";
import type { WatchFinding, WatchReport } from "../stats/watch/report.ts";
import { type SeriesTable, WHOLE } from "../stats/watch/table.ts";
import { dayToNumber } from "../std/time.ts";
import { table as toTable } from "./output.ts";

type Result = WatchReport & Pick<SeriesFile, "rows" | "faults">;

const LISTED_MAX = 10;
const BARS = "▁▂▃▄▅▆▇█";

export function watchToScreen(result: Result, table: SeriesTable): string {
  const { findings, warmUp, rows } = result;
  const what = { rates: "rates", counts: "counts", amounts: "amounts", numbers: "numbers" }[
    result.kind
  ];
  const lines = [
    `${result.subjects} subjects, ${result.from} to ${result.until} (${result.days} days), ${what}`,
    result.until < warmUp.judgedFrom
      ? warmUp.words
      : `judged from ${warmUp.judgedFrom}: ${warmUp.words}`,
    "",
    result.until < warmUp.judgedFrom
      ? pc.bold("Nothing was judged.")
      : findings.length === 0
        ? pc.bold("No lasting change.")
        : pc.bold(`${findings.length} lasting change${findings.length === 1 ? "" : "s"}`),
  ];
  if (findings.length > 0) {
    lines.push(
      toTable([
        ["SUBJECT", "", "CHANGED", "RAISED", "FROM", "TO", "95%", "SURE", "BY WEEK"],
        ...findings.map((finding) => rowOf(finding, result, table)),
      ]),
      ...findings
        .slice(0, LISTED_MAX)
        .map(
          ({ subject, reason, ended }) =>
            `  ${subject}: ${reason}` +
            (ended === undefined
              ? ""
              : ended.how === "back"
                ? `; back since ${ended.on}`
                : `; the new usual since ${ended.on}`),
        ),
    );
  }
  lines.push(
    ...listed("not judged", result.notEvaluated),
    ...listed(
      "came near",
      result.nearMisses.map(({ subject, direction, on, reason }) => ({
        subject: `${subject} (${direction}, ${on})`,
        reason,
      })),
    ),
  );
  if (rows.faulty > 0) {
    lines.push(
      "",
      pc.yellow(`${rows.faulty} of ${rows.read} rows could not be used:`),
      ...result.faults.map(({ line, message }) => `  line ${line}: ${message}`),
      ...(rows.faulty > result.faults.length
        ? [`  and ${rows.faulty - result.faults.length} more`]
        : []),
    );
  }
  return lines.join("\n");
}

function rowOf(finding: WatchFinding, { kind }: Result, table: SeriesTable): ReadonlyArray<string> {
  const say = (value: number) =>
    kind === "rates"
      ? `${(100 * value).toFixed(1)}%`
      : value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
  return [
    finding.subject,
    finding.direction === "up" ? "▲" : "▼",
    finding.changedOn,
    finding.raisedOn,
    say(finding.baseline),
    say(finding.rate),
    finding.interval.map(say).join(" to "),
    `${Math.round(100 * finding.confidence)}%`,
    drawWeeks(finding, table),
  ];
}

/** The subject's rate or mean level by weeks, the weeks since the change in colour. */
function drawWeeks({ subject, changedOn }: WatchFinding, table: SeriesTable): string {
  const within = new Set<number>();
  table.subjects.forEach((name, at) => {
    for (let above = at; above !== -1; above = table.parents[above]!) {
      if (subject === WHOLE || table.subjects[above] === subject) within.add(at);
    }
    if (name === subject) within.add(at);
  });
  const first = table.day.reduce((least, day) => Math.min(least, day), Infinity);
  const weeks: Array<{ top: number; bottom: number }> = [];
  for (let row = 0; row < table.day.length; row++) {
    if (!within.has(table.subject[row]!)) continue;
    const week = (weeks[Math.floor((table.day[row]! - first) / 7)] ??= { top: 0, bottom: 0 });
    week.top += table.kind === "rates" ? table.k[row]! : table.value[row]!;
    week.bottom += table.kind === "rates" ? table.n[row]! : 1;
  }
  const values = Array.from(weeks, (week) =>
    week === undefined || week.bottom === 0 ? undefined : week.top / week.bottom,
  );
  const known = values.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const changed = Math.floor((dayToNumber(changedOn) - first) / 7);
  return values
    .map((value, week) => {
      if (value === undefined) return " ";
      const step = high > low ? (value - low) / (high - low) : 0;
      const bar = BARS[Math.min(BARS.length - 1, Math.floor(step * BARS.length))]!;
      return week >= changed ? pc.yellow(bar) : bar;
    })
    .join("");
}

function listed(
  title: string,
  rows: ReadonlyArray<{ readonly subject: string; readonly reason: string }>,
): string[] {
  if (rows.length === 0) return [];
  const more = rows.length - LISTED_MAX;
  return [
    "",
    `${rows.length} ${title}:`,
    ...rows.slice(0, LISTED_MAX).map(({ subject, reason }) => `  ${subject}: ${reason}`),
    ...(more > 0 ? [`  and ${more} more; --json lists all`] : []),
  ];
}
