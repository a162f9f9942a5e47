/**
 * Is there an object with these fields? What is said of each name is gathered, then each name is a
 * question of its own.
 *
 * "Some further field breaks `additionalProperties`" is a field whose name is still to be chosen: one of
 * the names that occur, or a new one. A new name stands for all the others, since nothing tells them
 * apart.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { type Answer, firstFound, found, NONE } from "./answer.ts";
import type { Node, ObjectKeyword } from "./keyword.ts";
import type { Atom, Literal, Solver } from "./solve.ts";

type Further = { readonly names: ReadonlySet<string>; readonly node: Node };

class Shape {
  least = 0;
  most = Infinity;
  readonly required = new Set<string>();
  readonly absent = new Set<string>();
  readonly fields = new Map<string, Node[]>();
  readonly rest: Further[] = [];
  readonly broken = new Map<string, Node[]>();
  readonly someBroken: Further[] = [];

  constructor(atoms: ReadonlyArray<Atom<ObjectKeyword>>) {
    for (const { keyword, holds } of atoms) this.#add(keyword, holds);
  }

  #add(keyword: ObjectKeyword, holds: boolean): void {
    switch (keyword.k) {
      case "minProperties":
        if (holds) this.least = Math.max(this.least, keyword.limit);
        else this.most = Math.min(this.most, keyword.limit - 1);
        break;
      case "maxProperties":
        if (holds) this.most = Math.min(this.most, keyword.limit);
        else this.least = Math.max(this.least, keyword.limit + 1);
        break;
      case "required":
        (holds ? this.required : this.absent).add(keyword.name);
        break;
      case "property":
        if (!holds) this.required.add(keyword.name);
        push(holds ? this.fields : this.broken, keyword.name, keyword.node);
        break;
      case "additional":
        (holds ? this.rest : this.someBroken).push(keyword);
        break;
      case "dependent":
        // Taken apart before it comes here.
        break;
    }
  }

  names(): ReadonlyArray<string> {
    return [
      ...new Set([
        ...this.required,
        ...this.fields.keys(),
        ...[...this.rest, ...this.someBroken].flatMap(({ names }) => [...names]),
      ]),
    ];
  }

  /** All that the value under this name must keep and break. */
  literalsOf(name: string): Literal[] {
    const held = [
      ...(this.fields.get(name) ?? []),
      ...this.rest.filter(({ names }) => !names.has(name)).map(({ node }) => node),
    ];
    return [
      ...held.map((node) => ({ node, holds: true })),
      ...(this.broken.get(name) ?? []).map((node) => ({ node, holds: false })),
    ];
  }
}

function push(map: Map<string, Node[]>, name: string, node: Node): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [node]);
  else list.push(node);
}

export function findObject(solver: Solver, atoms: ReadonlyArray<Atom<ObjectKeyword>>): Answer {
  const shape = new Shape(atoms);
  if (shape.least > shape.most) return NONE;
  for (const name of shape.required) if (shape.absent.has(name)) return NONE;
  // The fields that must break something are the likeliest to be impossible.
  for (const name of shape.broken.keys()) {
    if (solver.solve(shape.literalsOf(name)).kind === "none") return NONE;
  }
  return choose(solver, shape, shape.someBroken, []);
}

type Chosen = { readonly name: string; readonly node: Node };

/** Chooses a name for each "some further field", then fills in the object. */
function choose(
  solver: Solver,
  shape: Shape,
  open: ReadonlyArray<Further>,
  chosen: ReadonlyArray<Chosen>,
): Answer {
  const [next, ...others] = open;
  if (next === undefined) return fill(solver, shape, chosen);
  const known = [...shape.names(), ...chosen.map(({ name }) => name)];
  const fresh = freshName(new Set(known));
  const candidates = [...new Set([fresh, ...known])].filter(
    (name) => !next.names.has(name) && !shape.absent.has(name),
  );
  return firstFound(
    candidates.map((name) => () => {
      const own = [...chosen, { name, node: next.node }];
      const answer = solver.solve(literalsWith(shape, own, name));
      return answer.kind === "none" ? NONE : choose(solver, shape, others, own);
    }),
  );
}

function literalsWith(shape: Shape, chosen: ReadonlyArray<Chosen>, name: string): Literal[] {
  const broken = chosen.filter((one) => one.name === name);
  return [...shape.literalsOf(name), ...broken.map(({ node }) => ({ node, holds: false }))];
}

function fill(solver: Solver, shape: Shape, chosen: ReadonlyArray<Chosen>): Answer {
  const required = new Set([...shape.required, ...chosen.map(({ name }) => name)]);
  if (required.size > shape.most) return NONE;
  let doubt: Answer | undefined;
  const members = new Map<string, Json>();
  for (const name of required) {
    const answer = solver.solve(literalsWith(shape, chosen, name));
    if (answer.kind === "none") return NONE;
    if (answer.kind === "found") members.set(name, answer.value);
    else doubt ??= answer;
  }
  // More fields only where so many are asked for: first the known ones, then new names.
  let missing = shape.least - required.size;
  for (const name of shape.names()) {
    if (missing <= 0) break;
    if (required.has(name) || shape.absent.has(name)) continue;
    const answer = solver.solve(shape.literalsOf(name));
    if (answer.kind === "none") continue;
    missing -= 1;
    if (answer.kind === "found") members.set(name, answer.value);
    else doubt ??= answer;
  }
  if (missing > 0) {
    const any = solver.solve(shape.literalsOf(freshName(new Set(shape.names()))));
    if (any.kind === "none") return NONE;
    if (any.kind === "unknown") return any;
    const taken = new Set([...shape.names(), ...members.keys()]);
    for (; missing > 0; missing--) {
      const name = freshName(taken);
      taken.add(name);
      members.set(name, any.value);
    }
  }
  return doubt ?? found(Object.fromEntries(members));
}

function freshName(taken: ReadonlySet<string>): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? "extra" : `extra${i}`;
    if (!taken.has(name)) return name;
  }
}
