/**
 * What the geometry of a table says: what no rule decides, which rules never decide and why, and where
 * only the order of two rules says what happens.
 */
import { listWords } from "../../problem.ts";
import { type Box, contains, doMeet, findUncovered, intersect, isEmpty, type Purse } from "./box.ts";
import type { DecidedTable } from "./decided-table.ts";
import { DIAGRAM_STEPS_MAX, listLeaves, NO_RULE } from "./diagram.ts";
import { compareEffects, describeEffect } from "./effect.ts";
import { FINDINGS_A_KIND_MAX, type GapFinding } from "./finding.ts";
import { type Region, toRegion } from "./region.ts";
import { findRegions } from "./regions.ts";
import { domainOf, type Table } from "./space.ts";
import { suggestRule } from "./suggest.ts";

/** Steps of the questions that are asked box by box. */
const STEPS_MAX = 200_000;

export type Reach = {
  readonly findings: ReadonlyArray<GapFinding>;
  /** By rule: can it ever decide? True where that could not be told. */
  readonly reached: ReadonlyArray<boolean>;
};

export function findReach(decided: DecidedTable): Reach {
  const { table, diagram, state } = decided;
  const { charter } = table;
  if (state === "nothing-left") {
    return { findings: findNothingLeft(table), reached: charter.rules.map(() => false) };
  }
  const purse = { steps: STEPS_MAX };
  const leaves = diagram === undefined ? undefined : listLeaves(diagram);
  const reached = charter.rules.map((_, i) =>
    leaves === undefined ? isReached(table, i, purse) : leaves.has(i + 1),
  );
  const findings = [
    ...(diagram === undefined ? findNotDecided(decided, purse) : findGapRegions(decided)),
    ...reached.flatMap((isReached, i) => (isReached ? [] : [explainUnreachable(table, i)])),
    ...findOverlaps(decided),
  ];
  return { findings, reached };
}

function findNothingLeft({ limits, domain, charter }: Table): ReadonlyArray<GapFinding> {
  const closed = limits.filter(
    ({ dimension, forbids }) =>
      forbids !== 0n && isEmpty(domain) && dimension !== undefined && isClosing({ limits, domain }, dimension),
  );
  const words = listWords(closed.map((limit) => limit.words), "and");
  return [
    {
      kind: "limit",
      severity: "warning",
      path: closed[0]?.path ?? "/guardrails",
      message: `no proposal can pass ${words}, so no rule ever decides`,
      help: "set it higher, or pause the loop instead",
      rules: charter.rules.map(({ name }) => name),
    },
  ];
}
