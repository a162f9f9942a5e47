/** JSON Schema as TypeScript types: one writer for one schema document and its definitions. */
import type { Json } from "../../../std/canonical-json.ts";
import { isObject, resolveReference } from "../payload.ts";
import type { JsonSchema } from "../types.ts";
import { limitsToWords, valuesOf } from "../words.ts";
import { type Names, oneLine, pascalCase, wrapText } from "./names.ts";

const WIDTH = 92;

/** Types of one schema document; definitions in `$defs` become types of their own. */
export class TypeWriter {
  readonly #root: JsonSchema;
  readonly #names: Names;
  readonly #stem: string;
  readonly #references = new Map<string, { readonly name: string; readonly schema: Json }>();

  constructor(root: JsonSchema, names: Names, stem: string) {
    this.#root = root;
    this.#names = names;
    this.#stem = stem;
  }

  declare(name: string, schema: Json, description: string): string {
    return `${comment(description)}export type ${name} = ${this.typeOf(schema, 0)};`;
  }

  /** Those that were met so far, and those met while writing them. */
  definitions(): ReadonlyArray<string> {
    const written: string[] = [];
    for (const { name, schema } of this.#references.values()) {
      const description = isObject(schema) ? textOf(schema, "description") : "";
      written.push(this.declare(name, schema, description));
    }
    return written;
  }

  typeOf(schema: Json | undefined, depth: number, inherited?: string): string {
    if (schema === false) return "never";
    if (!isObject(schema)) return "unknown";
    const parts = [
      ...(schema["$ref"] === undefined ? [] : [this.#reference(schema)]),
      ...this.#ownType(schema, depth, inherited),
      ...this.#combined(schema, depth, ownTypeOf(schema) ?? inherited),
    ].filter((part) => part !== "unknown");
    if (parts.length === 0) return "unknown";
    return parts.length === 1 ? (parts[0] ?? "") : parts.map(inBrackets).join(" & ");
  }

  #reference(node: JsonSchema): string {
    const key = String(node["$ref"]);
    const known = this.#references.get(key);
    if (known !== undefined) return known.name;
    const wanted = pascalCase(key.slice(key.lastIndexOf("/") + 1).replaceAll("~", " "));
    const name = this.#names.take(`${this.#stem}${wanted}`);
    this.#references.set(key, { name, schema: resolveReference(this.#root, node) ?? {} });
    return name;
  }

  #ownType(node: JsonSchema, depth: number, inherited: string | undefined): string[] {
    const values = valuesOf(node);
    if (values !== undefined) return [union(values.map(literal))];
    const types = node["type"] === undefined ? inherited : node["type"];
    if (types === undefined) return [];
    const written = [types].flat().map((type) => this.#oneType(node, String(type), depth));
    return [[...new Set(written)].join(" | ")];
  }

  #oneType(node: JsonSchema, type: string, depth: number): string {
    switch (type) {
      case "object":
        return this.#object(node, depth);
      case "array":
        return this.#array(node, depth);
      case "integer":
        return "number";
      default:
        return type;
    }
  }

