/**
 * The decision table as one page: a row for each option, a column for each tier of value at stake, and
 * in each cell what is decided there. Everything else (confidence, size, shares, the hour) is one point
 * that the reader chooses and the page names.
 *
 * The tiers are the charter's own bounds, its guardrails among them, so every cell is true for all values
 * of its column.
 */
import { canonicalJson } from "../../../std/canonical-json.ts";
import type { Contract } from "../../contract/types.ts";
import { AXES, type Axis, isInRange, type Point, rangeOn } from "../condition.ts";
import type { Charter, Range, RuleEffect } from "../types.ts";
import { decideAt } from "./decided-table.ts";
import { listLimits } from "./limit.ts";

/** What the columns do not say: one value for each other dimension. */
export type MatrixPoint = Pick<
  Point,
  "confidence" | "subjects" | "shareOfOrders" | "shareOfSpend" | "time" | "reversible"
>;

/** A small, certain change in the middle of a working Monday. */
export const MATRIX_POINT: MatrixPoint = {
  confidence: 1,
  subjects: 1,
  shareOfOrders: 0,
  shareOfSpend: 0,
  time: 12 * 60,
  reversible: true,
};

export type MatrixCell = {
  /** `limit`: a guardrail forbids before any rule; `no-rule`: nobody decided. */
  readonly decidedBy: "rule" | "limit" | "no-rule";
  readonly effect: RuleEffect;
  /** Name of the rule, or the limits in words. */
  readonly by: string;
};

export type Matrix = {
  readonly title: string;
  readonly currency: string;
  readonly at: MatrixPoint;
  /** Tiers of value at stake in minor units, half-open. */
  readonly tiers: ReadonlyArray<Range>;
  readonly rows: ReadonlyArray<{
    readonly option: string;
    readonly reversible: boolean;
    readonly cells: ReadonlyArray<MatrixCell>;
  }>;
};

/** With a contract, each option is as reversible as the contract says. */
export function computeMatrix(
  charter: Charter,
  at: Partial<MatrixPoint> = {},
  contract?: Contract,
): Matrix {
  const chosen = { ...MATRIX_POINT, ...at };
  const tiers = listTiers(charter);
  const rows = charter.options.map((option) => {
    const known = contract?.options.find(({ name }) => name === option);
    const reversible = known?.reversible ?? chosen.reversible;
    const cells = tiers.map(({ atLeast = 0 }) =>
      cellAt(charter, { ...chosen, option, reversible, valueAtStake: atLeast }, contract),
    );
    return { option, reversible, cells };
  });
  // Neighbouring tiers without a difference are one.
  const isKept = tiers.map(
    (_, i) =>
      i === 0 || rows.some(({ cells }) => canonicalJson(cells[i]) !== canonicalJson(cells[i - 1])),
  );
  const starts = tiers.filter((_, i) => isKept[i]).map(({ atLeast }) => atLeast);
  return {
    title: `${charter.title} (${charter.name}, version ${charter.version})`,
    currency: charter.currency,
    at: chosen,
    tiers: rangesFrom(starts),
    rows: rows.map((row) => ({ ...row, cells: row.cells.filter((_, i) => isKept[i]) })),
  };
}

function listTiers(charter: Charter): ReadonlyArray<Range> {
  const axis: Axis = AXES[0];
  const ranges = charter.rules.map(({ when }) => rangeOn(when, axis));
  const limits = listLimits(charter).flatMap((limit) =>
    limit.dimension === axis ? [limit.range] : [],
  );
  const bounds = [...ranges, ...limits].flatMap((range) => [range?.atLeast, range?.below]);
  const inside = bounds.filter((bound) => bound !== undefined && isInRange(bound, { atLeast: 1 }));
  return rangesFrom([...new Set([0, ...inside])].sort((a = 0, b = 0) => a - b));
}

function rangesFrom(starts: ReadonlyArray<number | undefined>): ReadonlyArray<Range> {
  return starts.map((atLeast = 0, i) => {
    const below = starts[i + 1];
    return below === undefined ? { atLeast } : { atLeast, below };
  });
}

function cellAt(charter: Charter, point: Point, contract?: Contract): MatrixCell {
  const location = decideAt(charter, point, contract);
  const forbid: RuleEffect = { kind: "forbid" };
  if (location.kind === "outside") {
    return { decidedBy: "limit", effect: forbid, by: location.limits[0] ?? "" };
  }
  const rule = location.kind === "rule" ? charter.rules[location.index] : undefined;
  if (rule === undefined) return { decidedBy: "no-rule", effect: forbid, by: "" };
  return { decidedBy: "rule", effect: rule.then, by: rule.name };
}
