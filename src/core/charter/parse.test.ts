import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { referenceCharter } from "../../../test/kit/reference-loop.ts";
import { InvalidDocumentError } from "../document.ts";
import { charterHash, checkCharter, parseCharter } from "./parse.ts";

type Draft = Record<string, unknown>;

function changed(...changes: ReadonlyArray<[pointer: string, value: unknown]>): unknown {
  const draft = structuredClone(referenceCharter()) as unknown as Draft;
  for (const [pointer, value] of changes) {
    const keys = pointer.split("/").slice(1);
    const last = keys.pop() ?? "";
    let node = draft;
    for (const key of keys) node = node[key] as Draft;
    if (value === undefined) delete node[last];
    else node[last] = value;
  }
  return draft;
}

function problemsOf(value: unknown): ReadonlyArray<string> {
  const result = checkCharter(value);
  return result.kind === "valid"
    ? []
    : result.problems.map(({ path, code, message }) => `${path} ${code}: ${message}`);
}

const voteOfMarketing = "/rules/4/then/votes/0";
const broken: ReadonlyArray<[string, string, unknown, RegExp]> = [
  ["one party", "/parties/1", undefined, /./],
  ["the same party twice", "/parties/1/department", "logistics", /^\/parties\/1\/department charter\/duplicate/],
  ["a person without a mailbox", "/parties/0/owner/email", "meera", /^\/parties\/0\/owner\/email charter\/wrong-format: `meera` is not an email address$/],
  ["notices to someone who is no party", "/notify/0/department", "logistic", /^\/notify\/0\/department charter\/unknown-party: .*did you mean logistics$/],
  ["votes of someone who is no party", `${voteOfMarketing}/party`, "finance", /^\/rules\/4\/then\/votes\/0\/party charter\/unknown-party/],
  ["a quorum larger than the party", `${voteOfMarketing}/quorum`, 3, /^\/rules\/4\/then\/votes\/0\/quorum charter\/unknown-person: 3 votes are asked of marketing, which has 2 voter/],
  ["a quorum of nought", `${voteOfMarketing}/quorum`, 0, /`0` is below 1, the least allowed$/],
  ["silence that allows", `${voteOfMarketing}/onTimeout`, "allow", /`allow` is not one of expire, decline or escalate$/],
  ["escalation without hours", `${voteOfMarketing}/escalateHours`, undefined, /^\/rules\/4\/then\/votes\/0\/escalateHours charter\/missing-field/],
  ["hours for an escalation that never comes", `${voteOfMarketing}/onTimeout`, "expire", /^\/rules\/4\/then\/votes\/0\/escalateHours charter\/unknown-field/],
  ["escalation to nobody", "/parties/1/deputies", [], /^\/rules\/4\/then\/votes\/0\/onTimeout charter\/unknown-person/],
  ["a reminder after the deadline", `${voteOfMarketing}/remindAfterHours`, 12, /^\/rules\/4\/then\/votes\/0\/remindAfterHours charter\/inconsistent/],
  ["a rule about an unknown option", "/rules/3/when/option/0", "exclude_geos", /^\/rules\/3\/when\/option\/0 charter\/unknown-option: .*did you mean exclude_geo$/],
  ["two rules of one name", "/rules/1/name", "too-many-orders", /^\/rules\/1\/name charter\/duplicate/],
  ["a rule without a reason", "/rules/1/because", "", /^\/rules\/1\/because charter\/out-of-range/],
  ["a misspelt condition", "/rules/0/when/shareOfOrder", { below: 1 }, /`shareOfOrder` is not a field here; did you mean shareOfOrders$/],
  ["an empty range", "/rules/0/when/shareOfOrders", { atLeast: 0.1, below: 0.1 }, /^\/rules\/0\/when\/shareOfOrders charter\/empty-range: nothing is at least 0.1 and below 0.1$/],
  ["a range below nought", "/rules/0/when/shareOfOrders", { below: 0 }, /charter\/empty-range/],
  ["a range without bounds", "/rules/0/when/shareOfOrders", {}, /fewer than 1 fields/],
  ["a share in percent", "/rules/0/when/shareOfOrders", { atLeast: 10 }, /`10` is above 1, the most allowed$/],
  ["money in fractions of a paisa", "/rules/2/when/valueAtStakeMinor", { below: 0.5 }, /`0.5` is not a whole number$/],
  ["an effect that is not one of three", "/rules/0/then/kind", "allow", /^\/rules\/0\/then\/kind charter\/wrong-value: `allow` is not one of auto, approve or forbid$/],
  ["approval by nobody in particular", "/rules/3/then", { kind: "approve" }, /^\/rules\/3\/then\/votes charter\/missing-field/],
  ["approval by an empty list", "/rules/3/then/votes", [], /fewer than 1 items/],
  ["votes beside auto", "/rules/2/then/votes", [{ party: "marketing", quorum: 1, withinHours: 8, remindAfterHours: 2, onTimeout: "expire" }], /^\/rules\/2\/then\/votes charter\/unknown-field/],
  ["a party asked twice", "/rules/3/then/votes/1/party", "logistics", /^\/rules\/3\/then\/votes\/1\/party charter\/duplicate/],
  ["a charter that ends before it begins", "/effective/until", "2021-01-01T00:00:00.000Z", /^\/effective charter\/empty-range/],
  ["a freeze that ends before it begins", "/guardrails/freezes/0/until", "2026-01-01T00:00:00.000Z", /^\/guardrails\/freezes\/0 charter\/empty-range/],
  ["a day that does not exist", "/effective/until", "2027-02-30T00:00:00.000Z", /^\/effective\/until charter\/wrong-format/],
  ["fewer actions a week than a day", "/guardrails/actionsPerWeek", 39, /^\/guardrails\/actionsPerWeek charter\/inconsistent/],
  ["a caps figure that is NaN", "/guardrails/valuePerDayMinor", NaN, /charter\/not-plain/],
  ["another kind of document", "/interlock", "charter/2", /^\/interlock charter\/wrong-value: `charter\/2` is not `charter\/1`$/],
]; // prettier-ignore
for (const [what, pointer, value, expected] of broken) {
  test(`a charter with ${what} is refused at its place`, () => {
    const lines = problemsOf(changed([pointer, value]));
    assert(
      lines.some((line) => expected.test(line)),
      `${String(expected)} is not among\n${lines.join("\n")}`,
    );
  });
}

