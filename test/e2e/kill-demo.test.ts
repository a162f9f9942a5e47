import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkKilled, countKeys } from "../kit/kill-chain.ts";

const root = mkdtempSync(join(tmpdir(), "interlock-kill-demo-"));
after(() => rmSync(root, { recursive: true, force: true }));

type Report = { readonly actions: number; readonly ledger: { readonly verified: boolean } };

test("a demo killed at 8 seeded points ends like one that was not, and acts once", async () => {
  const size = ["--days", "75", "--history", "30", "--geographies", "60", "--breaks", "0.4"];
  const command = ["demo", "--json", "--seed", "8", ...size, "--cases", "340"];
  const report = (await checkKilled({ root, command, kills: [2, 6], liveShare: 0.4 })) as Report;
  assert(report.actions > 1, "the demo acts, or there would be nothing to do twice");
  assert(report.ledger.verified);
  assert(countKeys(join(root, "undisturbed")).size > 0);
});
