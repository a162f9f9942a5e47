/**
 * RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that a hash means the value.
 *
 * Object keys are sorted by UTF-16 code units, numbers print as ECMAScript prints them, nothing is
 * indented. Left out on purpose: `undefined` members are dropped as `JSON.stringify` does; a number
 * that JSON cannot carry (NaN, infinities) is our bug and is asserted away.
 */
import { assert, AssertionFailed } from "./assert.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json | undefined };

export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      assert(Number.isFinite(value), `canonical JSON cannot carry the number \`${value}\``);
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? arrayToText(value) : objectToText(value as JsonObject);
    default:
      throw new AssertionFailed(`canonical JSON cannot carry a ${typeof value}`);
  }
}

type JsonObject = { readonly [key: string]: unknown };

function arrayToText(values: ReadonlyArray<unknown>): string {
  let text = "[";
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    text += (at === 0 ? "" : ",") + (value === undefined ? "null" : canonicalJson(value));
  }
  return `${text}]`;
}

function objectToText(object: JsonObject): string {
  let text = "{";
  for (const key of sortKeys(Object.keys(object))) {
    const value = object[key];
    if (value === undefined) continue;
    text += (text === "{" ? "" : ",") + keyToText(key) + canonicalJson(value);
  }
  return `${text}}`;
}

/** Few keys, often in order already, are sorted faster where they lie. */
const SORTED_IN_PLACE_MAX = 24;

function sortKeys(keys: string[]): string[] {
  if (keys.length > SORTED_IN_PLACE_MAX) return keys.sort();
  for (let at = 1; at < keys.length; at += 1) {
    const key = keys[at] as string;
    let to = at - 1;
    for (; to >= 0 && (keys[to] as string) > key; to -= 1) keys[to + 1] = keys[to] as string;
    keys[to + 1] = key;
  }
  return keys;
}

/** The same few names are written again and again: each is quoted once. */
const quoted = new Map<string, string>();
const QUOTED_MAX = 4_096;
const QUOTED_CHARS_MAX = 64;

function keyToText(key: string): string {
  let text = quoted.get(key);
  if (text === undefined) {
    text = `${JSON.stringify(key)}:`;
    if (key.length <= QUOTED_CHARS_MAX && quoted.size < QUOTED_MAX) quoted.set(key, text);
  }
  return text;
}
