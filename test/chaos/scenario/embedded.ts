/**
 * The embedded store: its process is killed at any moment, hundreds of times on one directory; and its disk
 * loses power, by images built from what was really written and really flushed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { errorToText } from "../../../src/std/errors.ts";
import { integerBetween, randomFrom } from "../../../src/std/random.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/std/time.ts";
import { type Driver, openDriver } from "../../../src/store/driver/driver.ts";
import { verifyLedger } from "../../../src/store/table/ledger-verify.ts";
import { NODE_FLAGS } from "../../kit/command.ts";
import { type Check, checkConservation } from "../check.ts";
import { Disk, type Strategy } from "../embedded/image.ts";
import type { EmbeddedOptions } from "../embedded/process.ts";
import type { Noted } from "../embedded/recorder.ts";
import { badWorld, type Outside, startOutside } from "../outside.ts";
import { createPorts } from "../ports.ts";
import { prepareLoop } from "../prepare.ts";
import type { RunSettings, Scenario } from "./scenario.ts";

const CYCLES = 500;
const IMAGES = 240;
/** A kill falls within so long of the start in one life of four, while it opens or recovers... */
const OPENING_MS_MAX = 1_000;
/** ...and within so long of its being open in the others, while it works. */
const WORKING_MS_MAX = 1_000;
const CALL_MS = 400;
const MIX = { readable: 60, idempotent: 40 };
const RECORDED_SIGNALS = 80;
/** Small, so that what is recorded holds many checkpoints. */
const CHECKPOINT_BYTES = 400_000;
const LOSSY: ReadonlyArray<Strategy> = ["lose all", "lose half", "lose a tenth", "lose the log"];
const SAY_EVERY = 20;

export const embedded: Scenario = {
  name: "embedded",
  words: "the embedded store: kills on one directory, and power cuts as images of its disk",
  async run(settings) {
    const from = performance.now();
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "interlock-chaos-"));
    const outside = await startOutside(root, badWorld(settings.seed, CALL_MS));
    try {
      const base = path.join(root, "base");
      await prepareDirectory(base, outside);
      const killed = await killOver(path.join(root, "killed"), base, outside, settings);
      const cut = await cutPower(root, base, outside, settings);
      const checks = [...killed.checks, ...cut.checks];
      return {
        scenario: "embedded",
        seed: settings.seed,
        holds: checks.every(({ holds }) => holds),
        tookSeconds: (performance.now() - from) / SECOND_MS,
        checks,
        figures: { ...killed.figures, ...cut.figures },
      };
    } finally {
      await outside.stop();
      fs.rmSync(root, { recursive: true, force: true });
    }
  },
};

type Part = {
  readonly checks: ReadonlyArray<Check>;
  readonly figures: { readonly [name: string]: number | string };
};

async function prepareDirectory(directory: string, outside: Outside): Promise<void> {
  const driver = await openDriver({ directory });
  const ports = await createPorts(outside.address, "http");
  try {
    await prepareLoop(driver, ports, MIX);
  } finally {
    await ports.close();
    await driver.close();
  }
}

async function killOver(
  directory: string,
  base: string,
  outside: Outside,
  { seed, rounds = CYCLES, minutes, say }: RunSettings,
): Promise<Part> {
  fs.cpSync(base, directory, { recursive: true });
  await outside.order("begin");
  const random = randomFrom(seed, "embedded kills");
  const from = performance.now();
  const findings: string[] = [];
  let [acknowledged, opened, cycles, unacknowledged] = [0, 0, 0, 0];
  for (; cycles < rounds && findings.length === 0; cycles++) {
    if (minutes !== undefined && performance.now() - from > minutes * MINUTE_MS) break;
    const { child, said, opening } = startProcess({ directory, outside: outside.address });
    const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    const isEarly = random.next() < 0.25;
    const lifeMs = integerBetween(random, 1, isEarly ? OPENING_MS_MAX : WORKING_MS_MAX);
    if (!isEarly) await Promise.race([opening, ended]);
    await Promise.race([delay(lifeMs), ended]);
    child.kill("SIGKILL");
    const [code] = await ended;
    if (code !== null) findings.push(`cycle ${cycles} ended by itself with ${code}`);
    for (const line of said) {
      const [kind, n] = line.split(" ");
      const count = Number(n);
      if (kind === "open") {
        opened += 1;
        if (count < acknowledged) findings.push(`acknowledged ${acknowledged}, found ${count}`);
        unacknowledged += Math.max(0, count - acknowledged);
      }
      acknowledged = Math.max(acknowledged, count);
    }
    if ((cycles + 1) % SAY_EVERY === 0) say(`${cycles + 1} kills, ${acknowledged} acknowledged`);
  }
  const last = startProcess({ directory, outside: outside.address, signals: acknowledged + 1 });
  const [code] = (await once(last.child, "exit")) as [number | null];
  if (code !== 0) findings.push(`the last opening ended with ${code}`);
  const { duplicates, effects } = await outside.standing();
  const driver = await openDriver({ directory });
  const conservation = await checkConservation(driver);
  const ledger = await verifyLedger(driver);
  await driver.close();
  return {
    checks: [
      {
        what: "every acknowledged signal is there after every kill",
        holds: findings.length === 0,
        seen: `${cycles} kills, ${acknowledged} acknowledged ${findings.join("; ")}`,
      },
      {
        what: "at most one effect for each key, on the embedded store",
        holds: duplicates.length === 0,
        seen: `${effects} effects, ${duplicates.length} twice`,
      },
      conservation,
      {
        what: "the embedded ledger verifies",
        holds: "head" in ledger,
        seen: "head" in ledger ? `${ledger.head.n} entries` : JSON.stringify(ledger),
      },
    ],
    figures: {
      "kills of the embedded store": cycles,
      "of them while it opened or recovered": cycles - opened,
      "acknowledged there": acknowledged,
      "committed and not acknowledged": unacknowledged,
    },
  };
}

