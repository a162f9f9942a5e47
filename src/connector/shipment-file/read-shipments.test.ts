import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { compressors } from "hyparquet-compressors";
import { parquetWriteBuffer } from "hyparquet-writer";
import { goodRow, HEADER, MAPPING, MAPPING_DOCUMENT, readBytes } from "./shipment-file.fixture.ts";
import { parseMapping } from "./mapping.ts";
import { cohortsDue } from "./read-shipments.ts";
import type { ShipmentImport } from "./types.ts";

const COLUMNS = HEADER.split(",");

function csvOf(rows: ReadonlyArray<string>): string {
  return `${[HEADER, ...rows].join("\n")}\n`;
}

/** Everything that does not say which file it was. */
function withoutFile(read: ShipmentImport) {
  const { file: _, cohorts, rejects, blankLines: __, ...rest } = read;
  return {
    ...rest,
    cohorts: cohorts.map(({ batch, ...cohort }) => ({ ...cohort, batch: { ...batch, id: "" } })),
    rejects: rejects.map(({ line: _line, excerpt: _excerpt, ...reject }) => reject),
  };
}

const ROWS = Array.from({ length: 2000 }, (_, i) =>
  goodRow(i, {
    City: "BENGALURU",
    Date: `2022-04-${String((i % 30) + 1).padStart(2, "0")}`,
    ...(i % 97 === 0 ? { Amount: "-1" } : {}),
    ...(i % 89 === 0 ? { PIN: "", State: i % 2 === 0 ? "" : "New Delhi" } : {}),
    ...(i % 83 === 0 ? { Status: "Refused" } : {}),
  }),
);

function parquetOf(
  rows: ReadonlyArray<string>,
  codec: "SNAPPY" | "GZIP" | "UNCOMPRESSED" = "SNAPPY",
): Uint8Array {
  const cells = rows.map((row) => row.split(","));
  const column = (name: string): string[] => cells.map((c) => c[COLUMNS.indexOf(name)] ?? "");
  return new Uint8Array(
    parquetWriteBuffer({
      codec,
      compressors: { GZIP: (input: Uint8Array) => new Uint8Array(gzipSync(input)) },
      rowGroupSize: 500,
      columnData: COLUMNS.map((name) => {
        if (name === "Amount") {
          return { name, data: column(name).map(Number), type: "DOUBLE" as const };
        }
        if (name === "PIN") {
          const data = column(name).map((pin) => (pin === "" ? null : Number(pin)));
          return { name, data, type: "INT32" as const, nullable: true };
        }
        if (name === "Date") {
          const data = column(name).map((day) => new Date(`${day}T00:00:00Z`));
          return { name, data, type: "TIMESTAMP" as const };
        }
        return { name, data: column(name), type: "STRING" as const };
      }),
    }),
  );
}

test("the same rows as CSV, CSV.gz and Parquet read the same, whatever the file is called", async () => {
  const csv = await readBytes(csvOf(ROWS));
  const packed = await readBytes(gzipSync(csvOf(ROWS)), { name: "not-a-gz.csv" });
  assert.equal(packed.file.format, "csv.gz");
  assert.deepEqual(withoutFile(packed), withoutFile(csv));
  for (const codec of ["SNAPPY", "GZIP", "UNCOMPRESSED"] as const) {
    assert.ok(codec !== "GZIP" || compressors.GZIP !== undefined);
    const parquet = await readBytes(parquetOf(ROWS, codec), { name: "rows.csv" });
    assert.equal(parquet.file.format, "parquet");
    assert.deepEqual(parquet.dateFormats, { "typed date": csv.rows.used });
    const { mapping: _, dateFormats: __, ...expected } = withoutFile(csv);
    const { mapping: ___, dateFormats: ____, ...got } = withoutFile(parquet);
    assert.deepEqual(got, expected);
  }
});

