/**
 * A data directory: the embedded database, the outside world's memory, and a note of what it is for.
 *
 * The note (`interlock.json`) says which kind of run made it and with which settings, so that a run can
 * be continued and nobody's real data is mistaken for a simulation.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InterlockError } from "../std/errors.ts";
import type { DriverOptions } from "../store/driver/driver.ts";
import type { Day } from "../std/time.ts";

export const DEFAULT_DIRECTORY = ".interlock";

export type DemoNote = {
  readonly kind: "demo";
  readonly seed: number;
  readonly days: number;
  readonly historyDays: number;
  readonly geographies: number;
  readonly breaksPerMonth: number;
};

export type ReplayNote = {
  readonly kind: "replay";
  readonly loop: string;
  readonly file: string;
  readonly fileHash: string;
  readonly mapping: string;
  readonly until: Day | null;
  readonly votes: "agree" | "none";
};

/** The simulated company that a practice directory takes its data and its outside from. */
export type SampleNote = {
  readonly seed: number;
  readonly geographies: number;
  readonly startDay: Day;
};

/** `here` is our own agent in this process; `remote` is one that registers over HTTP. */
export type AgentPlace = "here" | "remote";

export type LiveNote = {
  readonly kind: "live";
  readonly sender: AgentPlace;
  readonly receiver: AgentPlace;
  /** Null for a real installation. */
  readonly sample: SampleNote | null;
};

export const PLAIN_LIVE: LiveNote = {
  kind: "live",
  sender: "here",
  receiver: "here",
  sample: null,
};

export type Note = DemoNote | ReplayNote | LiveNote;

const NOTE_FILE = "interlock.json";

export function storeDirectory(directory: string): string {
  return join(directory, "store");
}

/** The server that is named, or else the embedded store of the directory. */
export function storeOptions(directory: string, databaseUrl: string | undefined): DriverOptions {
  return databaseUrl === undefined
    ? { directory: storeDirectory(directory) }
    : { url: databaseUrl };
}

export function findNote(directory: string): Note | undefined {
  const file = join(directory, NOTE_FILE);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Note;
  } catch (cause) {
    throw new InterlockError("cli/usage", `\`${file}\` is not readable as JSON`, {
      help: "choose another data directory, or restore the file",
      cause,
    });
  }
}

export function writeNote(directory: string, note: Note): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, NOTE_FILE), `${JSON.stringify(note, null, 2)}\n`);
}

/**
 * Makes a directory ready for a simulated run: continued if `resume`, else emptied and begun anew.
 * Only what an earlier simulation left is ever removed.
 */
export function prepareSimulation(
  directory: string,
  wanted: DemoNote | ReplayNote,
  resume: boolean,
): void {
  const found = findNote(directory);
  if (found === undefined && existsSync(directory) && readdirSync(directory).length > 0) {
    throw new InterlockError(
      "cli/usage",
      `\`${directory}\` is not empty and not a data directory`,
      {
        help: "choose an empty directory with --data",
      },
    );
  }
  if (found?.kind === "live") {
    throw new InterlockError("cli/usage", `\`${directory}\` holds real data, not a simulation`, {
      help: "choose another directory with --data; a simulation never overwrites real data",
    });
  }
  if (resume && found !== undefined) {
    if (JSON.stringify(found) !== JSON.stringify(wanted)) {
      throw new InterlockError(
        "cli/usage",
        `\`${directory}\` was begun with other settings: ${JSON.stringify(found)}`,
        { help: "resume with the same settings, or leave out --resume to begin anew" },
      );
    }
    return;
  }
  rmSync(directory, { recursive: true, force: true });
  writeNote(directory, wanted);
}
