/**
 * The logistics agent: watches the NDR rate of every geography and says when one has got worse for good.
 *
 * It adds three things to the detector: it reads observations that are split by courier, payment mode
 * and reason; it remembers that split, so that it can say whose fault a rise is; and it writes the
 * signal. What it holds is `save`d whole, so a day folded after a restart is the same day.
 */
import { assert } from "../../std/assert.ts";
import { dayToNumber } from "../../std/time.ts";
import type { Observation, SendingAgent } from "../../core/port/types.ts";
import { newStateError, packParts, unpackParts } from "../../stats/detect/columns.ts";
import { Detector } from "../../stats/detect/detector.ts";
import type { DetectorReading } from "../../stats/detect/detector.ts";
import { findChange } from "../../stats/detect/evidence.ts";
import type { Finding } from "../../stats/detect/finding.ts";
import { NONE } from "../../stats/detect/units.ts";
import { computeCause } from "./cause.ts";
import { LOGISTICS_DEFAULTS } from "./settings.ts";
import type { LogisticsSettings } from "./settings.ts";
import { createSignal } from "./signal.ts";
import { StrataMemory } from "./strata.ts";

const VERSION = "1.0.0";
const NOT_EVALUATED = [
  "warming-up",
  "too-little-data",
  "no-data",
  "immature",
  "under-action",
] as const;

export function createLogisticsAgent(given: Partial<LogisticsSettings> = {}): SendingAgent {
  const settings = { ...LOGISTICS_DEFAULTS, ...given };
  const detector = new Detector(settings.detector);
  const strata = new StrataMemory(settings.strataHalfLifeDays);

  return {
    department: "logistics",
    name: "geo-risk-detector",
    version: VERSION,

    foldDay({ day, now, subjects, observations, acted, knownShare = settings.knownShare }) {
      assert(knownShare > 0 && knownShare <= 1, `a share of ${knownShare} of the day is known`);
      const dayNumber = dayToNumber(day);
      const ours = observations.filter(({ metric }) => metric === settings.metric);
      const known = ours.filter(({ subject }) => subjects.has(subject));
      const reading = detector.fold({
        day: dayNumber,
        counts: known,
        lookup: (id) => subjects.get(id),
        acted,
      });
      strata.reserve(detector.units.count);
      for (const { subject } of reading.ended) discardAlarm(detector, strata, subject);
      const touched = addStrata(detector, strata, known, 1 / knownShare - 1);
      const signals = reading.findings.map((finding) =>
        createSignal(settings, {
          finding,
          cause: readCause(detector, strata, finding),
          exposure: readExposure(detector, strata, finding),
          maturity: strata.readMaturity(detector.units.indexOf(finding.subject)!),
          now,
        }),
      );
      for (const unit of touched) {
        if (findChange(detector.units, unit) === undefined) strata.pour(unit, dayNumber);
      }
      return {
        day,
        evaluated:
          reading.statuses.fired + reading.statuses["not-fired"] + reading.statuses.standing,
        notEvaluated: listNotEvaluated(reading, ours, subjects),
        signals,
        nearMisses: reading.nearMisses.slice(0, settings.nearMissesMax),
        recovered: reading.ended
          .filter(({ end }) => end === "recovered")
          .map(({ subject }) => subject),
      };
    },

    save() {
      return packParts([detector.save(), strata.save(detector.units.count)]);
    },

    restore(state) {
      const [first, second] = unpackParts(state);
      if (first === undefined || second === undefined) throw newStateError("a part is missing");
      detector.restore(first);
      strata.restore(second);
    },
  };
}

/** The days of an alarm are never the usual, neither of the unit nor of those above that they lifted. */
function discardAlarm(detector: Detector, strata: StrataMemory, subject: string): void {
  const { units } = detector;
  const unit = units.indexOf(subject)!;
  for (let at = unit; at !== NONE; at = units.columns.parent[at]!) {
    if (at === unit || findChange(units, at) === undefined) strata.discard(at);
  }
}

/**
 * Adds the day's parts to every unit above them; gives the units that were touched. For each known
 * outcome `openPerKnown` are still open.
 */
function addStrata(
  detector: Detector,
  strata: StrataMemory,
  observations: ReadonlyArray<Observation>,
  openPerKnown: number,
): Set<number> {
  const { parent, acted } = detector.units.columns;
  const touched = new Set<number>();
  let last = NONE;
  for (const { subject, stratum, n, k, reasons } of observations) {
    const unit = detector.units.indexOf(subject);
    // A unit under an action of ours is no evidence of what usually happens, to nobody above it.
    if (unit === undefined || acted[unit] === 1) continue;
    const parts = strata.partsOf(stratum);
    for (let at = unit; at !== NONE; at = parent[at]!) {
      // Strata of one subject come one after another.
      if (unit !== last) touched.add(at);
      strata.addOpen(at, n * openPerKnown);
      for (const part of parts) strata.addTrials(at, part, n, k);
    }
    last = unit;
    if (reasons === undefined) continue;
    for (const [reason, events] of Object.entries(reasons)) {
      const part = strata.partOfReason(reason);
      if (part === undefined) continue;
      for (let at = unit; at !== NONE; at = parent[at]!) strata.addEvents(at, part, events);
    }
  }
  return touched;
}

function readCause(detector: Detector, strata: StrataMemory, finding: Finding) {
  const { parent } = detector.units.columns;
  const unit = detector.units.indexOf(finding.subject)!;
  let root = unit;
  while (parent[root] !== NONE) root = parent[root]!;
  return computeCause({
    expectedRate: finding.baseline.mean,
    whole: strata.readWhole(unit),
    parts: strata.readParts(unit),
    network: { whole: strata.readWhole(root), parts: strata.readParts(root) },
  });
}

function readExposure(detector: Detector, strata: StrataMemory, finding: Finding) {
  const { units } = detector;
  const { parent, level } = units.columns;
  const unit = units.indexOf(finding.subject)!;
  let subjects = 0;
  for (let leaf = 0; leaf < units.count; leaf++) {
    if (level[leaf] !== 0) continue;
    let at = leaf;
    while (at !== NONE && at !== unit) at = parent[at]!;
    if (at === unit) subjects += 1;
  }
  let cod = 0;
  let all = 0;
  for (const { dimension, value, before, since } of strata.readParts(unit)) {
    if (dimension !== "payment") continue;
    all += before.trials + since.trials;
    if (value === "cod") cod += before.trials + since.trials;
  }
  return { codShare: all === 0 ? 0 : cod / all, subjects: Math.max(subjects, 1) };
}

function listNotEvaluated(
  reading: DetectorReading,
  observations: ReadonlyArray<Observation>,
  subjects: ReadonlyMap<string, unknown>,
): Array<{ readonly reason: string; readonly subjects: number }> {
  const strangers = new Set(
    observations.map(({ subject }) => subject).filter((subject) => !subjects.has(subject)),
  );
  return [
    ...NOT_EVALUATED.map((reason) => ({ reason, subjects: reading.statuses[reason] })),
    { reason: "unknown-subject", subjects: strangers.size },
  ].filter((row) => row.subjects > 0);
}
