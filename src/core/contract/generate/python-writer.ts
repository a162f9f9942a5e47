/**
 * JSON Schema as Python classes. What a class is made of is the same for dataclasses and pydantic; how
 * it is written is the dialect's.
 *
 * An object with named fields is a class. Everything else is what `json.loads` gives: a choice between
 * shapes stays plain data, because which shape it is only the schema can say.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { isObject, resolveReference } from "../payload.ts";
import type { JsonSchema } from "../types.ts";
import { valuesOf } from "../words.ts";
import { Names, pascalCase, snakeCase } from "./names.ts";
import { KEYWORDS, literalType } from "./python-text.ts";

/** How a value is written as a type, and made from JSON and into it. */
export type PythonType = {
  readonly annotation: string;
  readonly isNullable: boolean;
  /** The class it holds, and how: alone, in a list, in a map; undefined for plain JSON. */
  readonly shape?: { readonly kind: "class" | "list" | "map"; readonly of: PythonType };
  readonly schema: JsonSchema;
};

export type PythonField = {
  readonly name: string;
  readonly json: string;
  readonly isRequired: boolean;
  readonly type: PythonType;
  readonly schema: Json | undefined;
};

export type PythonClass = {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly fields: ReadonlyArray<PythonField>;
  /** The field that holds whatever else the object has; undefined for a closed object. */
  readonly rest: string | undefined;
};

const PLAIN: Readonly<Record<string, string>> = {
  string: "str",
  number: "float",
  integer: "int",
  boolean: "bool",
  null: "None",
  object: "dict[str, Any]",
  array: "list[Any]",
};

export class PythonWriter {
  /** In an order in which each class comes after those it uses. */
  readonly classes: PythonClass[] = [];
  readonly #root: JsonSchema;
  readonly #names: Names;
  readonly #hints: Readonly<Record<string, string>>;
  readonly #references = new Map<string, PythonType>();
  readonly #reservedFields: ReadonlyArray<string>;

  constructor(
    root: JsonSchema,
    names: Names,
    settings: {
      /** Property -> the name of its class. */
      readonly hints?: Readonly<Record<string, string>>;
      readonly reservedFields: ReadonlyArray<string>;
    },
  ) {
    this.#root = root;
    this.#names = names;
    this.#hints = settings.hints ?? {};
    this.#reservedFields = settings.reservedFields;
  }

  typeOf(given: Json | undefined, name: string): PythonType {
    if (!isObject(given)) return plain("Any", true, {});
    if (given["$ref"] !== undefined) return this.#referred(given);
    const values = valuesOf(given);
    if (values !== undefined) {
      return plain(literalType(values) ?? "Any", values.includes(null), given);
    }
    const nullable = this.#orNull(given, name);
    if (nullable !== undefined) return nullable;
    const { type } = given;
    if (type === "object") return this.#object(given, name);
    if (type === "array" && given["prefixItems"] === undefined) {
      const of = this.typeOf(given["items"], `${name}Item`);
      const annotation = `list[${of.annotation}]`;
      return { annotation, isNullable: false, schema: given, shape: { kind: "list", of } };
    }
    if (type === undefined) return plain("Any", true, given);
    const types = [type].flat().map(String);
    const annotation = types.map((one) => PLAIN[one] ?? "Any").join(" | ");
    return plain(annotation, types.includes("null"), given);
  }

  #referred(node: JsonSchema): PythonType {
    const key = String(node["$ref"]);
    const known = this.#references.get(key);
    if (known !== undefined) return known;
    const name = key.slice(key.lastIndexOf("/") + 1).replaceAll("~1", " ");
    const target = resolveReference(this.#root, node);
    const made = this.typeOf(target, pascalCase(name.slice(name.lastIndexOf(".") + 1)));
    this.#references.set(key, made);
    return made;
  }

  /** `type: [X, "null"]`, or a choice between something and null. */
  #orNull(node: JsonSchema, name: string): PythonType | undefined {
    const types = node["type"];
    if (Array.isArray(types) && types.includes("null") && types.length === 2) {
      const [type = ""] = (types as ReadonlyArray<string>).filter((one) => one !== "null");
      return orNone(this.typeOf({ ...node, type }, name));
    }
    const variants = node["anyOf"] ?? node["oneOf"];
    if (types !== undefined || !Array.isArray(variants) || variants.length !== 2) return undefined;
    const isNull = (one: Json): boolean =>
      isObject(one) && one["type"] === "null" && Object.keys(one).length === 1;
    const others = (variants as ReadonlyArray<Json>).filter((one) => !isNull(one));
    return others.length === 1 ? orNone(this.typeOf(others[0], name)) : undefined;
  }

  #object(node: JsonSchema, wanted: string): PythonType {
    const properties = isObject(node["properties"]) ? node["properties"] : {};
    const others = node["additionalProperties"];
    if (Object.keys(properties).length === 0 && others !== false) {
      if (!isObject(others)) return plain("dict[str, Any]", false, node);
      const of = this.typeOf(others, `${wanted}Value`);
      const annotation = `dict[str, ${of.annotation}]`;
      return { annotation, isNullable: false, schema: node, shape: { kind: "map", of } };
    }
    return this.declare(node, wanted);
  }

  /** An object as a class, whatever fields it has. */
  declare(node: JsonSchema, wanted: string): PythonType {
    const properties = isObject(node["properties"]) ? node["properties"] : {};
    const others = node["additionalProperties"];
    const name = this.#names.take(wanted);
    const fieldNames = new Names([...KEYWORDS, ...this.#reservedFields]);
    const required = Array.isArray(node["required"])
      ? (node["required"] as ReadonlyArray<Json>)
      : [];
    const fields = Object.entries(properties).map(([json, schema]): PythonField => {
      const hint = this.#hints[json] ?? pascalCase(json);
      const isRequired = required.includes(json);
      const type = this.typeOf(schema, hint);
      return { name: fieldNames.take(safeField(json)), json, isRequired, type, schema };
    });
    const rest = others === false ? undefined : fieldNames.take("more");
    this.classes.push({ name, schema: node, fields, rest });
    const of = plain(name, false, node);
    return { ...of, shape: { kind: "class", of } };
  }
}

function plain(annotation: string, isNullable: boolean, schema: JsonSchema): PythonType {
  return { annotation, isNullable, schema };
}

function orNone(type: PythonType): PythonType {
  if (type.isNullable) return type;
  return { ...type, annotation: `${type.annotation} | None`, isNullable: true };
}

function safeField(json: string): string {
  const name = snakeCase(json);
  return KEYWORDS.includes(name) ? `${name}_` : name;
}
