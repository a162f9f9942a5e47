/**
 * Is there a value that keeps these nodes and breaks those?
 *
 * "Every old payload is good under the new schema" means: no value keeps the old one and breaks the
 * new one. So one question serves for everything, and the value that answers it is the
 * counter-example. The method is a semantic tableau: for each JSON type, what must hold is taken apart
 * until only keywords about that type are left; a disjunction (`anyOf`, or the many ways to break a
 * node) is a fork, and every branch ends at a solver for numbers, texts, lists or objects.
 *
 * Left out: more work than `STEPS_MAX` for one question, which is answered `unknown`.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { type Answer, firstFound, found, NONE, unknown } from "./answer.ts";
import { findArray } from "./array.ts";
import { keepsNode } from "./evaluate.ts";
import {
  type ArrayKeyword,
  JSON_TYPES,
  type JsonType,
  type Keyword,
  keywordText,
  type Node,
  type NodeTable,
  type ObjectKeyword,
  type Scalar,
  typeOfKeyword,
  typeOfValue,
} from "./keyword.ts";
import { findNumber, type SignedNumberKeyword } from "./number.ts";
import { findObject } from "./object.ts";
import { findText, type SignedStringKeyword } from "./text.ts";

/** A node that must hold, or must not. */
export type Literal = { readonly node: Node; readonly holds: boolean };

/** A keyword about one type of value, or an enumeration, that must hold or must not. */
export type Atom<K extends Keyword = Keyword> = { readonly keyword: K; readonly holds: boolean };

type Way = { readonly literals: ReadonlyArray<Literal>; readonly atoms: ReadonlyArray<Atom> };

/** Branches looked at for one question. */
export const STEPS_MAX = 20_000;
const DEPTH_MAX = 64;

export class Solver {
  readonly table: NodeTable;
  readonly #known = new Map<string, Answer>();
  #steps = 0;
  #depth = 0;

  constructor(table: NodeTable) {
    this.table = table;
  }

  /** The question with a fresh allowance of work. */
  ask(literals: ReadonlyArray<Literal>): Answer {
    this.#steps = 0;
    return this.solve(literals);
  }

