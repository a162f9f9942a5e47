/** Payloads that keep the schema and still lack a piece of the evidence that the contract requires. */
import type { Json } from "../../../std/canonical-json.ts";
import type { Contract } from "../types.ts";
import { putAt } from "./field.ts";

export function evidenceHoles(
  contract: Contract,
  payload: Json,
): ReadonlyArray<{ readonly about: string; readonly payload: Json }> {
  return contract.evidence.required.flatMap(({ path }) => {
    const empties: ReadonlyArray<readonly [string, unknown]> = [
      ["left out", undefined],
      ["null", null],
      ["empty", ""],
      ["an empty list", []],
      ["an empty object", {}],
    ];
    return empties.flatMap(([words, value]) => {
      const changed = putAt(payload, path, value);
      if (changed === undefined) return [];
      return [{ about: `evidence ${path} ${words}`, payload: changed as Json }];
    });
  });
}
