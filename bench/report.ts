/** The bench in words: one table per question, what it stands beside, and what it does not say. */
import { table } from "../src/cli/output.ts";
import type { SteadyRow } from "./action/steady.ts";
import type { GapRow } from "./charter-gaps.ts";
import type { MemoryRow } from "./fold/memory.ts";
import type { Machine } from "./machine.ts";
import type { Row, Sample } from "./sample.ts";

export type BenchReport = {
  readonly quick: boolean;
  readonly rounds: number;
  readonly tookSeconds: number;
  readonly machine: Machine;
  readonly postgres: string;
  readonly fold: ReadonlyArray<Row>;
  readonly memory: ReadonlyArray<MemoryRow>;
  readonly intake: ReadonlyArray<Row>;
  readonly action: ReadonlyArray<Row>;
  readonly steady: ReadonlyArray<SteadyRow>;
  readonly proof: ReadonlyArray<Row>;
  readonly gaps: ReadonlyArray<GapRow>;
};

export function reportToText(report: BenchReport): string {
  const { machine, rounds, postgres } = report;
  const first = report.fold[0]?.beside;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, ` +
      `disk ${machine.disk}, load before ${machine.loadBefore.toFixed(1)}`,
    `${Object.entries({ ...machine.versions, postgres })
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}; ${machine.at}; took ${Math.round(report.tookSeconds)} s`,
    `median of ${rounds} interleaved round${rounds === 1 ? "" : "s"} (lowest to highest)` +
      (report.quick ? "; QUICK: too short for figures to be quoted" : ""),
    section(
      `Observations folded per second, in memory: ${count(first?.["subjects"])} subjects, ` +
        `${first?.["days"]} days, ${count(first?.["observations"])} observations`,
      [
        ["", "a second", "last day, ms"],
        ...report.fold.map((row) => [
          row.name,
          rate(row.perSecond),
          fixed(row.beside["lastDayMs"]),
        ]),
      ],
    ),
    section("Memory per 10,000 subjects, MB", [
      ["", "process grew by", "held after collection", "saved state"],
      ...report.memory.map((row) => [
        `${row.name}, ${row.days} days`,
        decimals(row.rssMbPer10k),
        decimals(row.heldMbPer10k),
        row.savedMbPer10k === null ? "-" : row.savedMbPer10k.toFixed(1),
      ]),
    ]),
    section(
      `Observations through the store: ${count(report.intake[0]?.beside["observations"])} of ` +
        `${report.intake[0]?.beside["days"]} days`,
      [["", "a second"], ...report.intake.map((row) => [row.name, rate(row.perSecond)])],
    ),
    section("Signals taken to executed action per second", [
      ["", "a second", "CPU s per 1,000", "server's"],
      ...report.action.map((row) => [
        row.name,
        rate(row.perSecond),
        fixed(row.beside["cpuSecondsPer1000"], 2),
        fixed(row.beside["serverCpuSecondsPer1000"], 2),
      ]),
    ]),
    "  engine: contract, charter, caps, ledger, lease, intent, second look, read + dry run + change +\n" +
      "  read back over HTTP, two notices. naive: contract, 4 single-row transactions, 1 HTTP call.",
    section("Latency at a steady rate, ms", [
      ["", "a second", "acted p50", "p99", "both told p50", "p99"],
      ...report.steady.map((row) => [
        row.name,
        String(row.perSecond),
        row.actedMs.p50.toFixed(1),
        row.actedMs.p99.toFixed(1),
        row.bothToldMs?.p50.toFixed(1) ?? "tells nobody",
        row.bothToldMs?.p99.toFixed(1) ?? "",
      ]),
    ]),
    section("Checks", [
      ["", "a second", ""],
      ...report.proof.map((row) => [row.name, rate(row.perSecond), String(row.beside["note"])]),
    ]),
    section("Proof that a charter has no gap: milliseconds a charter, and what was found", [
      [
        "rules",
        "bounds",
        "dimensions",
        "`charter gaps`",
        "combinations",
        "walking them",
        "20,000 points",
        "gaps: all",
        "points saw",
        "dead rules",
        "points took for dead",
      ],
      ...report.gaps.map(gapRowToText),
    ]),
    "  a walk over more than a million combinations is not begun; where it ends, it found the same. After\n" +
      "  200 regions the list of gaps of one charter is cut, and says so.",
  ].join("\n");
}

function gapRowToText(row: GapRow): ReadonlyArray<string> {
  return [
    String(row.rules),
    row.kind === "tiered" ? "a few" : "its own",
    String(row.dimensions),
    decimals(row.ms),
    count(row.combinations),
    row.walkMs === null ? "too many" : row.walkMs.toFixed(1),
    row.sampleMs.toFixed(0),
    count(row.regions),
    count(row.regionsSeen),
    count(row.unreachable),
    count(row.unreachable + row.wronglyUnreached),
  ];
}

function section(title: string, rows: ReadonlyArray<ReadonlyArray<string>>): string {
  return `\n${title}\n${table(rows).replace(/^/gm, "  ")}`;
}

function rate({ median, min, max }: Sample): string {
  return `${count(median)} (${count(min)} to ${count(max)})`;
}

function decimals({ median, min, max }: Sample): string {
  return `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`;
}

function count(value: number | string | undefined): string {
  return typeof value === "number" ? Math.round(value).toLocaleString("en-US") : String(value);
}

function fixed(value: number | string | undefined, digits = 1): string {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(digits) : "unknown";
}
