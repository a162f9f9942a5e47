/** The sandbox as the outside world: started, connected to, and closed again. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Company } from "../../twin/company/company.ts";
import type { InForce } from "../../twin/company/response.ts";
import { createGazetteer } from "../../twin/sandbox/geo-target.ts";
import { type CompanyFigures, type Sandbox, startSandbox } from "../../twin/sandbox/sandbox.ts";
import type { Subject } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";
import { lockDirectory } from "../store/driver/directory-lock.ts";
import { connectSandbox, type Outside, type SandboxAddress } from "./outside.ts";

export type SandboxOptions = {
  readonly directory: string;
  readonly subjects: ReadonlyArray<Subject>;
  readonly currency: string;
  now(): Instant;
  /** What the platforms report of the company; asked only once the sandbox runs. */
  figures(sandbox: () => Sandbox): CompanyFigures;
};

/** What the platforms report of a simulated company under the actions that are in force. */
export function figuresOf(company: Company, sandbox: () => Sandbox): CompanyFigures {
  const inForce: InForce = (subject, day) => sandbox().inForce(subject, day);
  return {
    ordersPerDay: (subject, from, until) =>
      company.countedOrdersPerDay(subject, from, until, inForce),
    spendPerDayMinor: (subject, from, until) =>
      company.spendPerDayMinor(subject, from, until, inForce),
  };
}

export type SandboxOutside = Outside & { readonly sandbox: Sandbox };

/** Its memory is kept in the directory, so that it remembers what was done to it. */
export async function openSandboxOutside(options: SandboxOptions): Promise<SandboxOutside> {
  const memory = join(options.directory, "outside");
  mkdirSync(memory, { recursive: true });
  const started: { sandbox?: Sandbox } = {};
  const getSandbox = () => {
    assert(started.sandbox, "the outside asks for its figures only once it runs");
    return started.sandbox;
  };
  const sandbox = await startSandbox({
    directory: memory,
    now: () => options.now(),
    subjects: options.subjects,
    company: options.figures(getSandbox),
  });
  started.sandbox = sandbox;
  const outside = connectSandbox(sandbox, options.subjects, options.currency, () => options.now());
  return {
    ...outside,
    sandbox,
    async close() {
      await outside.close();
      await sandbox.close();
    },
  };
}

const ADDRESS_FILE = "address.json";
const OWNER_ONLY = 0o600;
const LOOK_EVERY_MS = 100;
const LOOKS_MAX = 200;

/**
 * One sandbox for all processes of a directory: the first has it and leaves a note of where it is, the
 * others connect to it. When the first one ends the sandbox does, as a platform that is down; a process that
 * is started then has it.
 */
export async function shareSandboxOutside(options: SandboxOptions): Promise<Outside> {
  const memory = join(options.directory, "outside");
  const note = join(memory, ADDRESS_FILE);
  const lock = tryLock(memory);
  if (lock === undefined) {
    const { bySubject } = createGazetteer(options.subjects);
    const address: SandboxAddress = {
      ...(await readAddress(note)),
      geoTargetOf: (subject) => bySubject.get(subject)?.id,
    };
    return connectSandbox(address, options.subjects, options.currency, () => options.now());
  }
  try {
    rmSync(note, { force: true });
    const outside = await openSandboxOutside(options);
    const { ads, shop, mail } = outside.sandbox;
    writeFileSync(`${note}.new`, JSON.stringify({ ads, shop, mail }), { mode: OWNER_ONLY });
    renameSync(`${note}.new`, note);
    return {
      ...outside,
      async close() {
        await outside.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

type Address = Pick<Sandbox, "ads" | "shop" | "mail">;

/** Whoever has the sandbox may just be starting it. */
async function readAddress(note: string): Promise<Address> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    if (existsSync(note)) return JSON.parse(readFileSync(note, "utf8")) as Address;
    await delay(LOOK_EVERY_MS);
  }
  throw new InterlockError(
    "connector/unavailable",
    "the sandbox of this directory does not start",
    {
      retry: "later",
      help: "stop whatever process has it open, and start again",
    },
  );
}

function tryLock(directory: string): ReturnType<typeof lockDirectory> | undefined {
  try {
    return lockDirectory(directory);
  } catch (error) {
    if (error instanceof InterlockError && error.code === "store/locked") return undefined;
    throw error;
  }
}
