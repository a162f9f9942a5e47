import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseCharter } from "../charter/parse.ts";
import type { Charter, Party, Verdict } from "../charter/types.ts";
import { parseContract } from "../contract/parse.ts";
import { parseDocument } from "../document.ts";
import { findOwed, listAsked } from "./ballot.ts";
import { openCase } from "./open.ts";
import type { Case, CaseVote, Terms } from "./types.ts";

const AT = "2026-03-02T06:00:00.000Z";
const DIGEST = "d".repeat(64);
const FOLDER = new URL("../../../loops/logistics-marketing/", import.meta.url);
const read = (file: string) =>
  parseDocument(readFileSync(new URL(file, FOLDER), "utf8"), file).value;
const charter = parseCharter(read("charter.yaml"));

/** Three votes of logistics, from its owner and its desk first. */
function setup(change: Partial<Case> = {}, of: Charter = charter) {
  const contract = parseContract(read("contract.yaml"));
  const terms: Terms = { contract, contractHash: "c", charter: of, charterHash: "h" };
  const signal = { id: "s", subject: "IN-560001" } as Case["signal"];
  const said = {
    id: "case-1",
    loop: of.loop,
    subjectName: "",
    contractHash: "c",
    charterHash: "h",
  };
  const votes = [{ party: "logistics", quorum: 3, from: ["owner", "ndr-desk"] }];
  const held: Case = {
    ...openCase({ ...said, signal }, AT),
    state: "held",
    digest: DIGEST,
    verdict: { kind: "approve", votes, facts: {} } as unknown as Verdict,
    clocks: [
      {
        party: "logistics",
        askedAt: AT,
        remindAt: AT,
        stages: [{ seats: ["owner", "ndr-desk"], from: AT, dueAt: AT }],
        stage: 0,
      },
    ],
    ...change,
  };
  const party = of.parties.find(({ department }) => department === "logistics");
  assert(party);
  const asked = () =>
    listAsked(held, terms, party, AT).map(({ email }) => email.replace(/@.*/, ""));
  return { held, terms, asked };
}

const agreed = (name: string): CaseVote => ({
  party: "logistics",
  person: `${name}@logistics.example.com`,
  choice: "agree",
  reason: "",
  digest: DIGEST,
  at: AT,
  proof: { kind: "link" },
});

test("everyone of the seats whose turn it is is asked", () => {
  assert.deepEqual(setup().asked(), ["head", "lead-ndr"]);
});

test("whoever has voted is not asked again while more votes are owed", () => {
  const { held, terms, asked } = setup({ votes: [agreed("head")] });
  assert.deepEqual(asked(), ["lead-ndr"]);
  assert.equal(findOwed(held, terms, "logistics")?.quorum, 3);
});

test("whoever had a hand in the proposal is not asked to approve it", () => {
  assert.deepEqual(setup({ authors: ["Lead-NDR@logistics.example.com"] }).asked(), ["head"]);
});

test("whoever is out of term on the day is not asked", () => {
  const isGone = { until: "2026-03-02" };
  const parties = charter.parties.map((party): Party =>
    party.department === "logistics" ? { ...party, owner: { ...party.owner, ...isGone } } : party,
  );
  assert.deepEqual(setup({}, { ...charter, parties }).asked(), ["lead-ndr"]);
});

test("where no vote of those whose turn it is would count, the others who may answer are asked", () => {
  const { asked } = setup({ votes: [agreed("head"), agreed("lead-ndr")] });
  assert.deepEqual(asked(), ["deputy"]);
});

test("where nobody's would, the letter goes to the owner, so that it is seen", () => {
  const all = ["head", "lead-ndr", "deputy"].map((name) => `${name}@logistics.example.com`);
  assert.deepEqual(setup({ authors: all }).asked(), ["head"]);
});

test("a party that has given what was wanted owes nothing, and one that is not asked never did", () => {
  const { held, terms } = setup({ votes: ["head", "deputy", "lead-ndr"].map(agreed) });
  assert.equal(findOwed(held, terms, "logistics"), undefined);
  assert.equal(findOwed(held, terms, "marketing"), undefined);
});
