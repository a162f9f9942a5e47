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

test("with --log each entry and each answer is a line of JSON; a monitor reads metrics by its token", async () => {
  const token = "a-monitor-of-the-tests";
  const served = await serveDirectory(join(root, "logged"), [], {
    flags: ["--log"],
    env: { INTERLOCK_METRICS_TOKEN: token },
  });
  try {
    await served.createKey("logistics", "head@logistics.example.com");
    const metrics = await fetch(`${served.url}/v1/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.match(await metrics.text(), /^interlock_ledger_entries \d+$/m);
    type Line = { readonly kind: string; readonly route?: string; readonly entry?: number };
    const linesOf = (kind: string) =>
      served.told.map((line) => JSON.parse(line) as Line).filter((line) => line.kind === kind);
    while (linesOf("key.created").length === 0) await delay(100);
    assert(linesOf("key.created").every(({ entry }) => typeof entry === "number"));
    assert(linesOf("answer").some(({ route }) => route === "metrics.get"));
    assert(!served.told.join().includes(token), "no secret is in the log");
  } finally {
    await served.stop();
  }
});
