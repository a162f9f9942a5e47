/** The command line as people and programs meet it: one object on standard output, exact exit codes. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { amendConfidence } from "../../src/core/charter/amend.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import { openDriver } from "../../src/store/driver/driver.ts";
import { type Command, interlock } from "../kit/command.ts";
import { writeShipmentFile } from "../kit/shipment-file.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "interlock-cli-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** As few conformance cases as calibration can be told from. */
const CASES = ["--cases", "340"];
const SMALL = [
  ...["--days", "75", "--history", "30", "--geographies", "60", "--breaks", "0.4"],
  ...CASES,
];
const demoDirectory = join(root, "demo");
let demo: Command;
before(async () => {
  demo = await interlock("demo", "--json", "--seed", "8", ...SMALL, "--data", demoDirectory);
});

test("demo --json prints one object with every promised figure, and its sums hold", () => {
  assert.equal(demo.code, 0, demo.err);
  assert.equal(demo.err, "");
  const report = JSON.parse(demo.out) as Record<string, Record<string, unknown>>;
  for (const field of ["observations", "subjects", "signals", "actions"]) {
    assert.equal(typeof report[field], "number", field);
  }
  const cases = report["cases"] as unknown as {
    accepted: number;
    open: number;
    closed: Record<string, number>;
  };
  const closed = Object.values(cases.closed).reduce((sum, count) => sum + count, 0);
  assert(cases.accepted > 0);
  assert.equal(cases.accepted, cases.open + closed);
  assert.deepEqual(Object.keys(report["notices"] ?? {}).sort(), ["logistics", "marketing"]);
  assert.deepEqual(Object.keys(report["hoursToAction"] ?? {}), ["p50", "p99"]);
  assert.deepEqual(Object.keys(report["value"] ?? {}).sort(), [
    "currency",
    "savedMinor",
    "versusHumanMinor",
  ]);
  for (const field of [
    "trueBreaks",
    "detected",
    "falseSignals",
    "spikes",
    "spikesSignalled",
    "medianDelayDays",
  ]) {
    assert(field in (report["detection"] ?? {}), field);
  }
  assert.equal(report["ledger"]?.["verified"], true);
});

test("loops, cases and gates can be looked at after the run, for people and as JSON", async () => {
  const looks = [
    ["loop", "list"],
    ["loop", "show", "logistics-marketing"],
    ["case", "list"],
  ];
  for (const look of looks) {
    const people = await interlock(...look, "--data", demoDirectory);
    assert.equal(people.code, 0, people.err);
    const program = await interlock(...look, "--data", demoDirectory, "--json");
    assert.doesNotThrow(() => JSON.parse(program.out));
  }
  const cases = JSON.parse(
    (await interlock("case", "list", "--data", demoDirectory, "--json")).out,
  ) as Array<{ id: string; actedAt: string | null }>;
  const acted = cases.find((of) => of.actedAt !== null);
  assert(acted, "the demo acted");
  const told = await interlock("case", "explain", acted.id, "--data", demoDirectory);
  for (const part of [
    "What happened",
    "On what evidence",
    "Under which rule",
    "What was done",
    "Step by step",
  ]) {
    assert(told.out.includes(part), part);
  }
  assert.equal(
    (await interlock("case", "show", acted.id, "--data", demoDirectory, "--json")).code,
    0,
  );
});

test("a loop is paused and activated again from the command line", async () => {
  const directory = join(root, "paused");
  cpSync(demoDirectory, directory, { recursive: true });
  const paused = await interlock(
    "loop",
    "pause",
    "logistics-marketing",
    "--data",
    directory,
    "--json",
  );
  assert.equal((JSON.parse(paused.out) as { state: string }).state, "paused");
  const twice = await interlock("loop", "pause", "logistics-marketing", "--data", directory);
  assert.equal(twice.code, 1);
  assert.match(twice.err, /loop\/wrong-state/);
  const active = await interlock(
    "loop",
    "activate",
    "logistics-marketing",
    "--data",
    directory,
    "--json",
  );
  assert.equal((JSON.parse(active.out) as { state: string }).state, "live");
});

test("ledger verify passes, and after any one row is altered by SQL it names that entry", async () => {
  const directory = join(root, "altered");
  cpSync(demoDirectory, directory, { recursive: true });
  assert.equal((await interlock("ledger", "verify", "--data", directory)).code, 0);
  const driver = await openDriver({ directory: join(directory, "store") });
  await driver.exec("alter table ledger disable trigger ledger_is_append_only");
  await driver.exec("update ledger set text = overlay(text placing '1' from 8 for 1) where n = 41");
  await driver.close();
  const checked = await interlock("ledger", "verify", "--data", directory, "--json");
  assert.equal(checked.code, 3);
  const { verified, firstBad } = JSON.parse(checked.out) as {
    verified: boolean;
    firstBad: { n: number };
  };
  assert.equal(verified, false);
  assert.equal(firstBad.n, 41);
});

