/**
 * The three answers to "is there a value that ...": none at all, this one, or "I cannot tell".
 *
 * SOUNDNESS: `none` is said only when it is proved. Whatever is beyond the method, or would take too
 * long, is `unknown`, and a comparison counts that as incompatible.
 */
import type { Json } from "../../../std/canonical-json.ts";

export type Answer =
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly value: Json }
  | { readonly kind: "unknown"; readonly why: string };

export const NONE: Answer = { kind: "none" };

export function found(value: Json): Answer {
  return { kind: "found", value };
}

export function unknown(why: string): Answer {
  return { kind: "unknown", why };
}

/** Of several ways to a value, the first that leads to one; `none` only when every way is closed. */
export function firstFound(ways: Iterable<() => Answer>): Answer {
  let doubt: Answer | undefined;
  for (const way of ways) {
    const answer = way();
    if (answer.kind === "found") return answer;
    if (answer.kind === "unknown") doubt ??= answer;
  }
  return doubt ?? NONE;
}
