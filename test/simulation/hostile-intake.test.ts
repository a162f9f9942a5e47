/**
 * Hostile payloads at intake over HTTP. The suite throws 5,000 of them; `npm run fuzz` throws
 * 100,000, or as many as it is told.
 */
import { test } from "node:test";
import { exerciseHostileIntake } from "../kit/fuzz-intake.ts";

const PAYLOADS = 5_000;
const SEED = 20_261_123;

test("5,000 hostile payloads: no crash, no 5xx, bounded memory, a reason for each rejection", async () => {
  console.log(
    (await exerciseHostileIntake({ payloads: PAYLOADS, seed: SEED })).replace(/^/gm, "      "),
  );
});
