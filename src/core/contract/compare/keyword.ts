/**
 * A schema taken apart: a node is a list of keywords that must all hold, nothing else.
 *
 * References are followed, `const` becomes `enum`, lists and objects in an `enum` become nodes of
 * their own, and words for readers (title, description, unit) are dropped, so that two nodes with the
 * same meaning written the same way are one object with one number. What is said here is the
 * validation vocabulary of JSON Schema 2020-12, as far as a contract may use it.
 */
import { canonicalJson, type Json } from "../../../std/canonical-json.ts";
import { isObject, resolveReference } from "../payload.ts";
import type { JsonSchema } from "../types.ts";

export const JSON_TYPES = ["object", "string", "number", "boolean", "array", "null"] as const;
export type JsonType = (typeof JSON_TYPES)[number];

export type Scalar = string | number | boolean | null;

/** `id` is the same for the same list of keywords within one `NodeTable`. */
export type Node = { readonly id: number; readonly keywords: ReadonlyArray<Keyword> };

export type NumberKeyword =
  | { readonly k: "minimum"; readonly limit: number; readonly open: boolean }
  | { readonly k: "maximum"; readonly limit: number; readonly open: boolean }
  | { readonly k: "multipleOf"; readonly of: number };
export type StringKeyword =
  | { readonly k: "minLength"; readonly limit: number }
  | { readonly k: "maxLength"; readonly limit: number }
  | { readonly k: "pattern"; readonly source: string }
  | { readonly k: "format"; readonly name: string };
export type ArrayKeyword =
  | { readonly k: "minItems"; readonly limit: number }
  | { readonly k: "maxItems"; readonly limit: number }
  | { readonly k: "uniqueItems" }
  | { readonly k: "prefixItem"; readonly index: number; readonly node: Node }
  | { readonly k: "items"; readonly from: number; readonly node: Node }
  | { readonly k: "contains"; readonly node: Node; readonly min: number; readonly max: number };
export type ObjectKeyword =
  | { readonly k: "minProperties"; readonly limit: number }
  | { readonly k: "maxProperties"; readonly limit: number }
  | { readonly k: "required"; readonly name: string }
  | { readonly k: "dependent"; readonly name: string; readonly needs: string }
  | { readonly k: "property"; readonly name: string; readonly node: Node }
  | { readonly k: "additional"; readonly names: ReadonlySet<string>; readonly node: Node };
export type LogicKeyword =
  | { readonly k: "never" }
  | { readonly k: "type"; readonly types: ReadonlySet<JsonType>; readonly wholeOnly: boolean }
  | { readonly k: "enum"; readonly values: ReadonlyArray<Scalar> }
  | { readonly k: "all" | "any" | "one"; readonly nodes: ReadonlyArray<Node> }
  | { readonly k: "not"; readonly node: Node }
  | { readonly k: "if"; readonly test: Node; readonly then: Node; readonly else: Node };
export type Keyword = NumberKeyword | StringKeyword | ArrayKeyword | ObjectKeyword | LogicKeyword;

const TYPE_OF: Readonly<Record<Exclude<Keyword["k"], LogicKeyword["k"]>, JsonType>> = {
  minimum: "number",
  maximum: "number",
  multipleOf: "number",
  minLength: "string",
  maxLength: "string",
  pattern: "string",
  format: "string",
  minItems: "array",
  maxItems: "array",
  uniqueItems: "array",
  prefixItem: "array",
  items: "array",
  contains: "array",
  minProperties: "object",
  maxProperties: "object",
  required: "object",
  dependent: "object",
  property: "object",
  additional: "object",
};

/** The one type of value that a keyword says something about; undefined for those about any. */
export function typeOfKeyword(keyword: Keyword): JsonType | undefined {
  return (TYPE_OF as Readonly<Record<string, JsonType>>)[keyword.k];
}

export function typeOfValue(value: Json): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as JsonType;
}

/** All nodes of one comparison, each distinct one once. */
export class NodeTable {
  readonly #byText = new Map<string, Node>();

