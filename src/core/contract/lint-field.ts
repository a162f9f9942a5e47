/**
 * Every field that a payload or a parameter list names: described, in a unit, out of something, bounded,
 * and not to be mistaken for another.
 *
 * A field is followed wherever its values are described: through references, into lists, into the shapes
 * it may have. Conditions (`if`, `not`, `contains`) describe no field; they are not looked at.
 */
import type { Json } from "../../std/canonical-json.ts";
import { type Finding, pointerToken, quote } from "../problem.ts";
import { isObject } from "./payload.ts";
import type { JsonSchema } from "./types.ts";
import { followReference, valuesOf } from "./words.ts";

type Severity = Finding["severity"];
export type Add = (severity: Severity, path: string, message: string, help: string) => void;

const RATE_NAME = /(^|_)(rate|share|ratio)s?$|(Rate|Share|Ratio)s?$|^(rate|share|ratio)[A-Z]/;
const TIME_NAME = /(^|_)(date|day|time|at)$|(Date|Day|Time|At)$/;
/** Words that say that something is counted or measured, and not what. */
const VAGUE_UNITS = /^(count|number|amount|value|quantity|units?|money|currency)$/i;
const PERCENT = /^(%|percent|percentage|pct|bps|basis points)$/i;

/** What is known of a field from the places above: it holds for its items and its shapes too. */
type Field = {
  readonly name: string;
  readonly at: string;
  readonly unit: Json | undefined;
  readonly denominator: Json | undefined;
  readonly siblings: JsonSchema;
};

export function lintFields(schema: JsonSchema, at: string, units: UnitSpellings, add: Add): void {
  new FieldLint(schema, at, units, add).visit(schema, at, undefined, {});
}

class FieldLint {
  readonly #root: JsonSchema;
  readonly #rootAt: string;
  readonly #units: UnitSpellings;
  readonly #add: Add;
  readonly #seen = new Set<string>();

  constructor(root: JsonSchema, rootAt: string, units: UnitSpellings, add: Add) {
    this.#root = root;
    this.#rootAt = rootAt;
    this.#units = units;
    this.#add = add;
  }

