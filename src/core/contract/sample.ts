/**
 * Sample signals of a contract, made from its schema alone: every field at the low end of its range,
 * in the middle, and at the high end, with all options offered and with one alone.
 *
 * They are valid, not plausible: an agent must answer them within the contract, whatever it thinks of
 * them. What this leaves out is combinations of fields and everything invalid.
 */
import type { Json } from "../../std/canonical-json.ts";
import { addMs, HOUR_MS, type Instant } from "../../std/time.ts";
import { valueAt } from "./evidence.ts";
import type { Contract, Signal } from "./types.ts";

type Pick = "low" | "middle" | "high";

export function sampleSignals(
  contract: Contract,
  input: { readonly now: Instant; readonly subject?: string },
): ReadonlyArray<Signal> {
  const names = contract.options.map((option) => option.name);
  const offers = [names, ...names.map((name) => [name])];
  return (["low", "middle", "high"] as const).flatMap((pick) =>
    offers.map((options, index) => ({
      id: `sample-${pick}-${index}`,
      source: `${contract.sender.department}/sample`,
      contract: contract.name,
      version: contract.version,
      subject: input.subject ?? "sample",
      sentAt: input.now,
      asOf: input.now,
      expiresAt: addMs(input.now, contract.expiry.afterHours * HOUR_MS),
      confidence: pick === "low" ? contract.confidence.thresholds.signal : 0.99,
      options,
      payload: sampleValue(contract.payload, pick) as Signal["payload"],
    })),
  );
}

/** A value of a schema: the subset of JSON Schema that payloads use. */
export function sampleValue(schema: Json | undefined, pick: Pick): Json {
  const choices = valueAt(schema, "/enum");
  if (Array.isArray(choices)) return choices[pick === "high" ? choices.length - 1 : 0] as Json;
  const constant = valueAt(schema, "/const");
  if (constant !== undefined) return constant;
  switch (valueAt(schema, "/type")) {
    case "object":
      return sampleObject(schema, pick);
    case "array":
      return sampleArray(schema, pick);
    case "integer":
      return Math.round(sampleNumber(schema, pick));
    case "number":
      return sampleNumber(schema, pick);
    case "boolean":
      return pick === "high";
    case "string":
      return sampleText(schema);
    default:
      return null;
  }
}

function sampleObject(schema: Json | undefined, pick: Pick): Json {
  const properties = (valueAt(schema, "/properties") ?? {}) as { readonly [key: string]: Json };
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, sampleValue(property, pick)]),
  );
}

function sampleArray(schema: Json | undefined, pick: Pick): Json {
  const fewest = valueAt(schema, "/minItems");
  const count = Math.max(typeof fewest === "number" ? fewest : 0, pick === "low" ? 0 : 1);
  return Array.from({ length: count }, () => sampleValue(valueAt(schema, "/items"), pick));
}

const WIDE = 1_000;

function sampleNumber(schema: Json | undefined, pick: Pick): number {
  const limit = (keyword: string) => {
    const value = valueAt(schema, `/${keyword}`);
    return typeof value === "number" ? value : undefined;
  };
  const above = limit("exclusiveMinimum");
  const below = limit("exclusiveMaximum");
  const low = limit("minimum") ?? (above === undefined ? 0 : above + 1e-6);
  const high = limit("maximum") ?? (below === undefined ? low + WIDE : below - 1e-6);
  if (pick === "low") return low;
  return pick === "high"
    ? Math.min(high, low + WIDE)
    : low + (Math.min(high, low + WIDE) - low) / 2;
}

function sampleText(schema: Json | undefined): string {
  switch (valueAt(schema, "/format")) {
    case "date":
      return "2026-01-15";
    case "date-time":
      return "2026-01-15T00:00:00.000Z";
    default: {
      const pattern = valueAt(schema, "/pattern");
      if (typeof pattern === "string" && pattern.includes("\\d{4}-")) return "2026-01-15";
      const shortest = valueAt(schema, "/minLength");
      return "sample".padEnd(typeof shortest === "number" ? shortest : 0, "-");
    }
  }
}
