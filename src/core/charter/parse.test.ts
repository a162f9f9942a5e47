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
const clockOfMarketing = "/parties/1/clock";
const clock = {
  counts: "all-hours",
  remindAfterHours: 1,
  answerWithinHours: 2,
  escalate: [],
  atEnd: "expire",
};
const broken: ReadonlyArray<[string, string, unknown, RegExp]> = [
  ["one party", "/parties/1", undefined, /./],
  ["the same party twice", "/parties/1/department", "logistics", /^\/parties\/1\/department charter\/duplicate/],
  ["a person without a mailbox", "/parties/0/owner/email", "meera", /^\/parties\/0\/owner\/email charter\/wrong-format: `meera` is not an email address$/],
  ["a term that ends before it begins", "/parties/0/owner", { name: "M", email: "m@l.example", from: "2026-05-01", until: "2026-05-01" }, /^\/parties\/0\/owner charter\/empty-range/],
  ["a group that is called like a standing seat", "/parties/0/groups/deputies", [], /^\/parties\/0\/groups\/deputies charter\/duplicate/],
  ["a time zone that nobody knows", "/timeZone", "Asia/Bangalore", /^\/timeZone charter\/wrong-value: `Asia\/Bangalore` is not a time zone$/],
  ["a calendar in a zone that nobody knows", "/parties/0/calendar/timeZone", "IST+5", /^\/parties\/0\/calendar\/timeZone charter\/wrong-value/],
  ["a shift over midnight", "/parties/0/calendar/open/0/until", "09:00", /^\/parties\/0\/calendar\/open\/0 charter\/empty-range: nothing is from 09:30 to before 09:00$/],
  ["an hour that no clock shows", "/parties/0/calendar/open/0/until", "25:00", /^\/parties\/0\/calendar\/open\/0\/until charter\/wrong-format/],
  ["a holiday twice", "/parties/0/calendar/holidays/1/day", "2026-01-26", /^\/parties\/0\/calendar\/holidays\/1 charter\/duplicate/],
  ["notices to someone who is no party", "/notify/0/department", "logistic", /^\/notify\/0\/department charter\/unknown-party: .*did you mean logistics$/],
  ["notices of an event that is none", "/notify/0/on", ["everything"], /^\/notify\/0\/on\/0 charter\/wrong-value/],
  ["votes of someone who is no party", `${voteOfMarketing}/party`, "finance", /^\/rules\/4\/then\/votes\/0\/party charter\/unknown-party/],
  ["a quorum larger than those who may vote", `${voteOfMarketing}/quorum`, 3, /^\/rules\/4\/then\/votes\/0\/quorum charter\/unknown-person: 3 votes are asked of marketing, where 2 may vote$/],
  ["a quorum of nought", `${voteOfMarketing}/quorum`, 0, /`0` is below 1, the least allowed$/],
  ["a seat that the party does not have", `${voteOfMarketing}/from/0`, "deputie", /^\/rules\/4\/then\/votes\/0\/from\/0 charter\/unknown-person: marketing has no seat `deputie`; did you mean deputies$/],
  ["votes of nobody in particular", `${voteOfMarketing}/from`, [], /fewer than 1 items/],
  ["silence that allows", `${clockOfMarketing}/atEnd`, "allow", /`allow` is not one of expire or decline$/],
  ["escalation to nobody", "/parties/1/deputies", [], /^\/parties\/1\/clock\/escalate\/0\/to charter\/unknown-person: nobody sits in `deputies` of marketing$/],
  ["a reminder after the deadline", `${clockOfMarketing}/remindAfterHours`, 4, /^\/parties\/1\/clock\/remindAfterHours charter\/inconsistent/],
  ["a vote's own clock with a reminder after its deadline", `${voteOfMarketing}/clock`, { ...clock, remindAfterHours: 2 }, /^\/rules\/4\/then\/votes\/0\/clock\/remindAfterHours charter\/inconsistent/],
  ["a rule about an unknown option", "/rules/3/when/option/0", "exclude_geos", /^\/rules\/3\/when\/option\/0 charter\/unknown-option: .*did you mean exclude_geo$/],
  ["two rules of one name", "/rules/1/name", "too-many-orders", /^\/rules\/1\/name charter\/duplicate/],
  ["a rule without a reason", "/rules/1/because", "", /^\/rules\/1\/because charter\/out-of-range/],
  ["a misspelt condition", "/rules/0/when/shareOfOrder", { below: 1 }, /`shareOfOrder` is not a field here; did you mean shareOfOrders$/],
  ["an empty range", "/rules/0/when/shareOfOrders", { atLeast: 0.1, below: 0.1 }, /^\/rules\/0\/when\/shareOfOrders charter\/empty-range: nothing is at least 0.1 and below 0.1$/],
  ["a range below nought", "/rules/0/when/shareOfOrders", { below: 0 }, /charter\/empty-range/],
  ["a range without bounds", "/rules/0/when/shareOfOrders", {}, /fewer than 1 fields/],
  ["a share in percent", "/rules/0/when/shareOfOrders", { atLeast: 10 }, /`10` is above 1, the most allowed$/],
  ["money without its currency", "/rules/2/when/valueAtStake", { below: "75000" }, /^\/rules\/2\/when\/valueAtStake\/below charter\/wrong-format/],
  ["money in fractions of a paisa", "/rules/2/when/valueAtStake", { below: "INR 0.505" }, /charter\/wrong-format/],
  ["an empty range of money", "/rules/2/when/valueAtStake", { atLeast: "INR 10", below: "INR 9.99" }, /^\/rules\/2\/when\/valueAtStake charter\/empty-range: nothing is at least INR 10 and below INR 9.99$/],
  ["a time that is no time", "/rules/2/when/time", [{ days: ["mon"], from: "10:00", until: "10:00" }], /^\/rules\/2\/when\/time\/0 charter\/empty-range/],
  ["an effect that is not one of three", "/rules/0/then/kind", "allow", /^\/rules\/0\/then\/kind charter\/wrong-value: `allow` is not one of auto, approve or forbid$/],
  ["something allowed that nobody answers for", "/rules/2/accountable", undefined, /^\/rules\/2\/accountable charter\/missing-field/],
  ["something forbidden that somebody answers for", "/rules/0/accountable", "marketing", /^\/rules\/0\/accountable charter\/unknown-field/],
  ["approval by nobody in particular", "/rules/3/then", { kind: "approve" }, /^\/rules\/3\/then\/votes charter\/missing-field/],
  ["approval by an empty list", "/rules/3/then/votes", [], /fewer than 1 items/],
  ["votes beside auto", "/rules/2/then/votes", [{ party: "marketing", quorum: 1, from: ["owner"] }], /^\/rules\/2\/then\/votes charter\/unknown-field/],
  ["a party asked twice", "/rules/3/then/votes/1/party", "logistics", /^\/rules\/3\/then\/votes\/1\/party charter\/duplicate/],
  ["a charter that ends before it begins", "/effective/until", "2021-01-01", /^\/effective charter\/empty-range/],
  ["a review after its end", "/effective/review", "2028-01-02", /^\/effective\/review charter\/out-of-range/],
  ["a freeze that ends before it begins", "/guardrails/freezes/0/until", "2026-01-01", /^\/guardrails\/freezes\/0 charter\/empty-range/],
  ["a day that does not exist", "/effective/until", "2027-02-30", /^\/effective\/until charter\/wrong-format/],
  ["fewer actions a week than a day", "/guardrails/perWeek/actions", 39, /^\/guardrails\/perWeek\/actions charter\/inconsistent/],
  ["less money a week than a day", "/guardrails/perWeek/value", "INR 999999.99", /^\/guardrails\/perWeek\/value charter\/inconsistent/],
  ["a caps figure that is NaN", "/guardrails/perDay/actions", NaN, /charter\/not-plain/],
  ["rollback by someone who is no party", "/rollback/by/0", "finance", /^\/rollback\/by\/0 charter\/unknown-party/],
  ["precedence against itself", "/precedence", { over: ["logistics-marketing"] }, /^\/precedence\/over\/0 charter\/inconsistent/],
  ["precedence both ways", "/precedence", { over: ["stock"], yieldsTo: ["stock"] }, /^\/precedence\/over\/0 charter\/inconsistent/],
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
    ["/rules/2/when/valueAtStake/below", "INR 75000.01"],
    ["/guardrails/perDay/actions", 41],
    ["/parties/0/owner/email", "other@logistics.example.com"],
    ["/rollback/onHarm", false],
    ["/parties/0/calendar/open/0/from", "09:45"],
    ["/version", 2],
  ];
  const hashes = pointers.map((change) => charterHash(parseCharter(changed(change))));
  assert.equal(new Set([...hashes, charterHash(charter)]).size, pointers.length + 1);
});
