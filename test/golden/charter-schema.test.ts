import { test } from "node:test";
import { CHARTER_SCHEMA } from "../../src/core/charter/meta-schema.ts";
import { assertGolden } from "./golden.ts";

test("docs/reference/charter.schema.json is the schema that charters are checked against", () => {
  assertGolden(
    "../../docs/reference/charter.schema.json",
    JSON.stringify(CHARTER_SCHEMA, null, 2).split("\n"),
  );
});
