/** Import and replay for people: every row accounted for, then what the loop made of it. */
import pc from "picocolors";
import type { ImportReport, ImportSummary } from "../app/import-shipments.ts";
import type { ReplayReport } from "../app/replay.ts";
import { casesToLines } from "./demo-screen.ts";
import { table } from "./output.ts";

const REJECTS_SHOWN = 20;

export function importToScreen(report: ImportReport): string {
  return [
    ...rowsToLines(report),
    "",
    `Stored ${report.matureDays} mature days: ${report.batches.new} new, ` +
      `${report.batches.repeated} known before.`,
    immatureToLine(report.immature),
  ].join("\n");
}

export function replayToScreen(report: ReplayReport): string {
  const { days } = report;
  return [
    ...rowsToLines(report),
    immatureToLine(report.immature),
    "",
    pc.bold(pc.cyan("What the loop made of it")),
    `  ${days.mature} mature days (${days.first ?? "-"} to ${days.last ?? "-"}), ` +
      `the first ${days.learning} for learning.`,
    `  ${report.signals} ${report.signals === 1 ? "signal" : "signals"}; ${report.nearMisses} near misses on record.`,
    ...(report.signals === 0 ? whyNothingWasSent(report) : []),
    ...(report.signals > 0 ? casesToLines(report) : []),
    `  Could not be judged: ${
      Object.entries(report.notEvaluated)
        .map(([reason, n]) => `${n} ${reason}`)
        .join(", ") || "nothing"
    } (places times days).`,
    `  ${report.ledger.entries} ledger entries, ` +
      (report.ledger.verified ? "every one verified." : pc.red("BROKEN.")),
    "",
    pc.dim(`Assumed: ${report.assumptions.join("; ")}.`),
  ].join("\n");
}

type Rows = Pick<
  ImportSummary,
  "file" | "mapping" | "rows" | "knownOutcome" | "notDelivered" | "rejects" | "rejected" | "damage"
>;

function rowsToLines(report: Rows): ReadonlyArray<string> {
  const { rows, rejects, rejected, damage } = report;
  return [
    pc.bold(pc.cyan(`${report.file.name} (${report.file.format}), read as ${report.mapping}`)),
    `  ${rows.read} rows read = ${rows.used} used + ${rows.read - rows.used} skipped:`,
    ...table(Object.entries(rows.skipped).map(([reason, n]) => [`    ${n}`, reason])).split("\n"),
    `  ${report.knownOutcome} shipments with a known outcome, ${report.notDelivered} not delivered.`,
    ...(damage === null ? [] : [pc.red(`  The file is ${damage.kind}: ${damage.message}`)]),
    ...(rejected.total === 0 ? [] : ["", pc.bold(`  ${rejected.total} rows could not be read:`)]),
    ...rejects
      .slice(0, REJECTS_SHOWN)
      .map(
        ({ row, line, column, code, message }) =>
          `    row ${row}${line === null ? "" : `, line ${line}`}` +
          `${column === undefined ? "" : `, column ${column}`}: ${code}: ${message}`,
      ),
    ...(rejected.total > REJECTS_SHOWN
      ? [`    and ${rejected.total - REJECTS_SHOWN} more; --json lists the first 1,000`]
      : []),
  ];
}

function immatureToLine(immature: { readonly days: number; readonly rows: number }): string {
  return `  ${immature.rows} used rows of the last ${immature.days} days are immature and not judged.`;
}

/** A loop that did not go live sent nothing; that is not the same as nothing to send. */
function whyNothingWasSent({ standing }: ReplayReport): ReadonlyArray<string> {
  if (standing.state === "live") {
    return ["  Nothing rose for good by the evidence that the number of places asks for."];
  }
  return [
    `  Nothing could be sent: the loop did not go live, it is ${standing.state}, because of`,
    ...standing.unmet.map((gate) => `    ${gate}`),
  ];
}
