/**
 * The product's detector on the real file, as it is and with a lasting rise put into one state.
 *
 * The rise turns delivered orders of the file into failed ones, each with the same chance, from a
 * day on; everything else stays as it was. States that are too busy are thinned, order by order, to
 * the volume asked for. What is random comes from the seed: which state, from when on, how thin,
 * which orders.
 */
import type { Observation } from "../../src/core/port/types.ts";
import { Detector } from "../../src/stats/detect/detector.ts";
import type { Finding } from "../../src/stats/detect/finding.ts";
import type { DetectorSettings } from "../../src/stats/detect/settings.ts";
import { CheapRandom } from "../cheap-random.ts";
import { quantile } from "../sample.ts";
import { type RealFile, stateOf } from "./shipments.ts";

/** What `replay` gives a file of this length: the first half of its days, 45 at most. */
export const WARMUP_DAYS = 38;
export const PRODUCT_SETTINGS: Partial<DetectorSettings> = { warmupDays: WARMUP_DAYS };
export const FOUND_WITHIN_DAYS = 35;

export type Untouched = {
  readonly findings: ReadonlyArray<Finding>;
  readonly nearMisses: number;
  readonly units: number;
  readonly monitored: number;
  /** Per level: units, and the highest evidence that any had on any day. */
  readonly levels: ReadonlyArray<{
    readonly level: string;
    readonly units: number;
    readonly highest: number;
    readonly subject: string;
    readonly statuses: string;
  }>;
};

export function runUntouched(file: RealFile, settings = PRODUCT_SETTINGS): Untouched {
  const detector = new Detector(settings);
  const findings: Finding[] = [];
  const highest = new Map<string, { units: Set<string>; evidence: number; subject: string }>();
  let [nearMisses, monitored] = [0, 0];
  for (const { day, rows } of file.days) {
    const reading = fold(detector, file, day, rows);
    findings.push(...reading.findings);
    nearMisses += reading.nearMisses.length;
    monitored = Math.max(monitored, reading.monitored);
    for (const id of detector.units.ids) {
      const level = file.subjects.get(id)?.level ?? "nation";
      const best = highest.get(level) ?? { units: new Set(), evidence: -Infinity, subject: "" };
      const evidence = detector.logEvidenceOf(id);
      best.units.add(id);
      if (evidence > best.evidence) Object.assign(best, { evidence, subject: id });
      highest.set(level, best);
    }
  }
  const levels = [...highest].map(([level, { units, evidence, subject }]) => ({
    level,
    units: units.size,
    highest: evidence,
    subject,
    statuses: [...countStatuses(detector, units)].map(([s, n]) => `${n} ${s}`).join(", "),
  }));
  return { findings, nearMisses, units: detector.units.count, monitored, levels };
}

function countStatuses(detector: Detector, ids: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const status = detector.statusOf(id) ?? "unknown";
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
}

function fold(
  detector: Detector,
  file: RealFile,
  day: number,
  counts: ReadonlyArray<Pick<Observation, "subject" | "n" | "k" | "stratum">>,
) {
  return detector.fold({ day, counts, lookup: (id) => file.subjects.get(id), acted: new Set() });
}

export type Injection = {
  readonly state: string;
  /** Index of the first day with the rise. */
  readonly from: number;
  readonly rise: number;
  /** Share of the state's orders that is kept. */
  readonly kept: number;
  readonly seed: number;
};

export type Injected = {
  /**
   * Days and orders from the rise to the first signal about it; `undefined` when not found in time.
   */
  readonly days: number | undefined;
  readonly orders: number;
  /** What the signal names: the very state, a place in it, or the country. */
  readonly named: "state" | "within" | "above" | undefined;
  /** Signals about anything else, or before the rise. */
  readonly others: number;
};

export type VolumeClass = { readonly low: number; readonly high: number };

