/**
 * Watches a file of counts, `k` events in `n` trials a day, as if each day had just come in.
 *
 * Two detectors look at the same days: one at the events, for rates that rise; one at the trials without
 * event, for rates that fall. A fall back from a rise that was found is the end of that rise, no news.
 */
import type { Subject } from "../../core/port/types.ts";
import { dayFromNumber } from "../../std/time.ts";
import type { Count } from "../detect/day-counts.ts";
import { computeVolumeNeeded, readVolume } from "../detect/decision.ts";
import { Detector } from "../detect/detector.ts";
import type { Finding } from "../detect/finding.ts";
import { LEVELS } from "../detect/settings.ts";
import { planWatch, type WatchPlan } from "./plan.ts";
import {
  describePlan,
  type Direction,
  NearMisses,
  round,
  type WatchFinding,
  type WatchReport,
} from "./report.ts";
import { computeHeights, groupByDay, type SeriesTable, WHOLE } from "./table.ts";

type RateTable = Extract<SeriesTable, { kind: "rates" }>;

/** Days after a rise has ended in which a fall of the same subject is taken for its end. */
const ECHO_DAYS = 30;
const JUDGED = ["not-fired", "fired", "standing"];

export function watchRates(
  table: RateTable,
  report: (done: number, total: number) => void = () => undefined,
): WatchReport {
  const heights = computeHeights(table);
  const { days, rowsOf } = groupByDay(table);
  const plan = planWatch(days);
  const subjects = createTree(table, heights);
  const lookup = (id: string) => subjects.get(id);
  const settings = { lagDays: plan.lagDays, warmupDays: plan.warmupDays };
  const up = new Detector(settings);
  const down = new Detector({ ...settings, priorRate: 1 - up.settings.priorRate });
  const findings: Array<{ -readonly [K in keyof WatchFinding]: WatchFinding[K] }> = [];
  const standing = new Map<string, (typeof findings)[number]>();
  const quietUntil = new Map<string, number>();
  const nearMisses = new NearMisses();
  const judged = new Set<string>();
  const nobody = new Set<string>();

  days.forEach((day, at) => {
    const rows = rowsOf(at);
    for (const direction of ["up", "down"] as const) {
      const detector = direction === "up" ? up : down;
      const counts = listCounts(table, heights, rows, direction);
      const reading = detector.fold({ day, counts, lookup, acted: nobody });
      for (const { subject, end } of reading.ended) {
        const of = standing.get(`${direction} ${subject}`);
        if (of === undefined) continue;
        standing.delete(`${direction} ${subject}`);
        of.ended = { on: dayFromNumber(day), how: end === "absorbed" ? "absorbed" : "back" };
        quietUntil.set(`${opposite(direction)} ${subject}`, day + ECHO_DAYS);
      }
      for (const finding of reading.findings) {
        const key = `${direction} ${finding.subject}`;
        const isEcho =
          day <= (quietUntil.get(key) ?? -Infinity) ||
          standing.has(`${opposite(direction)} ${finding.subject}`);
        if (isEcho) continue;
        const found = toFinding(finding, direction);
        findings.push(found);
        standing.set(key, found);
      }
      for (const { subject, evidence, bar } of reading.almost) {
        nearMisses.add(subject, direction, day, evidence, bar);
      }
    }
    for (const id of subjects.keys()) {
      if (!judged.has(id) && JUDGED.includes(up.statusOf(id) ?? "")) judged.add(id);
    }
    report(at + 1, days.length);
  });
  return {
    kind: "rates",
    ...describePlan(plan, table.subjects.length),
    findings,
    notEvaluated: explainUnjudged(table, heights, up, judged, plan),
    nearMisses: nearMisses.list(findings),
  };
}

function opposite(direction: Direction): Direction {
  return direction === "up" ? "down" : "up";
}

