/**
 * Cuts a stream of bytes into CSV records, and stays upright when the bytes are bad.
 *
 * Think of a reader who follows the text with a finger: when a quotation mark opens and the end of
 * the line comes first, the finger goes on, but only so far. If the next lines turn out to be rows in
 * their own right, the mark was a slip, and the finger returns to the line after it. So an unclosed
 * quote costs its own line and nothing else.
 *
 * Only line ends and quotes are looked at here. What a field is remains the CSV parser's business.
 */

/** No shipment row is longer; a longer line is skipped without being kept in memory. */
export const LINE_BYTES_MAX = 1024 * 1024;
/** A quoted field may run over this many lines (addresses do); beyond it the quote is a slip. */
export const RECORD_LINES_MAX = 32;
const HEAD_BYTES_KEPT = 512;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

export type CsvLineSink = {
  /** One record, quotes balanced or hopeless; `bytes` is valid during the call only. */
  record(bytes: Buffer, line: number): void;
  tooLong(head: Buffer, length: number, line: number): void;
  unclosedQuote(bytes: Buffer, line: number): void;
  blank(): void;
  /** Called at the end of a chunk and before anything but a plain record. */
  flush(): void;
  /** True when this single line is a row in its own right. */
  isRow(bytes: Buffer): boolean;
};

export type CsvLines = {
  push(chunk: Buffer): void;
  /** The last line may lack its line end. `isCut` says that the file broke off: then it is returned. */
  end(isCut: boolean): { readonly bytes: Buffer; readonly line: number } | null;
};

export function createCsvLines(delimiter: string, sink: CsvLineSink): CsvLines {
  const separator = delimiter.charCodeAt(0);
  let buffer: Buffer = Buffer.alloc(0);
  let line = 1;
  /** A line that outgrew the limit: its head is kept and its length counted. */
  let giant: { head: Buffer; length: number; endsInCr: boolean } | null = null;

  function push(chunk: Buffer): void {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    consume(false);
  }

  function end(isCut: boolean): { readonly bytes: Buffer; readonly line: number } | null {
    if (isCut) {
      // All but the last line is whole; the last may be anything up to the break.
      consume(true, buffer.lastIndexOf(LF) + 1);
      if (giant !== null) return { bytes: giant.head, line };
      return buffer.length === 0 ? null : { bytes: buffer, line };
    }
    consume(true);
    if (giant !== null) sink.tooLong(giant.head, giant.length, line);
    sink.flush();
    return null;
  }

  /** Takes every record that is certain; with `isEnd` everything up to `until` is certain. */
  function consume(isEnd: boolean, until = buffer.length): void {
    let at = giant === null ? 0 : leaveGiant();
    let nextQuote = -2;
    while (at < until) {
      const lf = buffer.indexOf(LF, at);
      const isOpenEnded = lf < 0 || lf >= until;
      const lineEnd = isOpenEnded ? until : lf;
      if (isOpenEnded && !isEnd) {
        if (until - at > LINE_BYTES_MAX) {
          const head = Buffer.from(buffer.subarray(at, at + HEAD_BYTES_KEPT));
          giant = { head, length: until - at, endsInCr: buffer[until - 1] === CR };
          at = until;
        }
        break;
      }
      const next = isOpenEnded ? until : lf + 1;
      if (lineEnd - at > LINE_BYTES_MAX) {
        sink.flush();
        const length = lineEnd - at - (buffer[lineEnd - 1] === CR ? 1 : 0);
        sink.tooLong(buffer.subarray(at, at + HEAD_BYTES_KEPT), length, line);
        at = next;
        line += 1;
        continue;
      }
      if (isBlank(at, lineEnd)) {
        sink.flush();
        sink.blank();
        at = next;
        line += 1;
        continue;
      }
      if (nextQuote < at && nextQuote !== -1) nextQuote = buffer.indexOf(QUOTE, at);
      const hasQuote = nextQuote >= 0 && nextQuote < lineEnd;
      if (!hasQuote || scanQuotes(at, lineEnd, false) !== "open") {
        sink.record(buffer.subarray(at, next), line);
        at = next;
        line += 1;
        continue;
      }
      const record = followQuote(next, until, isEnd);
      if (record === "need-more") break;
      sink.flush();
      if (record === null || record.hidesRow) {
        sink.unclosedQuote(buffer.subarray(at, lineEnd), line);
        at = next;
        line += 1;
        continue;
      }
      sink.record(buffer.subarray(at, record.end), line);
      sink.flush();
      at = record.end;
      line += record.lines;
    }
    sink.flush();
    buffer = at === 0 ? buffer : buffer.subarray(Math.min(at, buffer.length));
  }

  /**
   * A quote is open at `from`, the start of a line. Where does the record end, and would it swallow a
   * line that is a row by itself? Null when the quote does not close lawfully within the limits.
   */
  function followQuote(
    from: number,
    until: number,
    isEnd: boolean,
  ): { end: number; lines: number; hidesRow: boolean } | null | "need-more" {
    let at = from;
    let hidesRow = false;
    for (let lines = 2; lines <= RECORD_LINES_MAX; lines++) {
      if (at >= until && isEnd) return null;
      const lf = buffer.indexOf(LF, at);
      const isOpenEnded = lf < 0 || lf >= until;
      if (isOpenEnded && !isEnd) return until - from > LINE_BYTES_MAX ? null : "need-more";
      const lineEnd = isOpenEnded ? until : lf;
      const next = isOpenEnded ? until : lf + 1;
      if (next - from > LINE_BYTES_MAX) return null;
      const state = scanQuotes(at, lineEnd, true);
      if (state === "broken") return null;
      hidesRow ||= sink.isRow(buffer.subarray(at, next));
      if (state === "closed") return { end: next, lines, hidesRow };
      at = next;
    }
    return null;
  }

  /** RFC 4180: a quote opens only at a field's start and closes only at its end; "" is a quote. */
  function scanQuotes(
    from: number,
    lineEnd: number,
    isOpen: boolean,
  ): "open" | "closed" | "broken" {
    let inside = isOpen;
    let atFieldStart = true;
    const last = lineEnd > from && buffer[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    for (let i = from; i < last; i++) {
      const byte = buffer[i];
      if (inside) {
        if (byte !== QUOTE) continue;
        const after = i + 1 < last ? buffer[i + 1] : separator;
        if (after === QUOTE) i += 1;
        else if (after === separator) [inside, atFieldStart] = [false, false];
        else return "broken";
      } else if (byte === QUOTE) {
        if (!atFieldStart) return "broken";
        inside = true;
      } else {
        atFieldStart = byte === separator;
      }
    }
    return inside ? "open" : "closed";
  }

  function isBlank(from: number, lineEnd: number): boolean {
    for (let i = from; i < lineEnd; i++) {
      const byte = buffer[i];
      if (byte !== 0x20 && byte !== 0x09 && byte !== CR) return false;
    }
    return true;
  }

  /** Drops the rest of a giant line; its start is already gone. */
  function leaveGiant(): number {
    if (giant === null) return 0;
    const lf = buffer.indexOf(LF);
    if (lf < 0) {
      giant.length += buffer.length;
      if (buffer.length > 0) giant.endsInCr = buffer.at(-1) === CR;
      return buffer.length;
    }
    const endsInCr = lf === 0 ? giant.endsInCr : buffer[lf - 1] === CR;
    sink.flush();
    sink.tooLong(giant.head, giant.length + lf - (endsInCr ? 1 : 0), line);
    giant = null;
    line += 1;
    return lf + 1;
  }

  return { push, end };
}
