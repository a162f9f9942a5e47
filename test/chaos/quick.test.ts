/** The short version of `npm run chaos`: every kind of check, a few kinds of faults. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { quickScenario } from "./scenario/rounds.ts";

test("killed workers, a killed PostgreSQL and lost commits lose nothing and repeat nothing", async () => {
  const lines: string[] = [];
  const report = await quickScenario.run({
    seed: 1,
    rounds: undefined,
    cases: undefined,
    signals: undefined,
    minutes: undefined,
    every: undefined,
    say: (line) => lines.push(line),
  });
  const broken = report.checks.filter(({ holds }) => !holds);
  assert.deepEqual(broken, [], lines.join("\n"));
  assert.ok(Number(report.figures["effects outside"]) > 0, "something was done outside");
});
