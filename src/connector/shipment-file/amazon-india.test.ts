import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { before, describe, test } from "node:test";
import { addDays } from "../../std/time.ts";
import { sumOf } from "./shipment-file.fixture.ts";
import { cohortsDue, isMature, loadMapping, readShipments, type ShipmentImport } from "./index.ts";

const FILE = fileURLToPath(
  new URL("../../../../shared/data/amazon-india-2022.csv.gz", import.meta.url),
);
const skip = existsSync(FILE)
  ? false
  : "the public data set is not here: ../shared/data/amazon-india-2022.csv.gz";

describe("the public Amazon India file under its bundled mapping", { skip }, () => {
  let read: ShipmentImport;
  before(async () => {
    read = await readShipments(FILE, await loadMapping("amazon-india"));
  });

  test("every one of its 128,976 rows is used or skipped under a reason", () => {
    assert.deepEqual(read.rows, {
      read: 128_976,
      used: 30_872,
      skipped: {
        cancelled: 6_859,
        "not-merchant-fulfilled": 89_713,
        "outcome-unknown": 1_532,
      },
    });
    assert.equal(read.rows.read, read.rows.used + sumOf(read.rows.skipped));
    assert.deepEqual(read.rejects, []);
    assert.equal(read.passedFilters, 39_263);
  });

  test("30,872 merchant rows have a known outcome, 2,116 of them were not delivered", () => {
    assert.equal(read.knownOutcome, 30_872);
    assert.equal(read.notDelivered, 2_116);
  });

  test("both date formats are read", () => {
    assert.deepEqual(read.dateFormats, { "MM-DD-YY": 73_867, "MM-DD-YYYY": 55_109 });
    assert.deepEqual(read.days, { first: "2022-03-31", last: "2022-06-29" });
  });

  test("69 spellings of states fold to 36 known names among the used rows", () => {
    assert.equal(read.places.stateSpellings, 69);
    assert.equal(read.places.states, 36);
    assert.deepEqual(read.places.unknownStates, []);
    for (const gone of ["Orissa", "New Delhi", "RJ", "PB", "NL", "Pondicherry"]) {
      assert.ok(!read.places.stateNames.includes(gone), gone);
    }
  });

  test("the 10 used rows without a PIN or a state count for the country", () => {
    assert.equal(read.places.rowsWithoutPostalCode, 35);
    const direct = read.cohorts
      .flatMap((cohort) => cohort.batch.observations)
      .filter((observation) => observation.subject === "IN");
    assert.ok(direct.length > 0);
    assert.ok(direct.reduce((sum, { n }) => sum + n, 0) <= 10);
  });

  test("mature batches and the held-back last 14 days together are all used rows", () => {
    const observations = read.cohorts.flatMap((cohort) => cohort.batch.observations);
    const mature = observations.reduce((sum, { n }) => sum + n, 0);
    assert.equal(mature + read.immature.rows, 30_872);
    assert.equal(read.immature.days.length, 14);
    assert.equal(read.immature.days[0], "2022-06-16");
    assert.equal(read.cohorts.length, 77);
    assert.ok(isMature(read, "2022-06-15"));
    assert.ok(!isMature(read, "2022-06-16"));
  });

  test("a replay gets each cohort once, 14 days after its day", () => {
    const got: string[] = [];
    for (let today = "2022-03-30"; today <= "2022-07-31"; today = addDays(today, 1)) {
      for (const cohort of cohortsDue(read, { after: addDays(today, -1), until: today })) {
        assert.equal(addDays(cohort.day, 14), today);
        assert.deepEqual(cohort.batch.completeDays, [cohort.day]);
        got.push(cohort.day);
      }
    }
    assert.deepEqual(
      got,
      read.cohorts.map((cohort) => cohort.day),
    );
  });

  test("places make a tree from PIN to country, and Lakshadweep's PINs are not Kerala's", () => {
    assert.equal(read.places.pincodes, 5_716);
    assert.equal(read.places.districts, 412);
    const subjects = new Map(read.subjects.map((subject) => [subject.id, subject]));
    for (const id of subjects.keys()) {
      assert.match(id, /^IN(?:-[1-9][0-9]{5}|-[DS]-[a-z0-9-]{1,60})?$/);
    }
    const above = { pincode: "district", district: "state", state: "nation" } as const;
    for (const subject of read.subjects) {
      if (subject.level === "nation") continue;
      assert.equal(subjects.get(subject.parent ?? "")?.level, above[subject.level], subject.id);
    }
    assert.deepEqual(subjects.get("IN-D-560"), {
      id: "IN-D-560",
      kind: "geography",
      level: "district",
      name: "PIN 560xxx, Karnataka",
      parent: "IN-S-karnataka",
    });
    assert.equal(subjects.get("IN-D-682")?.parent, "IN-S-kerala");
    assert.equal(subjects.get("IN-D-682-lakshadweep")?.parent, "IN-S-lakshadweep");
  });
});