test("every mistake is thrown at once", () => {
  const value = changed(["/rules/1/name", "too-many-orders"], ["/notify/0/department", "sales"]);
  assert.throws(
    () => parseCharter(value),
    (thrown: unknown) => thrown instanceof InvalidDocumentError && thrown.problems.length === 2,
  );
});

test("any value whatsoever is a charter or a list of problems", () => {
  const pointers = [
    "/rules",
    "/rules/0/when",
    "/rules/0/then",
    "/parties",
    "/guardrails",
    "/notify",
  ];
  fc.assert(
    fc.property(fc.constantFrom(...pointers), fc.anything(), (pointer, value) => {
      assert(["valid", "invalid"].includes(checkCharter(changed([pointer, value])).kind));
      assert.equal(checkCharter(value).kind, "invalid");
    }),
    { numRuns: 500 },
  );
});

test("changing any figure changes the hash that both heads signed", () => {
  const charter = referenceCharter();
  const pointers: ReadonlyArray<[string, unknown]> = [
    ["/rules/2/when/valueAtStakeMinor/below", 2_500_001],
    ["/guardrails/actionsPerDay", 41],
    ["/parties/0/owner/email", "other@logistics.example.com"],
    ["/outcome/undoOnHarm", false],
    ["/version", 2],
  ];
  const hashes = pointers.map((change) => charterHash(parseCharter(changed(change))));
  assert.equal(new Set([...hashes, charterHash(charter)]).size, pointers.length + 1);
});
