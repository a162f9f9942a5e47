/** A directory that is served is asked through its server, and takes its data through it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { serveDirectory } from "../kit/command.ts";

const root = mkdtempSync(join(tmpdir(), "interlock-serve-"));
after(() => rmSync(root, { recursive: true, force: true }));

const LOOP = "logistics-marketing";
type Gates = { readonly gates: ReadonlyArray<{ readonly name: string; readonly holds: boolean }> };

test("days delivered while the server runs count once, are folded by it, and its gates say so", async () => {
  const served = await serveDirectory(join(root, "served"), ["--sample"]);
  try {
    const deliver = async () => {
      const { code, out, err } = await served.run("import", "sample", "--json");
      assert.equal(code, 0, err);
      return (JSON.parse(out) as { readonly batches: { new: number; repeated: number } }).batches;
    };
    const { new: days, repeated } = await deliver();
    assert.ok(days > 45 && repeated === 0, `${days} new, ${repeated} repeated`);
    assert.deepEqual(await deliver(), { new: 0, repeated: days });
    const isCalibrated = async () => {
      const shown = await served.run("loop", "show", LOOP, "--json");
      const { gates } = JSON.parse(shown.out) as Gates;
      return gates.some(({ name, holds }) => name === "sender-calibrated" && holds);
    };
    while (!(await isCalibrated())) await delay(500);
  } finally {
    await served.stop();
  }
});
