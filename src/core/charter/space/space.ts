/**
 * All that can be asked of a decision table, cut into cells that no rule and no limit tells apart.
 *
 * Picture a ruler for each dimension, notched wherever a rule or a guardrail has a bound. Between two
 * notches nothing changes, so one point stands for the whole piece; pieces that every rule and limit
 * treats alike are one cell, wherever they lie (the hours of a working week are one cell). A rule is
 * then a box: a set of cells on each dimension.
 *
 * Option and reversibility are one dimension, because a contract says which of its options can be
 * undone: what it rules out is no point. Value at stake and subjects are whole numbers without an upper
 * end, confidence and shares run from 0 to 1 with both ends, time is the minute of the week in the
 * charter's zone. Dimensions are free of each other: that a small value and a large share of orders
 * never come together is not known here.
 */
import type { Contract } from "../../contract/types.ts";
import { AXES, isInRange, MINUTES_A_WEEK, minutesOf, type Point, rangeOn } from "../condition.ts";
import type { Charter, Rule } from "../types.ts";
import { type Box, type CellSet, fullSet } from "./box.ts";
import { type Limit, listLimits } from "./limit.ts";

/** What can be done: an option, and whether it can be undone. */
export type Action = { readonly option: string; readonly reversible: boolean };

export const DIMENSIONS = ["action", ...AXES, "time"] as const;
export type DimensionName = (typeof DIMENSIONS)[number];

export type Dimension = {
  readonly name: DimensionName;
  /** Where each piece begins, ascending; it ends where the next one begins. Of `action`, its number. */
  readonly starts: ReadonlyArray<number>;
  /** Where the last piece ends: before it, but for confidence and shares, which reach 1 itself. */
  readonly end: number;
  /** The cell of each piece. */
  readonly cellOf: ReadonlyArray<number>;
  readonly size: number;
};

/** A charter's table within a space. */
export type Table = {
  readonly charter: Charter;
  /** One box a rule; of a rule that holds nowhere, with an empty set. */
  readonly rules: ReadonlyArray<Box>;
  readonly limits: ReadonlyArray<Limit & { readonly forbids: CellSet }>;
  /** What the limits leave. */
  readonly domain: Box;
};

export type Space = {
  readonly actions: ReadonlyArray<Action>;
  readonly dimensions: ReadonlyArray<Dimension>;
  readonly whole: Box;
  readonly tables: ReadonlyArray<Table>;
};

type Predicate = (start: number) => boolean;
/** What one rule or limit says of one dimension; undefined when it says nothing. */
type Cut = { readonly bounds: ReadonlyArray<number>; readonly holds: Predicate };

const ENDS: { readonly [name in DimensionName]: readonly [least: number, end: number] } = {
  action: [0, Infinity],
  valueAtStake: [0, Infinity],
  confidence: [0, 1],
  subjects: [1, Infinity],
  shareOfOrders: [0, 1],
  shareOfSpend: [0, 1],
  time: [0, MINUTES_A_WEEK],
};

/** One space for all the charters, so that their tables can be held against each other. */
export function buildSpace(
  charters: ReadonlyArray<Charter>,
  contract?: Contract,
  limitsOf: (charter: Charter) => ReadonlyArray<Limit> = (charter) => listLimits(charter, contract),
): Space {
  const actions = listActions(charters);
  const limits = charters.map((charter) => limitsOf(charter));
  const dimensions: Dimension[] = [];
  const ruleSets = charters.map(({ rules }) => rules.map((): CellSet[] => []));
  const limitSets = limits.map((list) => list.map((): CellSet => 0n));
  for (const name of DIMENSIONS) {
    const ruleCuts = charters.map(({ rules }) => rules.map((rule) => cutOf(rule, name, actions)));
    const limitCuts = limits.map((list) => list.map((limit) => limitCut(limit, name, actions)));
    const cuts = [...ruleCuts.flat(), ...limitCuts.flat()];
    const { dimension, sets } = layOut(name, cuts, actions.length);
    dimensions.push(dimension);
    let next = 0;
    for (const [c, list] of ruleCuts.entries()) {
      for (const i of list.keys()) ruleSets[c]?.[i]?.push(sets[next++] ?? 0n);
    }
    for (const [c, list] of limitCuts.entries()) {
      for (const [i, cut] of list.entries()) {
        const set = sets[next++] ?? 0n;
        const into = limitSets[c];
        if (cut !== undefined && into !== undefined) into[i] = set;
      }
    }
  }
  const whole = dimensions.map(({ size }) => fullSet(size));
  const tables = charters.map((charter, c): Table => {
    const own = (limits[c] ?? []).map((limit, i) => ({
      ...limit,
      forbids: limitSets[c]?.[i] ?? 0n,
    }));
    return { charter, rules: ruleSets[c] ?? [], limits: own, domain: domainOf(whole, own) };
  });
  return { actions, dimensions, whole, tables };
}

