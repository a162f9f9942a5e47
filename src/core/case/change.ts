/** Two states of a target side by side, in words: one line for each place that differs. */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";

/** `bidModifier: 1 -> 0.5`; a place that is not there is `nothing`. */
export function listChanges(before: Json, after: Json, path = ""): ReadonlyArray<string> {
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) =>
      listChanges(
        before[name] ?? null,
        after[name] ?? null,
        path === "" ? name : `${path}.${name}`,
      ),
    );
  }
  const [was, is] = [describe(before), describe(after)];
  return was === is ? [] : [`${path === "" ? "all" : path}: ${was} -> ${is}`];
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function describe(value: Json): string {
  return value === null ? "nothing" : canonicalJson(value);
}
