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

/** How far one branch has come. */
type Branch = {
  /** Still to be taken apart. */
  readonly open: ReadonlyArray<Literal>;
  readonly atoms: ReadonlyArray<Atom>;
  /** Choices among what may hold, put off. */
  readonly forks: ReadonlyArray<ReadonlyArray<Way>>;
  /** Nodes that must be broken, in more ways than one. */
  readonly waiting: ReadonlyArray<Node>;
  /** Nodes that hold and are no combination of others. */
  readonly held: ReadonlyArray<Node>;
  /** The sign of each node met in this branch, by its number. */
  readonly signs: ReadonlyMap<number, boolean>;
};

const EMPTY: Branch = {
  open: [],
  atoms: [],
  forks: [],
  waiting: [],
  held: [],
  signs: new Map(),
};

/** Branches looked at for one question. */
export const STEPS_MAX = 20_000;
const DEPTH_MAX = 64;

export class Solver {
  readonly table: NodeTable;
  readonly #known = new Map<string, Answer>();
  readonly #asking = new Set<string>();
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
      JSON_TYPES.map((type) => () => this.#expand(type, { ...EMPTY, open: distinct }, distinct)),
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
   * One branch of one type. What must hold comes first and is chosen among first; a node that must be
   * broken waits until it can be broken in one way only, or is broken anyway by what is held. Without
   * that patience, thirty alternatives that exclude each other would be thirty forks in a row.
   */
  #expand(type: JsonType, from: Branch, all: ReadonlyArray<Literal>): Answer {
    this.#steps += 1;
    if (this.#steps > STEPS_MAX) return unknown("there are too many combinations to try");
    const signs = new Map(from.signs);
    const atoms = [...from.atoms];
    const forks = [...from.forks];
    const held = [...from.held];
    let waiting = [...from.waiting];
    const open = [...from.open];
    const apply = (way: Way): void => {
      atoms.push(...way.atoms);
      open.push(...way.literals);
    };
    for (;;) {
      // What must hold is taken apart before what must be broken.
      const index = open.findLastIndex(({ holds }) => holds);
      const next = index >= 0 ? open.splice(index, 1)[0] : open.pop();
      if (next !== undefined) {
        const sign = signs.get(next.node.id);
        if (sign !== undefined && sign !== next.holds) return NONE;
        if (sign !== undefined) continue;
        signs.set(next.node.id, next.holds);
        if (!next.holds) waiting.push(next.node);
        else {
          if (!next.node.keywords.some(isCombination)) held.push(next.node);
          for (const ways of waysToKeep(next.node, type)) {
            const [first] = ways;
            if (first === undefined) return NONE;
            if (ways.length === 1) apply(first);
            else forks.push(ways);
          }
        }
        continue;
      }
      const still: Node[] = [];
      for (const node of waiting) {
        const ways = waysToBreak(node, type, atoms);
        if (ways === undefined) continue;
        const [first] = ways;
        if (first === undefined) return NONE;
        if (ways.length === 1) apply(first);
        else if (!this.#excludes(held, node)) still.push(node);
      }
      waiting = still;
      if (open.length === 0) break;
    }
    const branch = { signs, atoms, held, open: [] };
    if (forks.length > 0) {
      const least = forks.reduce((a, b) => (b.length < a.length ? b : a));
      const rest = forks.filter((fork) => fork !== least);
      return this.#fork(type, least, { ...branch, forks: rest, waiting }, all);
    }
    const breaking = waiting.map((node) => ({
      node,
      ways: this.#possible(waysToBreak(node, type, atoms) ?? []),
    }));
    if (breaking.length === 0) return this.#leaf(type, atoms, all);
    const least = breaking.reduce((a, b) => (b.ways.length < a.ways.length ? b : a));
    const rest = waiting.filter((node) => node !== least.node);
    return this.#fork(type, least.ways, { ...branch, forks, waiting: rest }, all);
  }

  #fork(
    type: JsonType,
    ways: ReadonlyArray<Way>,
    branch: Branch,
    all: ReadonlyArray<Literal>,
  ): Answer {
    return firstFound(
      ways.map((way) => () => {
        const atoms = [...branch.atoms, ...way.atoms];
        return this.#expand(type, { ...branch, atoms, open: way.literals }, all);
      }),
    );
  }

  /** One of the nodes that hold already rules this one out. */
  #excludes(held: ReadonlyArray<Node>, node: Node): boolean {
    return held.some((other) => this.#areDisjoint(other, node));
  }

  /** Without the ways that need two nodes at once which never hold together. */
  #possible(ways: ReadonlyArray<Way>): ReadonlyArray<Way> {
    return ways.filter(({ literals: [a, b, ...more] }) => {
      if (a?.holds !== true || b?.holds !== true || more.length > 0) return true;
      return !this.#areDisjoint(a.node, b.node);
    });
  }

  #areDisjoint(a: Node, b: Node): boolean {
    const key = [a.id, b.id].sort((x, y) => x - y).join(",");
    // A question that is being asked is not asked again underneath itself.
    if (this.#asking.has(key)) return false;
    this.#asking.add(key);
    const answer = this.solve([
      { node: a, holds: true },
      { node: b, holds: true },
    ]);
    this.#asking.delete(key);
    return answer.kind === "none";
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

/**
 * Only a node that is all in its own keywords may rule out another: one that holds by `not` would rule
 * out the very node whose breaking makes it hold.
 */
function isCombination({ k }: Keyword): boolean {
  return k === "any" || k === "one" || k === "if" || k === "not" || k === "all";
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
