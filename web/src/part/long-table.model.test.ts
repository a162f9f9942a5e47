import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeSight } from "./long-table.model.ts";

test("every row in sight is drawn, and drawn rows and gaps are together as high as all rows", () => {
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.integer({ min: 10, max: 80 }),
      fc.nat(1_000_000),
      fc.integer({ min: 1, max: 3_000 }),
      (count, rowHeight, top, height) => {
        const { from, until, above, below } = computeSight(count, rowHeight, { top, height });
        assert.equal(above + (until - from) * rowHeight + below, count * rowHeight);
        for (const row of [
          Math.floor(top / rowHeight),
          Math.floor((top + height - 1) / rowHeight),
        ]) {
          assert(row >= count || (row >= from && row < until), `row ${row} of ${count}`);
        }
        assert(until - from <= height / rowHeight + 26, "no more than are in sight and a few");
      },
    ),
  );
});
