/**
 * Seeds of the simulator, as many as continuous integration can afford; `npm run simulate` runs more. A
 * failure prints everything that its seed decided, and the seed tells the same run again.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CRASH_POINTS } from "../../src/engine/crash-point.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { applyBug, listBugs, loadWithBug, parseBug } from "./machine/bug.ts";
import { prepareStore, runSeed } from "./machine/run.ts";
import { drawOptions } from "./machine/seed.ts";

/** As many as continuous integration can afford; each plans a death at a crash point of its own. */
const SEEDS = 14;

let driver: Driver;
before(async () => {
  driver = await openDriver({});
  await prepareStore(driver);
});
after(() => driver.close());

test("whatever dies, is lost or comes twice, every promise holds and every case comes to its end", async (t) => {
  const reached = new Set<string>();
  let deaths = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const options = drawOptions(seed);
    const report = await runSeed(driver, options);
    assert.deepEqual(
      report.broken,
      [],
      `npm run simulate -- --seed ${seed}\n${JSON.stringify(options)}`,
    );
    for (const [point, hits] of report.hits) if (hits > 0) reached.add(point);
    for (const [, times] of report.deaths) deaths += times;
  }
  // Fewer seeds than this hardly come to a lost answer or a loop that moves; most places every run passes.
  assert(reached.size >= 0.75 * CRASH_POINTS.length, `${reached.size} crash points are passed`);
  t.diagnostic(`${SEEDS} seeds, ${deaths} deaths, ${reached.size} crash points passed`);
  assert(deaths >= SEEDS / 4, `${deaths} deaths`);
});

test("a seed tells the same run again, step by step", async () => {
  const options = drawOptions(7);
  const [first, again] = [await runSeed(driver, options), await runSeed(driver, options)];
  assert.deepEqual(first, again);
});

for (const bug of listBugs()) {
  test(`a planted bug is found: ${bug.about.split("\n").join(" ")}`, async () => {
    const { runSeed: runWithBug } = await loadWithBug(bug);
    let broken: ReadonlyArray<string> = [];
    for (const seed of bug.seeds) {
      const options = drawOptions(seed);
      assert.deepEqual((await runSeed(driver, options)).broken, [], "without the bug it holds");
      ({ broken } = await runWithBug(driver, options));
      if (broken.length > 0) break;
    }
    assert(broken.length > 0, `seeds ${bug.seeds.join(", ")} do not find it`);
  });
}

test("a bug whose lines are gone from the source is said to be no longer planted", () => {
  const patch = "About.\nseeds: 3 4\n--- a/x.ts\n+++ b/x.ts\n@@ @@\n same\n-old\n+new\n";
  const bug = parseBug("b", patch);
  assert.deepEqual(bug.seeds, [3, 4]);
  assert.equal(applyBug(bug, "x.ts", "first\nsame\nold\nlast\n"), "first\nsame\nnew\nlast\n");
  assert.throws(
    () => applyBug(bug, "x.ts", "same\nother\n"),
    /`b` is not planted: its lines stand 0/,
  );
});
