import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { readTable } from "./read-table.ts";

const directory = mkdtempSync(path.join(os.tmpdir(), "table-file-"));
after(() => rmSync(directory, { recursive: true }));

function put(content: string | Uint8Array): string {
  const file = path.join(directory, "table.csv");
  writeFileSync(file, content);
  return file;
}

test("rows come with their lines, whatever the delimiter, line ends, mark or packing", async () => {
  const text = '\ufeffunit;day;"a; b"\r\nx;2026-01-01; 4 \r\n\r\ny;2026-01-02;"6"\r\n';
  for (const content of [text, gzipSync(text)]) {
    const table = await readTable(put(content));
    assert.deepEqual(table.header, ["unit", "day", "a; b"]);
    assert.deepEqual(table.rows, [
      { line: 2, cells: ["x", "2026-01-01", "4"] },
      { line: 4, cells: ["y", "2026-01-02", "6"] },
    ]);
    assert.deepEqual(table.faults, []);
  }
});

test("a bad line is a fault with its number and its neighbours are read", async () => {
  const table = await readTable(put('a,b\n1,2\n3\n4,5,6\n7,"8\n9,10\n11,12"x\n13,14'));
  assert.deepEqual(
    table.rows.map(({ cells }) => cells.join()),
    ["1,2", "9,10", "13,14"],
  );
  assert.deepEqual(
    table.faults.map(({ line, code }) => `${line} ${code}`),
    ["3 missing-cells", "4 too-many-cells", "5 broken-quotes", "7 broken-quotes"],
  );
});

test("a quoted cell may run over lines, and an open quote costs one line however long the file", async () => {
  const over = await readTable(put('a,b\n"one\ntwo",2\n3,4\n'));
  assert.deepEqual(over.rows, [
    { line: 2, cells: ["one\ntwo", "2"] },
    { line: 4, cells: ["3", "4"] },
  ]);
  const rows = Array.from({ length: 5000 }, (_, i) => `u,${i}`);
  rows[10] = 'u,"10';
  const slip = await readTable(put(["a,b", ...rows].join("\n")));
  assert.equal(slip.rows.length, 4999);
  assert.deepEqual(
    slip.faults.map(({ line }) => line),
    [12],
  );
});

test("a file that is no table is refused with its reason", async () => {
  const cases: ReadonlyArray<[string | Uint8Array, RegExp]> = [
    ["", /is empty/],
    ["\n\n", /has no header/],
    [Buffer.from("504b03041234", "hex"), /ZIP or Excel/],
    [gzipSync("a,b\n1,2\n3,4\n").subarray(0, 20), /damaged gzip/],
    ["a,b\r1,2\r", /lone CR/],
  ];
  for (const [content, message] of cases) {
    await assert.rejects(readTable(put(content)), { code: "import/unreadable-file", message });
  }
  await assert.rejects(readTable(path.join(directory, "absent.csv")), {
    message: /does not exist/,
  });
});

test("a line over the limit and a byte that is not UTF-8 cost their own line", async () => {
  const long = "x".repeat(300_000);
  const table = await readTable(
    put(
      Buffer.concat([
        Buffer.from(`a,b\n${long},1\n2,`),
        Buffer.from([0xff]),
        Buffer.from("\n3,4\n"),
      ]),
    ),
  );
  assert.deepEqual(table.rows, [{ line: 4, cells: ["3", "4"] }]);
  assert.deepEqual(
    table.faults.map(({ line, code }) => `${line} ${code}`),
    ["2 line-too-long", "3 not-utf-8"],
  );
});

test("what was written as CSV by the rules is read back", async () => {
  const cell = fc.string({
    unit: fc.constantFrom("a", "é", ",", '"', " ", "1", "\n"),
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 20 }), async (rows) => {
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = ["h1,h2", ...rows.map((row) => row.map(quote).join(","))].join("\n");
      const table = await readTable(put(text));
      assert.deepEqual(
        table.rows.map(({ cells }) => cells),
        rows.map((row) => row.map((part) => part.trim())),
      );
    }),
    { numRuns: 100 },
  );
});