  solve(literals: ReadonlyArray<Literal>): Answer {
    const signs = new Map<number, Literal>();
    for (const literal of literals) {
      const other = signs.get(literal.node.id);
      if (other !== undefined && other.holds !== literal.holds) return NONE;
      signs.set(literal.node.id, literal);
    }
    const distinct = [...signs.values()];
    const key = distinct
      .map(({ node, holds }) => (holds ? node.id : ~node.id))
      .sort((a, b) => a - b)
      .join(",");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#depth >= DEPTH_MAX) return unknown("it is nested too deeply");
    this.#depth += 1;
    const answer = firstFound(
      JSON_TYPES.map((type) => () => this.#expand(type, distinct, [], [], new Map(), distinct)),
    );
    this.#depth -= 1;
    const isWrong =
      answer.kind === "found" &&
      distinct.some(({ node, holds }) => keepsNode(node, answer.value) !== holds);
    const checked = isWrong ? unknown("no value could be put together that shows it") : answer;
    // What ran out of work here may be decided when it is asked with a fresh allowance.
    if (checked.kind !== "unknown" || this.#steps <= STEPS_MAX) this.#known.set(key, checked);
    return checked;
  }

  /**
   * One branch of one type. `open` is still to be taken apart, `forks` are the choices put off,
   * `seen` holds the sign of each node met in this branch.
   */
  #expand(
    type: JsonType,
    open: ReadonlyArray<Literal>,
    atoms: ReadonlyArray<Atom>,
    forks: ReadonlyArray<ReadonlyArray<Way>>,
    seen: ReadonlyMap<number, boolean>,
    all: ReadonlyArray<Literal>,
  ): Answer {
    this.#steps += 1;
    if (this.#steps > STEPS_MAX) return unknown("there are too many combinations to try");
    const signs = new Map(seen);
    const leaf = [...atoms];
    const choices = [...forks];
    const positive = open.filter(({ holds }) => holds).map(({ node }) => node);
    const negative = open.filter(({ holds }) => !holds).map(({ node }) => node);
    for (;;) {
      const kept = positive.pop();
      const current = kept ?? negative.pop();
      if (current === undefined) break;
      const holds = kept !== undefined;
      const sign = signs.get(current.id);
      if (sign === undefined) {
        signs.set(current.id, holds);
        const ways = holds
          ? waysToKeep(current, type)
          : [waysToBreak(current, type, leaf)].filter((list) => list !== undefined);
        for (const list of ways) {
          if (list.length === 0) return NONE;
          const only = list.length === 1 ? list[0] : undefined;
          if (only === undefined) choices.push(list);
          else {
            leaf.push(...only.atoms);
            for (const next of only.literals) (next.holds ? positive : negative).push(next.node);
          }
        }
      } else if (sign !== holds) return NONE;
    }
    if (choices.length === 0) return this.#leaf(type, leaf, all);
    const least = choices.reduce((a, b) => (b.length < a.length ? b : a));
    const rest = choices.filter((choice) => choice !== least);
    return firstFound(
      least.map((way) => () => {
        return this.#expand(type, way.literals, [...leaf, ...way.atoms], rest, signs, all);
      }),
    );
  }

  #leaf(type: JsonType, atoms: ReadonlyArray<Atom>, all: ReadonlyArray<Literal>): Answer {
    const keeps = (value: Json): boolean =>
      all.every(({ node, holds }) => keepsNode(node, value) === holds);
    const finite = candidatesOf(type, atoms);
    if (finite !== undefined) {
      const value = finite.find(keeps);
      return value === undefined ? NONE : found(value);
    }
    const excluded: Scalar[] = [];
    for (const { keyword, holds } of atoms) {
      if (keyword.k === "enum" && !holds) excluded.push(...keyword.values);
    }
    const own = atoms.filter(({ keyword }) => keyword.k !== "enum");
    switch (type) {
      case "number":
        return findNumber(own as ReadonlyArray<SignedNumberKeyword>, new Set(excluded));
      case "string": {
        const texts = excluded.filter((value) => typeof value === "string");
        return findText(own as ReadonlyArray<SignedStringKeyword>, texts, keeps);
      }
      case "array":
        return findArray(this, own as ReadonlyArray<Atom<ArrayKeyword>>);
      default:
        return findObject(this, own as ReadonlyArray<Atom<ObjectKeyword>>);
    }
  }
}

/** The values to choose from, where there are only so many. */
function candidatesOf(
  type: JsonType,
  atoms: ReadonlyArray<Atom>,
): ReadonlyArray<Scalar> | undefined {
  for (const { keyword, holds } of atoms) {
    if (keyword.k === "enum" && holds) {
      return keyword.values.filter((value) => typeOfValue(value) === type);
    }
  }
  if (type === "null") return [null];
  return type === "boolean" ? [true, false] : undefined;
}

const TRUE: Way = { literals: [], atoms: [] };

function way(literals: ReadonlyArray<Literal>, atoms: ReadonlyArray<Atom> = []): Way {
  return { literals, atoms };
}

const keep = (node: Node): Literal => ({ node, holds: true });
const breaks = (node: Node): Literal => ({ node, holds: false });

/** For each keyword, the ways in which a value of this type can keep it; none of them: no way. */
function waysToKeep(node: Node, type: JsonType): ReadonlyArray<ReadonlyArray<Way>> {
  return node.keywords.map((keyword): ReadonlyArray<Way> => {
    const about = typeOfKeyword(keyword);
    if (about !== undefined && about !== type) return [TRUE];
    switch (keyword.k) {
      case "never":
        return [];
      case "type":
        if (!keyword.types.has(type)) return [];
        return keyword.wholeOnly && type === "number" ? [way([], [whole(true)])] : [TRUE];
      case "all":
        return [way(keyword.nodes.map(keep))];
      case "any":
        return keyword.nodes.map((one) => way([keep(one)]));
      case "one":
        return keyword.nodes.map((one, i) =>
          way([keep(one), ...keyword.nodes.filter((_, j) => j !== i).map(breaks)]),
        );
      case "not":
        return [way([breaks(keyword.node)])];
      case "if":
        return [
          way([keep(keyword.test), keep(keyword.then)]),
          way([breaks(keyword.test), keep(keyword.else)]),
        ];
      case "dependent": {
        const { name, needs } = keyword;
        return [
          way([], [{ keyword: { k: "required", name }, holds: false }]),
          way([], [{ keyword: { k: "required", name: needs }, holds: true }]),
        ];
      }
      default:
        return [way([], [{ keyword, holds: true }])];
    }
  });
}

/** The ways in which a value of this type breaks the node; undefined when it does so in any case. */
function waysToBreak(
  node: Node,
  type: JsonType,
  held: ReadonlyArray<Atom>,
): ReadonlyArray<Way> | undefined {
  const kept = new Set(
    held.filter(({ holds }) => holds).map(({ keyword }) => keywordText(keyword)),
  );
  const ways: Way[] = [];
  for (const keyword of node.keywords) {
    const about = typeOfKeyword(keyword);
    if (about !== undefined && about !== type) continue;
    if (kept.has(keywordText(keyword))) continue;
    switch (keyword.k) {
      case "never":
        return undefined;
      case "type":
        if (!keyword.types.has(type)) return undefined;
        if (keyword.wholeOnly && type === "number") ways.push(way([], [whole(false)]));
        break;
      case "enum":
        if (!keyword.values.some((value) => typeOfValue(value) === type)) return undefined;
        ways.push(way([], [{ keyword, holds: false }]));
        break;
      case "all":
        ways.push(...keyword.nodes.map((one) => way([breaks(one)])));
        break;
      case "any":
        ways.push(way(keyword.nodes.map(breaks)));
        break;
      case "one":
        ways.push(way(keyword.nodes.map(breaks)), ...pairs(keyword.nodes));
        break;
      case "not":
        ways.push(way([keep(keyword.node)]));
        break;
      case "if":
        ways.push(
          way([keep(keyword.test), breaks(keyword.then)]),
          way([breaks(keyword.test), breaks(keyword.else)]),
        );
        break;
      case "dependent": {
        const { name, needs } = keyword;
        const has = { keyword: { k: "required", name }, holds: true } as const;
        ways.push(way([], [has, { keyword: { k: "required", name: needs }, holds: false }]));
        break;
      }
      case "contains": {
        const { node: item, min, max } = keyword;
        const other = (least: number, most: number): Way =>
          way([], [{ keyword: { k: "contains", node: item, min: least, max: most }, holds: true }]);
        if (min > 0) ways.push(other(0, min - 1));
        if (max < Infinity) ways.push(other(max + 1, Infinity));
        break;
      }
      default:
        ways.push(way([], [{ keyword, holds: false }]));
    }
  }
  return ways;
}

function whole(holds: boolean): Atom {
  return { keyword: { k: "multipleOf", of: 1 }, holds };
}

/** `oneOf` is also broken by two that hold at once. */
function pairs(nodes: ReadonlyArray<Node>): Way[] {
  return nodes.flatMap((a, i) => nodes.slice(i + 1).map((b) => way([keep(a), keep(b)])));
}