/** What stays of the whole when these limits hold. */
export function domainOf(
  whole: Box,
  limits: ReadonlyArray<{ readonly dimension: DimensionName; readonly forbids: CellSet }>,
): Box {
  return DIMENSIONS.map((name, i) =>
    limits
      .filter(({ dimension }) => dimension === name)
      .reduce((left, { forbids }) => left & ~forbids, whole[i] ?? 0n),
  );
}

function listActions(charters: ReadonlyArray<Charter>): ReadonlyArray<Action> {
  const options = [...new Set(charters.flatMap((charter) => charter.options))];
  return options.flatMap((option) => [
    { option, reversible: true },
    { option, reversible: false },
  ]);
}

function cutOf(
  { when }: Rule,
  name: DimensionName,
  actions: ReadonlyArray<Action>,
): Cut | undefined {
  if (name === "action") {
    const { option, reversible } = when;
    if (option === undefined && reversible === undefined) return undefined;
    const holds = (index: number): boolean => {
      const action = actions[index];
      if (action === undefined) return false;
      if (option !== undefined && !option.includes(action.option)) return false;
      return reversible === undefined || reversible === action.reversible;
    };
    return { bounds: [], holds };
  }
  if (name === "time") {
    if (when.time === undefined) return undefined;
    const stretches = minutesOf(when.time);
    return {
      bounds: stretches.flatMap(({ atLeast, below }) => [atLeast, below]),
      holds: (minute) => stretches.some((stretch) => isInRange(minute, stretch)),
    };
  }
  const range = rangeOn(when, name);
  if (range === undefined) return undefined;
  const bounds = [range.atLeast, range.below].filter((bound) => bound !== undefined);
  return { bounds, holds: (value) => isInRange(value, range) };
}

function limitCut(
  limit: Limit,
  name: DimensionName,
  actions: ReadonlyArray<Action>,
): Cut | undefined {
  if (limit.dimension !== name) return undefined;
  if (limit.dimension !== "action") {
    const { range } = limit;
    const bounds = [range.atLeast, range.below].filter((bound) => bound !== undefined);
    return { bounds, holds: (value) => isInRange(value, range) };
  }
  return {
    bounds: [],
    holds: (index) => {
      const action = actions[index];
      return action !== undefined && limit.isForbidden(action);
    },
  };
}

/** Cuts a dimension at every bound and puts pieces together that all cuts treat alike. */
function layOut(
  name: DimensionName,
  cuts: ReadonlyArray<Cut | undefined>,
  actions: number,
): { readonly dimension: Dimension; readonly sets: ReadonlyArray<CellSet> } {
  const starts = name === "action" ? [...Array(actions).keys()] : startsOf(name, cuts);
  const [, end] = ENDS[name];
  const cellBySignature = new Map<string, number>();
  const sample: number[] = [];
  const stated = cuts.flatMap((cut, i) => (cut === undefined ? [] : [{ cut, i }]));
  const cellOf = starts.map((start) => {
    let signature = "";
    for (const { cut } of stated) signature += cut.holds(start) ? "1" : "0";
    const known = cellBySignature.get(signature);
    if (known !== undefined) return known;
    const cell = cellBySignature.size;
    cellBySignature.set(signature, cell);
    sample.push(start);
    return cell;
  });
  const size = sample.length;
  const sets = cuts.map((): CellSet => fullSet(size));
  // A column of signatures, read from the last cell to the first, is the set in binary.
  const signatures = [...cellBySignature.keys()].reverse();
  for (const [column, { i }] of stated.entries()) {
    const digits = signatures.map((signature) => signature.charAt(column)).join("");
    sets[i] = BigInt(`0b${digits}`);
  }
  return { dimension: { name, starts, end, cellOf, size }, sets };
}

function startsOf(name: DimensionName, cuts: ReadonlyArray<Cut | undefined>): number[] {
  const [least, end] = ENDS[name];
  const isClosed = end === 1;
  const inside = cuts
    .flatMap((cut) => cut?.bounds ?? [])
    .filter((bound) => bound > least && (isClosed ? bound <= end : bound < end));
  return [...new Set([least, ...inside])].sort((a, b) => a - b);
}

/** The cell of a point on each dimension; -1 where the point is not in the space. */
export function cellsAt(space: Space, point: Point): ReadonlyArray<number> {
  return space.dimensions.map((dimension) => cellAt(space, dimension, point));
}

export function cellAt(space: Space, dimension: Dimension, point: Point): number {
  const { name } = dimension;
  if (name === "action") {
    const index = space.actions.findIndex(
      ({ option, reversible }) => option === point.option && reversible === point.reversible,
    );
    return dimension.cellOf[index] ?? -1;
  }
  return pieceAt(dimension, point[name]);
}

/** By halving: `starts` are sorted. */
function pieceAt({ starts, end, cellOf }: Dimension, value: number): number {
  if (!(value >= (starts[0] ?? 0)) || value > end || (value === end && end !== 1)) return -1;
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value >= (starts[middle] ?? 0)) low = middle;
    else high = middle;
  }
  return cellOf[low] ?? -1;
}
