/**
 * Units: what a number means. A figure in rupees that becomes one in paise keeps every schema and is
 * wrong by a hundred, so a changed unit breaks a contract although every value validates.
 *
 * For each place in a value, the units and denominators that any part of the schema gives it are
 * compared as a set. One that is said for the first time is told as a note: nobody can have relied
 * on what was not said.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { pointerToken, quote } from "../../problem.ts";
import { isObject, unfold } from "../payload.ts";
import type { JsonSchema } from "../types.ts";

export type MeaningChange = {
  /** JSON Pointer into the schema. */
  readonly path: string;
  readonly kind: "unit" | "denominator";
  readonly before: string;
  readonly after: string;
  readonly breaks: boolean;
  readonly words: string;
};

const DEPTH_MAX = 64;

/** Both schemas without references. */
export function listMeaningChanges(
  before: JsonSchema,
  after: JsonSchema,
): ReadonlyArray<MeaningChange> {
  const changes: MeaningChange[] = [];
  walk(spread([before]), spread([after]), { place: [], path: "" }, changes);
  return changes;
}

/** `place` is where in a value (`*` is any item or further field), `path` where in the schema. */
type Spot = { readonly place: ReadonlyArray<string>; readonly path: string };

function walk(
  before: ReadonlyArray<JsonSchema>,
  after: ReadonlyArray<JsonSchema>,
  { place, path }: Spot,
  changes: MeaningChange[],
): void {
  // A place that only one version has is a field added or removed, not a change of meaning.
  if (before.length === 0 || after.length === 0 || place.length > DEPTH_MAX) return;
  for (const kind of ["unit", "denominator"] as const) {
    const [was, is] = [wordsOf(before, kind), wordsOf(after, kind)];
    if (was === is) continue;
    const name = place.length === 0 ? "the whole" : quote(place.join("."));
    changes.push({
      path: `${path}/${kind}`,
      kind,
      before: was,
      after: is,
      breaks: was !== "",
      words:
        was === ""
          ? `${name}: the ${kind} ${quote(is)} is now said; check that it was meant before`
          : `${name}: ${kind} ${quote(was)} -> ${is === "" ? "not said" : quote(is)}; ` +
            "a value that still validates now means something else",
    });
  }
  for (const step of new Set([...stepsOf(before), ...stepsOf(after)])) {
    const spot = { place: [...place, step], path: `${path}${pathOfStep(after, step)}` };
    walk(children(before, step), children(after, step), spot, changes);
  }
}

function wordsOf(nodes: ReadonlyArray<JsonSchema>, kind: "unit" | "denominator"): string {
  const words = nodes.flatMap((node) => (typeof node[kind] === "string" ? [node[kind]] : []));
  return [...new Set(words)].sort().join(" or ");
}

const OF_ANY_ITEM = ["items", "contains"];

function stepsOf(nodes: ReadonlyArray<JsonSchema>): ReadonlyArray<string> {
  return nodes.flatMap((node) => [
    ...(isObject(node["properties"]) ? Object.keys(node["properties"]) : []),
    ...(Array.isArray(node["prefixItems"]) ? node["prefixItems"].map((_, i) => String(i)) : []),
    ...(["additionalProperties", ...OF_ANY_ITEM].some((keyword) => isObject(node[keyword]))
      ? ["*"]
      : []),
  ]);
}

function pathOfStep(nodes: ReadonlyArray<JsonSchema>, step: string): string {
  const holds = (keyword: string): boolean =>
    nodes.some((node) => {
      const child = node[keyword];
      return child !== undefined && Object.hasOwn(child as object, step);
    });
  if (holds("properties")) return `/properties/${pointerToken(step)}`;
  if (holds("prefixItems")) return `/prefixItems/${step}`;
  const ofItems = nodes.some((node) => isObject(node["items"]));
  return ofItems ? "/items" : "/additionalProperties";
}

/** The schemas for one field, one place of a list, or (`*`) any other. */
function children(nodes: ReadonlyArray<JsonSchema>, step: string): ReadonlyArray<JsonSchema> {
  return spread(
    nodes.flatMap((node): ReadonlyArray<Json | undefined> => {
      const properties = node["properties"];
      if (isObject(properties) && Object.hasOwn(properties, step)) return [properties[step]];
      const prefix = node["prefixItems"];
      const item = Array.isArray(prefix) ? (prefix[Number(step)] as Json | undefined) : undefined;
      if (item !== undefined) return [item, node["contains"]];
      const isIndex = step === "*" || /^\d+$/.test(step);
      return [
        node["additionalProperties"],
        ...(isIndex ? OF_ANY_ITEM.map((keyword) => node[keyword]) : []),
      ];
    }),
  );
}

/** With all that each is combined of. */
function spread(nodes: ReadonlyArray<Json | undefined>): ReadonlyArray<JsonSchema> {
  return nodes.flatMap((node) => (isObject(node) ? unfold(node, node) : []));
}
