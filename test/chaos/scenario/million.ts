/** A million signals through four worker processes, in bulk and undisturbed: what comes of every single one. */
import { setTimeout as delay } from "node:timers/promises";
import { MINUTE_MS, SECOND_MS } from "../../../src/std/time.ts";
import { Stage } from "../stage.ts";
import { conclude } from "./conclude.ts";
import type { Scenario } from "./scenario.ts";

const SIGNALS = 1_000_000;
const WORKERS = 4;
const SAY_EVERY_MS = 15 * SECOND_MS;
const LOOK_EVERY_MS = SECOND_MS;

export const million: Scenario = {
  name: "million",
  words: "1,000,000 signals through four worker processes, HTTP in bulk, no faults",
  async run({ seed, signals = SIGNALS, minutes, say }) {
    const stage = await Stage.open({
      workers: WORKERS,
      cases: signals,
      batch: 1_000,
      underWayMax: 20_000,
      mix: { readable: 60, idempotent: 40 },
      letters: "http",
      limits: {},
      faults: { seed, rates: {} },
      isTraced: false,
      isTimed: true,
      answerMs: MINUTE_MS,
    });
    const from = performance.now();
    try {
      let isOver = false;
      const sending = stage.client.run().then(() => (isOver = true));
      for (let saidAt = 0; !isOver; await delay(LOOK_EVERY_MS)) {
        await stage.look();
        const took = performance.now() - from;
        if (minutes !== undefined && took > minutes * MINUTE_MS) stage.client.stop();
        if (took - saidAt < SAY_EVERY_MS) continue;
        saidAt = took;
        const { settled } = stage.client;
        const rate = Math.round(settled / (took / SECOND_MS));
        say(
          `${settled} of ${signals} acted on, ${rate} a second, ${Math.round(took / SECOND_MS)} s`,
        );
      }
      await sending;
      return await conclude(stage, { scenario: "million", seed, from }, {});
    } finally {
      await stage.close();
    }
  },
};
