/**
 * A charter's table decided at every point: ask it for any point, or read from it what is never asked.
 *
 * `decideAt` is the slow and obvious answer from the document itself; `locate` must always agree with it.
 */
import type { Contract } from "../../contract/types.ts";
import { holdsAt, isInRange, type Point } from "../condition.ts";
import type { Charter } from "../types.ts";
import { isEmpty } from "./box.ts";
import { buildDiagram, type Diagram, isInDomain, leafAt, NO_RULE } from "./diagram.ts";
import { type Limit, listLimits } from "./limit.ts";
import { buildSpace, cellsAt, type Space, type Table } from "./space.ts";

export type Location =
  /** Not a point that can come to the rules: a limit forbids it, or there is no such option. */
  | { readonly kind: "outside"; readonly limits: ReadonlyArray<string> }
  | { readonly kind: "no-rule" }
  | { readonly kind: "rule"; readonly index: number };

export type DecidedTable = {
  readonly space: Space;
  readonly table: Table;
  /** Absent when it would have taken too long, and when the limits leave no point. */
  readonly diagram?: Diagram;
  readonly state: "decided" | "nothing-left" | "too-large";
};

export function decideTable(
  charter: Charter,
  contract?: Contract,
  stepsMax?: number,
): DecidedTable {
  const space = buildSpace([charter], contract);
  const table = space.tables[0] as Table;
  if (isEmpty(table.domain)) return { space, table, state: "nothing-left" };
  const sizes = space.dimensions.map(({ size }) => size);
  const diagram = buildDiagram(table.rules, table.domain, sizes, stepsMax);
  if (diagram === undefined) return { space, table, state: "too-large" };
  return { space, table, diagram, state: "decided" };
}

/** Undefined when the table was too large to decide. */
export function locate(
  { space, table, diagram, state }: DecidedTable,
  point: Point,
): Location | undefined {
  const cells = cellsAt(space, point);
  if (!isInDomain(table.domain, cells)) {
    const limits = table.limits.filter(({ dimension, forbids }) =>
      space.dimensions.some(
        ({ name }, i) =>
          name === dimension && ((forbids >> BigInt(Math.max(0, cells[i] ?? 0))) & 1n) === 1n,
      ),
    );
    return { kind: "outside", limits: limits.map(({ words }) => words) };
  }
  if (diagram === undefined || state !== "decided") return undefined;
  const leaf = leafAt(diagram, cells);
  return leaf === NO_RULE ? { kind: "no-rule" } : { kind: "rule", index: leaf - 1 };
}

/** The first rule that holds, read from the top. */
export function decideAt(charter: Charter, point: Point, contract?: Contract): Location {
  const broken = listLimits(charter, contract).filter((limit) => isForbidden(limit, point));
  if (broken.length > 0 || !charter.options.includes(point.option)) {
    return { kind: "outside", limits: broken.map(({ words }) => words) };
  }
  const index = charter.rules.findIndex(({ when }) => holdsAt(when, point));
  return index === -1 ? { kind: "no-rule" } : { kind: "rule", index };
}

function isForbidden(limit: Limit, point: Point): boolean {
  if (limit.dimension === "action") return limit.isForbidden(point);
  return isInRange(point[limit.dimension], limit.range);
}
