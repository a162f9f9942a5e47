/**
 * Of a set of points that a diagram marks, a few large boxes that are together exactly that set.
 *
 * One marked box is found, widened on one dimension after the other as far as everything stays marked,
 * and cut out of what is left; then the next, until nothing is left. Boxes may overlap: it is the large
 * ones that people can read. At the end a box that the others cover is dropped.
 */
import { assert } from "../../../std/assert.ts";
import {
  type Box,
  type CellSet,
  cellsOf,
  contains,
  countCells,
  findUncovered,
  hasCell,
  setOf,
} from "./box.ts";
import type { Diagram } from "./diagram.ts";
import { NodeStore } from "./node-store.ts";

/** Boxes told of one set; a table with more has no shape that a person could mend piece by piece. */
export const REGIONS_MAX = 200;
/** Nodes made while boxes are cut out. */
const EDGES_MAX = 4_000_000;
const DROP_STEPS_MAX = 200_000;

export type Regions = {
  readonly boxes: ReadonlyArray<Box>;
  /** False when there are more boxes than were told. */
  readonly isComplete: boolean;
};

/** `domain` is the box that the diagram was built in, by dimension of the space. */
export function findRegions(
  diagram: Diagram,
  domain: Box,
  isMarked: (leaf: number) => boolean,
  regionsMax: number = REGIONS_MAX,
): Regions {
  const marked = new Marked(diagram, isMarked);
  const boxes: Box[] = [];
  let left = marked.root;
  while (left !== OUT && boxes.length < regionsMax && marked.edges < EDGES_MAX) {
    const box = marked.widen(marked.findBox(left));
    boxes.push(box);
    left = marked.cutOut(left, box);
  }
  const told = dropCovered(boxes).map((levels) => marked.toSpace(levels, domain));
  return { boxes: told, isComplete: left === OUT };
}

const OUT = 0;
const IN = 1;

/** A diagram with two leaves; its boxes have one set for each level. */
class Marked {
  readonly root: number;
  readonly #store: NodeStore;
  readonly #diagram: Diagram;
  readonly #cells: ReadonlyArray<ReadonlyArray<number>>;

  constructor(diagram: Diagram, isMarked: (leaf: number) => boolean) {
    this.#diagram = diagram;
    this.#store = new NodeStore(2, diagram.sizes);
    this.#cells = diagram.domain.map((set) => cellsOf(set));
    this.root = this.#mark(isMarked);
  }

  get edges(): number {
    return this.#store.edges;
  }

