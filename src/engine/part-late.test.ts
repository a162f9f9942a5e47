import assert from "node:assert/strict";
import { test } from "node:test";
import type { EffectRow } from "../store/table/effect.ts";
import type { Timer } from "./deadline.ts";
import { partLate } from "./part-late.ts";

/** Time that goes from alarm to alarm, as fast as nothing else is to be done. */
function makeTimer(): Timer {
  let now = 0;
  const alarms: Array<{ readonly at: number; readonly call: () => void }> = [];
  const ring = (): void => {
    const [next] = alarms.sort((a, b) => a.at - b.at).splice(0, 1);
    if (next === undefined) return;
    now = next.at;
    next.call();
    setImmediate(ring);
  };
  setImmediate(ring);
  return {
    now: () => now,
    after(ms, call) {
      const alarm = { at: now + ms, call };
      alarms.push(alarm);
      return () => void (alarms.includes(alarm) && alarms.splice(alarms.indexOf(alarm), 1));
    },
  };
}

async function part(
  tookMs: ReadonlyArray<number>,
): Promise<{ together: number[]; late: number[] }> {
  const timer = makeTimer();
  const underWay = tookMs.map((ms, index) => ({
    effect: { step: index } as EffectRow,
    outcome: new Promise<number>((resolve) => void timer.after(ms, () => resolve(ms))),
  }));
  const { together, late } = await partLate(underWay, timer);
  const stepsOf = (part: typeof together): number[] => part.map(({ effect }) => effect.step);
  return { together: stepsOf(together), late: stepsOf(late) };
}

const CASES: ReadonlyArray<{
  readonly name: string;
  readonly tookMs: ReadonlyArray<number>;
  readonly late: ReadonlyArray<number>;
}> = [
  { name: "nobody", tookMs: [], late: [] },
  { name: "one alone, however slow", tookMs: [9_000], late: [] },
  { name: "all alike", tookMs: [800, 900, 1_000, 1_100], late: [] },
  { name: "a slow platform is slow for all", tookMs: [1_000, 1_500, 2_500, 2_900], late: [] },
  { name: "one that nobody answers", tookMs: [3, 10_000, 4, 5], late: [1] },
  { name: "a little later than nothing is not late", tookMs: [1, 40, 1, 49], late: [] },
  { name: "at most half", tookMs: [1, 700, 2, 800], late: [1, 3] },
];

for (const { name, tookMs, late } of CASES) {
  test(`who is late: ${name}`, async () => {
    const parted = await part(tookMs);
    assert.deepEqual(parted.late, late);
    assert.deepEqual(
      parted.together,
      tookMs.map((_, index) => index).filter((index) => !late.includes(index)),
    );
  });
}

test("one that fails has ended, and is told to whoever awaits it", async () => {
  const failing = { effect: {} as EffectRow, outcome: Promise.reject(new Error("a bug")) };
  const { together, late } = await partLate([failing]);
  assert.deepEqual([together.length, late.length], [1, 0]);
  await assert.rejects(failing.outcome, /a bug/);
});
