/**
 * What a run amounts to, read from the database alone: the figures every report shares, demo or replay.
 *
 * INVARIANT (conservation): `cases.accepted = cases.open + sum(cases.closed)`.
 */
import type { Case } from "../core/case/types.ts";
import type { Engine } from "../engine/engine.ts";
import { loopShow } from "../operation/show-loop.ts";
import { ledgerVerify } from "../operation/verify-ledger.ts";
import { sumCases } from "../operation/sum-cases.ts";
import { diffMs, HOUR_MS } from "../std/time.ts";
import { listDayReadings } from "../store/table/day-reading.ts";
import { countEffects } from "../store/table/effect.ts";
import { countObservations } from "../store/table/observation.ts";
import { countCases, listCases } from "../store/table/signal-case.ts";

const CASES_MAX = 100_000;

export type RunReport = {
  readonly observations: number;
  readonly subjects: number;
  /** Where the loop stands at the end, and the gates that do not hold. */
  readonly standing: { readonly state: string; readonly unmet: ReadonlyArray<string> };
  readonly signals: number;
  readonly cases: {
    readonly accepted: number;
    readonly open: number;
    readonly openByState: { readonly [state: string]: number };
    readonly closed: { readonly [reason: string]: number };
  };
  readonly actions: number;
  readonly actionsByOption: { readonly [option: string]: number };
  readonly verdicts: { readonly [verdict: string]: number };
  readonly notices: { readonly [department: string]: number };
  readonly noticesFailed: number;
  readonly hoursToAction: { readonly p50: number | null; readonly p99: number | null };
  readonly outcomes: { readonly [verdict: string]: number };
  readonly daysRead: number;
  readonly notEvaluated: { readonly [reason: string]: number };
  readonly nearMisses: number;
  readonly ledger: { readonly entries: number; readonly verified: boolean };
};

export async function readRun(
  engine: Engine,
  loop: string,
): Promise<{ readonly report: RunReport; readonly cases: ReadonlyArray<Case> }> {
  const { driver } = engine.context;
  const cases = await listCases(driver, { loop }, CASES_MAX);
  const summed = sumCases(await countCases(driver, loop));
  const effects = await countEffects(driver);
  const notices: Record<string, number> = {};
  for (const { kind, state, department, count } of effects) {
    if (kind !== "notify" || department === null) continue;
    notices[department] = (notices[department] ?? 0) + (state === "done" ? count : 0);
  }
  const readings = await listDayReadings(driver, loop);
  const notEvaluated: Record<string, number> = {};
  for (const reading of readings) {
    for (const { reason, subjects } of reading.not_evaluated) {
      notEvaluated[reason] = (notEvaluated[reason] ?? 0) + subjects;
    }
  }
  const acted = cases.filter((of) => of.action !== undefined);
  const hours = acted
    .map((of) => diffMs(of.action?.at ?? of.openedAt, of.signal.sentAt) / HOUR_MS)
    .sort((a, b) => a - b);
  const check = await ledgerVerify.handler({ engine }, {});
  const report: RunReport = {
    ...(await countObservations(driver)),
    standing: await readStanding(engine, loop),
    signals: summed.accepted,
    cases: summed,
    actions: acted.length,
    actionsByOption: tally(acted.map((of) => of.action?.intervention.option ?? "")),
    verdicts: tally(cases.flatMap((of) => (of.verdict === undefined ? [] : [of.verdict.kind]))),
    notices,
    noticesFailed: sumWhere(effects, ({ kind, state }) => kind === "notify" && state === "failed"),
    hoursToAction: { p50: quantile(hours, 0.5), p99: quantile(hours, 0.99) },
    outcomes: tally(cases.flatMap((of) => (of.outcome === undefined ? [] : [of.outcome.verdict]))),
    daysRead: readings.length,
    notEvaluated,
    nearMisses: readings.reduce((sum, reading) => sum + reading.near_misses.length, 0),
    ledger: { entries: check.entries, verified: check.verified },
  };
  return { report, cases };
}

async function readStanding(engine: Engine, name: string): Promise<RunReport["standing"]> {
  const { loop, gates } = await loopShow.handler({ engine }, { loop: name });
  const unmet = gates.filter(({ holds }) => !holds);
  return { state: loop.state, unmet: unmet.map((gate) => `${gate.name}: ${gate.evidence}`) };
}

function tally(words: ReadonlyArray<string>): { readonly [word: string]: number } {
  const counts: Record<string, number> = {};
  for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function sumWhere<T extends { readonly count: number }>(
  rows: ReadonlyArray<T>,
  fits: (row: T) => boolean,
): number {
  return rows.filter(fits).reduce((sum, { count }) => sum + count, 0);
}

/** Nearest rank, rounded to ten-thousandths of an hour, about a third of a second. */
function quantile(sorted: ReadonlyArray<number>, share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10_000) / 10_000;
}
