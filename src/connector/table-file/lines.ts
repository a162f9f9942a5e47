/**
 * The lines of a text file, as they stream by: plain or gzip, told apart by the first bytes.
 *
 * Text must be UTF-8; a byte order mark is dropped. A lone CR ends no line. A line that is longer than
 * the limit is handed on as its first characters, marked; nothing of a broken .gz is believed, because
 * a table that ends early looks like a fall.
 */
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import { InterlockError } from "../../std/errors.ts";

const READ_BYTES = 256 * 1024;
export const LINE_CHARACTERS_MAX = 64 * 1024;

const FOREIGN: ReadonlyArray<{ readonly magic: string; readonly is: string }> = [
  { magic: "504b0304", is: "a ZIP or Excel file" },
  { magic: "d0cf11e0", is: "an old Excel file" },
  { magic: "28b52ffd", is: "a Zstandard file" },
  { magic: "425a68", is: "a bzip2 file" },
  { magic: "fffe", is: "UTF-16 text" },
  { magic: "feff", is: "UTF-16 text" },
];

export type TextKind = "csv" | "csv.gz" | "parquet";

/** By content, never by extension. */
export async function detectKind(file: string, fileName: string): Promise<TextKind> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    if (!(await handle.stat()).isFile()) throw unreadable(fileName, "is not a file");
    const head = Buffer.alloc(4);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead === 0) throw unreadable(fileName, "is empty");
    const hex = head.subarray(0, bytesRead).toString("hex");
    const foreign = FOREIGN.find(({ magic }) => hex.startsWith(magic));
    if (foreign !== undefined) throw unreadable(fileName, `is ${foreign.is}`);
    if (head.toString("latin1") === "PAR1") return "parquet";
    return hex.startsWith("1f8b") ? "csv.gz" : "csv";
  } catch (error) {
    throw error instanceof InterlockError ? error : cannotOpen(fileName, error);
  } finally {
    await handle?.close();
  }
}

/** `onLine` gets each line without its end; `isCut` when the line was longer than the limit. */
export async function readLines(
  file: string,
  fileName: string,
  kind: "csv" | "csv.gz",
  onLine: (line: string, isCut: boolean) => void,
): Promise<void> {
  const source = createReadStream(file, { highWaterMark: READ_BYTES });
  const stream = kind === "csv.gz" ? source.pipe(createGunzip()) : source;
  // A pipe does not pass errors on.
  source.on("error", (error) => stream.destroy(error));
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let isFirst = true;
  let isGiant = false;
  try {
    for await (const chunk of stream) {
      let text = rest + decoder.write(chunk as Buffer);
      if (isFirst && text.length > 0) {
        isFirst = false;
        if (text.startsWith("\ufeff")) text = text.slice(1);
      }
      let at = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
        give(text.slice(at, end));
        at = end + 1;
      }
      rest = text.slice(at);
      if (rest.length > LINE_CHARACTERS_MAX) {
        isGiant = true;
        rest = rest.slice(0, LINE_CHARACTERS_MAX);
      }
    }
  } catch (error) {
    throw error instanceof InterlockError ? error : cannotOpen(fileName, error);
  } finally {
    source.destroy();
  }
  rest += decoder.end();
  if (rest.length > 0) give(rest);

  function give(line: string): void {
    const isCut = isGiant || line.length > LINE_CHARACTERS_MAX;
    isGiant = false;
    if (isCut) onLine(line.slice(0, LINE_CHARACTERS_MAX), true);
    else onLine(line.endsWith("\r") ? line.slice(0, -1) : line, false);
  }
}

export function unreadable(fileName: string, why: string, help?: string): InterlockError {
  return new InterlockError("import/unreadable-file", `file \`${fileName}\` ${why}`, {
    help: help ?? "give a CSV, CSV.gz or Parquet file whose first line names its columns",
  });
}

function cannotOpen(fileName: string, error: unknown): InterlockError {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? String(error);
  const why =
    code === "ENOENT"
      ? "does not exist"
      : code === "EACCES"
        ? "may not be read by this user"
        : code.startsWith("Z_")
          ? "is a damaged gzip file"
          : `cannot be read: ${code}`;
  return new InterlockError("import/unreadable-file", `file \`${fileName}\` ${why}`, {
    cause: error,
  });
}
