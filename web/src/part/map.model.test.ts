import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlaceDays } from "../../../src/operation/list-places.ts";
import { tileOf } from "./india.ts";
import { mapPlaces, NOW_DAYS, placeTiles, sortMapped, USUAL_DAYS } from "./map.model.ts";

const DAYS = 100;
const LAST = DAYS - 1;

/** `n` a day, of which a share fails until `from`, and another share after it. */
function place(
  id: string,
  n: number,
  [before, since]: readonly [number, number],
  from = DAYS - NOW_DAYS,
): PlaceDays {
  const k = Array.from({ length: DAYS }, (_, day) => Math.round(n * (day < from ? before : since)));
  return {
    id,
    name: id,
    level: "state",
    finer: 0,
    n: k.map(() => n),
    k,
    waiting: 0,
    standing: 0,
    excluded: 0,
  };
}

test("a clear rise is drawn dark, a small one lighter, noise and a place without orders not at all", () => {
  const places = [
    place("worse", 100, [0.1, 0.25]),
    place("a little worse", 400, [0.1, 0.13]),
    place("as ever", 100, [0.1, 0.11]),
    place("better", 100, [0.25, 0.1]),
    place("nothing", 0, [0, 0]),
  ];
  const steps = mapPlaces(places, LAST).map(({ place: of, step }) => [of.id, step]);
  assert.deepEqual(steps, [
    ["worse", 3],
    ["a little worse", 2],
    ["as ever", 0],
    ["better", -3],
    ["nothing", 0],
  ]);
  const sorted = sortMapped(mapPlaces(places, LAST)).map(({ place: of }) => of.id);
  assert.deepEqual(sorted, ["worse", "a little worse", "as ever", "nothing", "better"]);
});

test("the day before the change knows nothing of it, and the first days have no past", () => {
  const [one] = mapPlaces([place("worse", 100, [0.1, 0.25])], LAST - NOW_DAYS);
  assert.deepEqual([one?.step, one?.now.n, one?.usual.n], [0, 100 * NOW_DAYS, 100 * USUAL_DAYS]);
  const [first] = mapPlaces([place("worse", 100, [0.1, 0.25])], 3);
  assert.deepEqual([first?.now.n, first?.usual.n, first?.change], [400, 0, undefined]);
});

test("each state has its own tile; a district, or two of one state, is laid out otherwise", () => {
  const states = ["IN-S-karnataka", "IN-S-jammu-and-kashmir", "IN-S-dadra-and-nagar"];
  const tiles = placeTiles(states.map((id) => place(id, 1, [0, 0])));
  assert.equal(new Set(tiles?.values()).size, 3);
  assert.equal(tileOf("IN-D-560"), undefined);
  assert.equal(placeTiles([place("IN-S-goa", 1, [0, 0]), place("IN-D-560", 1, [0, 0])]), undefined);
  assert.equal(
    placeTiles([place("IN-S-odisha", 1, [0, 0]), place("IN-S-orissa", 1, [0, 0])]),
    undefined,
  );
});