  #mark(isMarked: (leaf: number) => boolean): number {
    const { store, root } = this.#diagram;
    const known = new Map<number, number>();
    const mark = (node: number): number => {
      if (node < store.terminals) return isMarked(node) ? IN : OUT;
      const before = known.get(node);
      if (before !== undefined) return before;
      const level = store.levelOf(node);
      const made = this.#make(level, (cell) => mark(store.childOf(node, cell)));
      known.set(node, made);
      return made;
    };
    return mark(root);
  }

  #make(level: number, childOf: (cell: number) => number): number {
    const children = new Int32Array(this.#diagram.sizes[level] ?? 0);
    const cells = this.#cells[level] ?? [];
    let isOne = true;
    let only = -1;
    for (const cell of cells) {
      const child = childOf(cell);
      children[cell] = child;
      if (only === -1) only = child;
      else if (child !== only) isOne = false;
    }
    return isOne ? only : this.#store.intern(level, children);
  }

  /** Some box that is wholly in; at each level with all cells that go the same way. */
  findBox(root: number): Box {
    const box = [...this.#diagram.domain];
    let node = root;
    while (node !== IN) {
      assert(node !== OUT, "a node is kept only if something is in");
      const level = this.#store.levelOf(node);
      const inside = (this.#cells[level] ?? []).map((cell) => ({
        cell,
        child: this.#store.childOf(node, cell),
      }));
      const child = inside.find((one) => one.child !== OUT)?.child ?? OUT;
      box[level] = setOf(inside.filter((one) => one.child === child).map(({ cell }) => cell));
      node = child;
    }
    return box;
  }

  /** The largest of a few ways to widen: which dimension goes first decides what can follow. */
  widen(box: Box): Box {
    const levels = [...box.keys()];
    const ways = [levels, [...levels].reverse()].map((order) => this.#widenBy(order, box));
    const [first, second] = ways;
    assert(first !== undefined && second !== undefined, "there are two ways");
    const conditions = (one: Box): number =>
      one.filter((set, level) => set !== this.#diagram.domain[level]).length;
    const difference = conditions(first) - conditions(second) || sizeOf(second) - sizeOf(first);
    return difference <= 0 ? first : second;
  }

  #widenBy(order: ReadonlyArray<number>, box: Box): Box {
    let wide = box;
    for (const level of order) {
      if (wide[level] === this.#diagram.domain[level]) continue;
      wide = wide.with(level, this.#goodCells(level, wide));
    }
    return wide;
  }

  /** The cells of one level with which the rest of the box is wholly in. */
  #goodCells(at: number, box: Box): CellSet {
    const cells = box.map((set) => cellsOf(set));
    const full = this.#diagram.domain[at] ?? 0n;
    const below = new Map<number, boolean>();
    const isIn = (node: number): boolean => {
      if (node <= IN) return node === IN;
      const known = below.get(node);
      if (known !== undefined) return known;
      const is = (cells[this.#store.levelOf(node)] ?? []).every((cell) =>
        isIn(this.#store.childOf(node, cell)),
      );
      below.set(node, is);
      return is;
    };
    const above = new Map<number, CellSet>();
    const good = (node: number): CellSet => {
      const level = this.#store.levelOf(node);
      if (level > at) return isIn(node) ? full : 0n;
      const known = above.get(node);
      if (known !== undefined) return known;
      let set = full;
      if (level === at) {
        set = setOf(
          (this.#cells[at] ?? []).filter((cell) => isIn(this.#store.childOf(node, cell))),
        );
      } else {
        for (const cell of cells[level] ?? []) {
          set &= good(this.#store.childOf(node, cell));
          if (set === 0n) break;
        }
      }
      above.set(node, set);
      return set;
    };
    return good(this.root);
  }

  cutOut(root: number, box: Box): number {
    const levels = box.length;
    const known = new Map<number, number>();
    const cut = (level: number, node: number): number => {
      if (node === OUT || level === levels) return OUT;
      const key = node * (levels + 1) + level;
      const before = known.get(key);
      if (before !== undefined) return before;
      const set = box[level] ?? 0n;
      const isHere = this.#store.levelOf(node) === level;
      let made: number;
      if (!isHere && set === this.#diagram.domain[level]) made = cut(level + 1, node);
      else {
        made = this.#make(level, (cell) => {
          const child = isHere ? this.#store.childOf(node, cell) : node;
          return hasCell(set, cell) ? cut(level + 1, child) : child;
        });
      }
      known.set(key, made);
      return made;
    };
    return cut(0, root);
  }

  toSpace(levels: Box, domain: Box): Box {
    const box = [...domain];
    for (const [level, dimension] of this.#diagram.order.entries()) {
      box[dimension] = levels[level] ?? 0n;
    }
    return box;
  }
}

function sizeOf(box: Box): number {
  return box.reduce((product, set) => product * countCells(set), 1);
}

/** The smallest go first; where it would take too long to tell, a box stays. */
function dropCovered(boxes: ReadonlyArray<Box>): ReadonlyArray<Box> {
  const purse = { steps: DROP_STEPS_MAX };
  let kept = boxes.filter((box, i) => !boxes.some((other, j) => j > i && contains(other, box)));
  const bySize = [...kept].sort((a, b) => sizeOf(a) - sizeOf(b));
  for (const box of bySize) {
    const others = kept.filter((other) => other !== box);
    if (findUncovered(box, others, purse).kind === "covered") kept = others;
  }
  return kept;
}
