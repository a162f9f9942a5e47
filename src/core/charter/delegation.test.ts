import assert from "node:assert/strict";
import { test } from "node:test";
import { addMs, DAY_MS } from "../../std/time.ts";
import { NOW, referenceCharter } from "../../../test/kit/reference-loop.ts";
import { firstWords, parseDelegationWords } from "./delegation-words.ts";
import { type Delegation, findDelegationRefusal, findStandIn } from "./delegation.ts";
import type { Charter } from "./types.ts";

const charter: Charter = referenceCharter();
const [HEAD, DEPUTY] = ["head@marketing.example.com", "deputy@marketing.example.com"];
const away: Delegation = {
  party: "marketing",
  person: HEAD,
  to: DEPUTY,
  until: addMs(NOW, 3 * DAY_MS),
};
const refusalOf = (change: Partial<Delegation>, others: ReadonlyArray<Delegation> = []) =>
  findDelegationRefusal(charter, { ...away, ...change }, NOW, others)?.code;

test("a delegation goes to a deputy of one's own side, in term and not away, for ninety days at most", () => {
  assert.equal(refusalOf({}), undefined);
  assert.equal(refusalOf({ to: " Deputy@Marketing.example.com " }), undefined);
  assert.equal(refusalOf({ to: "friend@example.com" }), "delegation/not-a-deputy");
  assert.equal(refusalOf({ to: HEAD }), "delegation/not-a-deputy");
  assert.equal(refusalOf({ to: "deputy@logistics.example.com" }), "delegation/both-sides");
  assert.equal(refusalOf({ person: "friend@example.com" }), "delegation/not-entitled");
  assert.equal(refusalOf({ party: "logistics" }), "delegation/not-entitled");
  assert.equal(refusalOf({ until: NOW }), "delegation/bad-until");
  assert.equal(refusalOf({ until: addMs(NOW, 91 * DAY_MS) }), "delegation/bad-until");
  assert.equal(refusalOf({}, [{ ...away, person: DEPUTY, to: "x" }]), "delegation/deputy-away");
});

test("a deputy whose term is over, or who took a seat on the other side, stands in for nobody", () => {
  const parties = charter.parties.map((party) =>
    party.department === "marketing"
      ? { ...party, deputies: party.deputies.map((one) => ({ ...one, until: "2026-03-01" })) }
      : party,
  );
  const over = findDelegationRefusal({ ...charter, parties }, away, NOW, []);
  assert.equal(over?.code, "delegation/not-a-deputy");
  const both = charter.parties.map((party) =>
    party.department === "logistics"
      ? { ...party, groups: { ...party.groups, desk: [{ name: "K", email: DEPUTY }] } }
      : party,
  );
  const refused = findDelegationRefusal({ ...charter, parties: both }, away, NOW, []);
  assert.equal(refused?.code, "delegation/both-sides");
});

test("it counts until its end, the newest one, and never leads to somebody who is away", () => {
  const [party] = charter.parties.filter(({ department }) => department === "marketing");
  assert.ok(party);
  const standIn = (list: ReadonlyArray<Delegation>, at = NOW) =>
    findStandIn(list, party, HEAD, at)?.email;
  assert.equal(standIn([away]), DEPUTY);
  assert.equal(standIn([away], away.until), undefined);
  assert.equal(standIn([{ ...away, party: "logistics" }]), undefined);
  assert.equal(standIn([away, { ...away, person: DEPUTY, to: HEAD }]), undefined);
  assert.equal(standIn([{ ...away, to: "gone@marketing.example.com" }]), undefined);
  assert.equal(standIn([{ ...away, to: "gone@marketing.example.com" }, away]), DEPUTY);
});

test("words say away, back or delegate as a whole line, or nothing; none of them votes", () => {
  const to = "d@m.example";
  for (const [said, meant] of [
    ["away until 2026-12-05", { kind: "away", until: "2026-12-05" }],
    [`Out of office until 2026-12-05, ${to}.`, { kind: "away", until: "2026-12-05", to }],
    [`away until 2026-12-05 <mailto:${to}|${to}>`, { kind: "away", until: "2026-12-05", to }],
    ["back", { kind: "back" }],
    [`delegate case-00ff to ${to}`, { kind: "delegate", case: "case-00ff", to }],
    [`Delegate to ${to}`, { kind: "delegate", to }],
    ["delegate this", { kind: "delegate" }],
    ["I agree", { kind: "vote" }],
    ["Yes, go ahead", { kind: "vote" }],
  ] as const) {
    assert.deepEqual(parseDelegationWords(said), meant, said);
  }
  for (const said of [
    "away until Friday",
    "I was away until 2026-12-05",
    "away",
    "",
    "delegated?",
  ]) {
    assert.equal(parseDelegationWords(said).kind, "unclear", said);
  }
});

test("of a reply the first written line is read, and nothing of what it quotes", () => {
  assert.equal(firstWords("\r\n  back \r\n\r\nRegards"), "back");
  assert.equal(firstWords("> away until 2026-12-05"), "");
  assert.equal(firstWords("On Mon, X wrote:\n> back"), "");
});
