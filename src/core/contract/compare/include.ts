/**
 * Is every value that one schema allows allowed by the other?
 *
 * `yes` is a proof. `no` comes with a value that the ordinary validator accepts under the first schema
 * and refuses under the second. `unknown` is everything else, with the reason.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { type Node, NodeTable } from "./keyword.ts";
import { Solver } from "./solve.ts";

export type Inclusion =
  | { readonly kind: "yes" }
  | { readonly kind: "no"; readonly counterExample: Json }
  | { readonly kind: "unknown"; readonly why: string };

/** The ordinary validator's word on both sides. */
export type Judge = {
  readonly keepsFirst: (value: Json) => boolean;
  readonly keepsSecond: (value: Json) => boolean;
};

/** Remembers what was asked, so that the many small questions of one comparison are cheap. */
export class Includer {
  readonly table = new NodeTable();
  readonly #solver = new Solver(this.table);

  includes(first: Node, second: Node, judge?: Judge): Inclusion {
    const answer = this.#solver.ask([
      { node: first, holds: true },
      { node: second, holds: false },
    ]);
    if (answer.kind === "none") return { kind: "yes" };
    if (answer.kind === "unknown") return { kind: "unknown", why: answer.why };
    const { value } = answer;
    if (judge !== undefined && !(judge.keepsFirst(value) && !judge.keepsSecond(value))) {
      const why = "the validator disagrees on the example that was found";
      return { kind: "unknown", why };
    }
    return { kind: "no", counterExample: value };
  }
}
