/**
 * Shows that a run that is killed at any moment and resumed ends in the same report as one that was not,
 * and that nothing outside is done twice.
 *
 * A chain kills one data directory several times in a row, at seeded points of its message count, and
 * then lets it finish. Chains share their beginning: the first leaves a copy of its directory at its
 * first kill after the loop went live, and each other goes on from that copy, so that the tests before
 * going live, which take most of the time and few of the messages, are run once. A failure prints the
 * chain's seed and its points.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import { NODE_FLAGS } from "./command.ts";

const KILLED_RUN = fileURLToPath(new URL("./killed-run.ts", import.meta.url));

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
export function countKeys(directory: string): Map<string, number> {
  const keys = new Map<string, number>();
  const lines = readFileSync(join(directory, "outside", "sandbox.jsonl"), "utf8").split("\n");
  for (const line of lines.filter((text) => text !== "")) {
    const entry = JSON.parse(line) as { system: string; key: string | null };
    if (entry.system === "mail" || entry.key === null) continue;
    keys.set(entry.key, (keys.get(entry.key) ?? 0) + 1);
  }
  return keys;
}

export type KillPlan = {
  /** A directory of the test's own, for the data of every run. */
  readonly root: string;
  /** The command, without where its data go. */
  readonly command: ReadonlyArray<string>;
  /** Kills of each chain; the first chain begins with nothing. */
  readonly kills: ReadonlyArray<number>;
  /** Share of the messages after which the loop is live, about; there the other chains begin. */
  readonly liveShare: number;
};

/** Runs the command undisturbed, gives its report, and holds every chain of kills against it. */
export async function checkKilled(plan: KillPlan): Promise<unknown> {
  const { root, command } = plan;
  const directory = join(root, "undisturbed");
  const undisturbed = await run(0, [...command, "--data", directory]);
  assert.equal(undisturbed.code, 0, undisturbed.err);
  const begun = { directory: join(root, "begun"), at: 0 };
  for (const [index, kills] of plan.kills.entries()) {
    await checkChain(plan, undisturbed, { seed: index + 1, kills, begun });
  }
  return JSON.parse(undisturbed.out) as unknown;
}

type Chain = {
  readonly seed: number;
  readonly kills: number;
  /** The copy, and how many messages it took: the first chain makes it. */
  readonly begun: { readonly directory: string; at: number };
};

async function checkChain(plan: KillPlan, undisturbed: Ended, chain: Chain): Promise<void> {
  const { root, command, liveShare } = plan;
  const { seed, kills, begun } = chain;
  const directory = join(root, `chain-${seed}`);
  const isFirst = seed === 1;
  if (!isFirst) cpSync(begun.directory, directory, { recursive: true });
  const random = randomFrom("kill-resume", seed, command[0] ?? "");
  const points: number[] = [];
  const livePoint = undisturbed.messages * liveShare;
  // Steps cover most of the run; a point past the end finds a finished run to resume.
  const stepMax = Math.ceil((1.5 * (undisturbed.messages - begun.at)) / kills);
  let killed = 0;
  let sent = 0;
  for (let attempt = 0; attempt < kills; attempt++) {
    const killAt = integerBetween(random, 1, stepMax);
    points.push(killAt);
    const ended = await run(killAt, [...command, "--data", directory, "--resume"]);
    if (ended.signal === "SIGKILL") killed += 1;
    else assert.equal(ended.code, 0, `seed ${seed}, points ${points.join(" ")}: ${ended.err}`);
    const isNowLive = sent < livePoint && sent + killAt >= livePoint;
    sent += killAt;
    if (isFirst && isNowLive) {
      cpSync(directory, begun.directory, { recursive: true });
      begun.at = sent;
    }
  }
  const last = await run(0, [...command, "--data", directory, "--resume"]);
  const where = `seed ${seed}, points ${points.join(" ")}`;
  assert.equal(last.code, 0, `${where}: ${last.err}`);
  assert.deepEqual(JSON.parse(last.out), JSON.parse(undisturbed.out), where);
  const twice = [...countKeys(directory)].filter(([, times]) => times > 1);
  assert.deepEqual(twice, [], `${where}: done twice outside`);
  assert(killed >= 0.8 * kills, `${where}: only ${killed} of ${kills} kills hit`);
}
