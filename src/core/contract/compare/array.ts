/**
 * Is there a list with these items? The first places have names (`prefixItems`), all later ones are
 * alike, so only lists a little longer than what is asked for need to be looked at: an item in a later
 * place that nothing needs could be left out.
 *
 * Left out, answered `unknown`: more than `LENGTH_MAX` items, and proofs that rest on how several upper
 * counts (`maxContains`) or distinctness and counts play together.
 */
import { canonicalJson, type Json } from "../../../std/canonical-json.ts";
import { type Answer, firstFound, found, NONE, unknown } from "./answer.ts";
import { keepsNode } from "./evaluate.ts";
import type { ArrayKeyword, Node } from "./keyword.ts";
import type { Atom, Literal, Solver } from "./solve.ts";

/** Items of a list that is put together; of one whose items must differ. */
const LENGTH_MAX = 10_000;
const DISTINCT_MAX = 1_000;
/** Distinct items that are searched for, where the one before cannot simply be varied. */
const SEARCHED_MAX = 40;

type Placed = { readonly index: number; readonly node: Node };
type Later = { readonly from: number; readonly node: Node };
type Count = { readonly node: Node; readonly min: number; readonly max: number };

class Shape {
  least = 0;
  most = Infinity;
  distinct = false;
  repeated = false;
  readonly places: Placed[] = [];
  readonly later: Later[] = [];
  readonly broken: Placed[] = [];
  readonly someBroken: Later[] = [];
  readonly counts: Count[] = [];

  constructor(atoms: ReadonlyArray<Atom<ArrayKeyword>>) {
    for (const { keyword, holds } of atoms) {
      switch (keyword.k) {
        case "minItems":
          if (holds) this.least = Math.max(this.least, keyword.limit);
          else this.most = Math.min(this.most, keyword.limit - 1);
          break;
        case "maxItems":
          if (holds) this.most = Math.min(this.most, keyword.limit);
          else this.least = Math.max(this.least, keyword.limit + 1);
          break;
        case "uniqueItems":
          if (holds) this.distinct = true;
          else this.repeated = true;
          break;
        case "prefixItem":
          (holds ? this.places : this.broken).push(keyword);
          break;
        case "items":
          (holds ? this.later : this.someBroken).push(keyword);
          break;
        case "contains":
          this.counts.push(keyword);
          break;
      }
    }
    for (const { index } of this.broken) this.least = Math.max(this.least, index + 1);
    for (const { from } of this.someBroken) this.least = Math.max(this.least, from + 1);
    for (const { min } of this.counts) this.least = Math.max(this.least, min);
    if (this.repeated) this.least = Math.max(this.least, 2);
  }

  /** From here on all places are alike. */
  named(): number {
    return Math.max(
      0,
      ...[...this.places, ...this.broken].map(({ index }) => index + 1),
      ...[...this.later, ...this.someBroken].map(({ from }) => from),
    );
  }

  literalsOf(index: number): Literal[] {
    const held = [
      ...this.places.filter((place) => place.index === index),
      ...this.later.filter(({ from }) => index >= from),
    ];
    const broken = this.broken.filter((place) => place.index === index);
    return [
      ...held.map(({ node }) => ({ node, holds: true })),
      ...broken.map(({ node }) => ({ node, holds: false })),
      // "At most none" says something of every item.
      ...this.counts.filter(({ max }) => max === 0).map(({ node }) => ({ node, holds: false })),
    ];
  }
}

/** One demand on some item: the places it may stand at, and the literal there. */
type Demand = { readonly from: number; readonly literal: Literal; readonly group: number };

export function findArray(solver: Solver, atoms: ReadonlyArray<Atom<ArrayKeyword>>): Answer {
  const shape = new Shape(atoms);
  if (shape.distinct && shape.repeated) return NONE;
  if (shape.counts.some(({ min, max }) => min > max)) return NONE;
  const demands: Demand[] = [
    ...shape.someBroken.map(({ from, node }, i) => ({
      from,
      literal: { node, holds: false },
      group: i,
    })),
    ...shape.counts.flatMap(({ node, min }, i) =>
      Array.from({ length: Math.min(min, LENGTH_MAX) }, () => ({
        from: 0,
        literal: { node, holds: true },
        group: shape.someBroken.length + i,
      })),
    ),
  ];
  const named = shape.named();
  const longest = Math.min(
    shape.most,
    Math.max(shape.least, named + demands.length + (shape.repeated ? 2 : 0)),
  );
  if (shape.least > LENGTH_MAX) return unknown("the lists it asks for are too long to be tried");
  // Every place of a list is filled, so the first impossible place ends all longer lists.
  let possible = 0;
  while (possible < Math.min(longest, named + 1)) {
    if (solver.solve(shape.literalsOf(possible)).kind === "none") break;
    possible += 1;
  }
  const end = possible <= Math.min(longest, named) && possible < longest ? possible : longest;
  const lengths: number[] = [];
  for (let length = shape.least; length <= Math.min(end, LENGTH_MAX); length++)
    lengths.push(length);
  return firstFound(lengths.map((length) => () => place(solver, shape, length, demands, [])));
}

type Assigned = { readonly index: number; readonly demand: Demand };