test("a typed instant falls on its business day, not on its UTC day", async () => {
  const row = goodRow(1, { Date: "2022-04-30" }).split(",");
  const columnData = COLUMNS.map((name, i) =>
    name === "Date"
      ? { name, data: [new Date("2022-04-30T20:00:00Z")], type: "TIMESTAMP" as const }
      : { name, data: [row[i] ?? ""], type: "STRING" as const },
  );
  const read = await readBytes(new Uint8Array(parquetWriteBuffer({ columnData })));
  assert.deepEqual(read.days, { first: "2022-05-01", last: "2022-05-01" });
});

test("a Parquet row group that cannot be decoded is reported and the others are read", async () => {
  const bytes = parquetOf(ROWS);
  // The first bytes after the magic belong to the first row group's first pages.
  bytes.fill(0xff, 4, 4000);
  const read = await readBytes(bytes);
  assert.deepEqual(read.rejected.byCode["damaged-row-group"], 500);
  assert.equal(read.rows.read, ROWS.length);
  assert.equal(read.rejects[0]?.row, 1);
  assert.match(
    read.rejects[0]?.message ?? "",
    /^row group 1 \(rows 1 to 500\) cannot be decoded: /,
  );
  assert.equal(read.damage?.kind, "corrupt");
});

test("the progress that is shown only rises and ends at the file's size", async () => {
  const seen: number[] = [];
  const read = await readBytes(csvOf(Array.from({ length: 20_000 }, (_, i) => goodRow(i))), {
    onProgress: ({ bytesRead }) => seen.push(bytesRead),
  });
  assert.ok(seen.length > 2);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
  assert.equal(seen.at(-1), read.file.bytes);
});

test("a row without a PIN counts for its state, without a state for the country", async () => {
  const read = await readBytes(
    csvOf([
      goodRow(1, { PIN: "" }),
      goodRow(2, { PIN: "", State: "" }),
      goodRow(3, { PIN: "", State: "Atlantis" }),
      goodRow(5, { Date: "05-10-22" }),
    ]),
  );
  assert.equal(read.rows.used, 4);
  assert.deepEqual(
    read.cohorts[0]?.batch.observations.map(({ subject, n }) => ({ subject, n })),
    [
      { subject: "IN", n: 2 },
      { subject: "IN-S-karnataka", n: 1 },
    ],
  );
  assert.deepEqual(read.places.unknownStates, [{ text: "Atlantis", rows: 1 }]);
});

test("a mapping may skip rows without a PIN instead", async () => {
  const mapping = parseMapping({ ...MAPPING_DOCUMENT, postalCode: { whenMissing: "skip" } });
  const read = await readBytes(csvOf([goodRow(1, { PIN: "" }), goodRow(2)]), { mapping });
  assert.deepEqual(read.rows, { read: 2, used: 1, skipped: { "postal-code-missing": 1 } });
});

test("a PIN lies where most of its rows say, and a prefix over a border is two districts", async () => {
  const at = (pin: string, state: string) => goodRow(1, { PIN: pin, State: state });
  const read = await readBytes(
    csvOf([
      at("160017", "Chandigarh"),
      at("160017", "Chandigarh"),
      at("160017", "PB"),
      at("160055", "Punjab"),
      at("160022", ""),
      goodRow(1, { Date: "05-10-22" }),
    ]),
  );
  const parents = Object.fromEntries(read.subjects.map(({ id, parent }) => [id, parent]));
  assert.equal(parents["IN-160017"], "IN-D-160");
  assert.equal(parents["IN-160022"], "IN-D-160");
  assert.equal(parents["IN-160055"], "IN-D-160-punjab");
  assert.equal(parents["IN-D-160"], "IN-S-chandigarh");
  assert.equal(parents["IN-D-160-punjab"], "IN-S-punjab");
});

test("reasons split the events, and a day without any named reason has no split", async () => {
  const read = await readBytes(
    csvOf([
      goodRow(1, { PIN: "560001", Status: "Refused" }),
      goodRow(1, { PIN: "560001", Status: "Returned" }),
      goodRow(1, { PIN: "560001", Status: "Delivered" }),
      goodRow(1, { PIN: "560002", Status: "Returned" }),
      goodRow(1, { Date: "05-10-22" }),
    ]),
  );
  assert.deepEqual(read.cohorts[0]?.batch.observations, [
    {
      metric: "ndr_rate",
      subject: "IN-560001",
      day: "2022-04-30",
      stratum: "",
      n: 3,
      k: 2,
      reasons: { refused: 1, unknown: 1 },
    },
    { metric: "ndr_rate", subject: "IN-560002", day: "2022-04-30", stratum: "", n: 1, k: 1 },
  ]);
});

