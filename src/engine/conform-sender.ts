/**
 * Tests a sender: in this process on pasts whose truth is known and on the data that is here; one
 * elsewhere by the record of what it sent.
 */
import type { Case } from "../core/case/types.ts";
import { contractHash } from "../core/contract/parse.ts";
import { describeFault, faultOfSignal } from "../core/contract/suite/fault.ts";
import { findSignalWrongs, judgeSenderRun } from "../core/contract/suite/judge-sender.ts";
import {
  listSenderCases,
  runHistory,
  type SenderCase,
  type SenderRun,
} from "../core/contract/suite/sender-suite.ts";
import { show } from "../core/contract/suite/show.ts";
import { createSignalValidator } from "../core/contract/signal.ts";
import type {
  CalibrationVerdict,
  CaseKind,
  Failure,
  FoldInput,
  SenderHistory,
  SenderTrial,
} from "../core/contract/suite/types.ts";
import type { Contract, Signal } from "../core/contract/types.ts";
import { randomFrom } from "../std/random.ts";
import { addDays, type Instant, instantOn } from "../std/time.ts";
import { computeCalibration, judgeBand, type Scored } from "../stats/calibration.ts";
import {
  countObservationsSince,
  listCompleteDays,
  listObservationsOfDay,
} from "../store/table/observation.ts";
import { listNewestCases } from "../store/table/signal-case.ts";
import { listSubjects } from "../store/table/subject.ts";
import { createBreather } from "./breather.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export type SenderTest = {
  readonly cases: ReadonlyArray<{ readonly id: string; readonly kind: CaseKind }>;
  readonly failures: ReadonlyArray<Failure>;
  readonly calibration?: CalibrationVerdict;
  /** Signals that were sent and are good, for whoever wants real ones. */
  readonly signals: ReadonlyArray<Signal>;
  readonly notes: ReadonlyArray<string>;
};

type Settings = { readonly seed: number; readonly cases: number };

/** Where a contract does not say how far a band may be off. */
const TOLERANCE = 0.1;
/** Signals of known truth below which nothing is said of the confidence. */
const SCORED_LEAST = 50;
const EXAMPLES_MAX = 60;

export async function testByTrial(
  context: EngineContext,
  wiring: LoopWiring,
  trial: SenderTrial,
  settings: Settings,
  onDone: (done: number) => void,
): Promise<SenderTest> {
  const { contract } = wiring;
  const validate = createSignalValidator(contract);
  const breathe = createBreather();
  const cases: Array<{ id: string; kind: CaseKind }> = [];
  const failures: Failure[] = [];
  const signals: Signal[] = [];
  const scored: Scored[] = [];
  let plain: SenderRun | undefined;
  let sent = 0;
  const tryCase = async (of: SenderCase): Promise<void> => {
    const run = runHistory(
      () => trial.createSender(),
      of.history,
      of.way,
      () => performance.now(),
    );
    cases.push({ id: of.id, kind: of.kind });
    failures.push(
      ...judgeSenderRun(contract, validate, of, run, of.way === "plain" ? undefined : plain),
    );
    if (of.way === "plain") {
      plain = run;
      sent += run.signals.length;
      for (const { signal } of run.signals) {
        const cameTrue = of.history.isTrue(signal);
        if (cameTrue !== undefined && isShare(signal.confidence)) {
          scored.push({ confidence: signal.confidence, cameTrue });
        }
      }
      const good = run.signals.filter(({ signal, now }) => validate(signal, { now }).ok);
      if (signals.length < EXAMPLES_MAX) signals.push(...good.map(({ signal }) => signal));
    }
    onDone(cases.length);
    await breathe();
  };
  for (const of of listSenderCases(trial, settings)) await tryCase(of);
  const recorded = await readRecordedPast(context, wiring);
  if (recorded !== undefined) {
    for (const way of ["plain", "repeat", "restored"] as const) {
      const id = `s-record-${way}`;
      await tryCase({ id, kind: "record", about: recorded.about, history: recorded, way });
    }
  }
  if (sent === 0) failures.push(silent(cases.length));
  const calibration = judgeCalibration(contract, trial.words, scored, settings.seed);
  cases.push({ id: CALIBRATION, kind: "calibration" });
  if (sent > 0) failures.push(...findCalibrationFailures(calibration));
  const notes = [
    `${sent} signals in ${cases.length - 1} pasts: ${trial.words}`,
    recorded === undefined
      ? "no complete day is recorded here yet, so no real past was folded"
      : `${recorded.about}, folded three times by fresh agents`,
  ];
  return { cases, failures, calibration, signals: signals.slice(0, EXAMPLES_MAX), notes };
}

