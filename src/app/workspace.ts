/**
 * A data directory, opened to ask something of it.
 *
 * The embedded database admits one process. While a server has the directory open, everything asked of
 * it goes to that server; otherwise the directory is opened here. Whoever asks cannot tell the two apart:
 * both are a way to call operations.
 *
 * A simulation is opened with its sandbox and its clock at the last thing on record; a real directory has
 * the system's clock. A directory that does not exist yet becomes a real one, if asked to.
 */
import { existsSync } from "node:fs";
import type { ObservationBatch } from "../core/port/types.ts";
import type { CallOperation } from "../operation/operation.ts";
import { InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";
import { listLedger, getLedgerHead } from "../store/table/ledger.ts";
import type { BatchReceipt } from "../store/table/observation.ts";
import type { Channels } from "./channels.ts";
import { findNote, type Note, PLAIN_LIVE, storeDirectory, writeNote } from "./data-directory.ts";
import { companyOf, openDemo } from "./demo.ts";
import type { Interlock } from "./interlock.ts";
import { openLive } from "./live.ts";
import { reopenReplay } from "./replay.ts";
import { findServer, openServerWorkspace } from "./server-workspace.ts";
import type { Simulation } from "./simulation.ts";

export { DEFAULT_DIRECTORY } from "./data-directory.ts";
export type { CallOperation } from "../operation/operation.ts";

export type Workspace = {
  readonly kind: Note["kind"];
  readonly call: CallOperation;
  /** Takes a delivery of data. */
  receive(batch: ObservationBatch): Promise<BatchReceipt>;
  /** Does what is due now: folds days, looks at gates, moves cases. */
  tend(): Promise<void>;
  close(): Promise<void>;
};

type Doors = Pick<Channels, "slack" | "mail">;
const NO_DOORS: Doors = { slack: undefined, mail: undefined };

/** A workspace of this process, whose engine can be served to others. */
export type OwnWorkspace = Workspace & {
  readonly interlock: Interlock;
  /** Where Slack knocks and replies come in, if they are set up. */
  readonly doors: Doors;
};

export async function openWorkspace(
  directory: string,
  options: { readonly create?: boolean } = {},
): Promise<Workspace> {
  const server = findServer(directory);
  return server === undefined
    ? openOwnWorkspace(directory, options)
    : openServerWorkspace(getNote(directory, options.create === true).kind, server);
}

export async function openOwnWorkspace(
  directory: string,
  options: { readonly create?: boolean } = {},
): Promise<OwnWorkspace> {
  const databaseUrl = process.env["DATABASE_URL"];
  const note = getNote(directory, options.create === true);
  switch (note.kind) {
    case "demo":
      return atLastInstant(note, await openDemo(directory, note, companyOf(note), databaseUrl));
    case "replay":
      return atLastInstant(note, await reopenReplay(directory, note, databaseUrl));
    case "live": {
      const live = await openLive(directory, note, databaseUrl, process.env);
      return own(note, live.interlock, live.close, live.channels);
    }
  }
}

function getNote(directory: string, create: boolean): Note {
  const found = findNote(directory);
  if (found !== undefined) return found.kind === "live" ? { ...PLAIN_LIVE, ...found } : found;
  if (!create && !existsSync(storeDirectory(directory))) {
    throw new InterlockError("cli/usage", `\`${directory}\` holds no data yet`, {
      help: "run `demo`, `init` or `import shipments` first, or name another directory with --data",
    });
  }
  writeNote(directory, PLAIN_LIVE);
  return PLAIN_LIVE;
}

function own(
  note: Note,
  interlock: Interlock,
  close: () => Promise<void>,
  doors: Doors = NO_DOORS,
): OwnWorkspace {
  const { engine } = interlock;
  return {
    kind: note.kind,
    interlock,
    doors,
    async call(operation, input, onProgress) {
      const context = onProgress === undefined ? { engine } : { engine, onProgress };
      const result = await operation.handler(context, input);
      // What was asked for is carried out before the next question.
      if (operation.access !== "viewer") await engine.settle();
      return result;
    },
    receive: (batch) => engine.receive(batch),
    async tend() {
      await engine.tend();
      await engine.watch();
      // What a loop that goes on again let through.
      await engine.settle();
    },
    close,
  };
}

async function atLastInstant(note: Note, simulation: Simulation): Promise<OwnWorkspace> {
  const { interlock, clock } = simulation;
  const head = await getLedgerHead(interlock.driver);
  const [last] = await listLedger(interlock.driver, head.n - 1, 1);
  if (last !== undefined) clock.moveTo(readAt(last.text) ?? clock.now());
  return own(note, interlock, () => simulation.close());
}

/** A ledger that was tampered with must still open, or nobody could be told. */
function readAt(text: string): Instant | undefined {
  try {
    return (JSON.parse(text) as { at?: Instant }).at;
  } catch {
    return undefined;
  }
}
