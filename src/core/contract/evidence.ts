/** The required evidence of a signal, in words: name, value, unit, and why it is asked for. */
import type { Json } from "../../std/canonical-json.ts";
import { schemasAt } from "./payload.ts";
import type { Contract, JsonSchema, Signal } from "./types.ts";

export function readEvidence(contract: Contract, signal: Signal): ReadonlyArray<string> {
  return contract.evidence.required.map((item) => {
    const value = valueAt(signal.payload, item.path);
    return `${item.name}: ${valueToText(value, unitAt(contract.payload, item.path))}`;
  });
}

/** The value at a JSON Pointer, or undefined. */
export function valueAt(root: Json | undefined, pointer: string): Json | undefined {
  let value: Json | undefined = root;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
    value = (value as { readonly [key: string]: Json | undefined })[key];
  }
  return value;
}

/** Wherever the schema says it: in place, behind a reference, in one of the shapes a field may have. */
function unitAt(schema: JsonSchema, pointer: string): string {
  const units = schemasAt(schema, pointer).map((node) => node["unit"]);
  return units.find((unit) => typeof unit === "string") ?? "";
}

function valueToText(value: Json | undefined, unit: string): string {
  if (value === undefined) return "missing";
  if (typeof value === "number" && unit === "1") return `${Math.round(value * 1000) / 10}%`;
  if (typeof value === "number") {
    const rounded = Math.round(value * 100) / 100;
    return unit === "" || unit === "none" ? `${rounded}` : `${rounded} ${unit}`;
  }
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