/** Chooses a place for each demand, then fills in the list. */
function place(
  solver: Solver,
  shape: Shape,
  length: number,
  open: ReadonlyArray<Demand>,
  assigned: ReadonlyArray<Assigned>,
): Answer {
  const [next, ...others] = open;
  if (next === undefined) return repeat(solver, shape, length, assigned);
  const named = shape.named();
  const ways: Array<() => Answer> = [];
  let freshUsed = false;
  for (let index = next.from; index < length; index++) {
    const here = assigned.filter((one) => one.index === index);
    // Witnesses of one count stand at different places, in rising order, which loses nothing.
    if (assigned.some(({ demand, index: at }) => demand.group === next.group && at >= index))
      continue;
    if (here.length === 0 && index >= named) {
      if (freshUsed) continue;
      freshUsed = true;
    }
    ways.push(() => {
      const own = [...assigned, { index, demand: next }];
      const answer = solver.solve(literalsAt(shape, own, index));
      return answer.kind === "none" ? NONE : place(solver, shape, length, others, own);
    });
  }
  return firstFound(ways);
}

function literalsAt(shape: Shape, assigned: ReadonlyArray<Assigned>, index: number): Literal[] {
  const demands = assigned.filter((one) => one.index === index).map(({ demand }) => demand.literal);
  return [...shape.literalsOf(index), ...demands];
}

/** Where two items must be the same, chooses which. */
function repeat(
  solver: Solver,
  shape: Shape,
  length: number,
  assigned: ReadonlyArray<Assigned>,
): Answer {
  const literals = Array.from({ length }, (_, i) => literalsAt(shape, assigned, i));
  if (!shape.repeated) return fill(solver, shape, literals, undefined);
  const ways: Array<() => Answer> = [];
  const tried = new Set<string>();
  for (let j = 1; j < length; j++) {
    for (let i = 0; i < j; i++) {
      const both = [...(literals[i] ?? []), ...(literals[j] ?? [])];
      const key = [literals[i], literals[j]].map(keyOf).sort().join("|");
      if (tried.has(key)) continue;
      tried.add(key);
      ways.push(() => {
        const shared = literals.map((own, at) => (at === i || at === j ? both : own));
        return fill(solver, shape, shared, [i, j]);
      });
    }
  }
  return firstFound(ways);
}

function keyOf(literals: ReadonlyArray<Literal> | undefined): string {
  return (literals ?? []).map(({ node, holds }) => (holds ? node.id : ~node.id)).join(",");
}

function fill(
  solver: Solver,
  shape: Shape,
  literals: ReadonlyArray<ReadonlyArray<Literal>>,
  same: readonly [number, number] | undefined,
): Answer {
  if (shape.distinct && literals.length > DISTINCT_MAX) {
    return unknown("so many items that all differ are not tried");
  }
  const capped = shape.counts.filter(({ max }) => max > 0 && max < Infinity);
  const counted = capped.map(() => 0);
  const list: Json[] = [];
  let doubt: Answer | undefined;
  const close = (why: string, sure: boolean): Answer => doubt ?? (sure ? NONE : unknown(why));
  const isUniform = literals.every((own) => keyOf(own) === keyOf(literals[0]));
  for (const [i, own] of literals.entries()) {
    if (same !== undefined && i === same[1]) {
      list.push(list[same[0]] as Json);
      continue;
    }
    let wanted = [...own];
    const varied = shape.distinct && capped.length === 0 ? vary(list, own) : undefined;
    if (varied !== undefined) {
      list.push(varied);
      continue;
    }
    if (shape.distinct && list.length >= SEARCHED_MAX) {
      return close("so many items that all differ are not tried", false);
    }
    if (shape.distinct) wanted.push({ node: anyOfThese(solver, list), holds: false });
    for (const [c, { node, max }] of capped.entries()) {
      const times = same !== undefined && i === same[0] ? 2 : 1;
      const without = [...wanted, { node, holds: false }];
      const avoid = solver.solve(without);
      if (avoid.kind === "found") wanted = without;
      else {
        counted[c] = (counted[c] ?? 0) + times;
        wanted = [...wanted, { node, holds: true }];
        if (avoid.kind === "unknown") doubt ??= avoid;
        if ((counted[c] ?? 0) > max) {
          const sure = capped.length === 1 && !shape.distinct && same === undefined;
          return close("how often items may occur is not compared further", sure);
        }
      }
    }
    const answer = solver.solve(wanted);
    if (answer.kind === "unknown") {
      doubt ??= answer;
      list.push(null);
    } else if (answer.kind === "none") {
      const sure = capped.length === 0 && (!shape.distinct || isUniform || list.length === 0);
      return sure && doubt === undefined
        ? NONE
        : close("distinct items are not compared further", false);
    } else list.push(answer.value);
  }
  return doubt ?? found(list);
}

/** The item before, a little changed, if that is new and keeps what it must. */
function vary(list: ReadonlyArray<Json>, own: ReadonlyArray<Literal>): Json | undefined {
  const last = list.at(-1);
  const others =
    typeof last === "number"
      ? [last + 1, last - 1, last + 0.5]
      : typeof last === "string"
        ? [`${last}a`, `${last.slice(0, -1)}${String.fromCharCode(97 + (list.length % 26))}`]
        : [];
  return others.find(
    (value) =>
      !list.includes(value) && own.every(({ node, holds }) => keepsNode(node, value) === holds),
  );
}

/** Holds for any of the values that are in the list already. */
function anyOfThese(solver: Solver, list: ReadonlyArray<Json>): Node {
  const distinct = [...new Map(list.map((value) => [canonicalJson(value), value])).values()];
  if (distinct.length === 0) return solver.table.make([{ k: "never" }]);
  return solver.table.make([
    { k: "any", nodes: distinct.map((value) => solver.table.readValue(value)) },
  ]);
}