function isShare(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function silent(pasts: number): Failure {
  return {
    fault: "stayed-silent",
    case: "s-0001",
    kind: "golden",
    about: "all pasts together",
    sent: `${pasts} pasts`,
    came: "no signal",
    words: describeFault("sender", "stayed-silent").words,
  };
}

const CALIBRATION = "s-calibration";

function judgeCalibration(
  contract: Contract,
  words: string,
  scored: ReadonlyArray<Scored>,
  seed: number,
): CalibrationVerdict {
  const tolerance = contract.confidence.tolerance ?? TOLERANCE;
  const { bands, ...rest } = computeCalibration(scored, randomFrom(seed, "calibration"));
  return {
    ...rest,
    tolerance,
    words,
    bands: bands.map((band) => ({ ...band, verdict: judgeBand(band, tolerance) })),
  };
}

function findCalibrationFailures({ scored, bands, tolerance }: CalibrationVerdict): Failure[] {
  const base = { case: CALIBRATION, kind: "calibration", sent: `${scored} signals` } as const;
  if (scored < SCORED_LEAST) {
    const words = `${scored} signals could be scored, and ${SCORED_LEAST} are needed`;
    return [{ ...base, fault: "too-few-scored", about: "confidence", came: "no verdict", words }];
  }
  return bands.flatMap((band) => {
    const { verdict } = band;
    if (verdict !== "overconfident" && verdict !== "underconfident") return [];
    const percent = (share: number) => `${Math.round(share * 100)}%`;
    const words =
      `said ${percent(band.confidence)} on average, came true in ${percent(band.share)} ` +
      `(95% interval ${percent(band.low)} to ${percent(band.high)}); ${percent(tolerance)} off is allowed`;
    const about = `confidence ${band.from} to ${band.to}`;
    return [{ ...base, fault: verdict, about, came: `${band.count} signals of the band`, words }];
  });
}

/** Days and rows of the record that one test folds, at most: it is held in memory. */
const RECORD_DAYS_MAX = 200;
const RECORD_ROWS_MAX = 400_000;

/** The newest complete days that are here, as a past whose truth nobody knows. */
async function readRecordedPast(
  { driver, zoneOffsetMinutes }: EngineContext,
  { metric }: LoopWiring,
): Promise<SenderHistory | undefined> {
  const all = await listCompleteDays(driver, metric, undefined);
  const newest = all.slice(-RECORD_DAYS_MAX);
  const [first] = newest;
  if (first === undefined) return undefined;
  const rows = await countObservationsSince(driver, metric, first);
  const share = Math.min(1, RECORD_ROWS_MAX / Math.max(1, rows));
  const days = newest.slice(-Math.max(1, Math.floor(newest.length * share)));
  const subjects = new Map((await listSubjects(driver)).map((one) => [one.id, one]));
  const inputs: FoldInput[] = [];
  for (const day of days) {
    const observations = await listObservationsOfDay(driver, metric, day);
    const now = instantOn(addDays(day, 1), MORNING, zoneOffsetMinutes);
    inputs.push({ day, now, subjects, observations, acted: new Set() });
  }
  return {
    kind: "record",
    about: `the ${days.length} newest complete days here, ${days[0] ?? ""} to ${days.at(-1) ?? ""}`,
    days: () => inputs,
    isTrue: () => undefined,
  };
}

const MORNING = 6 * 60;

/** Signals looked at, and needed, to judge a sender by its record. */
const RECORD_SIGNALS_MAX = 500;
const RECORD_SIGNALS_LEAST = 20;

export async function testByRecord(
  { driver }: EngineContext,
  wiring: LoopWiring,
  agent: { readonly registered_at: Instant },
): Promise<SenderTest> {
  const sent = await listNewestCases(driver, {
    loop: wiring.name,
    contractHash: contractHash(wiring.contract),
    since: agent.registered_at,
    limit: RECORD_SIGNALS_MAX,
  });
  const cases = sent.map((of, i) => ({ id: `s-${String(i + 1).padStart(4, "0")}`, of }));
  const failures = cases.flatMap(({ id, of }) => judgeRecorded(wiring.contract, id, of));
  if (sent.length < RECORD_SIGNALS_LEAST) {
    const words = `${sent.length} signals were sent since it registered, and ${RECORD_SIGNALS_LEAST} are needed`;
    const base = { case: "s-record", kind: "record", about: "the record as a whole" } as const;
    failures.push({
      ...base,
      fault: "too-few-signals",
      sent: "",
      came: `${sent.length} signals`,
      words,
    });
  }
  return {
    cases: [...cases.map(({ id }) => ({ id, kind: "record" as const })), RECORD_CASE],
    failures,
    signals: sent.filter(({ problems }) => problems.length === 0).map(({ signal }) => signal),
    notes: [
      `the sender runs elsewhere: it was judged by the ${sent.length} newest signals that it sent here ` +
        "since it registered; how honest its confidence is shows in its own record (gate sender-calibrated)",
    ],
  };
}

const RECORD_CASE = { id: "s-record", kind: "record" } as const;

function judgeRecorded(
  contract: Contract,
  id: string,
  { signal, problems, subjectName }: Pick<Case, "signal" | "problems" | "subjectName">,
): Failure[] {
  const base = {
    case: id,
    kind: "record",
    about: `${signal.id} of ${subjectName}`,
    sent: "",
    came: show(signal),
  } as const;
  const [first] = problems;
  if (first !== undefined) {
    const words = `${first.path}: ${first.message}`;
    return [{ ...base, fault: faultOfSignal(first), words }];
  }
  // What the intake let through kept the contract; whose it was is looked at here.
  const [wrong] = findSignalWrongs(contract, (given) => ({ ok: true, signal: given as Signal }), [
    { signal, now: signal.sentAt },
  ]);
  return wrong === undefined ? [] : [{ ...base, fault: wrong.fault, words: wrong.words }];
}
