/**
 * The sandbox's memory: one line of JSON per accepted change, written before it is answered.
 *
 * A line is handed to the operating system in one `writeSync`, so the death of this process loses no
 * answered change and tears at most the line that was being written; a torn last line was never
 * answered and is cut off when the journal is opened again. Bad text before the last line is damage
 * and stops the start. Left out: power loss (a simulated world needs no fsync) and a second process
 * on the same file.
 */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
  constants,
} from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/std/canonical-json.ts";
import { InterlockError } from "../../src/std/errors.ts";
import type { Mutation } from "./types.ts";

export const JOURNAL_FILE = "sandbox.jsonl";

/** A mutation and what it takes to do it again. */
export type JournalEntry = Mutation & { readonly change: Json };

export type Journal = {
  /** All entries since the world began, the reloaded ones first. */
  readonly entries: ReadonlyArray<JournalEntry>;
  append(entry: Omit<JournalEntry, "seq">): JournalEntry;
  close(): void;
};

export function openJournal(directory: string | undefined): Journal {
  if (directory === undefined) return createJournal([], undefined);
  mkdirSync(directory, { recursive: true });
  const path = join(directory, JOURNAL_FILE);
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o644);
  const { entries, goodBytes } = parseJournal(readFileSync(path), path);
  ftruncateSync(file, goodBytes);
  return createJournal(entries, file);
}

function createJournal(entries: JournalEntry[], file: number | undefined): Journal {
  return {
    entries,
    append(entry) {
      const numbered = { seq: entries.length + 1, ...entry };
      if (file !== undefined) writeWhole(file, Buffer.from(`${JSON.stringify(numbered)}\n`));
      entries.push(numbered);
      return numbered;
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

function writeWhole(file: number, line: Buffer): void {
  let written = 0;
  while (written < line.length) written += writeSync(file, line, written);
}

function parseJournal(
  bytes: Buffer,
  path: string,
): { readonly entries: JournalEntry[]; readonly goodBytes: number } {
  const goodBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString("utf8", 0, goodBytes).split("\n").slice(0, -1);
  const entries = lines.map((line, index) => {
    let entry: JournalEntry | undefined;
    try {
      entry = JSON.parse(line) as JournalEntry;
    } catch {
      // Told below, with a line that parses and is out of order.
    }
    if (entry?.seq !== index + 1) {
      throw new InterlockError("twin/invalid-setting", "the sandbox's journal is damaged", {
        path: `${path}:${index + 1}`,
        help: "remove the simulated world's directory and start it anew",
      });
    }
    return entry;
  });
  return { entries, goodBytes };
}