async function cutPower(
  root: string,
  base: string,
  outside: Outside,
  { seed, cases: images = IMAGES, say }: RunSettings,
): Promise<Part> {
  const random = randomFrom(seed, "power cuts");
  const record = path.join(root, "record.jsonl");
  const directory = path.join(root, "recorded");
  fs.cpSync(base, directory, { recursive: true });
  await recordRun(directory, record, outside);
  const lines = await countLines(record);
  const perPoint = LOSSY.length + 2;
  const points = Array.from({ length: Math.ceil(images / LOSSY.length) }, () =>
    integerBetween(random, 1, lines),
  ).sort((a, b) => a - b);
  const whole = new Map<Strategy, { whole: number; images: number; lost: number }>();
  const disk = new Disk(base);
  const findings: string[] = [];
  let [acknowledged, line, done] = [0, 0, 0];
  for await (const text of createInterface({ input: fs.createReadStream(record) })) {
    const noted = JSON.parse(text) as Noted;
    disk.apply(noted);
    if (noted.op === "ack") acknowledged = noted.n;
    line += 1;
    while (points[0] === line) {
      points.shift();
      for (const strategy of [...LOSSY, "keep all", "fsync is ignored"] as const) {
        const image = path.join(root, "image");
        const lost = disk.build(image, strategy, random);
        const why = await tryImage(image, acknowledged);
        fs.rmSync(image, { recursive: true, force: true });
        const row = whole.get(strategy) ?? { whole: 0, images: 0, lost: 0 };
        whole.set(strategy, {
          whole: row.whole + (why === undefined ? 1 : 0),
          images: row.images + 1,
          lost: row.lost + lost,
        });
        if (why !== undefined && strategy !== "fsync is ignored") {
          findings.push(`${strategy} at ${line}: ${why}`);
        }
      }
      done += perPoint;
      say(
        `${done} images of ${done + points.length * perPoint}, ${findings.length} not whole ${findings.at(-1) ?? ""}`,
      );
    }
  }
  const ignored = whole.get("fsync is ignored");
  const lossy = LOSSY.reduce((sum, strategy) => sum + (whole.get(strategy)?.images ?? 0), 0);
  return {
    checks: [
      {
        what: "after a power cut everything acknowledged is there",
        holds: findings.length === 0 && lossy > 0,
        seen: `${lossy} lossy images of ${acknowledged} acknowledged ${findings.slice(0, 3).join("; ")}`,
      },
      {
        what: "the same images without our flushes are not whole: the test can fail",
        holds: ignored !== undefined && ignored.whole < ignored.images / 2,
        seen: `${ignored?.whole ?? 0} of ${ignored?.images ?? 0} whole`,
      },
    ],
    figures: Object.fromEntries(
      [...whole].map(([strategy, row]) => [
        `power cut, ${strategy}: whole images`,
        `${row.whole} of ${row.images}, ${row.lost} blocks lost`,
      ]),
    ),
  };
}

/** One process that takes signals in and ends, with all that it wrote on record. */
async function recordRun(directory: string, record: string, outside: Outside): Promise<void> {
  const { child } = startProcess(
    {
      directory,
      outside: outside.address,
      signals: RECORDED_SIGNALS,
      checkpointAfterBytes: CHECKPOINT_BYTES,
    },
    { INTERLOCK_CHAOS_RECORD: record, INTERLOCK_CHAOS_RECORD_UNDER: directory },
    ["--import", new URL("../embedded/recorder.ts", import.meta.url).href],
  );
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the recorded process ended with ${code}`);
}

/** Why the image is not whole; undefined when it is. */
async function tryImage(directory: string, acknowledged: number): Promise<string | undefined> {
  let driver: Driver | undefined;
  try {
    driver = await openDriver({ directory, embedded: { stalledAfterMs: MINUTE_MS } });
    const [row] = await driver.query<{ n: number; last: number }>(
      `select count(*)::int as n, coalesce(max(substring(id from 7)::int), -1) as last
       from signal where id like 'chaos-%'`,
    );
    if (row === undefined || row.n !== row.last + 1) return `a gap: ${JSON.stringify(row)}`;
    if (row.n < acknowledged) return `acknowledged ${acknowledged}, found ${row.n}`;
    const conservation = await checkConservation(driver);
    if (!conservation.holds) return conservation.seen;
    const ledger = await verifyLedger(driver);
    return "head" in ledger ? undefined : JSON.stringify(ledger);
  } catch (error) {
    return errorToText(error);
  } finally {
    await driver?.close().catch(() => undefined);
  }
}

function startProcess(
  options: EmbeddedOptions,
  env: Readonly<Record<string, string>> = {},
  flags: ReadonlyArray<string> = [],
): { readonly child: ChildProcess; readonly said: string[]; readonly opening: Promise<unknown> } {
  const file = fileURLToPath(new URL("../embedded/process.ts", import.meta.url));
  const child = fork(file, [JSON.stringify(options)], {
    execArgv: [...NODE_FLAGS, ...flags],
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const said: string[] = [];
  child.on("message", (line) => said.push(String(line)));
  return { child, said, opening: once(child, "message") };
}

async function countLines(file: string): Promise<number> {
  let lines = 0;
  for await (const _ of createInterface({ input: fs.createReadStream(file) })) lines += 1;
  return lines;
}
