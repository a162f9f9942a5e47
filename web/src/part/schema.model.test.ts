import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceContract } from "../../../test/kit/reference-loop.ts";
import { listFields } from "./schema.model.ts";

test("every value of the reference contract is one line, with its unit and its range", () => {
  const fields = listFields(referenceContract().payload);
  const lineOf = (path: string) => fields.find((field) => field.path === path);
  assert.deepEqual(lineOf("change.size"), {
    path: "change.size",
    type: "number",
    range: "-1 to 1",
    unit: "share of shipments with an attempt",
    isRequired: true,
    description: "Size of the rise, shrunk for having been picked out of many geographies",
  });
  assert.equal(lineOf("level")?.type, "one of pincode, district, state, nation");
  assert.equal(lineOf("measure.from")?.type, "date");
  assert.equal(lineOf("measure.trials")?.range, "at least 1");
  assert.equal(new Set(fields.map(({ path }) => path)).size, fields.length);
  assert(fields.every(({ path, type }) => path !== "" && type !== ""));
});

test("lists of fields, lists of values, and what is not required", () => {
  const fields = listFields({
    type: "object",
    required: ["causes"],
    properties: {
      causes: {
        type: "array",
        maxItems: 5,
        items: { type: "object", required: ["share"], properties: { share: { type: "number" } } },
      },
      tags: { type: "array", maxItems: 3, items: { type: "string" } },
      note: { type: ["string", "null"], maxLength: 80 },
    },
  });
  assert.deepEqual(
    fields.map(({ path, type, range, isRequired }) => [path, type, range, isRequired]),
    [
      ["causes[].share", "number", "", true],
      ["tags", "list", "at most 3", false],
      ["note", "text or null", "at most 80 characters", false],
    ],
  );
});
