/** The report of a conformance test for a person: what was tried, what failed and why, what was honest. */
import pc from "picocolors";
import { CASE_KINDS, type ConformanceReport } from "../core/contract/suite/types.ts";
import { table } from "./output.ts";

/** Failed cases shown in full, one of each fault. */
const EXAMPLES_MAX = 8;
const UNCOVERED_MAX = 5;

export function reportToScreen(report: ConformanceReport): string {
  const { side, agent, contract, cases, failed, seed, tookMs, untried } = report;
  const isGood = failed === 0 && cases > 0;
  const verdict = isGood ? pc.green("conforms") : pc.red("does not conform");
  return [
    `${pc.bold(`${side} ${agent.name} ${agent.version}`)} ${verdict} to ${contract.name} ${contract.version}`,
    `${cases} cases, ${failed} failed, seed ${seed}, ${(tookMs / 1_000).toFixed(1)} s`,
    ...(untried === 0 ? [] : [pc.red(report.stopped)]),
    "",
    kindsToScreen(report),
    ...faultsToScreen(report),
    ...calibrationToScreen(report),
    ...uncoveredToScreen(report),
    "",
    ...report.notes.map((note) => pc.dim(note)),
    pc.dim(
      `It counts for this agent at this version and contract ${report.contractHash.slice(0, 12)}; ` +
        "when either changes, it is to be run again.",
    ),
  ].join("\n");
}

function kindsToScreen({ byKind }: ConformanceReport): string {
  return table(
    byKind.map(({ kind, cases, failed }) => [
      failed === 0 ? pc.green("ok  ") : pc.red("FAIL"),
      kind,
      `${cases - failed} of ${cases}`,
      CASE_KINDS[kind],
    ]),
  );
}

function faultsToScreen({ byFault, failures }: ConformanceReport): string[] {
  return byFault.slice(0, EXAMPLES_MAX).flatMap(({ fault, cases, words, advice }) => {
    const example = failures.find((failure) => failure.fault === fault);
    if (example === undefined) return [];
    return [
      "",
      `${pc.red(fault)}  ${words} ${pc.dim(`(${cases} ${cases === 1 ? "case" : "cases"})`)}`,
      `  ${pc.dim("case")}  ${example.case}, ${example.kind}: ${example.about}`,
      ...(example.sent === "" ? [] : [`  ${pc.dim("sent")}  ${example.sent}`]),
      `  ${pc.dim("came")}  ${example.came}`,
      `  ${pc.dim("so")}    ${example.words}`,
      `  ${pc.green("help")}  ${advice}`,
    ];
  });
}

const BAR_WIDTH = 30;

function calibrationToScreen({ calibration }: ConformanceReport): string[] {
  if (calibration === undefined || calibration.scored === 0) return [];
  const { bands, expectedError, brier, tolerance, scored } = calibration;
  const range = ({ mean, low, high }: typeof brier) =>
    `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return [
    "",
    `${pc.bold("Confidence")}: said, and how often it came true, over ${scored} signals of known truth`,
    table(
      bands.map((band) => [
        `${band.from.toFixed(1)}-${band.to.toFixed(1)}`,
        `said ${percent(band.confidence)}`,
        `true ${percent(band.share)}`,
        `${percent(band.low)} to ${percent(band.high)}`,
        barOf(band.share, band.confidence),
        `${band.count}`,
        VERDICTS[band.verdict],
      ]),
    ),
    `expected error ${range(expectedError)}, Brier score ${range(brier)}; ` +
      `the contract allows a band to be off by ${tolerance}`,
  ];
}

const VERDICTS = {
  within: "within",
  "too-few": "cannot tell yet",
  overconfident: "OVERCONFIDENT",
  underconfident: "UNDERCONFIDENT",
} as const;

/** How much came true, with a mark where it should have ended. */
function barOf(share: number, said: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  const bar = [..."█".repeat(filled).padEnd(BAR_WIDTH, "░")];
  bar[Math.min(BAR_WIDTH - 1, Math.round(said * BAR_WIDTH))] = "|";
  return bar.join("");
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function uncoveredToScreen({ uncovered }: ConformanceReport): string[] {
  if (uncovered.length === 0) return [];
  const rest = uncovered.length - UNCOVERED_MAX;
  return [
    "",
    pc.yellow(`For ${uncovered.length} places of the contract no case could be made:`),
    ...uncovered.slice(0, UNCOVERED_MAX).map((place) => `  ${place}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}
