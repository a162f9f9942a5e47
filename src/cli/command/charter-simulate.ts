/** `charter simulate`: history under another charter. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import pc from "picocolors";
import { charterSimulate, type CharterSimulation } from "../../operation/simulate-charter.ts";
import { moneyToText } from "../../std/money.ts";
import { HOUR_MS } from "../../std/time.ts";
import { readText } from "../lint.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

/** Changes that are listed one by one, at most. */
const CHANGES_SHOWN = 20;

export function charterSimulateCommand(): Command {
  return workspaceCommand(
    "simulate <loop>",
    charterSimulate.summary,
    async (call, output, [loop = ""], { from = "", to = "", charter }) => {
      const document = charter === undefined ? undefined : await readText(charter, readFile);
      const said = { loop, from, to, ...(document === undefined ? {} : { document }) };
      const report = await call(charterSimulate, said);
      output.result(report, () => simulationToText(report));
    },
  )
    .requiredOption("--from <day>", "the first day, such as 2026-01-01")
    .requiredOption("--to <day>", "the last day")
    .option("--charter <file>", "another charter (default: the one that stands)");
}

function simulationToText(report: CharterSimulation): string {
  const { fates, cases, currency } = report;
  const changed = cases.filter((one) => one.changed !== undefined);
  const forbidden = Object.entries(report.forbiddenBy).map(([rule, count]) => `${count} ${rule}`);
  return [
    `${report.loop}, ${report.from} to ${report.to}, under version ${report.version}`,
    "",
    `  ${cases.length} proposals = ${fates.ran} ran by themselves + ${fates.agreed} agreed + ` +
      `${fates.rejected} rejected + ${fates.expired} unanswered + ${fates.forbidden} forbidden` +
      (forbidden.length > 0 ? ` (${forbidden.join(", ")})` : ""),
    `  ${moneyToText({ amountMinor: report.valueByItselfMinor, currency })} at stake in what ran by itself.`,
    `  ${report.collisions.length} would have wanted what another case held.`,
    ...report.answers.map(
      ({ party, waitMs, from }) =>
        `  ${party} is taken to answer in ${Math.round((waitMs / HOUR_MS) * 10) / 10} hours, ` +
        (from === 0
          ? "half of its time: it never answered then."
          : `the median of ${from} answers.`),
    ),
    ...(report.approvals.length === 0
      ? []
      : [
          "",
          pc.bold("Who would have been asked"),
          table([
            ["PARTY", "PERSON", "ASKED", "OUTSIDE HOURS", "BY HOUR OF THEIR DAY"],
            ...report.approvals.map(({ party, person, asked, outsideHours, byHour }) => [
              party,
              person,
              String(asked),
              String(outsideHours),
              hoursToText(byHour),
            ]),
          ]),
        ]),
    ...(changed.length === 0
      ? ["", "Nothing would have been decided otherwise."]
      : [
          "",
          pc.bold(`${changed.length} would have been decided otherwise`),
          table(
            changed
              .slice(0, CHANGES_SHOWN)
              .map((one) => [one.at, one.case, `${one.changed?.from} -> ${one.changed?.to}`]),
          ),
          ...(changed.length > CHANGES_SHOWN
            ? [`… and ${changed.length - CHANGES_SHOWN} more`]
            : []),
        ]),
  ].join("\n");
}

function hoursToText(byHour: ReadonlyArray<number>): string {
  return byHour.flatMap((count, hour) => (count === 0 ? [] : [`${hour}h: ${count}`])).join(" ");
}
