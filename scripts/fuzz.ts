/**
 * Throws hostile payloads at intake over HTTP, onto a store on disk:
 * `npm run -s fuzz -- --payloads 100000 --seed 1`. Ends with what was answered and what memory it took.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exerciseHostileIntake } from "../test/kit/fuzz-intake.ts";

const { values } = parseArgs({
  options: {
    payloads: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const directory = mkdtempSync(join(tmpdir(), "interlock-fuzz-"));
try {
  const report = await exerciseHostileIntake({
    payloads: Number(values.payloads),
    seed: Number(values.seed),
    directory,
  });
  process.stdout.write(`${report}\n`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
