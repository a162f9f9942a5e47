/**
 * The decision table as a diagram: which rule decides at every point, without walking the points.
 *
 * Dimension by dimension, a state is the list of rules that still can fit. A rule that an earlier one
 * covers on all dimensions to come is struck off, so that a list ends at the first rule without a
 * condition left, and lists that became alike share everything after. Only cells within the domain are
 * followed; what the limits forbid is no part of it.
 *
 * The number of different lists is small for tables that people write and can be enormous for tables
 * made to hurt. The work has a bound; past it the answer is "undecided", never a wrong one.
 */
import { type Box, cellsOf, hasCell } from "./box.ts";
import { NodeStore } from "./node-store.ts";

/** Steps from a state to the next, at most; about a second's work and 16 MB. */
export const DIAGRAM_STEPS_MAX = 4_000_000;

/** Leaf: no rule fits. Rule `i` is leaf `i + 1`. */
export const NO_RULE = 0;

export type Diagram = {
  readonly store: NodeStore;
  readonly root: number;
  /** The dimension that each level asks, by its index in the space. */
  readonly order: ReadonlyArray<number>;
  /** Cells of each level that are in the domain; the children of others mean nothing. */
  readonly domain: Box;
  readonly sizes: ReadonlyArray<number>;
  /** Steps that it took. */
  readonly steps: number;
};

/**
 * Undefined when it would take more than `stepsMax`. `sizes` are the numbers of cells of all dimensions;
 * the domain has no empty set.
 */
export function buildDiagram(
  rules: ReadonlyArray<Box>,
  domain: Box,
  sizes: ReadonlyArray<number>,
  stepsMax: number = DIAGRAM_STEPS_MAX,
  order: ReadonlyArray<number> = chooseOrder(rules, domain),
): Diagram | undefined {
  const built = new Builder(rules, domain, sizes, order, stepsMax);
  const root = built.build();
  if (root === undefined) return undefined;
  const { store, steps } = built;
  return {
    store,
    root,
    order,
    domain: order.map((dimension) => domain[dimension] ?? 0n),
    sizes: order.map((dimension) => sizes[dimension] ?? 0),
    steps,
  };
}

/**
 * What options there are comes first, then the dimension that strikes off most rules; a dimension on
 * which all points are alike is not asked.
 */
export function chooseOrder(rules: ReadonlyArray<Box>, domain: Box): ReadonlyArray<number> {
  const asked = [...domain.keys()].filter((i) => cellsOf(domain[i] ?? 0n).length > 1);
  const kept = (dimension: number): number => {
    const cells = domain[dimension] ?? 0n;
    const all = cellsOf(cells).length;
    return rules.reduce(
      (sum, box) => sum + cellsOf(cells & (box[dimension] ?? 0n)).length / all,
      0,
    );
  };
  const share = new Map(asked.map((i) => [i, kept(i)]));
  return asked.sort((a, b) =>
    a === 0 ? -1 : b === 0 ? 1 : (share.get(a) ?? 0) - (share.get(b) ?? 0) || a - b,
  );
}

class Builder {
  readonly store: NodeStore;
  steps = 0;
  readonly #words: number;
  readonly #rules: ReadonlyArray<Box>;
  readonly #domain: Box;
  readonly #order: ReadonlyArray<number>;
  readonly #stepsMax: number;
  readonly #cells: ReadonlyArray<ReadonlyArray<number>>;
  readonly #sizes: ReadonlyArray<number>;
  /** By level: for each cell the rules that hold there, as words of bits. */
  readonly #holding: ReadonlyArray<Uint32Array>;
  /** By level: for each rule the earlier ones that cover it from that level on. */
  readonly #covering: ReadonlyArray<Uint32Array>;
  readonly #known: ReadonlyArray<Map<string, number>>;

