/**
 * Throws at a server of its own what nobody should send, and holds it to what it promises:
 *
 *   npm run -s fuzz -- --payloads 100000 --seed 1    hostile payloads at intake, onto a store on disk
 *   npm run -s fuzz -- --api --draws 20 --seed 1     every address of the OpenAPI document, with every pass
 *
 * Ends with what was answered; exits with 1 if anything was not as it should be.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createOutput } from "../src/cli/output.ts";
import { openDriver } from "../src/store/driver/driver.ts";
import { migrate } from "../src/store/migrate.ts";
import { exerciseApi } from "../test/kit/fuzz-api.ts";
import { exerciseHostileIntake } from "../test/kit/fuzz-intake.ts";

const { values } = parseArgs({
  options: {
    api: { type: "boolean", default: false },
    draws: { type: "string", default: "20" },
    payloads: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const seed = Number(values.seed);
if (values.api) await fuzzAddresses();
else await fuzzIntake();

async function fuzzAddresses(): Promise<void> {
  const driver = await openDriver({});
  try {
    await migrate(driver);
    const { progress } = createOutput(false);
    const report = await exerciseApi(driver, {
      seed,
      draws: Number(values.draws),
      everyRole: true,
      onProgress: (done, total) => progress.report("addresses", done, total),
    });
    progress.end();
    const statuses = Object.entries(report.byStatus).map(
      ([status, count]) => `${count} x ${status}`,
    );
    process.stdout.write(
      `${report.calls} calls of ${report.addresses} addresses (seed ${seed}); ` +
        `${report.badRefused} that break the document, refused\n` +
        `answers: ${statuses.join(", ")}\n` +
        report.faults.map((fault) => `fault: ${fault}\n`).join(""),
    );
    if (report.faults.length > 0) process.exitCode = 1;
  } finally {
    await driver.close();
  }
}

async function fuzzIntake(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "interlock-fuzz-"));
  try {
    const payloads = Number(values.payloads);
    process.stdout.write(`${await exerciseHostileIntake({ payloads, seed, directory })}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
