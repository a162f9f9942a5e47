/**
 * Memory as columns: one flat typed array per quantity, one row per unit.
 *
 * A column of width `w` keeps the `w` numbers of row `i` from `i * w` on. Rows are only ever added.
 * Written out, a store is a text header and the bytes of its columns in name order, little-endian;
 * reading it back gives the same bits.
 */
import { canonicalJson } from "../../std/canonical-json.ts";
import { assert } from "../../std/assert.ts";
import { InterlockError } from "../../std/errors.ts";

export type Column = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;
export type Columns = { [name: string]: Column };

/** The same columns with room for `rows` rows; rows that are new are zero. */
export function growColumns(
  columns: Columns,
  widths: Readonly<Record<string, number>>,
  rows: number,
) {
  for (const [name, column] of Object.entries(columns)) {
    const length = rows * widthOf(widths, name);
    if (column.length >= length) continue;
    const larger = new (column.constructor as new (length: number) => Column)(length);
    larger.set(column);
    columns[name] = larger;
  }
}

/** Bytes that one row takes. */
export function computeRowBytes(
  columns: Columns,
  widths: Readonly<Record<string, number>>,
): number {
  return Object.entries(columns).reduce(
    (sum, [name, column]) => sum + column.BYTES_PER_ELEMENT * widthOf(widths, name),
    0,
  );
}

/** `header` is any JSON; only the first `rows` rows are written. */
export function packColumns(
  header: unknown,
  columns: Columns,
  widths: Readonly<Record<string, number>>,
  rows: number,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const name of Object.keys(columns).sort()) {
    const used = columns[name]!.subarray(0, rows * widthOf(widths, name));
    parts.push(new Uint8Array(used.buffer, used.byteOffset, used.byteLength));
  }
  return packParts([new TextEncoder().encode(canonicalJson({ rows, header })), ...parts]);
}

/** Fills `columns` (replacing the arrays) and gives back the header. */
export function unpackColumns(
  bytes: Uint8Array,
  columns: Columns,
  widths: Readonly<Record<string, number>>,
): { readonly rows: number; readonly header: unknown } {
  const [text, ...parts] = unpackParts(bytes);
  const names = Object.keys(columns).sort();
  if (text === undefined || parts.length !== names.length) throw newStateError("parts are missing");
  const { rows, header } = JSON.parse(new TextDecoder().decode(text)) as {
    rows: number;
    header: unknown;
  };
  const filled = names.map((name, at) => {
    const empty = columns[name]!;
    const column = new (empty.constructor as new (length: number) => Column)(
      rows * widthOf(widths, name),
    );
    const part = parts[at]!;
    if (part.byteLength !== column.byteLength) {
      throw newStateError(`column \`${name}\` has ${part.byteLength} bytes`);
    }
    new Uint8Array(column.buffer).set(part);
    return column;
  });
  names.forEach((name, at) => (columns[name] = filled[at]!));
  return { rows, header };
}

/** Parts one after another, each behind its length in four bytes. */
export function packParts(parts: ReadonlyArray<Uint8Array>): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.byteLength, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.byteLength, true);
    whole.set(part, at + 4);
    at += 4 + part.byteLength;
  }
  return whole;
}

export function unpackParts(whole: Uint8Array): Uint8Array[] {
  const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < whole.byteLength) {
    if (at + 4 > whole.byteLength) throw newStateError("it ends inside a length");
    const length = view.getUint32(at, true);
    if (at + 4 + length > whole.byteLength) throw newStateError("it ends inside a part");
    parts.push(whole.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}

export function newStateError(why: string): InterlockError {
  return new InterlockError("agent/failed", `the saved state cannot be restored: ${why}`, {
    help: "fold the history again from its first day",
  });
}

function widthOf(widths: Readonly<Record<string, number>>, name: string): number {
  const width = widths[name];
  assert(width !== undefined, `column \`${name}\` has no width`);
  return width;
}
