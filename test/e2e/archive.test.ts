/** `archive` as people and programs meet it: old counts of a real directory leave, and both halves verify. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openOwnWorkspace } from "../../src/app/workspace.ts";
import { EXIT_DOES_NOT_HOLD, interlock } from "../kit/command.ts";
import { dayBatch, PLACES } from "../kit/engine-world.ts";

const root = mkdtempSync(join(tmpdir(), "interlock-archived-"));
after(() => rmSync(root, { recursive: true, force: true }));

test("old months leave by one command, and an altered file is named by another", async () => {
  const [data, to] = [join(root, "data"), join(root, "archive")];
  const workspace = await openOwnWorkspace(data, { create: true });
  await workspace.receive(dayBatch("2024-01-05"));
  await workspace.close();
  const archived = await interlock("archive", "--to", to, "--json", "--data", data);
  assert.equal(archived.code, 0, archived.err);
  assert.deepEqual((JSON.parse(archived.out) as { months: unknown }).months, [
    { month: "2024-01", entries: 0, cases: 0, observations: PLACES.length },
  ]);
  assert.deepEqual(readdirSync(to), ["2024-01"]);
  writeFileSync(join(to, "2024-01", "observations.parquet"), "");
  const verified = await interlock("ledger", "verify", "--archive", to, "--data", data);
  assert.equal(verified.code, EXIT_DOES_NOT_HOLD);
  assert.match(verified.out, /The archive does NOT hold: 2024-01\/observations.parquet: it is not/);
});
