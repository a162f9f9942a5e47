import assert from "node:assert/strict";
import { test } from "node:test";
import { StrataMemory } from "./strata.ts";

const HALF_LIFE_DAYS = 10;

function setup() {
  const strata = new StrataMemory(HALF_LIFE_DAYS);
  strata.reserve(3);
  const add = (unit: number, stratum: string, n: number, k: number) => {
    for (const part of strata.partsOf(stratum)) strata.addTrials(unit, part, n, k);
  };
  return { strata, add };
}

test("a stratum counts for each of its parts and for the whole", () => {
  const { strata, add } = setup();
  add(1, "courier=ekart|payment=cod", 10, 3);
  add(1, "courier=ekart|payment=prepaid", 5, 1);
  assert.deepEqual(strata.readWhole(1).since, { trials: 15, events: 4 });
  const rows = strata.readParts(1).map(({ dimension, value, since }) => [dimension, value, since]);
  assert.deepEqual(rows, [
    ["courier", "ekart", { trials: 15, events: 4 }],
    ["payment", "cod", { trials: 10, events: 3 }],
    ["payment", "prepaid", { trials: 5, events: 1 }],
  ]);
  assert.deepEqual(strata.readParts(2), []);
});

test("pouring moves what is new to what is usual, and halves the usual per half-life", () => {
  const { strata, add } = setup();
  add(0, "courier=ekart", 8, 4);
  strata.pour(0, 20_000);
  add(0, "courier=ekart", 1, 1);
  strata.pour(0, 20_000 + HALF_LIFE_DAYS);
  assert.deepEqual(strata.readWhole(0).before, { trials: 5, events: 3 });
  assert.deepEqual(strata.readWhole(0).since, { trials: 0, events: 0 });
});

test("what was kept apart during an alarm is discarded, never poured", () => {
  const { strata, add } = setup();
  add(0, "courier=ekart", 8, 4);
  strata.discard(0);
  strata.pour(0, 20_000);
  assert.deepEqual(strata.readWhole(0).before, { trials: 0, events: 0 });
});

test("a reason's trials are those of the whole", () => {
  const { strata, add } = setup();
  add(0, "", 8, 4);
  strata.addEvents(0, strata.partOfReason("refused")!, 3);
  assert.deepEqual(strata.readParts(0)[0]!.since, { trials: 8, events: 3 });
});

test("values beyond the sixteenth of a dimension share one row, dimensions beyond the fourth none", () => {
  const { strata, add } = setup();
  for (let courier = 0; courier < 40; courier++) add(0, `courier=c${courier}`, 1, 0);
  const rows = strata.readParts(0);
  assert.equal(rows.length, 17);
  assert.deepEqual(rows.at(-1)!.since, { trials: 24, events: 0 });
  for (const dimension of ["b", "c", "d", "e", "f"]) add(0, `${dimension}=x`, 1, 0);
  assert.equal(new Set(strata.readParts(0).map(({ dimension }) => dimension)).size, 4);
});

test("a restored memory goes on like the one that was saved, also with new parts", () => {
  const { strata, add } = setup();
  add(0, "courier=ekart|payment=cod", 8, 4);
  strata.pour(0, 20_000);
  add(2, "courier=delhivery", 3, 1);
  const other = new StrataMemory(HALF_LIFE_DAYS);
  other.restore(strata.save(3));
  for (const memory of [strata, other]) {
    memory.reserve(9);
    for (const part of memory.partsOf("courier=bluedart")) memory.addTrials(8, part, 2, 2);
  }
  assert.deepEqual(other.save(9), strata.save(9));
});

test("names of nothing are no parts, and those too long for a signal are cut", () => {
  const { strata, add } = setup();
  add(0, "courier=|=cod|courier", 5, 1);
  assert.equal(strata.partOfReason(""), undefined);
  assert.deepEqual(strata.readParts(0), []);
  add(0, `${"d".repeat(200)}=${"v".repeat(500)}`, 3, 1);
  const [row] = strata.readParts(0);
  assert.deepEqual([row?.dimension.length, row?.value.length], [60, 120]);
  assert.deepEqual(strata.readWhole(0).since, { trials: 8, events: 2 });
});

test("a stratum that calls itself a reason does not count its trials twice", () => {
  const { strata, add } = setup();
  add(0, "reason=refused", 5, 1);
  assert.deepEqual(strata.readWhole(0).since, { trials: 5, events: 1 });
});
