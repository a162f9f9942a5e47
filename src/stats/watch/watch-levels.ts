/** Watches a file of levels, one value a day and subject, as if each day had just come in. */
import { dayFromNumber } from "../../std/time.ts";
import { chooseFamily, type Family, type FamilyName } from "../level/family.ts";
import type { LevelFinding } from "../level/finding.ts";
import { LevelDetector } from "../level/level-detector.ts";
import { planWatch } from "./plan.ts";
import { describePlan, NearMisses, round, type WatchFinding, type WatchReport } from "./report.ts";
import { computeHeights, groupByDay, type SeriesTable, WHOLE } from "./table.ts";

type LevelTable = Extract<SeriesTable, { kind: "levels" }>;

const ECHO_DAYS = 30;

export function watchLevels(
  table: LevelTable,
  report: (done: number, total: number) => void = () => undefined,
): WatchReport {
  const heights = computeHeights(table);
  const { days, rowsOf } = groupByDay(table);
  const plan = planWatch(days);
  const family = chooseFamily(table.value);
  const tree = createTree(table);
  const detector = new LevelDetector(family, tree.parents, {
    lagDays: plan.lagDays,
    warmupDays: plan.warmupDays,
  });
  const findings: Array<{ -readonly [K in keyof WatchFinding]: WatchFinding[K] }> = [];
  const standing = new Map<string, (typeof findings)[number]>();
  const quietUntil = new Map<string, number>();
  const nearMisses = new NearMisses();
  const seenDays = new Float64Array(tree.names.length);

  days.forEach((day, at) => {
    const values = readDay(table, heights, tree, rowsOf(at), family);
    values.forEach((value, unit) => (seenDays[unit]! += value === undefined ? 0 : 1));
    const reading = detector.fold(day, values);
    for (const { unit, direction, how } of reading.ended) {
      const key = `${direction} ${unit}`;
      const of = standing.get(key);
      if (of === undefined) continue;
      standing.delete(key);
      of.ended = { on: dayFromNumber(day), how };
      if (how === "absorbed") continue;
      quietUntil.set(`${direction === "up" ? "down" : "up"} ${unit}`, day + ECHO_DAYS);
    }
    for (const finding of reading.findings) {
      const key = `${finding.direction} ${finding.unit}`;
      const other = `${finding.direction === "up" ? "down" : "up"} ${finding.unit}`;
      if (day <= (quietUntil.get(key) ?? -Infinity) || standing.has(other)) continue;
      const found = toFinding(finding, tree.names[finding.unit]!, family.name);
      findings.push(found);
      standing.set(key, found);
    }
    for (const { unit, direction, evidence, bar } of reading.nearMisses) {
      nearMisses.add(tree.names[unit]!, direction, day, evidence, bar);
    }
    report(at + 1, days.length);
  });
  return {
    kind: family.name,
    ...describePlan(plan, table.subjects.length),
    findings,
    notEvaluated: table.subjects.flatMap((subject, unit) => {
      if (seenDays[unit]! > plan.warmupDays) return [];
      const reason = `seen on ${seenDays[unit]} days; the first ${plan.warmupDays} are for learning`;
      return [{ subject, reason }];
    }),
    nearMisses: nearMisses.list(findings),
  };
}

/** Subjects, and the whole above those that have no parent, if there are several. */
type Tree = { readonly names: ReadonlyArray<string>; readonly parents: ReadonlyArray<number> };

function createTree({ subjects, parents }: LevelTable): Tree {
  const roots = parents.filter((parent) => parent === -1).length;
  if (roots < 2) return { names: subjects, parents };
  const whole = subjects.length;
  return {
    names: [...subjects, WHOLE],
    parents: [...parents.map((parent) => (parent === -1 ? whole : parent)), -1],
  };
}

/** The day's values on the family's scale; sums go up the tree only when every part of them is there. */
function readDay(
  { subject, value }: LevelTable,
  heights: ReadonlyArray<number>,
  { names, parents }: Tree,
  rows: Int32Array,
  family: Family,
): Array<number | undefined> {
  const sums = new Float64Array(names.length);
  const parts = new Int32Array(names.length);
  for (const row of rows) {
    const of = subject[row]!;
    if (heights[of] !== 0) continue;
    for (let at = of; at !== -1; at = parents[at]!) {
      sums[at]! += value[row]!;
      parts[at]! += 1;
    }
  }
  const children = new Int32Array(names.length);
  heights.forEach((height, at) => {
    if (height !== 0) return;
    for (let above = parents[at]!; above !== -1; above = parents[above]!) children[above]! += 1;
  });
  return names.map((_, at) => {
    if (parts[at] === 0) return undefined;
    // A sum that lacks a tenth of its parts is another sum.
    if (children[at]! > 0 && parts[at]! < PARTS_SHARE_MIN * children[at]!) return undefined;
    return family.toScale(sums[at]!);
  });
}

const PARTS_SHARE_MIN = 0.9;

function toFinding(finding: LevelFinding, subject: string, kind: FamilyName): WatchFinding {
  const { direction, changeDay, day, baseline, seen, level, days } = finding;
  const digits = kind === "counts" ? 2 : 4;
  const say = (value: number) => value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
  return {
    subject,
    direction,
    changedOn: dayFromNumber(changeDay),
    raisedOn: dayFromNumber(day),
    baseline: round(baseline, digits),
    rate: round(level.mean, digits),
    interval: [round(level.low, digits), round(level.high, digits)],
    confidence: round(finding.confidence, 4),
    evidence: {
      log10: round(Math.log10(finding.evidence), 2),
      needed: round(Math.log10(finding.bar), 2),
    },
    observed: { mean: round(seen, digits), days },
    reason: `${say(seen)} a day over ${days} days where ${say(baseline)} was to be expected`,
  };
}
