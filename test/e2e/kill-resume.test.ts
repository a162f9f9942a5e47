/**
 * A run that is killed at any moment and resumed ends in the same report as one that was not, and
 * nothing outside is done twice.
 *
 * Each chain kills one data directory several times in a row, at seeded points of its message count,
 * and then lets it finish. The first chain begins with nothing; the others begin where a run was killed
 * soon after its loop went live, so that not every chain repeats the tests before that, which take most of
 * the time and few of the messages. A failure prints the chain's seed and its points.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import { NODE_FLAGS } from "../kit/command.ts";
import { writeShipmentFile } from "../kit/shipment-file.ts";

const KILLED_RUN = fileURLToPath(new URL("../kit/killed-run.ts", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "interlock-kill-"));
after(() => rmSync(root, { recursive: true, force: true }));

type Ended = {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly messages: number;
};

function run(killAt: number, command: ReadonlyArray<string>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...NODE_FLAGS, KILLED_RUN, `${killAt}`, ...command], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const texts = ["", "", "", ""];
    for (const fd of [1, 2, 3] as const) {
      child.stdio[fd]?.on("data", (chunk: Buffer) => {
        texts[fd] += chunk.toString("utf8");
      });
    }
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({
        code,
        signal,
        out: texts[1] ?? "",
        err: texts[2] ?? "",
        messages: Number(texts[3]),
      }),
    );
  });
}

/** Every change the outside ever accepted under a key of ours, with how often. */
function countKeys(directory: string): Map<string, number> {
  const keys = new Map<string, number>();
  const lines = readFileSync(join(directory, "outside", "sandbox.jsonl"), "utf8").split("\n");
  for (const line of lines.filter((text) => text !== "")) {
    const entry = JSON.parse(line) as { system: string; key: string | null };
    if (entry.system === "mail" || entry.key === null) continue;
    keys.set(entry.key, (keys.get(entry.key) ?? 0) + 1);
  }
  return keys;
}

type Report = {
  readonly actions: number;
  readonly signals: number;
  readonly ledger: { readonly verified: boolean };
};

type Plan = {
  readonly command: ReadonlyArray<string>;
  /** Kills of each chain; the first chain begins with nothing. */
  readonly kills: ReadonlyArray<number>;
  /** Share of the messages after which the loop is live, about; there the other chains begin. */
  readonly liveShare: number;
};

async function checkChain(
  { command, kills: planned, liveShare }: Plan,
  undisturbed: Ended,
  seed: number,
  begun: string,
): Promise<void> {
  const directory = join(root, `chain-${command[0] ?? ""}-${seed}`);
  const isFirst = seed === 1;
  if (!isFirst) cpSync(begun, directory, { recursive: true });
  const kills = planned[seed - 1] ?? 0;
  const random = randomFrom("kill-resume", seed, command[0] ?? "");
  const points: number[] = [];
  // Long steps cover the run from end to end; a point past the end finds a finished run to resume.
  const left = undisturbed.messages * (isFirst ? 1 : 1 - liveShare);
  const stepMax = Math.ceil((2 * left) / kills);
  let killed = 0;
  for (let attempt = 0; attempt < kills; attempt++) {
    const killAt = integerBetween(random, 1, stepMax);
    points.push(killAt);
    const ended = await run(killAt, [...command, "--data", directory, "--resume"]);
    if (ended.signal === "SIGKILL") killed += 1;
    else assert.equal(ended.code, 0, `seed ${seed}, points ${points.join(" ")}: ${ended.err}`);
  }
  const last = await run(0, [...command, "--data", directory, "--resume"]);
  const where = `seed ${seed}, points ${points.join(" ")}`;
  assert.equal(last.code, 0, `${where}: ${last.err}`);
  assert.deepEqual(JSON.parse(last.out), JSON.parse(undisturbed.out), where);
  const twice = [...countKeys(directory)].filter(([, times]) => times > 1);
  assert.deepEqual(twice, [], `${where}: done twice outside`);
  assert(killed > kills / 2, `${where}: only ${killed} of ${kills} kills hit`);
}

/** One chain from nothing, and the others from where a run was killed. */
async function checkChains(plan: Plan, undisturbed: Ended): Promise<void> {
  const { command, kills, liveShare } = plan;
  const begun = join(root, `begun-${command[0] ?? ""}`);
  const killAt = Math.round(undisturbed.messages * liveShare);
  const { signal } = await run(killAt, [...command, "--data", begun]);
  assert.equal(signal, "SIGKILL");
  await inPairs(kills.map((_, i) => () => checkChain(plan, undisturbed, i + 1, begun)));
}

async function inPairs(works: ReadonlyArray<() => Promise<void>>): Promise<void> {
  const left = [...works];
  const worker = async () => {
    for (let work = left.shift(); work !== undefined; work = left.shift()) await work();
  };
  await Promise.all([worker(), worker()]);
}

test("a demo killed at 40 seeded points ends like one that was not, and acts once", async () => {
  const command = [
    "demo",
    "--json",
    "--seed",
    "8",
    "--days",
    "78",
    "--history",
    "30",
    "--geographies",
    "60",
    "--breaks",
    "0.4",
    "--cases",
    "340",
  ];
  const directory = join(root, "undisturbed-demo");
  const undisturbed = await run(0, [...command, "--data", directory]);
  assert.equal(undisturbed.code, 0, undisturbed.err);
  const report = JSON.parse(undisturbed.out) as Report;
  assert(report.actions > 1, "the demo acts, or there would be nothing to do twice");
  assert(report.ledger.verified);
  assert.equal(countKeys(directory).size > 0, true);
  await checkChains({ command, kills: [8, 16, 16], liveShare: 0.4 }, undisturbed);
});

test("a replay killed at 12 seeded points ends like one that was not, and acts once", async () => {
  const file = join(root, "shipments.csv.gz");
  writeFileSync(file, gzipSync(writeShipmentFile()));
  const command = [
    "replay",
    "logistics-marketing",
    "--json",
    "--shipments",
    file,
    "--mapping",
    "amazon-india",
    "--cases",
    "340",
  ];
  const undisturbed = await run(0, [...command, "--data", join(root, "undisturbed-replay")]);
  assert.equal(undisturbed.code, 0, undisturbed.err);
  const report = JSON.parse(undisturbed.out) as Report;
  assert(report.signals > 0, "the file has a rise that is signalled");
  await checkChains({ command, kills: [4, 8], liveShare: 0.55 }, undisturbed);
});
