/**
 * A box of a space as people and programs outside can read it: bounds instead of cells, and one point
 * that lies in it.
 *
 * A dimension on which the box leaves nothing out is not named. What the limits forbid is no part of any
 * region, so `at least Rs 5,00,000` ends where a guardrail forbids everything.
 */
import { assert } from "../../../std/assert.ts";
import type { Point } from "../condition.ts";
import { writeMoney } from "../money-text.ts";
import type { Charter, MoneyRange, Range, RuleConditions } from "../types.ts";
import { type Box, hasCell } from "./box.ts";
import { describeRegion } from "./region-words.ts";
import {
  type Action,
  type Dimension,
  DIMENSIONS,
  type DimensionName,
  type Space,
} from "./space.ts";
import { windowsOf } from "./week.ts";

export type MeasuredName = Exclude<DimensionName, "action">;

export type Where = { readonly actions: ReadonlyArray<Action> } & {
  /** Any of these; money in minor units, time in minutes of the week. */
  readonly [name in MeasuredName]?: ReadonlyArray<Range>;
};

export type Region = {
  readonly words: string;
  readonly where: Where;
  readonly example: Point;
};

/** `domain` is what the limits leave; the box lies in it and is not empty. */
export function toRegion(space: Space, domain: Box, charter: Charter, box: Box): Region {
  const where = whereOf(space, domain, box);
  const words = describeRegion(where, listPossible(space, domain), charter.currency);
  return { words, where, example: examplePoint(space, box) };
}

export function whereOf(space: Space, domain: Box, box: Box): Where {
  const actions = listPossible(space, box);
  const measured: { [name in MeasuredName]?: ReadonlyArray<Range> } = {};
  for (const [i, dimension] of space.dimensions.entries()) {
    const { name } = dimension;
    if (name === "action" || box[i] === domain[i]) continue;
    measured[name] = stretchesOf(dimension, box[i] ?? 0n, domain[i] ?? 0n);
  }
  return { actions, ...measured };
}

/** The actions of a box. */
export function listPossible(space: Space, box: Box): ReadonlyArray<Action> {
  const [dimension] = space.dimensions;
  const set = box[0] ?? 0n;
  return space.actions.filter((_, i) => hasCell(set, dimension?.cellOf[i] ?? -1));
}

/** Neighbouring pieces as one; open where the domain itself begins or ends. */
function stretchesOf(dimension: Dimension, set: bigint, domain: bigint): ReadonlyArray<Range> {
  const { starts, cellOf } = dimension;
  const isIn = cellOf.map((cell) => hasCell(set, cell));
  const isPossible = cellOf.map((cell) => hasCell(domain, cell));
  const first = isPossible.indexOf(true);
  const last = isPossible.lastIndexOf(true);
  const stretches: Range[] = [];
  for (let i = 0; i < starts.length; i++) {
    if (!isIn[i]) continue;
    const from = i;
    while (isIn[i + 1]) i++;
    const [atLeast, below] = [starts[from], starts[i + 1]];
    stretches.push({
      ...(from === first || atLeast === undefined ? {} : { atLeast }),
      ...(i === last || below === undefined ? {} : { below }),
    });
  }
  return stretches;
}

/** The lowest point of a box; of times, the earliest in the week. */
export function examplePoint(space: Space, box: Box): Point {
  const least = space.dimensions.map(({ starts, cellOf }, i) => {
    const set = box[i] ?? 0n;
    const piece = cellOf.findIndex((cell) => hasCell(set, cell));
    assert(piece !== -1, "a region has a point");
    return starts[piece] ?? 0;
  });
  const action = space.actions[least[0] ?? 0];
  assert(action !== undefined, "an action has a number");
  const point: { [name: string]: number } = {};
  for (const [i, name] of DIMENSIONS.entries()) if (i > 0) point[name] = least[i] ?? 0;
  return { ...action, ...point } as Point;
}

/** Windows of a rule in a charter. */
const WINDOWS_MAX = 20;

/**
 * Conditions that hold in the whole box. Where a rule cannot say exactly that (two stretches of one
 * figure), it says the least that holds it; as the last rule it decides only what no other one does.
 */
export function conditionsOf(
  space: Space,
  domain: Box,
  box: Box,
  currency: string,
): RuleConditions {
  const where = whereOf(space, domain, box);
  const possible = listPossible(space, domain);
  const options = distinct(where.actions.map(({ option }) => option));
  const isEvery = options.length === distinct(possible.map(({ option }) => option)).length;
  const reversible = distinct(where.actions.map((action) => action.reversible));
  const isImplied = possible
    .filter(({ option }) => options.includes(option))
    .every((action) => reversible.includes(action.reversible));
  const windows = where.time === undefined ? [] : windowsOf(where.time);
  return stated({
    option: isEvery ? undefined : options,
    valueAtStake: moneyRange(hullOf(where.valueAtStake), currency),
    confidence: hullOf(where.confidence),
    reversible: isImplied ? undefined : reversible[0],
    subjects: hullOf(where.subjects),
    shareOfOrders: hullOf(where.shareOfOrders),
    shareOfSpend: hullOf(where.shareOfSpend),
    time: windows.length > 0 && windows.length <= WINDOWS_MAX ? windows : undefined,
  });
}

/** Without the fields that say nothing. */
function stated<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function moneyRange(range: Range | undefined, currency: string): MoneyRange | undefined {
  if (range === undefined) return undefined;
  const text = (amountMinor: number | undefined): string | undefined =>
    amountMinor === undefined ? undefined : writeMoney({ amountMinor, currency });
  return stated({ atLeast: text(range.atLeast), below: text(range.below) });
}

function distinct<T>(values: ReadonlyArray<T>): ReadonlyArray<T> {
  return [...new Set(values)];
}

function hullOf(stretches: ReadonlyArray<Range> | undefined): Range | undefined {
  const atLeast = stretches?.[0]?.atLeast;
  const below = stretches?.at(-1)?.below;
  if (atLeast === undefined && below === undefined) return undefined;
  return stated({ atLeast, below });
}
