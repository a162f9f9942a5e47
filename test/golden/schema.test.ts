import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readSchema, SCHEMA_FILE } from "../../scripts/write-schema.ts";

test("src/store/schema.sql is the schema that the migrations make", async () => {
  assert.deepEqual(
    (await readSchema()).split("\n"),
    readFileSync(SCHEMA_FILE, "utf8").split("\n"),
    "src/store/schema.sql is out of date; run `npm run schema`",
  );
});