  make(keywords: ReadonlyArray<Keyword>): Node {
    const texts = [...new Map(keywords.map((keyword) => [keywordText(keyword), keyword]))];
    texts.sort(([a], [b]) => (a < b ? -1 : 1));
    const text = texts.map(([key]) => key).join("&");
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    // Kept in the order written: counter-examples are looked for in that order.
    const kept = [...new Map(keywords.map((keyword) => [keywordText(keyword), keyword])).values()];
    const node = { id: this.#byText.size, keywords: kept };
    this.#byText.set(text, node);
    return node;
  }

  /** `root` is where `#/$defs/...` points into; it is the schema itself at the top. */
  read(schema: Json | undefined, root: JsonSchema): Node {
    if (schema === false) return this.make([{ k: "never" }]);
    if (!isObject(schema)) return this.make([]);
    return this.make(this.#readKeywords(schema, root));
  }

  /** Exactly this value and no other. */
  readValue(value: Json): Node {
    if (Array.isArray(value)) {
      const list = value as ReadonlyArray<Json>;
      return this.make([
        { k: "type", types: new Set(["array"]), wholeOnly: false },
        { k: "minItems", limit: list.length },
        { k: "maxItems", limit: list.length },
        ...list.map((item, index) => ({
          k: "prefixItem" as const,
          index,
          node: this.readValue(item),
        })),
      ]);
    }
    if (isObject(value)) {
      const members = Object.entries<Json | undefined>(value).filter(isMember);
      const names = members.map(([name]) => name);
      return this.make([
        { k: "type", types: new Set(["object"]), wholeOnly: false },
        ...names.map((name) => ({ k: "required" as const, name })),
        ...members.map(([name, member]) => ({
          k: "property" as const,
          name,
          node: this.readValue(member),
        })),
        { k: "additional", names: new Set(names), node: this.make([{ k: "never" }]) },
      ]);
    }
    return this.make([{ k: "enum", values: [value as Scalar] }]);
  }

  #readKeywords(schema: JsonSchema, root: JsonSchema): Keyword[] {
    const keywords: Keyword[] = [];
    const add = (keyword: Keyword): void => void keywords.push(keyword);
    const read = (child: Json | undefined): Node => this.read(child, root);
    const list = (value: Json): ReadonlyArray<Node> =>
      (value as ReadonlyArray<Json>).map((child) => read(child));
    if (schema["$ref"] !== undefined) {
      add({ k: "all", nodes: [read(resolveReference(root, schema))] });
    }
    const properties = isObject(schema["properties"]) ? schema["properties"] : {};
    const prefix = (schema["prefixItems"] ?? []) as ReadonlyArray<Json>;
    for (const [keyword, value] of Object.entries(schema)) {
      if (value === undefined) continue;
      const limit = value as number;
      switch (keyword) {
        case "type":
          add(readType([value].flat() as ReadonlyArray<string>));
          break;
        case "const":
          add(this.#readEnum([value]));
          break;
        case "enum":
          add(this.#readEnum(value as ReadonlyArray<Json>));
          break;
        case "minimum":
        case "maximum":
          add({ k: keyword, limit, open: false });
          break;
        case "exclusiveMinimum":
          add({ k: "minimum", limit, open: true });
          break;
        case "exclusiveMaximum":
          add({ k: "maximum", limit, open: true });
          break;
        case "multipleOf":
          add({ k: "multipleOf", of: limit });
          break;
        case "minLength":
        case "minItems":
        case "minProperties":
          if (limit > 0) add({ k: keyword, limit });
          break;
        case "maxLength":
        case "maxItems":
        case "maxProperties":
          add({ k: keyword, limit });
          break;
        case "pattern":
          add({ k: "pattern", source: value as string });
          break;
        case "format":
          add({ k: "format", name: value as string });
          break;
        case "uniqueItems":
          if (value === true) add({ k: "uniqueItems" });
          break;
        case "prefixItems":
          for (const [index, node] of list(value).entries()) add({ k: "prefixItem", index, node });
          break;
        case "items":
          add({ k: "items", from: prefix.length, node: read(value) });
          break;
        case "contains": {
          const min = (schema["minContains"] ?? 1) as number;
          const max = (schema["maxContains"] ?? Infinity) as number;
          add({ k: "contains", node: read(value), min, max });
          break;
        }
        case "properties":
          for (const [name, child] of Object.entries(properties)) {
            add({ k: "property", name, node: read(child) });
          }
          break;
        case "additionalProperties":
          add({ k: "additional", names: new Set(Object.keys(properties)), node: read(value) });
          break;
        case "required":
          for (const name of value as ReadonlyArray<string>) add({ k: "required", name });
          break;
        case "dependentRequired":
          for (const [name, needs] of Object.entries(value as Record<string, string[]>)) {
            for (const need of needs) add({ k: "dependent", name, needs: need });
          }
          break;
        case "allOf":
          add({ k: "all", nodes: list(value) });
          break;
        case "anyOf":
          add({ k: "any", nodes: list(value) });
          break;
        case "oneOf":
          add({ k: "one", nodes: list(value) });
          break;
        case "not":
          add({ k: "not", node: read(value) });
          break;
        case "if":
          add({
            k: "if",
            test: read(value),
            then: read(schema["then"]),
            else: read(schema["else"]),
          });
          break;
        default:
          // Words for readers, and the keywords read together with another above.
          break;
      }
    }
    return keywords.filter((keyword) => !saysNothing(keyword));
  }

  #readEnum(values: ReadonlyArray<Json>): Keyword {
    const scalars = values.filter((value) => value === null || typeof value !== "object");
    const nodes = values
      .filter((value) => value !== null && typeof value === "object")
      .map((value) => this.readValue(value));
    const scalar = { k: "enum", values: scalars as ReadonlyArray<Scalar> } as const;
    if (nodes.length === 0) return scalar;
    const all = scalars.length === 0 ? nodes : [this.make([scalar]), ...nodes];
    return { k: "any", nodes: all };
  }
}

function isMember(entry: [string, Json | undefined]): entry is [string, Json] {
  return entry[1] !== undefined;
}

function readType(names: ReadonlyArray<string>): Keyword {
  const wholeOnly = names.includes("integer") && !names.includes("number");
  const types = names.map((name) => (name === "integer" ? "number" : name) as JsonType);
  return { k: "type", types: new Set(types), wholeOnly };
}

function saysNothing(keyword: Keyword): boolean {
  if (keyword.k === "property" || keyword.k === "additional" || keyword.k === "items") {
    return keyword.node.keywords.length === 0;
  }
  return keyword.k === "contains" && keyword.min === 0 && keyword.max === Infinity;
}

const texts = new WeakMap<Keyword, string>();

/** The same text for keywords that say the same. */
export function keywordText(keyword: Keyword): string {
  let text = texts.get(keyword);
  if (text === undefined) {
    const plain = Object.entries(keyword).map(([name, value]) => [name, plainPart(value)] as const);
    text = canonicalJson(Object.fromEntries(plain));
    texts.set(keyword, text);
  }
  return text;
}

function plainPart(value: unknown): unknown {
  if (value === Infinity) return "unbounded";
  if (value instanceof Set) return [...(value as Set<string>)].sort();
  if (Array.isArray(value)) return value.map(plainPart);
  if (typeof value === "object" && value !== null && "id" in value) return `#${String(value.id)}`;
  return value;
}