  constructor(
    rules: ReadonlyArray<Box>,
    domain: Box,
    sizes: ReadonlyArray<number>,
    order: ReadonlyArray<number>,
    stepsMax: number,
  ) {
    this.#rules = rules;
    this.#domain = domain;
    this.#order = order;
    this.#stepsMax = stepsMax;
    this.#words = Math.max(1, Math.ceil(rules.length / 32));
    this.#sizes = order.map((dimension) => sizes[dimension] ?? 0);
    this.store = new NodeStore(rules.length + 1, this.#sizes);
    this.#cells = order.map((dimension) => cellsOf(domain[dimension] ?? 0n));
    this.#holding = order.map((dimension, level) => this.#readHolding(dimension, level));
    this.#covering = this.#readCovering();
    this.#known = order.map(() => new Map<string, number>());
  }

  build(): number | undefined {
    const alive = new Uint32Array(this.#words);
    for (const [i, box] of this.#rules.entries()) {
      const isSomewhere = box.every((cells, dimension) => {
        const within = cells & (this.#domain[dimension] ?? 0n);
        return within !== 0n;
      });
      if (isSomewhere) alive[i >> 5] = (alive[i >> 5] ?? 0) | (1 << (i & 31));
    }
    const root = this.#nodeOf(0, alive);
    return root === -1 ? undefined : root;
  }

  #readHolding(dimension: number, level: number): Uint32Array {
    const holding = new Uint32Array((this.#sizes[level] ?? 0) * this.#words);
    for (const [i, box] of this.#rules.entries()) {
      for (const cell of cellsOf(box[dimension] ?? 0n)) {
        const at = cell * this.#words + (i >> 5);
        holding[at] = (holding[at] ?? 0) | (1 << (i & 31));
      }
    }
    return holding;
  }

  #readCovering(): ReadonlyArray<Uint32Array> {
    const rules = this.#rules;
    const levels: Uint32Array[] = [];
    const end = this.#order.length;
    // At the end everything covers what comes after it.
    const covers = rules.map((_, j) => rules.map((__, i) => i < j));
    for (let level = end; level >= 0; level--) {
      const dimension = this.#order[level] ?? -1;
      if (level < end) {
        const domain = this.#domain[dimension] ?? 0n;
        const sets = rules.map((box) => (box[dimension] ?? 0n) & domain);
        for (const [j, row] of covers.entries()) {
          for (let i = 0; i < j; i++) {
            if (row[i] && ((sets[j] ?? 0n) & ~(sets[i] ?? 0n)) !== 0n) row[i] = false;
          }
        }
      }
      const masks = new Uint32Array(rules.length * this.#words);
      for (const [j, row] of covers.entries()) {
        for (let i = 0; i < j; i++) {
          const at = j * this.#words + (i >> 5);
          if (row[i]) masks[at] = (masks[at] ?? 0) | (1 << (i & 31));
        }
      }
      levels[level] = masks;
    }
    return levels;
  }

  /** -1 when the steps are used up. Changes `alive`. */
  #nodeOf(level: number, alive: Uint32Array): number {
    this.#strikeOff(level, alive);
    const first = firstBit(alive);
    if (first === -1) return NO_RULE;
    if (level === this.#order.length) return first + 1;
    const key = keyOf(alive);
    const known = this.#known[level]?.get(key);
    if (known !== undefined) return known;
    const node = this.#branch(level, alive);
    if (node !== -1) this.#known[level]?.set(key, node);
    return node;
  }

  #branch(level: number, alive: Uint32Array): number {
    const words = this.#words;
    const holding = this.#holding[level] ?? new Uint32Array(0);
    const children = new Int32Array(this.#sizes[level] ?? 0);
    let isOne = true;
    let only = -1;
    for (const cell of this.#cells[level] ?? []) {
      if (++this.steps > this.#stepsMax) return -1;
      const next = new Uint32Array(words);
      for (let w = 0; w < words; w++) next[w] = (alive[w] ?? 0) & (holding[cell * words + w] ?? 0);
      const child = this.#nodeOf(level + 1, next);
      if (child === -1) return -1;
      children[cell] = child;
      if (only === -1) only = child;
      else if (child !== only) isOne = false;
    }
    return isOne ? only : this.store.intern(level, children);
  }

  /** Takes out every rule that an earlier one covers from this level on. */
  #strikeOff(level: number, alive: Uint32Array): void {
    const words = this.#words;
    const covering = this.#covering[level];
    if (covering === undefined) return;
    for (let w = 0; w < words; w++) {
      let left = alive[w] ?? 0;
      while (left !== 0) {
        const bit = 31 - Math.clz32(left & -left);
        left &= left - 1;
        const at = (w * 32 + bit) * words;
        for (let v = 0; v <= w; v++) {
          if (((alive[v] ?? 0) & (covering[at + v] ?? 0)) !== 0) {
            alive[w] = (alive[w] ?? 0) & ~(1 << bit);
            break;
          }
        }
      }
    }
  }
}

function firstBit(alive: Uint32Array): number {
  for (let w = 0; w < alive.length; w++) {
    const word = alive[w] ?? 0;
    if (word !== 0) return w * 32 + 31 - Math.clz32(word & -word);
  }
  return -1;
}

function keyOf(alive: Uint32Array): string {
  let key = "";
  for (let w = 0; w < alive.length; w++) {
    const word = alive[w] ?? 0;
    key += String.fromCharCode(word & 0xffff, word >>> 16);
  }
  return key;
}

/** The leaf at a point given by its cell on every dimension; undefined when it is not in the domain. */
export function leafAt({ store, root, order }: Diagram, cells: ReadonlyArray<number>): number {
  let node = root;
  while (node >= store.terminals) {
    const dimension = order[store.levelOf(node)] ?? 0;
    node = store.childOf(node, cells[dimension] ?? 0);
  }
  return node;
}

export function isInDomain(domain: Box, cells: ReadonlyArray<number>): boolean {
  return domain.every((set, i) => {
    const cell = cells[i] ?? -1;
    return cell >= 0 && hasCell(set, cell);
  });
}

/** Every leaf that some point of the domain comes to. */
export function listLeaves(diagram: Diagram): ReadonlySet<number> {
  const { store, root, domain } = diagram;
  const cells = domain.map((set) => cellsOf(set));
  const seen = new Set<number>();
  const leaves = new Set<number>();
  const visit = (node: number): void => {
    if (node < store.terminals) {
      leaves.add(node);
      return;
    }
    if (seen.has(node)) return;
    seen.add(node);
    for (const cell of cells[store.levelOf(node)] ?? []) visit(store.childOf(node, cell));
  };
  visit(root);
  return leaves;
}
