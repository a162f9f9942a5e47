/**
 * Does this value keep this node? The definition of each keyword in one line.
 *
 * Used to decide finite cases and to check what the solvers find. What is finally shown to a person is
 * checked by the ordinary validator as well; a property test holds the two to the same answers.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { canonicalJson } from "../../../std/canonical-json.ts";
import { matchesFormat } from "../../schema.ts";
import { isObject } from "../payload.ts";
import { type Keyword, type Node, typeOfKeyword, typeOfValue } from "./keyword.ts";

export function keepsNode(node: Node, value: Json): boolean {
  return node.keywords.every((keyword) => keepsKeyword(keyword, value));
}

/** A whole number of times, as the validator reckons: in binary floating point. */
export function isMultiple(value: number, of: number): boolean {
  return Number.isInteger(value / of);
}

export function textLength(text: string): number {
  return [...text].length;
}

function keepsKeyword(keyword: Keyword, value: Json): boolean {
  const about = typeOfKeyword(keyword);
  if (about !== undefined && about !== typeOfValue(value)) return true;
  const keeps = (node: Node): boolean => keepsNode(node, value);
  switch (keyword.k) {
    case "never":
      return false;
    case "type":
      if (!keyword.types.has(typeOfValue(value))) return false;
      return !(keyword.wholeOnly && typeof value === "number") || Number.isInteger(value);
    case "enum":
      return keyword.values.some((one) => one === value);
    case "all":
      return keyword.nodes.every(keeps);
    case "any":
      return keyword.nodes.some(keeps);
    case "one":
      return keyword.nodes.filter(keeps).length === 1;
    case "not":
      return !keeps(keyword.node);
    case "if":
      return keeps(keyword.test) ? keeps(keyword.then) : keeps(keyword.else);
    case "minimum":
      return keyword.open ? (value as number) > keyword.limit : (value as number) >= keyword.limit;
    case "maximum":
      return keyword.open ? (value as number) < keyword.limit : (value as number) <= keyword.limit;
    case "multipleOf":
      return isMultiple(value as number, keyword.of);
    case "minLength":
      return textLength(value as string) >= keyword.limit;
    case "maxLength":
      return textLength(value as string) <= keyword.limit;
    case "pattern":
      return new RegExp(keyword.source, "u").test(value as string);
    case "format":
      return matchesFormat(keyword.name, value as string);
    case "minItems":
    case "maxItems":
    case "uniqueItems":
    case "prefixItem":
    case "items":
    case "contains":
      return keepsArray(keyword, value as ReadonlyArray<Json>);
    case "minProperties":
    case "maxProperties":
    case "required":
    case "dependent":
    case "property":
    case "additional":
      return isObject(value) && keepsObject(keyword, value);
  }
}

function keepsArray(keyword: Keyword, list: ReadonlyArray<Json>): boolean {
  switch (keyword.k) {
    case "minItems":
      return list.length >= keyword.limit;
    case "maxItems":
      return list.length <= keyword.limit;
    case "uniqueItems":
      return new Set(list.map(canonicalJson)).size === list.length;
    case "prefixItem":
      return list.length <= keyword.index || keepsNode(keyword.node, list[keyword.index] as Json);
    case "items":
      return list.slice(keyword.from).every((item) => keepsNode(keyword.node, item));
    case "contains": {
      const count = list.filter((item) => keepsNode(keyword.node, item)).length;
      return count >= keyword.min && count <= keyword.max;
    }
    default:
      return true;
  }
}

function keepsObject(keyword: Keyword, object: Readonly<Record<string, Json>>): boolean {
  const has = (name: string): boolean => Object.hasOwn(object, name);
  switch (keyword.k) {
    case "minProperties":
      return Object.keys(object).length >= keyword.limit;
    case "maxProperties":
      return Object.keys(object).length <= keyword.limit;
    case "required":
      return has(keyword.name);
    case "dependent":
      return !has(keyword.name) || has(keyword.needs);
    case "property":
      return !has(keyword.name) || keepsNode(keyword.node, object[keyword.name] as Json);
    case "additional":
      return Object.entries(object).every(
        ([name, member]) => keyword.names.has(name) || keepsNode(keyword.node, member),
      );
    default:
      return true;
  }
}