test("courier and payment columns become strata in canonical text", async () => {
  const mapping = parseMapping({
    ...MAPPING_DOCUMENT,
    columns: { ...MAPPING_DOCUMENT.columns, courier: "Courier", payment: "Mode" },
    payments: { cod: ["Cash on Delivery"], prepaid: ["UPI", "Card"] },
  });
  const text = [
    `${HEADER},Courier,Mode`,
    `${goodRow(1)},Ekart Logistics,cash on delivery`,
    `${goodRow(1)},Delhivery,UPI`,
    `${goodRow(1)},,barter`,
    `${goodRow(1, { Date: "05-10-22" })},x,COD`,
  ].join("\n");
  const read = await readBytes(text, { mapping });
  assert.deepEqual(
    read.cohorts[0]?.batch.observations.map((observation) => observation.stratum),
    [
      "courier=delhivery|payment=prepaid",
      "courier=ekart-logistics|payment=cod",
      "courier=unknown|payment=unknown",
    ],
  );
});

test("the batch id changes with the file and with the mapping, and with nothing else", async () => {
  const rows = csvOf([goodRow(1), goodRow(2, { Date: "05-10-22" })]);
  const idOf = (read: ShipmentImport): string | undefined => read.cohorts[0]?.batch.id;
  const first = idOf(await readBytes(rows));
  assert.match(first ?? "", /^[0-9a-f]{64}\/[0-9a-f]{12}\/2022-04-30$/);
  assert.equal(idOf(await readBytes(rows, { name: "other.csv" })), first);
  assert.notEqual(idOf(await readBytes(`${rows}\n`)), first);
  const mapping = { ...MAPPING, description: "another" };
  assert.notEqual(idOf(await readBytes(rows, { mapping })), first);
});

test("the order of rows does not change what is read", async () => {
  const forwards = await readBytes(csvOf(ROWS));
  const backwards = await readBytes(csvOf(ROWS.toReversed()));
  const { rejects: _, ...expected } = withoutFile(forwards);
  const { rejects: __, ...got } = withoutFile(backwards);
  assert.deepEqual(got, expected);
});

test("a cohort is mature on the very day its maturity is reached, not before", async () => {
  const on = (day: string): string => goodRow(1, { Date: day });
  const read = await readBytes(
    csvOf([on("2022-04-01"), on("2022-04-02"), on("2022-04-03"), on("2022-04-04")]),
  );
  assert.equal(read.snapshotDay, "2022-04-04");
  assert.deepEqual(
    read.cohorts.map(({ day, dueDay, rows }) => ({ day, dueDay, rows })),
    [
      { day: "2022-04-01", dueDay: "2022-04-03", rows: 1 },
      { day: "2022-04-02", dueDay: "2022-04-04", rows: 1 },
    ],
  );
  assert.deepEqual(read.immature, { days: ["2022-04-03", "2022-04-04"], rows: 2 });
  const due = (after: string, until: string) =>
    cohortsDue(read, { after, until }).map(({ day }) => day);
  assert.deepEqual(due("2022-04-02", "2022-04-03"), ["2022-04-01"]);
  assert.deepEqual(due("2022-04-03", "2022-04-04"), ["2022-04-02"]);
  assert.deepEqual(due("2022-04-04", "2022-12-31"), []);
});

test("of two states named equally often the first by name is taken, in any order of rows", async () => {
  const at = (state: string): string => goodRow(1, { PIN: "160017", State: state });
  const later = goodRow(1, { PIN: "160017", State: "", Date: "05-10-22" });
  for (const states of [
    ["Punjab", "Chandigarh"],
    ["Chandigarh", "Punjab"],
  ]) {
    const read = await readBytes(csvOf([...states.map(at), later]));
    assert.deepEqual(read.places.stateNames, ["Chandigarh"]);
  }
});
