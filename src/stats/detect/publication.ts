/**
 * One problem, one signal, at the level where it lives.
 *
 * A district that rises lifts its pincodes, and a big pincode lifts its district. So, from the coarsest
 * level down: a unit whose ancestor speaks is silent unless it has risen clearly more than the
 * ancestor; a unit whose excess lies in children that speak is silent; and a unit whose excess lies
 * in one child that cannot yet prove it waits for that child, `holdDays` at most. Each silence
 * is kept as a near miss with its reason.
 */
import { isAlarmed } from "./alarm.ts";
import type { DayCounts } from "./day-counts.ts";
import type { Decision } from "./decision.ts";
import { readEvidence, readExcess } from "./evidence.ts";
import { computeFinding } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { NONE } from "./units.ts";
import type { Units } from "./units.ts";

/** Evidence from which a child is worth waiting for. */
const CHILD_EVIDENCE_MIN = 100;

export type Silence = { readonly unit: number; readonly reason: string };
export type Publication = {
  readonly published: ReadonlyArray<{ readonly unit: number; readonly finding: Finding }>;
  readonly silenced: ReadonlyArray<Silence>;
};

/** Changes nothing but `heldSince`; the caller raises the alarms. `monitored` units can speak. */
export function choosePublished(
  units: Units,
  counts: DayCounts,
  decision: Decision,
  monitored: ReadonlySet<number>,
): Publication {
  const findings = new Map<number, Finding>();
  for (const unit of decision.rejected) {
    if (isAlarmed(units, unit) || counts.trials[unit] === 0) continue;
    const finding = computeFinding(units, counts, unit, decision.barOf(unit));
    if (finding !== undefined) findings.set(unit, finding);
  }
  const children = listChildren(units, findings, monitored);
  const published = new Map<number, Finding>();
  const silenced: Silence[] = [];
  for (const unit of units.topDown) {
    const finding = findings.get(unit);
    if (finding === undefined) continue;
    const reason =
      explainByAncestor(units, published, finding, unit) ??
      explainByChildren(units, counts.day, findings, children.get(unit) ?? [], unit) ??
      explainByDoubt(units, finding);
    if (reason === undefined) published.set(unit, finding);
    else silenced.push({ unit, reason });
  }
  return {
    published: [...published].map(([unit, finding]) => ({ unit, finding })),
    silenced,
  };
}

function explainByAncestor(
  units: Units,
  published: ReadonlyMap<number, Finding>,
  finding: Finding,
  unit: number,
): string | undefined {
  const { parent, alarmSize } = units.columns;
  for (let at = parent[unit]!; at !== NONE; at = parent[at]!) {
    const size =
      published.get(at)?.size.mean ?? (isAlarmed(units, at) ? alarmSize[at]! : undefined);
    if (size !== undefined && finding.size.low <= size) {
      return `explained by ${units.ids[at]}, which rose as a whole`;
    }
  }
  return undefined;
}

function explainByChildren(
  units: Units,
  day: number,
  findings: ReadonlyMap<number, Finding>,
  children: ReadonlyArray<number>,
  unit: number,
): string | undefined {
  const { childShare, holdDays } = units.settings;
  const { heldSince } = units.columns;
  const excess = readExcess(units, unit);
  if (excess === 0) return undefined;
  const shareOf = (child: number) => readExcess(units, child) / excess;
  const standing = children.filter((child) => isAlarmed(units, child));
  if (standing.reduce((sum, child) => sum + shareOf(child), 0) >= childShare) {
    return `explained by ${standing.map((child) => units.ids[child]).join(", ")} below it`;
  }
  const main = children.find((child) => shareOf(child) >= childShare);
  if (main === undefined) return undefined;
  if (findings.has(main)) return `nearly all of its excess is in ${units.ids[main]}`;
  if (readEvidence(units, main) < CHILD_EVIDENCE_MIN) return undefined;
  if (heldSince[unit] === NONE) heldSince[unit] = day;
  if (day - heldSince[unit]! >= holdDays) return undefined;
  return `nearly all of its excess is in ${units.ids[main]}, whose own evidence is awaited`;
}

function explainByDoubt(units: Units, finding: Finding): string | undefined {
  const { confidenceMin } = units.settings;
  if (finding.confidence >= confidenceMin) return undefined;
  return `confidence ${finding.confidence.toFixed(2)} is below ${confidenceMin}`;
}

/** The children of the units that might speak, those alone that could speak themselves. */
function listChildren(
  units: Units,
  findings: ReadonlyMap<number, Finding>,
  monitored: ReadonlySet<number>,
): Map<number, number[]> {
  const { parent } = units.columns;
  const children = new Map<number, number[]>();
  if (findings.size === 0) return children;
  for (let unit = 0; unit < units.count; unit++) {
    const above = parent[unit]!;
    if (!findings.has(above) || !(monitored.has(unit) || isAlarmed(units, unit))) continue;
    const siblings = children.get(above);
    if (siblings === undefined) children.set(above, [unit]);
    else siblings.push(unit);
  }
  return children;
}
