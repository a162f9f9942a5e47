/**
 * The ledger as a file of lines, to be verified where there is nothing but the file.
 *
 *   first      {"format":"interlock-ledger/1","after":0,"peaks":[]}   where it begins
 *   heads      {"head":{...}}                                          as they were signed, in order
 *   entries    each one's own canonical text, byte for byte, in order
 *
 * The tree is made anew from the texts, so an export needs no hashes; the heads say what it must come to.
 */
import { isHash } from "../../std/hash.ts";
import type { Envelope } from "../sign/envelope.ts";
import type { Tree } from "./tree.ts";

export const LEDGER_FILE_FORMAT = "interlock-ledger/1";
const HEAD_LINE = /^\{"(?:head|envelope)":/;

export function writeFirstLine(from: Tree): string {
  return JSON.stringify({ format: LEDGER_FILE_FORMAT, after: from.n, peaks: from.peaks });
}

export function writeHeadLine(head: Envelope): string {
  return JSON.stringify({ head });
}

/** Where an export begins; undefined where that is no first line of one. */
export function readFirstLine(line: string): Tree | undefined {
  const { format, after, peaks } = readObject(line);
  if (format !== LEDGER_FILE_FORMAT || !Number.isSafeInteger(after)) return undefined;
  if (!Array.isArray(peaks) || !peaks.every(isHash)) return undefined;
  return { n: after as number, peaks };
}

export function isHeadLine(line: string): boolean {
  return HEAD_LINE.test(line);
}

/** The envelope in a line: of an export, of a witness's file, or alone. */
export function readHeadLine(line: string): unknown {
  const { head, envelope, ...alone } = readObject(line);
  return head ?? envelope ?? alone;
}

function readObject(line: string): { readonly [key: string]: unknown } {
  try {
    return (JSON.parse(line) ?? {}) as { readonly [key: string]: unknown };
  } catch {
    return {};
  }
}
