import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MAPPING_DOCUMENT } from "./shipment-file.fixture.ts";
import { listBundledMappings, loadMapping, parseMapping } from "./mapping.ts";

function refused(document: unknown, path: string, message: string): void {
  assert.throws(() => parseMapping(document), { code: "import/invalid-mapping", path, message });
}

test("every bundled mapping loads by its own name", async () => {
  const names = await listBundledMappings();
  assert.ok(names.includes("amazon-india"));
  for (const name of names) assert.equal((await loadMapping(name)).name, name);
});

test("an unknown name lists the bundled ones and suggests the nearest", async () => {
  await assert.rejects(loadMapping("amazon-indja"), {
    code: "import/invalid-mapping",
    message: "no mapping is named `amazon-indja`",
    help:
      "did you mean `amazon-india`? bundled mappings: amazon-india; " +
      "or give the path of a YAML or JSON file",
  });
});

test("a mapping file may be YAML or JSON, and a slip of YAML is named by line and column", async () => {
  const folder = await mkdtemp(join(tmpdir(), "interlock-mapping-"));
  try {
    const json = join(folder, "test.json");
    await writeFile(json, JSON.stringify(MAPPING_DOCUMENT));
    assert.equal((await loadMapping(json)).name, "test");
    const yaml = join(folder, "test.yaml");
    await writeFile(yaml, "interlock: shipment-mapping/1\nname: [a\nmetric: b\n");
    await assert.rejects(loadMapping(yaml), {
      code: "document/invalid-syntax",
      path: `${yaml}:3:1`,
    });
    await assert.rejects(loadMapping(join(folder, "none.yaml")), {
      code: "import/invalid-mapping",
      help: "bundled mappings: amazon-india",
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("defaults are filled in", () => {
  const mapping = parseMapping(MAPPING_DOCUMENT);
  assert.deepEqual(mapping.postalCode, {
    pattern: "[1-9][0-9]{5}",
    districtPrefix: 3,
    whenMissing: "count-at-state",
  });
  assert.deepEqual(mapping.country, { code: "IN", name: "India" });
  assert.equal(mapping.delimiter, ",");
  assert.deepEqual(mapping.statuses["Delivered"], { outcome: "delivered" });
});

test("what is not a mapping is refused with the place of each fault", () => {
  refused(null, "", "mapping: `null` is not an object");
  refused(
    { ...MAPPING_DOCUMENT, statuses: { Delivered: "arrived" } },
    "/statuses/Delivered",
    "mapping `test`: /statuses/Delivered: `arrived` is not one of delivered, failed-attempt, returned, " +
      "cancelled or unknown",
  );
  refused(
    { ...MAPPING_DOCUMENT, columns: { ...MAPPING_DOCUMENT.columns, postcode: "PIN" } },
    "/columns/postcode",
    "mapping `test`: /columns/postcode: `postcode` is not a field here; did you mean postalCode",
  );
  const { metric: _, ...withoutMetric } = MAPPING_DOCUMENT;
  refused(
    { ...withoutMetric, maturityDays: -1 },
    "/metric",
    "mapping `test`: /metric: `metric` is missing; /maturityDays: `-1` is below 0, the least allowed",
  );
});

test("a mapping that can be read in two ways is refused", () => {
  assert.throws(
    () => parseMapping({ ...MAPPING_DOCUMENT, dates: { formats: ["MM-DD-YY", "DD-MM-YY"] } }),
    {
      code: "import/invalid-mapping",
      path: "/dates/formats",
      message: /is 20\d\d-\d\d-\d\d by `MM-DD-YY` and 20\d\d-\d\d-\d\d by `DD-MM-YY`$/,
    },
  );
  refused(
    { ...MAPPING_DOCUMENT, states: { Punjab: ["PB"], Patna: ["pb"] } },
    "/states",
    "mapping `test`: /states: `PB` and `pb` read alike but mean different things",
  );
  refused(
    { ...MAPPING_DOCUMENT, statuses: { Shipped: "unknown", "shipped ": "delivered" } },
    "/statuses",
    "mapping `test`: /statuses: `Shipped` and `shipped ` read alike but mean different things",
  );
  refused(
    {
      ...MAPPING_DOCUMENT,
      filters: [{ column: "A", keep: ["x"], reason: "bad-date" }],
    },
    "/filters/0/reason",
    "mapping `test`: /filters/0/reason: the reason `bad-date` already means something else",
  );
});

test("a date range upside down and a broken pattern are refused", () => {
  refused(
    { ...MAPPING_DOCUMENT, dates: { ...MAPPING_DOCUMENT.dates, earliest: "2023-01-01" } },
    "/dates/earliest",
    "mapping `test`: /dates/earliest: the earliest day 2023-01-01 is after the latest 2022-12-31",
  );
  assert.throws(() => parseMapping({ ...MAPPING_DOCUMENT, postalCode: { pattern: "([0-9]" } }), {
    path: "/postalCode/pattern",
  });
});

test("a state whose name makes no id of its own is refused", () => {
  refused(
    { ...MAPPING_DOCUMENT, states: { कर्नाटक: [] } },
    "/states",
    "mapping `test`: /states: the state `कर्नाटक` needs a name of 1 to 50 letters of a to z",
  );
  refused(
    { ...MAPPING_DOCUMENT, states: { Orissa: [], Orissä: [] } },
    "/states",
    "mapping `test`: /states: the states `Orissa` and `Orissä` would have one id",
  );
});
