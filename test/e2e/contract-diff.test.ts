/** `contract diff` as people and programs meet it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ContractDiff } from "../../src/operation/diff-contract.ts";
import { type Command, interlock } from "../kit/command.ts";
import { goodSignal } from "../kit/reference-loop.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const REFERENCE = join(PROJECT, "loops/logistics-marketing/contract.yaml");
const root = mkdtempSync(join(tmpdir(), "interlock-diff-"));
after(() => rmSync(root, { recursive: true, force: true }));

const diff = (...args: string[]): Promise<Command> => interlock("contract", "diff", ...args);

/** The reference contract with texts replaced, each of which must be there. */
function write(name: string, ...replacements: ReadonlyArray<readonly [string, string]>): string {
  let text = readFileSync(REFERENCE, "utf8");
  for (const [from, to] of replacements) {
    assert(text.includes(from), from);
    text = text.replace(from, to);
  }
  const file = join(root, name);
  writeFileSync(file, text);
  return file;
}

const ZONE = [
  "[pincode, district, state, nation]",
  "[pincode, district, state, nation, zone]",
] as const;

test("a compatible change ends with 0, names the party that moves first, and shows what the other refuses", async () => {
  const file = write("wider.yaml", ["version: 1.0.0", "version: 1.1.0"], ZONE);
  const ended = await diff(REFERENCE, file);
  assert.equal(ended.code, 0, ended.err);
  assert.match(ended.out, /logistics\.geo-risk 1\.0\.0 -> 1\.1\.0/);
  assert.match(ended.out, /new, refused by old \(payload\) \/level = "zone"/);
  assert.match(ended.out, /verdict {3}backward: the receiver must move first/);
  assert.match(ended.out, /minor is needed, so it is enough/);
  assert.match(ended.out, /receiver {2}must change first, because/);
});

test("a breaking change ends with 3 also when every payload still validates, and says what is missing", async () => {
  const file = write(
    "unit.yaml",
    ["version: 1.0.0", "version: 1.1.0"],
    ["unit: orders per day", "unit: orders per week"],
  );
  const ended = await diff(REFERENCE, file);
  assert.equal(ended.code, 3, ended.err);
  assert.match(ended.out, /unit `orders per day` -> `orders per week`/);
  assert.match(ended.out, /verdict {3}breaking/);
  assert.match(ended.out, /major is needed, so it is not enough/);
});

const SHARE =
  'minimum: 0\n      maximum: 1\n      unit: "1"\n      denominator: shipments attempted';
const PERCENT =
  "minimum: 0\n      maximum: 100\n      unit: percent\n      denominator: shipments attempted";

test("a breaking version may follow when its declared migration holds, and the command says so", async () => {
  const old = goodSignal().payload;
  const migration = (by: number): string =>
    JSON.stringify([
      {
        from: "1.0.0",
        up: [{ op: "scale", path: "/maturity", by: 100 }],
        down: [{ op: "scale", path: "/maturity", by }],
        golden: [{ old, new: { ...old, maturity: 93 } }],
      },
    ]);
  const bare = write("bare.yaml", ["version: 1.0.0", "version: 1.1.0"], [SHARE, PERCENT]);
  const refused = await diff(REFERENCE, bare);
  assert.equal(refused.code, 3);
  assert.match(refused.out, /release {3}may not follow: .*declare a migration from 1\.0\.0/);

  const text = readFileSync(bare, "utf8");
  const file = join(root, "percent.yaml");
  writeFileSync(file, `${text}\nmigrations: ${migration(0.01)}\n`);
  const allowed = await diff(REFERENCE, file);
  assert.equal(allowed.code, 3, "it is still breaking, which the exit code says");
  assert.match(allowed.out, /release {3}may follow: breaking, and the declared migration holds/);

  writeFileSync(file, `${text}\nmigrations: ${migration(0.1)}\n`);
  const wrong = await diff(REFERENCE, file);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /\/migrations\/0\/golden\/0\/old\/maturity: down\(new\) differs/);
});

test("--json prints one object with verdict, bump, changes and parties, and JSON files are read as well", async () => {
  const file = write("wider.yaml", ["version: 1.0.0", "version: 1.0.1"], ZONE);
  const { code, out, err } = await diff(REFERENCE, file, "--json");
  assert.deepEqual([code, err], [0, ""]);
  const comparison = JSON.parse(out) as ContractDiff;
  assert.deepEqual(
    [comparison.verdict, comparison.bump, comparison.declared],
    ["backward", "minor", { bump: "patch", enough: false }],
  );
  assert.equal(comparison.release.allowed, false);
  assert.equal(comparison.parties.receiver.order, "first");
  assert.equal(comparison.changes[0]?.path, "/payload/properties/level/enum");
});

test("a file that cannot be read is a wrong call, one that is no contract is refused with the place", async () => {
  const gone = await diff(REFERENCE, join(root, "gone.yaml"));
  assert.equal(gone.code, 2);
  assert.match(gone.err, /cannot read/);
  const file = write("broken.yaml", ["enum: [ndr_rate]", "enums: [ndr_rate]"]);
  const broken = await diff(file, REFERENCE);
  assert.equal(broken.code, 1);
  assert.match(broken.err, /broken\.yaml is not a contract: \/payload\/properties\/metric\/enums/);
  assert.equal((await diff(REFERENCE)).code, 2);
});
