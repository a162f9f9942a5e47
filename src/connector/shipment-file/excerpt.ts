/**
 * The start of a broken row, fit to be shown: at most 80 characters, nothing in it that could move
 * a cursor, turn text around or be mistaken for good text.
 */
import { isUtf8 } from "node:buffer";

export const EXCERPT_CHARACTERS_MAX = 80;
/** Enough bytes for 80 characters of UTF-8 and never a whole 10 MB line. */
const BYTES_LOOKED_AT = 4 * EXCERPT_CHARACTERS_MAX + 8;

/** Controls, marks that turn text around, separators of lines and the sign for lost characters. */
const UNSHOWABLE =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]/u;

export function excerptOf(record: Uint8Array): string {
  const line = withoutLineEnd(record);
  const head = line.subarray(0, BYTES_LOOKED_AT);
  // A head cut inside a character must not look broken: up to 3 bytes may be missing at its end.
  const missingMax = head.length < line.length ? 3 : 0;
  for (let missing = 0; missing <= missingMax; missing++) {
    const whole = head.subarray(0, head.length - missing);
    if (isUtf8(whole)) return clip(Array.from(whole.toString("utf8"), showCharacter));
  }
  return clip(Array.from(head, showByte));
}

function withoutLineEnd(record: Uint8Array): Buffer {
  let end = record.length;
  if (record[end - 1] === 0x0a) end -= 1;
  if (record[end - 1] === 0x0d) end -= 1;
  return Buffer.from(record.buffer, record.byteOffset, end);
}

export function excerptOfText(text: string): string {
  return clip(Array.from(text.slice(0, BYTES_LOOKED_AT), showCharacter));
}

function showCharacter(character: string): string {
  if (!UNSHOWABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code <= 0xff ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}

function showByte(byte: number): string {
  const isPlain = byte >= 0x20 && byte < 0x7f;
  return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}

function clip(shown: ReadonlyArray<string>): string {
  let text = "";
  for (const piece of shown) {
    if (text.length + piece.length > EXCERPT_CHARACTERS_MAX) {
      while (text.length > EXCERPT_CHARACTERS_MAX - 1) text = text.slice(0, -1);
      return `${text}…`;
    }
    text += piece;
  }
  return text;
}
