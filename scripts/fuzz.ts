/** Throws hostile payloads at intake over HTTP: `node scripts/fuzz.ts --payloads 100000 --seed 1`. */
import { parseArgs } from "node:util";
import { exerciseHostileIntake } from "../test/kit/fuzz-intake.ts";

const { values } = parseArgs({
  options: {
    payloads: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const options = { payloads: Number(values.payloads), seed: Number(values.seed) };
process.stdout.write(`${await exerciseHostileIntake(options)}\n`);
