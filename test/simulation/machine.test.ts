/**
 * Seeds of the simulator, as many as continuous integration can afford; `npm run simulate` runs more. A
 * failure prints everything that its seed decided, and the seed tells the same run again.
 */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { after, before, test } from "node:test";
import { CRASH_POINTS } from "../../src/engine/crash-point.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { applyBug, listBugs, parseBug } from "./machine/bug.ts";
import { Fleet } from "./machine/fleet.ts";
import { prepareStore, runSeed } from "./machine/run.ts";
import { drawOptions } from "./machine/seed.ts";

const SEEDS = 500;
/** Seeds that pass each crash point, and in which a process dies there, at least. */
const PASSED_MIN = 25;
const DIED_MIN = 5;
/** Played on both stores: with and without faults of the store, with jumps of the clock, with deaths. */
const COMPARED = [1, 2, 3, 4, 5, 6];

let fleet: Fleet;
before(async () => {
  fleet = await Fleet.open(availableParallelism());
  assert.equal(fleet.noServer, undefined);
});
after(() => fleet.close());

test("whatever dies, is lost or comes twice, every promise holds and every case comes to its end", async (t) => {
  const passed = new Map<string, number>();
  const died = new Map<string, number>();
  await Promise.all(
    Array.from({ length: SEEDS }, async (_, n) => {
      const options = drawOptions(n + 1);
      const { broken, hits, deaths } = await fleet.play({ seed: options.seed });
      const told = `npm run simulate -- --seed ${options.seed}\n${JSON.stringify(options)}`;
      assert.deepEqual(broken, [], told);
      for (const [point, times] of hits) {
        if (times > 0) passed.set(point, (passed.get(point) ?? 0) + 1);
      }
      for (const [point] of deaths) died.set(point, (died.get(point) ?? 0) + 1);
    }),
  );
  const least = (counts: ReadonlyMap<string, number>) =>
    CRASH_POINTS.map((point) => ({ point, seeds: counts.get(point) ?? 0 })).reduce((a, b) =>
      b.seeds < a.seeds ? b : a,
    );
  const [rarest, safest] = [least(passed), least(died)];
  t.diagnostic(`of ${SEEDS} seeds ${rarest.seeds} pass ${rarest.point}, the fewest`);
  t.diagnostic(`and ${safest.seeds} die at ${safest.point}, the fewest`);
  assert(rarest.seeds >= PASSED_MIN, `only ${rarest.seeds} seeds pass ${rarest.point}`);
  assert(safest.seeds >= DIED_MIN, `only ${safest.seeds} seeds die at ${safest.point}`);
});

test("a seed tells the same run again, step by step, and on the embedded store the same as on a server", async () => {
  const driver: Driver = await openDriver({});
  try {
    await prepareStore(driver);
    for (const seed of COMPARED) {
      const [first, again] = [await fleet.play({ seed }), await fleet.play({ seed })];
      assert.deepEqual(again, first, `seed ${seed}`);
      assert.deepEqual(await runSeed(driver, drawOptions(seed)), first, `seed ${seed}`);
    }
  } finally {
    await driver.close();
  }
});

for (const { name, about, seed } of listBugs()) {
  test(`a planted bug is found: ${about.split("\n").join(" ")}`, async () => {
    assert.deepEqual((await fleet.play({ seed })).broken, [], "without the bug it holds");
    const { broken } = await fleet.play({ seed, bug: name });
    assert.notDeepEqual(broken, [], `seed ${seed} does not find it`);
  });
}

test("a bug whose lines are gone from the source is said to be no longer planted", () => {
  const patch = "About.\nseed: 3\n--- a/x.ts\n+++ b/x.ts\n@@ @@\n same\n-old\n+new\n";
  const bug = parseBug("b", patch);
  assert.equal(bug.seed, 3);
  assert.equal(applyBug(bug, "x.ts", "first\nsame\nold\nlast\n"), "first\nsame\nnew\nlast\n");
  assert.throws(
    () => applyBug(bug, "x.ts", "same\nother\n"),
    /`b` is not planted: its lines stand 0/,
  );
});
