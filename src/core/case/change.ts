/** Two states of a target side by side, in words: one line for each place that differs. */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";

/** One place, what it is and what it would be; a place that is not there is `nothing`. */
export type Change = { readonly place: string; readonly before: string; readonly after: string };

/** `bidModifier: 1 -> 0.5` */
export function listChanges(before: Json, after: Json): ReadonlyArray<string> {
  return findChanges(before, after).map(
    (change) => `${change.place}: ${change.before} -> ${change.after}`,
  );
}

export function findChanges(before: Json, after: Json, path = ""): ReadonlyArray<Change> {
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) =>
      findChanges(
        before[name] ?? null,
        after[name] ?? null,
        path === "" ? name : `${path}.${name}`,
      ),
    );
  }
  const [was, is] = [describe(before), describe(after)];
  return was === is ? [] : [{ place: path === "" ? "all" : path, before: was, after: is }];
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function describe(value: Json): string {
  return value === null ? "nothing" : canonicalJson(value);
}
