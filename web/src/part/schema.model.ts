/** A JSON Schema read as a table: one line for each value that somebody fills in. */
import type { JsonSchema } from "../../../src/core/contract/types.ts";
import type { Json } from "../../../src/std/canonical-json.ts";

export type Field = {
  /** `change.size`; `causes[].share` within a list. */
  readonly path: string;
  /** `number`, `text, one of a, b`. */
  readonly type: string;
  /** `0 to 1`, `at least 1`; empty where nothing is said. */
  readonly range: string;
  readonly unit: string;
  readonly isRequired: boolean;
  readonly description: string;
};

const WORDS: Readonly<Record<string, string>> = { string: "text", object: "fields", array: "list" };

export function listFields(schema: JsonSchema, at = "", isRequired = true): ReadonlyArray<Field> {
  const properties = schema["properties"];
  if (isObject(properties)) {
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    return Object.entries(properties).flatMap(([name, inner]) =>
      isObject(inner)
        ? listFields(
            inner,
            at === "" ? name : `${at}.${name}`,
            isRequired && required.includes(name),
          )
        : [],
    );
  }
  const items = schema["items"];
  if (isObject(items) && isObject(items["properties"])) {
    return listFields(items, `${at}[]`, isRequired);
  }
  return [
    {
      path: at,
      type: typeToText(schema),
      range: rangeToText(schema),
      unit: unitToText(schema),
      isRequired,
      description: textOf(schema["description"]),
    },
  ];
}

function typeToText(schema: JsonSchema): string {
  const allowed = schema["enum"] ?? (schema["const"] === undefined ? undefined : [schema["const"]]);
  if (Array.isArray(allowed)) return `one of ${allowed.map(valueToText).join(", ")}`;
  const { type, format } = schema;
  const names = (Array.isArray(type) ? type : [type ?? "any value"]).map(valueToText);
  const words = names.map((name) => WORDS[name] ?? name).join(" or ");
  return format === undefined ? words : valueToText(format);
}

function rangeToText({ minimum, maximum, minItems, maxItems, maxLength }: JsonSchema): string {
  const [low, high] = [minimum ?? minItems, maximum ?? maxItems];
  if (low !== undefined && high !== undefined) return `${valueToText(low)} to ${valueToText(high)}`;
  if (low !== undefined) return `at least ${valueToText(low)}`;
  if (high !== undefined) return `at most ${valueToText(high)}`;
  return maxLength === undefined ? "" : `at most ${valueToText(maxLength)} characters`;
}

/** `1` marks a share; what it is a share of is said beside it. */
function unitToText({ unit, denominator }: JsonSchema): string {
  if (unit === undefined) return "";
  const words = unit === "1" ? "share" : valueToText(unit);
  return denominator === undefined ? words : `${words} of ${valueToText(denominator)}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function valueToText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isObject(value: Json | undefined): value is JsonSchema {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