test("doctor passes on the demo, and after one row is altered by SQL it names the row and what to do", async () => {
  const directory = join(root, "ill");
  cpSync(demoDirectory, directory, { recursive: true });
  const well = await interlock("doctor", "--data", directory);
  assert.equal(well.code, 0, well.out);
  assert.match(well.out, /All \d+ hold\./);
  const driver = await openDriver({ directory: join(directory, "store") });
  const [altered] = await driver.query<{ id: string }>(
    `update signal_case set state = 'closed', close_reason = 'helped', closed_at = now(),
            holds = null, lease_until = null
     where id = (select id from signal_case where state = 'watching' limit 1)
     returning id`,
  );
  await driver.close();
  const ill = await interlock("doctor", "--data", directory, "--json");
  assert.equal(ill.code, 3);
  const { holds, checks } = JSON.parse(ill.out) as {
    holds: boolean;
    checks: Array<{ name: string; help: string | null; violations: Array<{ row: string }> }>;
  };
  assert.equal(holds, false);
  const broken = checks.filter(({ violations }) => violations.length > 0);
  assert(broken.some(({ name }) => name === "every-move-entered"));
  for (const { violations, help } of broken) {
    assert.deepEqual(new Set(violations.map(({ row }) => row)), new Set([altered?.id]));
    assert(help);
  }
});

test("the reference papers pass their lint, and a broken one is refused with line and column", async () => {
  const contract = join(PROJECT, "loops/logistics-marketing/contract.yaml");
  const charter = join(PROJECT, "loops/logistics-marketing/charter.yaml");
  assert.equal((await interlock("contract", "lint", contract)).code, 0);
  assert.equal((await interlock("charter", "lint", charter, "--contract", contract)).code, 0);
  const broken = join(root, "broken.yaml");
  writeFileSync(broken, readFileSync(contract, "utf8").replace("version: 1.0.0", "version: one"));
  const linted = await interlock("contract", "lint", broken, "--json");
  assert.equal(linted.code, 3);
  const { ok, findings } = JSON.parse(linted.out) as {
    ok: boolean;
    findings: Array<{ line: number; path: string }>;
  };
  assert.equal(ok, false);
  assert.deepEqual(
    findings.map(({ line, path }) => [line, path]),
    [[6, "/version"]],
  );
});

test("an import keeps every good row beside broken ones, and twice is once", async () => {
  const file = join(root, "shipments.csv");
  const lines = writeShipmentFile().split("\n");
  lines.splice(100, 0, "only,three,columns");
  lines.splice(
    200,
    0,
    'x,"never closed,04-30-22,Shipped - Delivered to Buyer,Merchant,1,INR,5,T,KERALA,682001',
  );
  lines.splice(300, 0, "y,99-99-22,Shipped - Delivered to Buyer,Merchant,1,INR,5,T,KERALA,682001");
  writeFileSync(file, lines.join("\n"));
  const command = [
    "import",
    "shipments",
    file,
    "--mapping",
    "amazon-india",
    "--data",
    join(root, "import"),
    "--json",
  ];
  const first = JSON.parse((await interlock(...command)).out) as {
    rows: { read: number; used: number; skipped: Record<string, number> };
    batches: { new: number; repeated: number };
  };
  const skipped = Object.values(first.rows.skipped).reduce((sum, count) => sum + count, 0);
  assert.equal(first.rows.used, lines.length - 1 - 1 - 3);
  assert.equal(first.rows.read, first.rows.used + skipped);
  assert.equal(skipped, 3);
  const second = JSON.parse((await interlock(...command)).out) as typeof first;
  assert.deepEqual(second.batches, { new: 0, repeated: first.batches.new });
});

test("wrong calls say what is wrong and end with 2; unknown things end with 1", async () => {
  const wrong = await interlock("demo", "--geographies", "many");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /Write a whole number/);
  const missing = await interlock("case", "show", "case-none", "--data", demoDirectory, "--json");
  assert.equal(missing.code, 1);
  assert.equal(
    (JSON.parse(missing.err) as { error: { code: string } }).error.code,
    "case/not-found",
  );
  assert.equal((await interlock("case", "list", "--data", join(root, "nowhere"))).code, 2);
  const other = await interlock(
    "demo",
    "--seed",
    "1",
    ...SMALL,
    "--data",
    demoDirectory,
    "--resume",
  );
  assert.equal(other.code, 2);
  assert.match(other.err, /begun with other settings/);
});

