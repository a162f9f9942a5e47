import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodProposal, goodSignal, referenceContract } from "../../../test/kit/reference-loop.ts";
import { validateProposal, validateReply } from "./proposal.ts";
import type { Problem, Proposal } from "./types.ts";

const contract = referenceContract();
const signal = goodSignal();

function linesOf(problems: ReadonlyArray<Problem>): ReadonlyArray<string> {
  return problems.map(({ path, code, message }) => `${path} ${code}: ${message}`);
}

function proposalProblems(proposal: unknown): ReadonlyArray<string> {
  return linesOf(validateProposal(contract, signal, proposal));
}

type Draft = Record<string, unknown>;

function proposalWith(pointer: string, value: unknown): Draft {
  const proposal = structuredClone(goodProposal()) as unknown as Draft;
  const keys = pointer.split("/").slice(1);
  const last = keys.pop() ?? "";
  let node = proposal;
  for (const key of keys) node = node[key] as Draft;
  if (value === undefined) delete node[last];
  else node[last] = value;
  return proposal;
}

test("a good proposal, and every kind of good reply, has no problems", () => {
  const proposal = goodProposal();
  const { scored } = proposal;
  assert.deepEqual(proposalProblems(proposal), []);
  for (const reply of [
    { kind: "accept", proposal },
    { kind: "modify", proposal, changed: "14 days rather than 28" },
    { kind: "decline", reason: "it costs more than it saves", scored },
    { kind: "bounce", to: "logistics", reason: "one courier is at fault", scored: [] },
    { kind: "need-more", missing: ["/cause/split"], reason: "the cause is not split" },
  ]) {
    assert.deepEqual(linesOf(validateReply(contract, signal, reply)), [], reply.kind);
  }
});

const broken: ReadonlyArray<[string, string, unknown, RegExp]> = [
  ["an option the contract does not list", "/option", "pause_campaign", /^\/option contract\/unknown-option: option `pause_campaign` is not in contract logistics.geo-risk 1.0.0$/],
  ["a parameter out of range", "/parameters/probeShare", 0.6, /^\/parameters\/probeShare contract\/invalid-parameters: `0.6` is above 0.5, the most allowed$/],
  ["a missing parameter", "/parameters/probeShare", undefined, /^\/parameters\/probeShare contract\/invalid-parameters: `probeShare` is missing$/],
  ["a parameter of another option", "/parameters/bidModifier", 0.5, /^\/parameters\/bidModifier contract\/invalid-parameters: `bidModifier` is not a field here/],
  ["a standing time that contradicts its parameter", "/standingDays", 28, /^\/standingDays contract\/inconsistent: standingDays is `28`, but the parameter of that name is `14`$/],
  ["a standing time of nought", "/standingDays", 0, /is too short for something that acts/],
  ["half a day of standing", "/standingDays", 1.5, /`1.5` is not a whole number/],
  ["no resource", "/resource", "", /^\/resource contract\/missing-field/],
  ["money in whole rupees with paise", "/valueAtStake/amountMinor", 12.5, /`12.5` is not a whole number/],
  ["a negative value at stake", "/valueAtStake/amountMinor", -1, /`-1` is below 0, the least allowed/],
  ["money beyond what a double holds", "/valueAtStake/amountMinor", 1e17, /most allowed/],
  ["a currency in small letters", "/valueAtStake/currency", "inr", /^\/valueAtStake\/currency contract\/wrong-format/],
  ["two currencies", "/value/p90/currency", "USD", /^\/value\/p90\/currency contract\/inconsistent: `USD` and INR are mixed in one proposal$/],
  ["two currencies in the alternatives", "/scored/1/value/mean/currency", "USD", /^\/scored\/1\/value\/mean\/currency /],
  ["percentiles out of order", "/value/p10/amountMinor", 9e9, /^\/value contract\/inconsistent: .*not in rising order$/],
  ["a probability above 1", "/value/probabilityBetter", 1.01, /^\/value\/probabilityBetter contract\/out-of-range/],
  ["a share in percent", "/blastRadius/shareOfOrders", 42, /^\/blastRadius\/shareOfOrders contract\/out-of-range/],
  ["a negative share", "/blastRadius/shareOfSpend", -0.1, /^\/blastRadius\/shareOfSpend contract\/out-of-range/],
  ["half a subject", "/blastRadius/subjects", 0.5, /`0.5` is not a whole number/],
  ["a NaN", "/value/mean/amountMinor", NaN, /^\/value\/mean\/amountMinor contract\/not-plain/],
  ["a reason longer than a page", "/reasons/0", "x".repeat(2_001), /contract\/too-large: a text has 2001 characters/],
  ["an empty reason", "/reasons/0", "", /the text is empty/],
  ["an unknown alternative", "/scored/1/option", "do_nothin", /^\/scored\/1\/option contract\/unknown-option: .*did you mean do_nothing$/],
  ["an alternative with parameters out of range", "/scored/0/parameters/standingDays", 29, /^\/scored\/0\/parameters\/standingDays contract\/invalid-parameters/],
  ["a choice scored as not feasible", "/scored/0/feasible", false, /^\/option contract\/inconsistent: `exclude_geo` is proposed and scored as not feasible$/],
  ["a field nobody knows", "/approved", true, /^\/approved contract\/unknown-field/],
  ["no list of alternatives", "/scored", undefined, /^\/scored contract\/missing-field/],
]; // prettier-ignore
for (const [what, pointer, value, expected] of broken) {
  test(`a proposal with ${what} is refused with exactly that`, () => {
    const lines = proposalProblems(proposalWith(pointer, value));
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0] ?? "", expected);
  });
}

