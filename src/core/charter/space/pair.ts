/** Two tables laid on each other: at every point, what the one and what the other decides. */
import { cellsOf } from "./box.ts";
import { type Diagram, DIAGRAM_STEPS_MAX } from "./diagram.ts";
import { NodeStore } from "./node-store.ts";

/**
 * Both diagrams at once, over the same order, domain and cells: where the first comes to leaf `a` and the
 * second to leaf `b`, the pair comes to `a * (leaves of the second) + b`. Undefined when it would take
 * too many steps.
 */
export function pairDiagrams(
  first: Diagram,
  second: Diagram,
  stepsMax: number = DIAGRAM_STEPS_MAX,
): Diagram | undefined {
  const { order, domain, sizes } = first;
  const [a, b] = [first.store, second.store];
  const store = new NodeStore(a.terminals * b.terminals, sizes);
  const cells = domain.map((set) => cellsOf(set));
  const known = new Map<number, number>();
  let steps = 0;
  const pair = (x: number, y: number): number => {
    if (x < a.terminals && y < b.terminals) return x * b.terminals + y;
    const key = x * (b.terminals + b.count) + y;
    const before = known.get(key);
    if (before !== undefined) return before;
    const level = Math.min(a.levelOf(x), b.levelOf(y));
    const children = new Int32Array(sizes[level] ?? 0);
    let only = -1;
    let isOne = true;
    for (const cell of cells[level] ?? []) {
      if (++steps > stepsMax) return -1;
      const child = pair(
        a.levelOf(x) === level ? a.childOf(x, cell) : x,
        b.levelOf(y) === level ? b.childOf(y, cell) : y,
      );
      if (child === -1) return -1;
      children[cell] = child;
      if (only === -1) only = child;
      else if (child !== only) isOne = false;
    }
    const made = isOne ? only : store.intern(level, children);
    known.set(key, made);
    return made;
  };
  const root = pair(first.root, second.root);
  return root === -1 ? undefined : { store, root, order, domain, sizes, steps };
}