test("a simulation refuses to overwrite a directory that is not its own", async () => {
  const directory = join(root, "import-kept");
  const file = join(root, "kept.csv");
  writeFileSync(file, writeShipmentFile());
  await interlock("import", "shipments", file, "--mapping", "amazon-india", "--data", directory);
  const refused = await interlock("demo", ...SMALL, "--data", directory);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /holds real data/);
  assert(existsSync(join(directory, "store")));
});

test("a file of a few days is replayed to its end, and nothing in it is judged", async () => {
  const file = join(root, "short.csv");
  const lines = writeShipmentFile().split("\n");
  const isEarly = (line: string) => /,04-(0\d|1\d)-/.test(line) || !/,\d\d-\d\d-\d\d/.test(line);
  writeFileSync(file, lines.filter(isEarly).join("\n"));
  const command = ["replay", "logistics-marketing", "--shipments", file, "--json"];
  const replayed = await interlock(
    ...[...command, ...CASES, "--mapping", "amazon-india", "--data", join(root, "short")],
  );
  assert.equal(replayed.code, 0, replayed.err);
  const report = JSON.parse(replayed.out) as {
    rows: { used: number };
    days: { mature: number };
    signals: number;
    notEvaluated: Record<string, number>;
  };
  assert(report.rows.used > 0);
  assert(report.days.mature > 0 && report.days.mature < 22, `${report.days.mature} mature days`);
  assert.equal(report.signals, 0);
  assert.deepEqual(Object.keys(report.notEvaluated), ["warming-up"]);
});

const AMAZON_FILE = join(PROJECT, "../shared/data/amazon-india-2022.csv.gz");
const withFile = existsSync(AMAZON_FILE)
  ? {}
  : { skip: "the real shipments are not on this machine" };

test("the real file is replayed with every row accounted for and no signal", withFile, async () => {
  const replayed = await interlock(
    ...["replay", "logistics-marketing", "--shipments", AMAZON_FILE],
    ...["--mapping", "amazon-india", "--json", ...CASES, "--data", join(root, "amazon")],
  );
  assert.equal(replayed.code, 0, replayed.err);
  const report = JSON.parse(replayed.out) as {
    rows: { read: number; used: number; skipped: Record<string, number> };
    knownOutcome: number;
    notDelivered: number;
    signals: number;
    immature: { days: number };
  };
  const skipped = Object.values(report.rows.skipped).reduce((sum, count) => sum + count, 0);
  assert.equal(report.rows.read, 128_976);
  assert.equal(report.rows.used + skipped, 128_976);
  assert.equal(report.knownOutcome, 30_872);
  assert.equal(report.notDelivered, 2_116);
  assert.equal(report.signals, 0);
  assert.equal(report.immature.days, 14);
});

test("outcome show says what came of it and changes nothing; a draft of the charter can be proposed", async () => {
  const about = ["logistics-marketing", "--data", demoDirectory];
  const people = await interlock("outcome", "show", ...about);
  assert.equal(people.code, 0, people.err);
  for (const part of ["What it did", "How honest it was", "What might change", "not enough yet"]) {
    assert(people.out.includes(part), part);
  }
  const shown = JSON.parse((await interlock("outcome", "show", ...about, "--json")).out) as {
    acted: number;
    actions: number;
    proposals: Array<{ about: string; status: string; now: number; proposed: number }>;
  };
  assert(shown.acted >= shown.actions && shown.acted > 0);
  assert.deepEqual(
    shown.proposals.map((proposal) => [proposal.about, proposal.status]),
    [
      ["rule:small-and-reversible", "not-enough-yet"],
      ["confidentFrom", "not-enough-yet"],
      ["spendElasticity", "not-enough-yet"],
      ["confirmationReduction", "not-enough-yet"],
    ],
  );
  assert(shown.proposals.every(({ now, proposed }) => now === proposed));
  const draft = join(root, "charter-next.json");
  const early = await interlock(
    ...["outcome", "propose", ...about, "--about", "rule:small-and-reversible", "--out", draft],
  );
  assert.equal(early.code, 1);
  assert.match(early.err, /outcome\/nothing-proposed/);
  assert(!existsSync(draft));
  const { versions } = JSON.parse((await interlock("charter", "list", ...about, "--json")).out) as {
    versions: Array<{ charter: Charter; stands: boolean }>;
  };
  const standing = versions.find(({ stands }) => stands);
  assert(standing);
  writeFileSync(
    draft,
    JSON.stringify(amendConfidence(standing.charter, "small-and-reversible", 0.87)),
  );
  const owner = standing.charter.parties[0]?.owner.email ?? "";
  const proposed = await interlock(
    ...["charter", "propose", "logistics-marketing", draft, "--person", owner],
    ...["--data", demoDirectory],
  );
  assert.equal(proposed.code, 0, proposed.err);
  assert.match(proposed.out, /Version 2 of the charter of logistics-marketing is proposed/);
});
