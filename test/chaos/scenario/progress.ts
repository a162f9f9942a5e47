/** Work goes on: more was done outside than before. */
import { setTimeout as delay } from "node:timers/promises";
import { MINUTE_MS, SECOND_MS } from "../../../src/std/time.ts";
import type { Stage } from "../stage.ts";

const PROGRESS_MS_MAX = MINUTE_MS;
const LOOK_MS = 25;

/** Milliseconds until it did; that it never did is a finding of the run. */
export async function waitForProgress(stage: Stage, where: string): Promise<number> {
  const { outside } = stage;
  const before = (await outside.standing()).effects;
  const from = performance.now();
  for (;;) {
    const { effects } = await outside.standing();
    await stage.look();
    const ms = performance.now() - from;
    if (effects > before) return ms;
    if (ms > PROGRESS_MS_MAX) {
      stage.findings.push(`${where}: nothing went on for ${PROGRESS_MS_MAX / SECOND_MS} s`);
      return ms;
    }
    await delay(LOOK_MS);
  }
}
