/**
 * A witness's memory as a file of lines, one for each head that it took, the last one being what counts.
 * On another machine's disk, or one that only takes what is added, it is out of the database owner's reach.
 */
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Witnessed, WitnessMemory } from "../../core/ledger/witness.ts";

/** More than the longest line: an envelope of a head is under a thousand bytes. */
const TAIL_BYTES = 16_384;

export function createFileMemory(file: string): WitnessMemory {
  return {
    readLast: () => Promise.resolve(readLast(file)),
    add(taken) {
      mkdirSync(dirname(file), { recursive: true });
      const to = openSync(file, "a");
      try {
        writeSync(to, `${JSON.stringify(taken)}\n`);
        fsyncSync(to);
      } finally {
        closeSync(to);
      }
      return Promise.resolve();
    },
  };
}

function readLast(file: string): Witnessed | undefined {
  let from: number;
  try {
    from = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(from);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(from, tail, 0, tail.length, size - tail.length);
    // What was being written when the power went is no line yet.
    const whole = tail
      .subarray(0, tail.lastIndexOf("\n") + 1)
      .toString("utf8")
      .trimEnd();
    return whole === "" ? undefined : (JSON.parse(whole.split("\n").at(-1) ?? "") as Witnessed);
  } finally {
    closeSync(from);
  }
}
