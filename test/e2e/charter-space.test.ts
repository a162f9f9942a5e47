/** `charter gaps`, `matrix` and `diff` as people and programs meet them. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { CharterDiff } from "../../src/operation/diff-charter.ts";
import type { GapResult } from "../../src/operation/find-gaps.ts";
import { EXIT_DOES_NOT_HOLD, interlock } from "../kit/command.ts";

const LOOP = fileURLToPath(new URL("../../loops/logistics-marketing/", import.meta.url));
const [CHARTER, CONTRACT] = [join(LOOP, "charter.yaml"), join(LOOP, "contract.yaml")];
const root = mkdtempSync(join(tmpdir(), "interlock-gaps-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** The reference charter with its last rule narrowed, so that something is left over. */
const gapped = join(root, "gapped.yaml");
const whole = readFileSync(CHARTER, "utf8");
assert(whole.includes("when: {}"));
writeFileSync(gapped, whole.replace("when: {}", "when: { valueAtStake: { atLeast: INR 500000 } }"));

test("the shipped charter has no gap, and a gap ends with 3, its place, a point and a rule", async () => {
  const sound = await interlock("charter", "gaps", CHARTER, "--contract", CONTRACT);
  assert.equal(sound.code, 0, sound.err);
  assert.match(sound.out, /no gap: every point has one rule/);
  const ended = await interlock("charter", "gaps", gapped);
  assert.equal(ended.code, EXIT_DOES_NOT_HOLD);
  assert.match(ended.out, /^error .*gapped\.yaml:\d+:\d+ \/rules$/m);
  assert.match(ended.out, /no rule covers any option with value at stake below Rs 5,00,000, touching 75 places or more, touching less than 2%/); // prettier-ignore
  assert.match(ended.out, /e\.g\. `exclude_geo`, can be undone, value at stake Rs 0, .*75 places/);
  assert.match(ended.out, /- name: gap-1\n/);
  const json = await interlock("charter", "gaps", gapped, "--json");
  assert.equal(json.code, EXIT_DOES_NOT_HOLD);
  const result = JSON.parse(json.out) as GapResult;
  assert.equal(result.isComplete, true);
  assert(result.findings.every(({ kind, suggestion }) => kind !== "uncovered" || suggestion));
});

test("the page of tiers is drawn as text, as a picture and for programs", async () => {
  const svg = join(root, "page.svg");
  const drawn = await interlock("charter", "matrix", gapped, "--subjects", "80", "--time", "tue 22:00", "--svg", svg); // prettier-ignore
  assert.equal(drawn.code, 0, drawn.err);
  assert.match(drawn.out, /80 places, 0% of all orders, 0% of all ad spend, Tue 22:00/);
  assert.match(
    drawn.out,
    /^lower_bid +no rule \[1\] +logistics \+ marketing \[2\] +forbidden \[3\]$/m,
  );
  assert.match(readFileSync(svg, "utf8"), /^<svg /);
  const wrong = await interlock("charter", "matrix", gapped, "--time", "noon");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /`noon` is not a time of the week/);
});

test("what becomes harder between two versions is said in words, and nothing where nothing does", async () => {
  const ended = await interlock("charter", "diff", CHARTER, gapped, "--json");
  assert.equal(ended.code, 0, ended.err);
  const result = JSON.parse(ended.out) as CharterDiff;
  assert(
    result.changes.length > 0 && result.changes.every(({ direction }) => direction === "harder"),
  );
  assert.match(
    result.changes[0]?.message ?? "",
    /needed logistics and marketing and now is forbidden$/,
  );
  const same = await interlock("charter", "diff", CHARTER, CHARTER);
  assert.match(same.out, /nothing that is signed for has changed/);
});
