/** The sandbox under kill -9: what it answered is in the book, once, and the book still opens. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import { startSandbox } from "./sandbox.ts";

const PLACES = 400;
const KILLS = 4;
const subjects = Array.from({ length: PLACES }, (_, index) => ({
  id: `IN-${500_000 + index}`,
  kind: "geo",
  level: "pincode" as const,
  name: `Place ${index}`,
  parent: null,
}));
const options = { subjects, now: (): string => "2026-01-05T06:30:00.000Z" };

/** In the child: change place after place over HTTP and say each answer out loud. */
async function changeEverything(directory: string): Promise<void> {
  const sandbox = await startSandbox({ ...options, directory });
  const done = new Set(sandbox.mutations().flatMap((mutation) => mutation.subjects));
  const waiting = subjects.filter(({ id }) => !done.has(id));
  async function work(): Promise<void> {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { id } = next;
      const response = await fetch(`${sandbox.shop.baseUrl}/admin/cod-rules/${id}`, {
        method: "PUT",
        headers: {
          authorization: `Bearer ${sandbox.shop.accessToken}`,
          "idempotency-key": id,
          "if-none-match": "*",
        },
        body: '{"cod":"off"}',
      });
      assert.equal(response.status, 201);
      writeSync(1, `${id}\n`);
    }
  }
  await Promise.all([work(), work(), work(), work()]);
  await sandbox.close();
}

async function runAndKill(directory: string, killAfter: number): Promise<string[]> {
  const child = spawn(process.execPath, [import.meta.filename, directory], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_TEST_CONTEXT: "" },
  });
  const answered: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    answered.push(line);
    if (answered.length === killAfter) child.kill("SIGKILL");
  });
  await once(child, "close");
  return answered;
}

const childDirectory = process.argv[2];
if (childDirectory !== undefined) {
  await changeEverything(childDirectory);
} else {
  test("after kills at random moments every answered change is in the journal exactly once", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sandbox-kill-"));
    const random = randomFrom(3, "kills");
    const answered: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      answered.push(...(await runAndKill(directory, integerBetween(random, 1, 60))));
    }
    assert.ok(answered.length >= KILLS && answered.length < PLACES);
    answered.push(...(await runAndKill(directory, Infinity)));
    const sandbox = await startSandbox({ ...options, directory });
    const kept = sandbox.mutations().flatMap((mutation) => mutation.subjects);
    assert.deepEqual([...new Set(kept)].sort(), subjects.map(({ id }) => id).sort());
    assert.equal(kept.length, PLACES);
    for (const id of answered) assert.ok(kept.includes(id), `${id} was answered and lost`);
    await sandbox.close();
    rmSync(directory, { recursive: true });
  });
}
