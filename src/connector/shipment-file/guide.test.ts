import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseDocument } from "../../core/document.ts";
import { parseMapping } from "./mapping.ts";
import { readBytes } from "./shipment-file.fixture.ts";

const GUIDE = readFileSync(
  new URL("../../../docs/guides/shipment-mapping.md", import.meta.url),
  "utf8",
);

function block(after: RegExp): string {
  const text = new RegExp(`${after.source}[^]*?\`\`\`\\w*\\n([^\`]*)\`\`\``).exec(GUIDE)?.[1];
  assert.ok(text !== undefined, `the guide has no block after ${after.source}`);
  return text;
}

test("the guide's example reads as the guide says", async () => {
  const mapping = parseMapping(parseDocument(block(/Its mapping/), "shop.yaml").value);
  const read = await readBytes(block(/A shop's export/), { mapping, name: "shop.csv" });
  assert.deepEqual(read.rows, {
    read: 5,
    used: 2,
    skipped: { "bad-date": 1, "bad-postal-code": 1, "outcome-unknown": 1 },
  });
  for (const { message, excerpt } of read.rejects) {
    assert.ok(GUIDE.includes(`message: '${message}'`), message);
    assert.ok(GUIDE.includes(`excerpt: '${excerpt}'`), excerpt);
  }
  assert.deepEqual(
    read.cohorts.map(({ day, dueDay, rows }) => ({ day, dueDay, rows })),
    [{ day: "2025-06-01", dueDay: "2025-06-11", rows: 2 }],
  );
});
