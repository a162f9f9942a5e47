/**
 * RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that a hash means the value.
 *
 * Object keys are sorted by UTF-16 code units, numbers print as ECMAScript prints them, nothing is
 * indented. Left out on purpose: `undefined` members are dropped as `JSON.stringify` does; a number
 * that JSON cannot carry (NaN, infinities) is our bug and is asserted away.
 */
import { assert } from "./assert.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json | undefined };

export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    assert(Number.isFinite(value), `canonical JSON cannot carry the number \`${value}\``);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalElement).join(",")}]`;
  assert(typeof value === "object", `canonical JSON cannot carry a ${typeof value}`);
  const object = value as Record<string, unknown>;
  const members: string[] = [];
  for (const key of Object.keys(object).sort()) {
    if (object[key] === undefined) continue;
    members.push(`${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  }
  return `{${members.join(",")}}`;
}

function canonicalElement(value: unknown): string {
  return value === undefined ? "null" : canonicalJson(value);
}
