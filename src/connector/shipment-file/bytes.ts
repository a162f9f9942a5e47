/**
 * A file's bytes: what kind of file it is by its first ones, its hash, and its text as it streams by.
 *
 * A damaged .gz is not thrown away: what could be decoded is handed on, then the damage is returned.
 * Chunks are handed over synchronously as they come, because Node drops what is still queued in a
 * stream when the stream fails.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { InterlockError } from "../../std/errors.ts";
import type { Damage, FileFormat } from "./types.ts";

const READ_BYTES = 256 * 1024;
/** Fine steps for the second look at a corrupt file, so that little good text is lost with the bad. */
const CAREFUL_BYTES = 64;

/** First bytes of what people send by mistake, and what to do about it. */
const FOREIGN: ReadonlyArray<{
  readonly magic: string;
  readonly is: string;
  readonly help: string;
}> = [
  { magic: "504b0304", is: "a ZIP or Excel file", help: "save it as CSV, or unpack it first" },
  { magic: "d0cf11e0", is: "an old Excel file", help: "save it as CSV" },
  { magic: "28b52ffd", is: "a Zstandard file", help: "decompress it, or compress it with gzip" },
  { magic: "425a68", is: "a bzip2 file", help: "decompress it, or compress it with gzip" },
  { magic: "fffe", is: "UTF-16 text", help: "save it as UTF-8" },
  { magic: "feff", is: "UTF-16 text", help: "save it as UTF-8" },
];

/** By content, never by extension. */
export async function detectFormat(
  file: string,
  fileName: string,
): Promise<{ readonly format: FileFormat; readonly bytes: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    const stat = await handle.stat();
    if (!stat.isFile()) throw unreadable(fileName, "is not a file");
    const head = Buffer.alloc(8);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead === 0) throw unreadable(fileName, "is empty");
    const hex = head.subarray(0, bytesRead).toString("hex");
    const foreign = FOREIGN.find(({ magic }) => hex.startsWith(magic));
    if (foreign !== undefined) throw unreadable(fileName, `is ${foreign.is}`, foreign.help);
    const isParquet = head.subarray(0, 4).toString("latin1") === "PAR1";
    const format = hex.startsWith("1f8b") ? "csv.gz" : isParquet ? "parquet" : "csv";
    return { format, bytes: stat.size };
  } catch (error) {
    throw error instanceof InterlockError ? error : cannotOpen(fileName, error);
  } finally {
    await handle?.close();
  }
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

export type ByteReading = { readonly hash: string; readonly damage: Damage | null };

/**
 * Streams the file's text through `onText`, unpacked if it is gzip. An error thrown by `onText` ends
 * the reading and is thrown on.
 */
export async function readText(
  file: string,
  fileName: string,
  format: "csv" | "csv.gz",
  onText: (chunk: Buffer, bytesRead: number) => void,
): Promise<ByteReading> {
  const skipByteOrderMark = createByteOrderMarkFilter();
  const decoded = { bytes: 0 };
  const take = (chunk: Buffer, bytesRead: number): void => {
    decoded.bytes += chunk.length;
    const text = skipByteOrderMark(chunk);
    if (text.length > 0) onText(text, bytesRead);
  };
  const first = await stream(file, fileName, format, READ_BYTES, take);
  if (first.failure === null) return { hash: first.hash, damage: null };
  // Node gives no part of an output buffer that went bad; smaller buffers lose less.
  const already = decoded.bytes;
  let passed = 0;
  const again = await stream(file, fileName, format, CAREFUL_BYTES, (chunk, bytesRead) => {
    const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, already - passed)));
    passed += chunk.length;
    if (fresh.length > 0) take(fresh, bytesRead);
  });
  const isTruncated = first.failure.code === "Z_BUF_ERROR";
  return {
    hash: await hashFile(file),
    damage: {
      kind: isTruncated ? "truncated" : "corrupt",
      message: isTruncated
        ? `the gzip data ends after ${again.bytesRead} bytes, before its own end mark`
        : `the gzip data cannot be decoded: ${first.failure.message}`,
      bytesRead: again.bytesRead,
      bytesDecoded: decoded.bytes,
    },
  };
}

type Failure = { readonly code: string; readonly message: string };

function stream(
  file: string,
  fileName: string,
  format: "csv" | "csv.gz",
  chunkSize: number,
  onBytes: (chunk: Buffer, bytesRead: number) => void,
): Promise<{ hash: string; failure: Failure | null; bytesRead: number }> {
  return new Promise((resolve, reject) => {
    const hash = createHash("sha256");
    const input = createReadStream(file, { highWaterMark: READ_BYTES });
    const gunzip = format === "csv.gz" ? createGunzip({ chunkSize }) : null;
    const output = gunzip ?? input;
    let bytesRead = 0;
    const stop = (error: unknown): void => {
      input.destroy();
      gunzip?.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    input.on("data", (chunk) => {
      hash.update(chunk);
      bytesRead += chunk.length;
    });
    input.on("error", (error) => stop(cannotOpen(fileName, error)));
    output.on("data", (chunk: Buffer) => {
      try {
        onBytes(chunk, bytesRead);
      } catch (error) {
        stop(error);
      }
    });
    output.on("end", () => resolve({ hash: hash.digest("hex"), failure: null, bytesRead }));
    if (gunzip === null) return;
    gunzip.on("error", (error: NodeJS.ErrnoException) => {
      input.destroy();
      resolve({
        hash: "",
        failure: { code: error.code ?? "", message: error.message },
        bytesRead: Math.min(bytesRead, gunzip.bytesWritten),
      });
    });
    input.pipe(gunzip);
  });
}

/** A byte order mark may arrive in pieces; it is dropped once, at the very start. */
function createByteOrderMarkFilter(): (chunk: Buffer) => Buffer {
  const mark = Buffer.from([0xef, 0xbb, 0xbf]);
  let held: Buffer | null = Buffer.alloc(0);
  return (chunk) => {
    if (held === null) return chunk;
    const start: Buffer = Buffer.concat([held, chunk]);
    if (start.length < mark.length && mark.subarray(0, start.length).equals(start)) {
      held = start;
      return Buffer.alloc(0);
    }
    held = null;
    return start.subarray(0, mark.length).equals(mark) ? start.subarray(mark.length) : start;
  };
}

export function unreadable(fileName: string, why: string, help?: string): InterlockError {
  return new InterlockError("import/unreadable-file", `file \`${fileName}\` ${why}`, {
    help: help ?? "give a CSV, CSV.gz or Parquet file with one shipment per row",
  });
}

function cannotOpen(fileName: string, error: unknown): InterlockError {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const why =
    code === "ENOENT"
      ? "does not exist"
      : code === "EACCES"
        ? "may not be read by this user"
        : `cannot be read: ${code ?? String(error)}`;
  return new InterlockError("import/unreadable-file", `file \`${fileName}\` ${why}`, {
    cause: error,
  });
}
