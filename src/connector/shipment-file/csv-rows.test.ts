import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LINE_BYTES_MAX } from "./csv-lines.ts";
import { createCsvRows } from "./csv-rows.ts";
import { goodRow, HEADER, MAPPING } from "./shipment-file.fixture.ts";
import { createRowJudge } from "./row.ts";

/** Everything the sink hears, as text, in order. */
function read(bytes: Buffer, chunkSizes: ReadonlyArray<number>, isCut = false): string[] {
  const heard: string[] = [];
  const rows = createCsvRows(MAPPING, createRowJudge(MAPPING, "text"), "test.csv", {
    row: (cells, line, excerpt) => heard.push(`${line} ${cells.join("|")} ${excerpt()}`),
    reject: (reject) => heard.push(JSON.stringify(reject)),
    blank: () => heard.push("blank"),
  });
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = chunkSizes[i % chunkSizes.length] ?? bytes.length;
    rows.push(bytes.subarray(at, at + size));
    at += size;
  }
  rows.end(isCut);
  return heard;
}

test("where the chunks of a stream break makes no difference", () => {
  const piece = fc.oneof(
    fc.nat(20).map((order) => goodRow(order)),
    fc.constantFrom('a,"b', '"', "", " ", 'x,"y\nz",w', '"a\r\n\r\nb",c', "\0", "é,ü", '""', "\r"),
    fc.constant(goodRow(1, { City: '"4, Main Road\r\nBENGALURU\n"' })),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }),
      fc.constantFrom("\n", "\r\n"),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      (pieces, end, chunkSizes, isCut) => {
        const bytes = Buffer.from([HEADER, ...pieces].join(end) + (isCut ? end : ""));
        assert.deepEqual(read(bytes, chunkSizes, isCut), read(bytes, [bytes.length], isCut));
      },
    ),
    { numRuns: 500 },
  );
});

test("a line that is too long is reported alike however its chunks fall", () => {
  const giant = `O-1,${"y".repeat(LINE_BYTES_MAX)}`;
  for (const end of ["\n", "\r\n"]) {
    const bytes = Buffer.from([HEADER, goodRow(1), giant, goodRow(2), giant].join(end));
    const whole = read(bytes, [bytes.length]);
    assert.equal(whole.length, 4);
    assert.match(whole[1] ?? "", new RegExp(`the line is ${giant.length} bytes long`));
    for (const size of [65_536, 99_991, 1_000_003]) assert.deepEqual(read(bytes, [size]), whole);
    // The line end alone in a chunk of its own.
    const untilEnd = Buffer.byteLength([HEADER, goodRow(1), giant].join(end));
    assert.deepEqual(read(bytes, [untilEnd, 1, 1, bytes.length]), whole);
  }
});

test("a line at the limit is still a row's line", () => {
  const city = "y".repeat(LINE_BYTES_MAX - goodRow(1, { City: "" }).length);
  const bytes = Buffer.from([HEADER, goodRow(1, { City: city }), ""].join("\n"));
  assert.match(read(bytes, [bytes.length])[0] ?? "", /^2 /);
});

test("an open quote is followed over 32 lines and no further", () => {
  const over = (lines: number): string[] => {
    const city = `"${"x\n".repeat(lines - 1)}"`;
    return read(Buffer.from([HEADER, goodRow(1, { City: city }), ""].join("\n")), [1 << 20]);
  };
  assert.equal(over(32).length, 1);
  assert.match(over(33)[0] ?? "", /unclosed-quote/);
});