/** Injections of one rise and volume class, drawn from the seed. */
export function drawInjections(
  file: RealFile,
  of: VolumeClass & { readonly rise: number; readonly count: number; readonly seed: number },
): Injection[] {
  const random = new CheapRandom(of.seed, Math.round(of.rise * 1000), of.low);
  const volumes = new Map<string, number>();
  for (const { rows } of file.days) {
    for (const { subject, n } of rows) {
      const state = stateOf(subject, file.subjects);
      if (state !== undefined) {
        volumes.set(state, (volumes.get(state) ?? 0) + n / file.days.length);
      }
    }
  }
  const states = [...volumes].filter(([, perDay]) => perDay >= of.low).sort();
  const latest = file.days.length - FOUND_WITHIN_DAYS;
  return Array.from({ length: of.count }, (_, at) => {
    const [state, perDay] = states[random.integer(0, states.length)]!;
    const wanted = of.low + (of.high - of.low) * random.next();
    const kept = perDay <= of.high ? 1 : wanted / perDay;
    const from = random.integer(WARMUP_DAYS, latest + 1);
    return { state, from, rise: of.rise, kept, seed: of.seed * 1_000 + at };
  });
}

export function runInjection(
  file: RealFile,
  injection: Injection,
  settings = PRODUCT_SETTINGS,
): Injected {
  const { state, from, rise, kept, seed } = injection;
  const random = new CheapRandom(seed, 5);
  const detector = new Detector(settings);
  const usual = readStateRate(file, state);
  let [orders, others] = [0, 0];
  for (const [at, { day, rows }] of file.days.entries()) {
    const counts = rows.map((row) => {
      if (stateOf(row.subject, file.subjects) !== state) return row;
      const bad = random.binomial(row.k, kept);
      const good = random.binomial(row.n - row.k, kept);
      const turned = at >= from ? random.binomial(good, rise / (1 - usual)) : 0;
      if (at >= from) orders += bad + good;
      return { ...row, n: bad + good, k: bad + turned };
    });
    const { findings } = fold(detector, file, day, counts);
    for (const finding of findings) {
      const isAbout = at >= from && isRelated(file, finding.subject, state);
      if (!isAbout) {
        others += 1;
        continue;
      }
      return { days: at - from + 1, orders, named: nameOf(finding, state), others };
    }
    if (at - from + 1 >= FOUND_WITHIN_DAYS) break;
  }
  return { days: undefined, orders, named: undefined, others };
}

function nameOf(finding: Finding, state: string): Injected["named"] {
  if (finding.subject === state) return "state";
  return finding.level === "nation" ? "above" : "within";
}

/** The state itself, a place in it, or the country. */
function isRelated(file: RealFile, subject: string, state: string): boolean {
  return (
    file.subjects.get(subject)?.level === "nation" || stateOf(subject, file.subjects) === state
  );
}

function readStateRate(file: RealFile, state: string): number {
  let [n, k] = [0, 0];
  for (const { rows } of file.days) {
    for (const row of rows) {
      if (stateOf(row.subject, file.subjects) !== state) continue;
      n += row.n;
      k += row.k;
    }
  }
  return k / n;
}

export type InjectionSum = VolumeClass & {
  readonly rise: number;
  readonly count: number;
  readonly found: number;
  readonly medianDays: number;
  readonly medianOrders: number;
  readonly named: { readonly state: number; readonly within: number; readonly above: number };
  readonly others: number;
};

export function sumInjections(results: ReadonlyArray<Injected>) {
  const found = results.filter(({ days }) => days !== undefined);
  const days = results.map((result) => result.days ?? Infinity).sort((a, b) => a - b);
  const count = (named: Injected["named"]) =>
    found.filter((result) => result.named === named).length;
  return {
    count: results.length,
    found: found.length,
    medianDays: days[Math.floor(days.length / 2)] ?? Infinity,
    medianOrders: quantile(
      found.map(({ orders }) => orders).sort((a, b) => a - b),
      0.5,
    ),
    named: { state: count("state"), within: count("within"), above: count("above") },
    others: results.reduce((sum, { others }) => sum + others, 0),
  };
}