  /** `declared` are fields that were described above, and are only narrowed here. */
  visit(given: Json | undefined, at: string, field: Field | undefined, declared: JsonSchema): void {
    if (!isObject(given)) return;
    const node = followReference(this.#root, given);
    const known =
      field === undefined
        ? undefined
        : {
            ...field,
            unit: node["unit"] ?? field.unit,
            denominator: node["denominator"] ?? field.denominator,
          };
    if (known !== undefined && isNumber(node)) this.#lintNumber(node, known);
    const place = this.#placeOf(given, at);
    if (this.#seen.has(place) && place !== at) return;
    this.#seen.add(place);
    const properties = isObject(node["properties"]) ? node["properties"] : {};
    const names = Object.keys(properties);
    const isNarrowing =
      Object.keys(declared).length > 0 && names.every((name) => Object.hasOwn(declared, name));
    if (node["type"] === "object" && !isNarrowing) lintObject(node, place, this.#add);
    for (const [name, child] of Object.entries(properties)) {
      const here = `${place}/properties/${pointerToken(name)}`;
      if (Object.hasOwn(declared, name)) this.visit(child, here, undefined, {});
      else this.#visitField(name, child, here, properties);
    }
    lintTwins(properties, place, this.#add);
    const below = { ...declared, ...properties };
    for (const keyword of ["allOf", "anyOf", "oneOf", "prefixItems"]) {
      const list = node[keyword];
      if (!Array.isArray(list)) continue;
      const inner = keyword === "prefixItems" ? {} : below;
      for (const [i, one] of (list as ReadonlyArray<Json>).entries()) {
        this.visit(one, `${place}/${keyword}/${i}`, known, inner);
      }
    }
    for (const keyword of ["then", "else"]) {
      this.visit(node[keyword], `${place}/${keyword}`, known, below);
    }
    for (const keyword of ["items", "additionalProperties"]) {
      this.visit(node[keyword], `${place}/${keyword}`, known, {});
    }
  }

  #visitField(name: string, child: Json | undefined, at: string, siblings: JsonSchema): void {
    if (!isObject(child)) return;
    const node = followReference(this.#root, child);
    lintWordsOf(name, node, at, this.#add);
    const { unit, denominator } = node;
    this.visit(child, at, { name, at, unit, denominator, siblings }, {});
  }

  #placeOf(node: JsonSchema, at: string): string {
    const reference = node["$ref"];
    return typeof reference === "string" ? `${this.#rootAt}${reference.slice(1)}` : at;
  }

  #lintNumber(node: JsonSchema, { name, at, unit, denominator, siblings }: Field): void {
    if (typeof unit !== "string" || unit === "") {
      const help = 'add `unit`, such as "days", "INR" or "1" for a rate; "none" when it has none';
      this.#once("error", at, `the number ${quote(name)} has no unit`, help);
      return;
    }
    this.#units.note(unit, at);
    if (VAGUE_UNITS.test(unit)) {
      const help = 'name the thing itself: "shipments", "INR", "paise"';
      this.#once(
        "warning",
        at,
        `the unit ${quote(unit)} of ${quote(name)} does not say of what`,
        help,
      );
    }
    const isPercent = PERCENT.test(unit);
    if (isPercent) {
      const help = 'write shares as 0 to 1 with unit "1", as everywhere else';
      const message = `${quote(name)} is in ${quote(unit)}, where others are between 0 and 1`;
      this.#once("warning", at, message, help);
    }
    if (unit !== "1" && !isPercent) return;
    const isParameter = at.startsWith("/options/");
    const isBounded =
      valuesOf(node) !== undefined ||
      (hasOne(node, "minimum", "exclusiveMinimum") && hasOne(node, "maximum", "exclusiveMaximum"));
    if (!isParameter && !isBounded) {
      const help = "set minimum and maximum, or 0.3 and 30 both pass for 30 percent";
      this.#once("warning", at, `the rate ${quote(name)} has no bounds`, help);
    }
    const hasDenominator = isObject(siblings["trials"]) || typeof denominator === "string";
    if (hasDenominator || (isParameter && !RATE_NAME.test(name))) return;
    const help =
      "put `trials` beside it, or name what it is a share of with `denominator`; " +
      '"none" when it is a share of nothing';
    this.#once("warning", at, `nobody can tell what ${quote(name)} is a share of`, help);
  }

  /** A field with several shapes is remarked once. */
  #once(severity: Severity, at: string, message: string, help: string): void {
    const key = `${at} ${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#add(severity, at, message, help);
  }
}

function lintWordsOf(name: string, node: JsonSchema, at: string, add: Add): void {
  const { description } = node;
  if (!isSentence(description, 5)) {
    add("warning", at, `${quote(name)} has no description`, "say what it is, in words");
  } else if (bare(String(description)) === bare(name)) {
    const help = "say what a reader of the other department cannot guess from the name";
    add("warning", at, `the description of ${quote(name)} only repeats its name`, help);
  }
  const isOpenText =
    node["type"] === "string" &&
    valuesOf(node) === undefined &&
    node["format"] === undefined &&
    node["pattern"] === undefined;
  if (isOpenText && TIME_NAME.test(name)) {
    const help = 'set `format: date` or `format: date-time`; "01/02/2026" is two days';
    add("warning", at, `${quote(name)} may be written in more ways than one`, help);
  }
  if (node["default"] !== undefined) {
    const help = "nobody fills it in; require the field, or say what its absence means";
    add("advice", at, `${quote(name)} has a default that only a reader sees`, help);
  }
}

function lintObject(node: JsonSchema, path: string, add: Add): void {
  const others = node["additionalProperties"];
  if (others !== false && !isObject(others)) {
    const help = "add `additionalProperties: false`; a misspelt field would pass unseen";
    add("warning", path, "fields that nobody described are let through", help);
  }
  const properties = node["properties"];
  const names = isObject(properties) ? Object.keys(properties) : [];
  if (names.length > 0 && node["required"] === undefined) {
    add("warning", path, "no field is required", "list the fields the receiver cannot do without");
  }
}

/** `ordersPerDay` beside `orders_per_day`. */
function lintTwins(properties: JsonSchema, path: string, add: Add): void {
  const first = new Map<string, string>();
  for (const name of Object.keys(properties)) {
    const twin = first.get(bare(name));
    if (twin === undefined) first.set(bare(name), name);
    else {
      const at = `${path}/properties/${pointerToken(name)}`;
      const message = `${quote(name)} and ${quote(twin)} are one name, written in two ways`;
      add("warning", at, message, "give one of them a name of its own");
    }
  }
}

/** One unit in two spellings, `day` and `days`, makes two departments think of two units. */
export class UnitSpellings {
  readonly #byUnit = new Map<string, Map<string, string>>();

  note(unit: string, at: string): void {
    const key = unit.trim().toLowerCase().replace(/s$/, "");
    const spellings = this.#byUnit.get(key) ?? new Map<string, string>();
    if (!spellings.has(unit)) spellings.set(unit, at);
    this.#byUnit.set(key, spellings);
  }

  lint(add: Add): void {
    for (const spellings of this.#byUnit.values()) {
      const [first, ...others] = spellings;
      for (const [unit, at] of others) {
        const message = `the unit ${quote(unit)} is written ${quote(first?.[0])} elsewhere`;
        add("warning", at, message, "write one unit in one way");
      }
    }
  }
}

export function isSentence(text: unknown, lengthMin: number): boolean {
  return typeof text === "string" && text.trim().length >= lengthMin;
}

function isNumber(node: JsonSchema): boolean {
  const values = valuesOf(node);
  if (values !== undefined) return values.some((value) => typeof value === "number");
  const types = [node["type"]].flat();
  return types.includes("number") || types.includes("integer");
}

function hasOne(node: JsonSchema, ...keywords: ReadonlyArray<string>): boolean {
  return keywords.some((keyword) => node[keyword] !== undefined);
}

/** Letters and digits alone: what is left of a name when its spelling is taken away. */
function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
