import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { InterlockError } from "../../std/errors.ts";
import { goodRow, HEADER, MAPPING, readBytes, sumOf } from "./shipment-file.fixture.ts";
import { readShipments } from "./read-shipments.ts";
import type { Reject } from "./types.ts";

const MIB = 1024 * 1024;

type Breakage = {
  readonly bytes: string | Buffer;
  readonly error: Omit<Reject, "row" | "line" | "excerpt">;
  readonly excerpt: string;
};

function broken(
  bytes: string | Buffer,
  code: Reject["code"],
  column: string | undefined,
  message: string,
  excerpt = bytes.toString().slice(0, 80),
): Breakage {
  return { bytes, error: { code, ...(column === undefined ? {} : { column }), message }, excerpt };
}

const stray = Buffer.from(goodRow(1, { City: "DELH\u00ff" }), "latin1");

const BREAKAGES: ReadonlyArray<Breakage> = [
  broken("O-1,04-30-22,Delivered", "missing-columns", "Fulfilment", "the row has 3 of 10 columns"),
  broken(
    `${goodRow(1)},`,
    "too-many-columns",
    undefined,
    "the row has 11 columns, the header has 10",
  ),
  broken(
    goodRow(1, { Date: "13-45-22" }),
    "bad-date",
    "Date",
    "`13-45-22` is not a date of the formats `MM-DD-YY`, `YYYY-MM-DD`",
  ),
  broken(
    goodRow(1, { Date: "2023-02-29" }),
    "bad-date",
    "Date",
    "`2023-02-29` is not a date of the formats `MM-DD-YY`, `YYYY-MM-DD`",
  ),
  broken(goodRow(1, { Date: "" }), "missing-value", "Date", "column `Date` is empty"),
  broken(
    goodRow(1, { Date: "04-30-99" }),
    "date-out-of-range",
    "Date",
    "2099-04-30 is after the mapping's latest day 2022-12-31",
  ),
  broken(
    goodRow(1, { Status: "Deliverd" }),
    "unknown-status",
    "Status",
    "the mapping has no meaning for status `Deliverd`; the nearest it knows is `Delivered`",
  ),
  broken(
    goodRow(1, { Amount: "-406.50" }),
    "negative-amount",
    "Amount",
    "the amount `-406.50` is below zero",
  ),
  broken(goodRow(1, { Amount: "1e3" }), "bad-amount", "Amount", "`1e3` is not an amount"),
  broken(
    goodRow(1, { currency: "USD" }),
    "other-currency",
    "currency",
    "the amount is in `USD`, the mapping reads INR",
  ),
  broken(goodRow(1, { Qty: "-1" }), "bad-quantity", "Qty", "`-1` is not a whole number from 0"),
  broken(
    goodRow(1, { PIN: "056001" }),
    "bad-postal-code",
    "PIN",
    "`056001` does not match `[1-9][0-9]{5}`",
  ),
  broken(
    `O-1,"${"x".repeat(10 * MIB)}`,
    "line-too-long",
    undefined,
    `the line is ${10 * MIB + 5} bytes long, the limit is ${MIB}`,
    `O-1,"${"x".repeat(74)}…`,
  ),
  broken(
    stray,
    "not-utf-8",
    "City",
    "byte 50 of the row, 0xff, is not UTF-8",
    stray.toString("latin1").replace("\u00ff", "\\xff").slice(0, 80),
  ),
  broken(
    goodRow(1, { City: "DEL\0HI" }),
    "nul-byte",
    "City",
    "byte 49 of the row is NUL",
    goodRow(1, { City: "DEL\\x00HI" }),
  ),
  broken(
    goodRow(1, { City: '"BENGALURU' }),
    "unclosed-quote",
    undefined,
    "a quoted field opens on this line and does not close before another row begins, or within 32 lines",
  ),
  broken(
    goodRow(1, { City: 'BENGA"LURU' }),
    "broken-quotes",
    "City",
    "a quote stands inside a field, where the CSV rules allow none",
  ),
  broken(
    goodRow(1, { City: '"BENGALURU" north' }),
    "broken-quotes",
    "City",
    "a quote stands inside a field, where the CSV rules allow none",
  ),
  broken(
    HEADER,
    "repeated-header",
    undefined,
    "the header stands here again; two files may have been joined",
  ),
];

