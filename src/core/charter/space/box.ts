/**
 * Boxes: a set of cells on each dimension of a space, and all points whose every coordinate is in its
 * set. A set of cells is a bigint, one bit a cell.
 *
 * Nothing here knows what a cell means. Questions whose honest answer may take very long have a purse of
 * steps; when it is empty they say so, and never guess.
 */

/** Bit `i` is set when cell `i` is in the set. */
export type CellSet = bigint;

/** One set for each dimension of the space, in its order. */
export type Box = ReadonlyArray<CellSet>;

/** How much a question may still cost, over all that share the purse. */
export type Purse = { steps: number };

export function isEmpty(box: Box): boolean {
  return box.some((cells) => cells === 0n);
}

export function intersect(a: Box, b: Box): Box {
  return a.map((cells, i) => cells & (b[i] ?? 0n));
}

export function doMeet(a: Box, b: Box): boolean {
  for (let i = 0; i < a.length; i++) if (((a[i] ?? 0n) & (b[i] ?? 0n)) === 0n) return false;
  return true;
}

/** Is every point of `inner` in `outer`? */
export function contains(outer: Box, inner: Box): boolean {
  for (let i = 0; i < outer.length; i++) {
    if (((inner[i] ?? 0n) & ~(outer[i] ?? 0n)) !== 0n) return false;
  }
  return true;
}

export function fullSet(size: number): CellSet {
  return (1n << BigInt(size)) - 1n;
}

export function setOf(cells: Iterable<number>): CellSet {
  let set = 0n;
  for (const cell of cells) set |= 1n << BigInt(cell);
  return set;
}

export function hasCell(set: CellSet, cell: number): boolean {
  return ((set >> BigInt(cell)) & 1n) === 1n;
}

/** Ascending. */
export function cellsOf(set: CellSet): ReadonlyArray<number> {
  const digits = set.toString(2);
  const cells: number[] = [];
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits.charCodeAt(i) === 49) cells.push(digits.length - 1 - i);
  }
  return cells;
}

export function countCells(set: CellSet): number {
  return cellsOf(set).length;
}

export type Uncovered =
  | { readonly kind: "covered" }
  | { readonly kind: "uncovered"; readonly piece: Box }
  | { readonly kind: "undecided" };

/** A piece of `box` that lies in none of `covers`, if there is one. */
export function findUncovered(box: Box, covers: ReadonlyArray<Box>, purse: Purse): Uncovered {
  const meeting = covers.filter((cover) => doMeet(cover, box));
  return carve(box, meeting, 0, purse);
}

/** What sticks out of one cover, dimension by dimension, must be in the covers after it. */
function carve(box: Box, covers: ReadonlyArray<Box>, from: number, purse: Purse): Uncovered {
  if (isEmpty(box)) return { kind: "covered" };
  let next = from;
  let cover = covers[next];
  while (cover !== undefined && !doMeet(cover, box)) cover = covers[++next];
  if (cover === undefined) return { kind: "uncovered", piece: box };
  if (--purse.steps < 0) return { kind: "undecided" };
  let undecided = false;
  const inside = [...box];
  for (const [i, cells] of box.entries()) {
    const outside = cells & ~(cover[i] ?? 0n);
    if (outside === 0n) continue;
    const piece = inside.with(i, outside);
    const found = carve(piece, covers, next + 1, purse);
    if (found.kind === "uncovered") return found;
    undecided ||= found.kind === "undecided";
    inside[i] = cells & (cover[i] ?? 0n);
  }
  return undecided ? { kind: "undecided" } : { kind: "covered" };
}
