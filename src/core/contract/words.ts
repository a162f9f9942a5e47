/**
 * A contract's schemas and signals in words, by the contract's own names and units.
 *
 * What people read about a signal is rendered from the object and the contract alone: nobody writes a
 * second description that could drift from the first. Documentation uses the words about schemas,
 * letters and pages the words about values.
 */
import type { Json } from "../../std/canonical-json.ts";
import { listWords } from "../problem.ts";
import { readEvidence } from "./evidence.ts";
import { findOption } from "./option.ts";
import { isObject, resolveReference } from "./payload.ts";
import type { Contract, JsonSchema, Signal } from "./types.ts";

/** A signal for a person of either department: what, when, how sure, on what evidence, what may be done. */
export function renderSignal(contract: Contract, signal: Signal): string {
  const options = signal.options.map((name) => {
    const option = findOption(contract, name);
    return option === undefined ? name : `${name}: ${option.description}`;
  });
  const sections: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    [
      `${contract.title}: ${signal.subject}`,
      [
        `Sent by ${signal.source} at ${signal.sentAt}, from data complete to ${signal.asOf}.`,
        `Open until ${signal.expiresAt}.`,
      ],
    ],
    [
      "How sure the sender is",
      [`${shareToText(signal.confidence)}. What that means: ${contract.confidence.meaning}`],
    ],
    ["On what evidence", readEvidence(contract, signal)],
    ["What may be answered", options],
  ];
  return sections
    .map(([title, lines]) => [title, ...lines.map((line) => `  ${line}`)].join("\n"))
    .join("\n\n");
}

function shareToText(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: "object",
  array: "list",
  string: "text",
  number: "number",
  integer: "whole number",
  boolean: "true or false",
  null: "null",
};

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  date: "day",
  "date-time": "instant",
  email: "email address",
  uri: "URI",
  uuid: "UUID",
};

/** A reference followed, with what stands beside it on top. */
export function followReference(root: JsonSchema, node: JsonSchema): JsonSchema {
  let followed = node;
  for (let steps = 0; followed["$ref"] !== undefined && steps < 32; steps++) {
    const { $ref, ...beside } = followed;
    const target = resolveReference(root, { $ref: $ref ?? null });
    followed = isObject(target) ? { ...target, ...beside } : beside;
  }
  return followed;
}

/** "whole number", "list of text", "text or null". */
export function typeToWords(root: JsonSchema, given: Json | undefined): string {
  if (given === false) return "nothing";
  if (!isObject(given)) return "anything";
  const node = followReference(root, given);
  const values = valuesOf(node);
  if (values !== undefined && node["type"] === undefined) {
    return listWords([...new Set(values.map((value) => TYPE_WORDS[typeOf(value)] ?? ""))]);
  }
  if (node["type"] === undefined) {
    const variants = node["anyOf"] ?? node["oneOf"];
    if (!Array.isArray(variants)) return "anything";
    const words = (variants as ReadonlyArray<Json>).map((variant) => typeToWords(root, variant));
    return listWords([...new Set(words)]);
  }
  const types = [node["type"]].flat() as ReadonlyArray<string>;
  return listWords(types.map((type) => oneTypeToWords(root, node, type)));
}

function oneTypeToWords(root: JsonSchema, node: JsonSchema, type: string): string {
  if (type === "string") return FORMAT_WORDS[String(node["format"])] ?? "text";
  if (type === "array" && isObject(node["items"])) {
    return `list of ${typeToWords(root, node["items"])}`;
  }
  return TYPE_WORDS[type] ?? type;
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The values of an `enum` or a `const`; undefined where any value may come. */
export function valuesOf(node: JsonSchema): ReadonlyArray<Json> | undefined {
  if (Array.isArray(node["enum"])) return node["enum"] as ReadonlyArray<Json>;
  return node["const"] === undefined ? undefined : [node["const"]];
}

/** "0 to 1", "up to 500 characters", "at least 1 item": every limit that is not a list of values. */
export function limitsToWords(node: JsonSchema): ReadonlyArray<string> {
  const words = [
    rangeToWords(node, "minimum", "maximum", ""),
    rangeToWords(node, "exclusiveMinimum", "exclusiveMaximum", ""),
    rangeToWords(node, "minLength", "maxLength", "character"),
    rangeToWords(node, "minItems", "maxItems", "item"),
    rangeToWords(node, "minProperties", "maxProperties", "field"),
  ];
  if (typeof node["multipleOf"] === "number") words.push(`in steps of ${node["multipleOf"]}`);
  if (node["uniqueItems"] === true) words.push("no item twice");
  return words.filter((text) => text !== "");
}

function rangeToWords(node: JsonSchema, least: string, most: string, thing: string): string {
  const [from, to] = [node[least], node[most]];
  const count = (n: Json): string => {
    const plural = n === 1 || thing === "" ? "" : "s";
    return thing === "" ? numberToText(n) : `${numberToText(n)} ${thing}${plural}`;
  };
  const isOpen = least.startsWith("exclusive");
  if (from !== undefined && to !== undefined) {
    if (isOpen) return `above ${numberToText(from)}, below ${numberToText(to)}`;
    return from === to ? `exactly ${count(from)}` : `${numberToText(from)} to ${count(to)}`;
  }
  if (from !== undefined) return `${isOpen ? "above" : "at least"} ${count(from)}`;
  if (to !== undefined) return `${isOpen ? "below" : "at most"} ${count(to)}`;
  return "";
}

/** 100000000 is read as 100,000,000. */
function numberToText(value: Json): string {
  if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) < 10_000) {
    return String(value);
  }
  return String(value).includes("e")
    ? String(value)
    : String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