  #object(node: JsonSchema, depth: number): string {
    const properties = isObject(node["properties"]) ? node["properties"] : {};
    const listed = node["required"];
    const required = Array.isArray(listed) ? (listed as ReadonlyArray<Json>) : [];
    const pad = "  ".repeat(depth + 1);
    const lines = Object.entries(properties).flatMap(([name, field]) => {
      const mark = required.includes(name) ? "" : "?";
      const type = this.typeOf(field, depth + 1);
      return [
        ...commentOf(field).map((line) => `${pad}${line}`),
        `${pad}readonly ${key(name)}${mark}: ${type};`,
      ];
    });
    const unlisted = required.filter((name) => !Object.hasOwn(properties, String(name)));
    const others = node["additionalProperties"];
    for (const name of unlisted) {
      const type = isObject(others) ? this.typeOf(others, depth + 1) : "unknown";
      lines.push(`${pad}readonly ${key(String(name))}: ${others === false ? "never" : type};`);
    }
    // An index of one type would have to hold for the named fields too, so it holds anything.
    if (others === undefined || others === true || isObject(others)) {
      const isAlone = lines.length === 0 && isObject(others);
      const type = isAlone ? this.typeOf(others, depth + 1) : "unknown";
      lines.push(`${pad}readonly [name: string]: ${type};`);
    }
    if (lines.length === 0) return "{ readonly [name: string]: never }";
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }

  #array(node: JsonSchema, depth: number): string {
    const items = this.typeOf(node["items"] ?? true, depth);
    const prefix = node["prefixItems"];
    if (!Array.isArray(prefix)) return `ReadonlyArray<${items}>`;
    const least = typeof node["minItems"] === "number" ? node["minItems"] : 0;
    const types = (prefix as ReadonlyArray<Json>).map((item, i) => {
      const type = this.typeOf(item, depth);
      return i < least ? type : `(${type})?`;
    });
    const rest = node["items"] === false ? [] : [`...ReadonlyArray<${items}>`];
    return `readonly [${[...types, ...rest].join(", ")}]`;
  }

  #combined(node: JsonSchema, depth: number, inherited: string | undefined): string[] {
    const of = (keyword: string): string[] => {
      const list = node[keyword];
      if (!Array.isArray(list)) return [];
      return (list as ReadonlyArray<Json>).map((one) => this.typeOf(one, depth, inherited));
    };
    const any = [of("anyOf"), of("oneOf")].filter((types) => types.length > 0);
    // A choice that includes "anything" is no choice.
    const choices = any.map((types) =>
      types.includes("unknown") ? "unknown" : [...new Set(types.map(inBrackets))].join(" | "),
    );
    return [...of("allOf"), ...choices];
  }
}

/** One type by name, where the schema names just one. */
function ownTypeOf(node: JsonSchema): string | undefined {
  return typeof node["type"] === "string" ? node["type"] : undefined;
}

function literal(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value))
    return `readonly [${(value as ReadonlyArray<Json>).map(literal).join(", ")}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `readonly ${key(name)}: ${literal(member ?? null)}`,
  );
  return members.length === 0 ? "{ readonly [name: string]: never }" : `{ ${members.join("; ")} }`;
}

export function union(types: ReadonlyArray<string>): string {
  const distinct = [...new Set(types)];
  const line = distinct.join(" | ");
  return line.length <= WIDTH ? line : distinct.map((type) => `\n  | ${type}`).join("");
}

/** In brackets where it is a choice or a combination itself. */
function inBrackets(type: string): string {
  let depth = 0;
  const marks = type.matchAll(/"(?:[^"\\]|\\.)*"|\/\*.*?\*\/|[{[(<]|[}\])>]|[|&]/gs);
  for (const [mark] of marks) {
    if (/^[{[(<]$/.test(mark)) depth += 1;
    else if (/^[}\])>]$/.test(mark)) depth -= 1;
    else if (depth === 0 && /^[|&]$/.test(mark)) return `(${type})`;
  }
  return type;
}

/** A name as it is, or quoted. */
function key(name: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : JSON.stringify(name);
}

function textOf(node: JsonSchema, keyword: string): string {
  const value = node[keyword];
  return typeof value === "string" ? oneLine(value) : "";
}

function commentOf(field: Json | undefined): ReadonlyArray<string> {
  const text = fieldNotes(field);
  return text === "" ? [] : comment(text).trimEnd().split("\n");
}

/** What a type cannot say of a field: what it is, out of what, between which limits, in which unit. */
export function fieldNotes(field: Json | undefined): string {
  if (!isObject(field)) return "";
  const unit = textOf(field, "unit");
  const denominator = textOf(field, "denominator");
  const limits = limitsToWords(field).join(", ");
  const pattern = textOf(field, "pattern");
  const facts = [
    textOf(field, "description"),
    denominator === "" ? "" : `out of ${denominator}`,
    [limits, unit === "1" || unit === "none" ? "" : unit].filter(Boolean).join(" "),
    pattern === "" ? "" : `matches ${pattern}`,
  ].filter((fact) => fact !== "");
  return facts.map(toSentence).join(" ");
}

function toSentence(fact: string): string {
  const head = /^[a-z]+ /.test(fact) ? fact.charAt(0).toUpperCase() + fact.slice(1) : fact;
  return /[.!?]$/.test(head) ? head : `${head}.`;
}

export function comment(text: string): string {
  // A comment must not be able to end itself.
  const lines = wrapText(text.replaceAll("*/", "* /"), WIDTH - 8);
  if (lines.length === 0) return "";
  if (lines.length === 1) return `/** ${lines[0] ?? ""} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`).join("\n")}\n */\n`;
}
