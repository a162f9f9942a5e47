/**
 * Opens a data directory to look into it or to act on it, wired as whatever made it.
 *
 * A simulation is opened with its sandbox and its clock at the last thing on record; a real directory
 * has the system's clock. A directory that does not exist yet becomes a real one.
 */
import { existsSync } from "node:fs";
import { loadPapers, wireLogisticsMarketing } from "../../loops/logistics-marketing/loop.ts";
import type { Clock } from "../core/port/types.ts";
import { InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";
import { listLedger, getLedgerHead } from "../store/table/ledger.ts";
import { findNote, type Note, storeDirectory, writeNote } from "./data-directory.ts";
import { companyOf, openDemo } from "./demo.ts";
import { type Interlock, openInterlock } from "./interlock.ts";
import { reopenReplay } from "./replay.ts";
import type { Simulation } from "./simulation.ts";

export { DEFAULT_DIRECTORY } from "./data-directory.ts";

export type Workspace = {
  readonly kind: Note["kind"];
  readonly interlock: Interlock;
  close(): Promise<void>;
};

const LIVE_CLOCK: Clock = { now: () => new Date().toISOString() };

export async function openWorkspace(
  directory: string,
  options: { readonly create?: boolean } = {},
): Promise<Workspace> {
  const databaseUrl = process.env["DATABASE_URL"];
  const note = findNote(directory);
  if (note === undefined) return openNew(directory, options.create === true, databaseUrl);
  switch (note.kind) {
    case "demo":
      return atLastInstant(note, await openDemo(directory, note, companyOf(note), databaseUrl));
    case "replay":
      return atLastInstant(note, await reopenReplay(directory, note, databaseUrl));
    case "live":
      return openLive(directory, databaseUrl);
  }
}

async function openNew(
  directory: string,
  create: boolean,
  databaseUrl: string | undefined,
): Promise<Workspace> {
  if (!create && !existsSync(storeDirectory(directory))) {
    throw new InterlockError("cli/usage", `\`${directory}\` holds no data yet`, {
      help: "run `demo`, `replay` or `import shipments` first, or name another directory with --data",
    });
  }
  writeNote(directory, { kind: "live" });
  return openLive(directory, databaseUrl);
}

/** Real data. Connectors to real systems are not set up here, and the gates say so. */
async function openLive(directory: string, databaseUrl: string | undefined): Promise<Workspace> {
  const wiring = wireLogisticsMarketing(loadPapers(), {
    connectors: [],
    notifier: {
      channel: "none",
      send: () =>
        Promise.reject(
          new InterlockError("connector/rejected", "no channel for notices is set up"),
        ),
    },
    facts: { readFacts: () => Promise.resolve(undefined) },
    resourceOf: (option, subject) => `unset:${option}/${subject}`,
    calibrationDays: 45,
    dataMaxAgeHours: 48,
  });
  const interlock = await openInterlock({
    store:
      databaseUrl === undefined ? { directory: storeDirectory(directory) } : { url: databaseUrl },
    clock: LIVE_CLOCK,
    loops: [wiring],
  });
  return { kind: "live", interlock, close: () => interlock.close() };
}

async function atLastInstant(note: Note, simulation: Simulation): Promise<Workspace> {
  const { interlock, clock } = simulation;
  const head = await getLedgerHead(interlock.driver);
  const [last] = await listLedger(interlock.driver, head.n - 1, 1);
  if (last !== undefined) clock.moveTo(readAt(last.text) ?? clock.now());
  return { kind: note.kind, interlock, close: () => simulation.close() };
}

/** A ledger that was tampered with must still open, or nobody could be told. */
function readAt(text: string): Instant | undefined {
  try {
    return (JSON.parse(text) as { at?: Instant }).at;
  } catch {
    return undefined;
  }
}
