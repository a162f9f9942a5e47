import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { checkKilled } from "../kit/kill-chain.ts";
import { writeShipmentFile } from "../kit/shipment-file.ts";

const root = mkdtempSync(join(tmpdir(), "interlock-kill-replay-"));
after(() => rmSync(root, { recursive: true, force: true }));

test("a replay killed at 3 seeded points ends like one that was not, and acts once", async () => {
  const file = join(root, "shipments.csv.gz");
  writeFileSync(file, gzipSync(writeShipmentFile()));
  const source = ["--shipments", file, "--mapping", "amazon-india"];
  const command = ["replay", "logistics-marketing", "--json", ...source, "--cases", "340"];
  const report = (await checkKilled({ root, command, kills: [3], liveShare: 0.55 })) as {
    readonly signals: number;
  };
  assert(report.signals > 0, "the file has a rise that is signalled");
});