/** Subjects of the port's four levels: what they are called there does not matter, only their order. */
function createTree(
  { subjects, parents }: RateTable,
  heights: ReadonlyArray<number>,
): ReadonlyMap<string, Subject> {
  const tree = new Map<string, Subject>();
  tree.set(WHOLE, { id: WHOLE, kind: "geography", level: "nation", name: WHOLE, parent: null });
  subjects.forEach((id, at) => {
    const parent = parents[at] === -1 ? WHOLE : subjects[parents[at]!]!;
    const level = LEVELS[heights[at]!]!;
    tree.set(id, { id, kind: "geography", level, name: id, parent });
  });
  return tree;
}

function listCounts(
  { subjects, strata, subject, stratum, n, k }: RateTable,
  heights: ReadonlyArray<number>,
  rows: Int32Array,
  direction: Direction,
): Count[] {
  const counts: Count[] = [];
  for (const row of rows) {
    const of = subject[row]!;
    if (heights[of] !== 0) continue;
    const name = stratum[row] === -1 ? undefined : strata[stratum[row]!];
    counts.push({
      subject: subjects[of]!,
      n: n[row]!,
      k: direction === "up" ? k[row]! : n[row]! - k[row]!,
      ...(name === undefined ? {} : { stratum: name }),
    });
  }
  return counts;
}

function toFinding(finding: Finding, direction: Direction): WatchFinding {
  const { subject, trials, size, changeDay, day } = finding;
  const straight = (rate: number) => (direction === "up" ? rate : 1 - rate);
  const clip = (rate: number) => Math.min(1, Math.max(0, rate));
  const baseline = straight(finding.baseline.mean);
  const ends = [size.low, size.high]
    .map((by) => clip(straight(finding.baseline.mean + by)))
    .sort((a, b) => a - b);
  const events = direction === "up" ? finding.events : trials - finding.events;
  const percent = (rate: number) => `${(100 * rate).toFixed(1)}%`;
  return {
    subject,
    direction,
    changedOn: dayFromNumber(changeDay),
    raisedOn: dayFromNumber(day),
    baseline: round(baseline, 5),
    rate: round(clip(straight(finding.baseline.mean + size.mean)), 5),
    interval: [round(ends[0]!, 5), round(ends[1]!, 5)],
    confidence: round(finding.confidence, 4),
    evidence: {
      log10: round(Math.log10(finding.evidence), 2),
      needed: round(Math.log10(finding.bar), 2),
    },
    observed: { n: trials, k: events, days: day - changeDay + 1 },
    reason:
      `${events} of ${trials} (${percent(events / trials)}) in ${day - changeDay + 1} days where ` +
      `${percent(baseline)} was to be expected`,
  };
}

function explainUnjudged(
  { subjects, subject, day }: RateTable,
  heights: ReadonlyArray<number>,
  detector: Detector,
  judged: ReadonlySet<string>,
  plan: WatchPlan,
): WatchReport["notEvaluated"] {
  const first = new Map<number, number>();
  for (let row = 0; row < subject.length; row++) {
    const known = first.get(subject[row]!) ?? Infinity;
    if (day[row]! < known) first.set(subject[row]!, day[row]!);
  }
  return subjects.flatMap((id, at) => {
    if (judged.has(id)) return [];
    const unit = detector.units.indexOf(id);
    if (unit === undefined) return [{ subject: id, reason: "no trials in any row" }];
    const seen = plan.lastDay - (first.get(at) ?? plan.lastDay) + 1;
    if (heights[at] === 0 && seen <= plan.warmupDays) {
      const reason = `seen for ${seen} days; the first ${plan.warmupDays} are for learning`;
      return [{ subject: id, reason }];
    }
    const { rises, visibleWithinDays } = detector.settings;
    const rate = detector.lastDayCounts.rate[unit]!;
    const needed = computeVolumeNeeded(rate, Math.max(...rises), visibleWithinDays);
    const volume = readVolume(detector.units, unit);
    return [
      {
        subject: id,
        reason:
          `${volume.toFixed(1)} trials a day; at its rate it takes ${needed.toFixed(1)} to see even a ` +
          `large change within ${visibleWithinDays} days; it counts in what is above it`,
      },
    ];
  });
}