test("an option of the contract that this signal does not offer is refused", () => {
  const narrow = goodSignal({ options: ["lower_bid", "do_nothing"] });
  assert.deepEqual(linesOf(validateProposal(contract, narrow, goodProposal())), [
    "/option contract/option-not-offered: option `exclude_geo` is not among those that the signal offers",
  ]);
});

test("an alternative that is not feasible may be without valid parameters", () => {
  const [first, second] = goodProposal().scored;
  assert(first && second);
  const scored = [first, { ...second, option: "lower_bid", feasible: false }];
  assert.deepEqual(proposalProblems(goodProposal({ scored })), []);
});

test("a choice of which another variant was not feasible is fine", () => {
  const { scored } = goodProposal();
  const [first] = scored;
  assert(first);
  const variant = { ...first, parameters: { standingDays: 28, probeShare: 0 }, feasible: false };
  assert.deepEqual(proposalProblems(goodProposal({ scored: [variant, ...scored] })), []);
});

test("doing nothing and handing back are not proposals to accept but answers of their own", () => {
  const idle: Partial<Proposal> = { option: "do_nothing", parameters: {}, resource: "", standingDays: 0 }; // prettier-ignore
  const reply = { kind: "accept", proposal: goodProposal(idle) };
  const [found, ...others] = validateReply(contract, signal, reply);
  assert.deepEqual(others, []);
  assert.equal(found?.path, "/proposal/option");
  assert.match(found?.help ?? "", /answer `decline`/);
});

test("a reply of an unknown kind, or with the fields of another, is refused", () => {
  assert.match(
    linesOf(validateReply(contract, signal, { kind: "acept" }))[0] ?? "",
    /^\/kind contract\/wrong-value: `acept` is not a kind of reply; did you mean accept$/,
  );
  const mixed = { kind: "decline", reason: "no", scored: [], proposal: goodProposal() };
  assert.match(
    linesOf(validateReply(contract, signal, mixed)).join(),
    /\/proposal contract\/unknown/,
  );
  assert.match(linesOf(validateReply(contract, signal, null))[0] ?? "", /^\/kind /);
});

test("any value whatsoever as reply or proposal is answered and nothing is thrown", () => {
  const kinds = ["accept", "modify", "decline", "bounce", "need-more"];
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true });
  const reply = fc.oneof(
    anything,
    fc.record({ kind: fc.constantFrom(...kinds), proposal: anything, scored: anything }),
  );
  fc.assert(
    fc.property(reply, (value) => {
      assert(validateReply(contract, signal, value).length > 0);
      assert(validateProposal(contract, signal, value).length > 0);
    }),
    { numRuns: 1_000 },
  );
});