for (const [name, lineEnds] of [
  ["LF", ["\n"]],
  ["CRLF", ["\r\n"]],
  ["LF and CRLF mixed", ["\n", "\r\n", "\r\n"]],
] as const) {
  test(`each broken row among good ones is named exactly and no good row is lost (${name})`, async () => {
    const pieces: Array<string | Buffer> = [];
    let line = 0;
    const writeLine = (bytes: string | Buffer): void => {
      pieces.push(bytes, lineEnds[line % lineEnds.length] ?? "\n");
      line += 1;
    };
    const expected: Reject[] = [];
    let row = 0;
    let good = 0;
    const writeGood = (): void => {
      writeLine(goodRow(row));
      row += 1;
      good += 1;
    };
    writeLine(`\ufeff${HEADER}`);
    writeGood();
    for (const { bytes, error, excerpt } of BREAKAGES) {
      writeGood();
      writeLine(bytes);
      row += 1;
      expected.push({ row, line, ...error, excerpt });
      writeGood();
      writeLine("");
      writeLine("  \t");
      writeGood();
    }
    const read = await readBytes(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
    assert.deepEqual(read.rejects, expected);
    assert.ok(read.rejects.every((reject) => reject.excerpt.length <= 80));
    assert.equal(read.rows.used, good);
    assert.equal(read.rows.read, good + BREAKAGES.length);
    assert.equal(read.rows.read, read.rows.used + sumOf(read.rows.skipped));
    assert.equal(read.rejected.total, BREAKAGES.length);
    assert.equal(read.blankLines, 2 * BREAKAGES.length);
  });
}

test("any garbage lines between any good rows cost no good row", async () => {
  const cell = fc.oneof(
    fc.constantFrom('"', '""', ",", "\0", "\r", "-1", "04-30-22", "Delivered", "\ufeff", "x", " "),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const garbage = fc
    .array(cell, { maxLength: 14 })
    .map((cells) => Buffer.from(cells.join("").replaceAll("\n", ""), "utf8"));
  const bytes = fc
    .uint8Array({ maxLength: 40 })
    .map((raw) => Buffer.from(raw.filter((byte) => byte !== 0x0a)));
  const good = fc.record({ good: fc.nat(1000) });
  const line = fc.oneof({ weight: 2, arbitrary: good }, garbage, bytes);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 60 }), fc.boolean(), async (lines, crlf) => {
      const end = Buffer.from(crlf ? "\r\n" : "\n");
      const written = lines.flatMap((piece) => [
        "good" in piece ? Buffer.from(goodRow(piece.good)) : piece,
        end,
      ]);
      const read = await readBytes(Buffer.concat([Buffer.from(HEADER), end, ...written]));
      const goodRows = lines.filter((piece) => "good" in piece).length;
      assert.equal(read.rows.used, goodRows);
      assert.equal(read.rows.read, read.rows.used + sumOf(read.rows.skipped));
      assert.equal(read.rejected.total, read.rows.read - goodRows);
    }),
    { numRuns: 300 },
  );
});

test("a quoted field may run over lines, and the next row's line number still holds", async () => {
  const text = [
    HEADER,
    goodRow(1, { City: '"12, Main Road\r\nnear ""the"" temple\n\nBENGALURU"' }),
    goodRow(2),
    goodRow(3, { Date: "never" }),
  ].join("\n");
  const read = await readBytes(text);
  assert.equal(read.rows.used, 2);
  assert.deepEqual(
    read.rejects.map(({ row, line }) => ({ row, line })),
    [{ row: 3, line: 7 }],
  );
  assert.equal(read.blankLines, 0);
});

test("two slips of a quote do not swallow the good rows between them", async () => {
  const text = [
    HEADER,
    'O-1,04-30-22,Delivered,Merchant,1,INR,1,"BENGALURU',
    goodRow(1),
    goodRow(2),
    'DELHI",KARNATAKA,560001',
    goodRow(3),
  ].join("\n");
  const read = await readBytes(text);
  assert.equal(read.rows.used, 3);
  assert.deepEqual(
    read.rejects.map(({ line, code }) => ({ line, code })),
    [
      { line: 2, code: "unclosed-quote" },
      { line: 5, code: "broken-quotes" },
    ],
  );
});

test("an unclosed quote in the last row of the file is reported, with and without a line end", async () => {
  for (const end of ["", "\n", "\r\n"]) {
    const last = goodRow(2, { PIN: '"560001' });
    const read = await readBytes(`${HEADER}\n${goodRow(1)}\n${last}${end}`);
    assert.equal(read.rows.used, 1);
    assert.deepEqual(read.rejected.byCode, { "unclosed-quote": 1 });
  }
});

test("only the first rejects are kept, all are counted", async () => {
  const bad = goodRow(1, { Date: "x" });
  const text = [HEADER, ...Array.from({ length: 50 }, () => bad), goodRow(1)].join("\n");
  const read = await readBytes(text, { rejectsMax: 3 });
  assert.equal(read.rejects.length, 3);
  assert.equal(read.rejected.byCode["bad-date"], 50);
  assert.equal(read.rows.used, 1);
});

test("a gzip file that breaks off keeps every whole row and says where it ended", async () => {
  const dated = (i: number): string => goodRow(i, { Date: i < 4000 ? "04-20-22" : "04-30-22" });
  const rows = Array.from({ length: 5000 }, (_, i) => dated(i));
  const text = `${[HEADER, ...rows].join("\n")}\n`;
  const packed = gzipSync(text, { level: 1 });
  const whole = await readBytes(packed);
  assert.equal(whole.file.format, "csv.gz");
  assert.equal(whole.rows.used, 5000);
  assert.equal(whole.damage, null);
  assert.deepEqual(whole.cohorts[0]?.batch.completeDays, ["2022-04-20"]);
  for (const length of [packed.length - 1000, packed.length - 9, packed.length - 1]) {
    const read = await readBytes(packed.subarray(0, length));
    assert.equal(read.damage?.kind, "truncated");
    assert.equal(read.damage.bytesRead, length);
    const decoded = text.slice(0, read.damage.bytesDecoded);
    const wholeLines = decoded.split("\n").length - 1;
    assert.equal(read.rows.used, wholeLines - 1);
    const isCutInside = !decoded.endsWith("\n");
    assert.deepEqual(read.rejected.byCode, isCutInside ? { "cut-short": 1 } : {});
    assert.equal(read.rejects[0]?.line, isCutInside ? wholeLines + 1 : undefined);
    assert.deepEqual(
      read.cohorts.map((cohort) => cohort.batch.completeDays),
      [[]],
    );
    assert.match(read.file.hash, /^[0-9a-f]{64}$/);
  }
});

