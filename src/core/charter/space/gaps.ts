/**
 * Proof that a charter has no gap, or every gap it has.
 *
 * Picture a map of everything that could ever be proposed: each option, at each value, confidence, size
 * and hour, with each owner here or away, on each day in force. On every spot must stand exactly one
 * decision, somebody who answers for it, people who can give the votes it asks for in time, and an
 * address on both sides. The map is decided whole, not sampled: the table as a diagram over its cells,
 * people and hours at every moment at which they change.
 *
 *   limits -> the first rule that fits -> its votes x who is in term x owner here or away -> its clocks
 *
 * Left out: whether the figures are good ones (`lint.ts` says a little), signatures, and everything that
 * is used up or counted at the moment of action.
 */
import type { Contract } from "../../contract/types.ts";
import type { Charter } from "../types.ts";
import { findApproverGaps, listAsked } from "./approver.ts";
import { type DecidedTable, decideTable } from "./decided-table.ts";
import { findOtherCurrencies, findUnaccountable, findUntold } from "./duty.ts";
import type { GapFinding } from "./finding.ts";
import { findFreezeOfAll } from "./freeze.ts";
import { findOverlaps } from "./overlap.ts";
import { findUncoveredRegions } from "./uncovered.ts";
import { findUnreachable } from "./unreachable.ts";
import { findLateVotes } from "./vote-clock.ts";

export type GapReport = {
  /** No finding is an error. */
  readonly holds: boolean;
  /** The uncovered regions are together exactly what no rule decides. */
  readonly isComplete: boolean;
  readonly size: {
    readonly rules: number;
    /** Dimensions on which the rules tell anything apart. */
    readonly dimensions: number;
    /** Combinations that the limits leave. */
    readonly combinations: number;
    /** Steps that deciding them took. */
    readonly steps: number;
  };
  readonly findings: ReadonlyArray<GapFinding>;
};

export type GapSettings = {
  readonly decided?: DecidedTable;
  readonly regionsMax?: number;
};

/** `contract` narrows to what its options and its confidence to act let happen, and adds its expiry. */
export function findGaps(
  charter: Charter,
  contract?: Contract,
  { decided = decideTable(charter, contract), regionsMax }: GapSettings = {},
): GapReport {
  const { reached, findings: unreachable } = findUnreachable(decided);
  const uncovered =
    decided.state === "nothing-left"
      ? { findings: [], isComplete: true }
      : findUncoveredRegions(decided, regionsMax);
  const asked = listAsked(charter, reached);
  const findings = [
    ...uncovered.findings,
    ...findOtherCurrencies(charter),
    ...findApproverGaps(charter, asked),
    ...findUnaccountable(charter, reached),
    ...findUntold(charter),
    ...findLateVotes(charter, asked, contract),
    ...findOverlaps(decided),
    ...unreachable,
    ...findFreezeOfAll(charter),
  ];
  return {
    holds: !findings.some(({ severity }) => severity === "error"),
    isComplete: uncovered.isComplete,
    size: sizeOf(decided),
    findings,
  };
}

function sizeOf({ space, table, diagram }: DecidedTable): GapReport["size"] {
  const counts = table.domain.map((cells) => cells.toString(2).replaceAll("0", "").length);
  return {
    rules: table.rules.length,
    dimensions: space.dimensions.filter(({ size }) => size > 1).length,
    combinations: counts.reduce((product, count) => product * count, 1),
    steps: diagram?.steps ?? 0,
  };
}