test("a gzip file with a corrupt middle keeps the rows before the damage", async () => {
  const rows = Array.from({ length: 9000 }, (_, i) => goodRow(i));
  const sound = deflateRawSync(`${[HEADER, ...rows].join("\n")}\n`, {
    finishFlush: constants.Z_FULL_FLUSH,
  });
  const head = Buffer.from("1f8b0800000000000003", "hex");
  // No deflate block begins with these bits.
  const packed = Buffer.concat([head, sound, Buffer.alloc(100_000, 0xff)]);
  const read = await readBytes(packed);
  assert.equal(read.damage?.kind, "corrupt");
  assert.equal(read.damage.message, "the gzip data cannot be decoded: invalid block type");
  assert.ok(read.rows.used >= rows.length - 2, `${read.rows.used} of ${rows.length} rows`);
  assert.equal(read.rows.read, read.rows.used + sumOf(read.rows.skipped));
});

const UNREADABLE: ReadonlyArray<readonly [string, string | Buffer, RegExp]> = [
  ["an empty file", "", /file `shipments.csv` is empty$/],
  ["a file of blank lines", "\n \r\n\n", /has no header that can be read: the file is empty$/],
  ["a ZIP or Excel file", Buffer.from("504b030414000600", "hex"), /is a ZIP or Excel file$/],
  ["UTF-16 text", Buffer.from(`\ufeff${HEADER}`, "utf16le"), /is UTF-16 text$/],
  ["a header with a NUL", `Ord\0er,${HEADER}\n`, /line 1: byte 4 of the row is NUL$/],
  ["a header with an open quote", `"${HEADER}\n${goodRow(1)}\n`, /a quote opens on line 1/],
  ["lone CR line ends", `${HEADER}\r${goodRow(1)}\r`, /its lines end in a lone CR$/],
  ["one endless line", "x".repeat(3 * MIB), /line 1 is 3145728 bytes long$/],
  ["half a Parquet file", "PAR1 and then nothing", /is not a whole Parquet file/],
];

for (const [what, bytes, message] of UNREADABLE) {
  test(`${what} is refused as a whole, with advice`, async () => {
    await assert.rejects(readBytes(bytes), (error) => {
      assert.ok(error instanceof InterlockError);
      assert.equal(error.code, "import/unreadable-file");
      assert.match(error.message, message);
      assert.ok(error.help !== undefined);
      return true;
    });
  });
}

test("a file that does not exist is refused by name", async () => {
  await assert.rejects(readShipments("/nowhere/at/all.csv", MAPPING), {
    code: "import/unreadable-file",
    message: "file `all.csv` does not exist",
  });
});

test("a header without a mapped column lists what it has and suggests the nearest", async () => {
  const header = HEADER.replace("Status", "Statuss").replace("Fulfilment", "Fulfillment");
  await assert.rejects(readBytes(`${header}\n${goodRow(1)}\n`), {
    code: "import/invalid-mapping",
    message:
      "file `shipments.csv` lacks columns `Status`, `Fulfilment` that mapping `test` reads; it has " +
      "`Order`, `Date`, `Statuss`, `Fulfillment`, `Qty`, `currency`, `Amount`, `City`, `State`, `PIN`",
    help: "for `Status` the file may have `Statuss`; for `Fulfilment` the file may have `Fulfillment`",
  });
});

test("a header separated by semicolons says so", async () => {
  await assert.rejects(readBytes(HEADER.replaceAll(",", ";")), (error) => {
    assert.ok(error instanceof InterlockError);
    assert.match(error.help ?? "", /the header looks separated by `;`: set `delimiter`/);
    return true;
  });
});

test("a mapped column that the header names twice is refused, an unmapped one is not", async () => {
  await assert.rejects(readBytes(`${HEADER},Date\n`), {
    code: "import/invalid-mapping",
    message: "file `shipments.csv` has column `Date` twice, as columns 2 and 11",
  });
  const read = await readBytes(`${HEADER},Order\n${goodRow(1)},again\n`);
  assert.equal(read.rows.used, 1);
});

test("a header without rows is an empty reading, not an error", async () => {
  const read = await readBytes(HEADER);
  assert.deepEqual(read.rows, { read: 0, used: 0, skipped: {} });
  assert.equal(read.snapshotDay, null);
  assert.deepEqual(read.cohorts, []);
});
