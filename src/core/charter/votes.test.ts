import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { referenceCharter } from "../../../test/kit/reference-loop.ts";
import type { Charter, Party, Person, VoteRequirement } from "./types.ts";
import { type Ballot, type CastVote, findVoteRefusal, tallyVotes } from "./votes.ts";

const DIGEST = "d".repeat(64);
/** 2 March 2026 in India. */
const AT = "2026-03-02T06:00:00.000Z";

const person = (name: string, term: Partial<Person> = {}): Person => ({
  name,
  email: `${name.toLowerCase()}@example.com`,
  ...term,
});

const [model] = referenceCharter().parties;
assert(model);
const parties: ReadonlyArray<Party> = [
  {
    ...model,
    department: "logistics",
    owner: person("Meera"),
    deputies: [person("Arjun")],
    groups: { desk: [person("Farah"), person("Both"), person("Left", { until: "2026-03-02" })] },
  },
  {
    ...model,
    department: "marketing",
    owner: person("Rohan"),
    deputies: [person("Kavya"), person("Rohan")],
    groups: { desk: [person("Both"), person("Soon", { from: "2026-03-03" })] },
  },
  { ...model, department: "finance", owner: person("Dev"), deputies: [], groups: {} },
];
const charter: Charter = { ...referenceCharter(), parties };

const asks = (party: string, quorum = 1): VoteRequirement => ({
  party,
  quorum,
  from: party === "finance" ? ["owner"] : ["owner", "desk"],
});
const bothSides = [asks("logistics"), asks("marketing")];

function ballot(
  requirements: ReadonlyArray<VoteRequirement>,
  authors: ReadonlyArray<string> = [],
): Ballot {
  return { charter, requirements, digest: DIGEST, authors };
}

function vote(party: string, name: string, change: Partial<CastVote> = {}): CastVote {
  const { email } = person(name);
  return { party, person: email, choice: "agree", reason: "", digest: DIGEST, at: AT, ...change };
}

function tally(requirements: ReadonlyArray<VoteRequirement>, ...votes: CastVote[]): string {
  const result = tallyVotes(ballot(requirements), votes);
  if (result.kind !== "waiting") return result.kind;
  return result.for.map(({ party, missing }) => `${party} ${missing}`).join(", ");
}

test("nothing is agreed before each named side has agreed", () => {
  assert.equal(tally(bothSides), "logistics 1, marketing 1");
  assert.equal(tally(bothSides, vote("logistics", "Meera")), "marketing 1");
  const votes = [vote("logistics", "Meera"), vote("marketing", "Kavya")];
  assert.equal(tally(bothSides, ...votes), "agreed");
});

test("two people of one side do not stand in for the other side", () => {
  const votes = [vote("logistics", "Meera"), vote("logistics", "Arjun")];
  assert.equal(tally(bothSides, ...votes), "marketing 1");
});

test("the same person twice, in two roles or two spellings, is one vote", () => {
  const asked = [asks("marketing", 2)];
  const rohan = vote("marketing", "Rohan");
  assert.equal(tally(asked, rohan, rohan), "marketing 1");
  assert.equal(tally(asked, rohan, { ...rohan, person: " ROHAN@Example.com " }), "marketing 1");
  assert.equal(tally(asked, rohan, vote("marketing", "Kavya")), "agreed");
});

test("a stranger and a person of the other side do not count, nor do their rejections", () => {
  const agent = vote("logistics", "x", { person: "logistics/ndr-watch" });
  const votes = [agent, vote("logistics", "Dev"), vote("marketing", "Meera")];
  assert.equal(tally(bothSides, ...votes), "logistics 1, marketing 1");
  const asRejections = votes.map((v): CastVote => ({ ...v, choice: "reject" }));
  assert.equal(tally(bothSides, ...asRejections), "logistics 1, marketing 1");
});

test("a vote for another digest does not count, whether it agrees or rejects", () => {
  const stale = { digest: "e".repeat(64) };
  assert.equal(tally([asks("logistics")], vote("logistics", "Meera", stale)), "logistics 1");
  const rejection = vote("logistics", "Meera", { ...stale, choice: "reject" });
  assert.equal(tally([asks("logistics")], rejection, vote("logistics", "Arjun")), "agreed");
});

test("one rejection by anyone of a named side closes it, even when all others agree", () => {
  const result = tallyVotes(ballot(bothSides), [
    vote("logistics", "Meera"),
    vote("marketing", "Rohan"),
    vote("marketing", "Kavya", { choice: "reject", reason: "launch week" }),
  ]);
  assert.equal(result.kind, "rejected");
});

test("a rejection names who gave it and why", () => {
  const reject = vote("marketing", "Kavya", { choice: "reject", reason: "launch week" });
  const result = tallyVotes(ballot(bothSides), [vote("logistics", "Meera"), reject]);
  assert.deepEqual(result, { kind: "rejected", by: "Kavya (marketing)", reason: "launch week" });
});

test("no requirements are not an agreement, and a quorum that is no number is never reached", () => {
  const none = tallyVotes(ballot([]), [vote("logistics", "Meera")]);
  assert.deepEqual(none, { kind: "waiting", for: [] });
  assert.match(tally([asks("logistics", NaN)], vote("logistics", "Meera")), /logistics/);
});

const REFUSALS: ReadonlyArray<[what: string, code: string, CastVote, string[], CastVote[]]> = [
  ["of a party that is not asked", "vote/not-asked", vote("finance", "Dev"), [], []],
  ["of somebody without a seat", "vote/not-entitled", vote("logistics", "Dev"), [], []],
  ["for the other side", "vote/not-entitled", vote("marketing", "Meera"), [], []],
  ["of somebody whose term is over that day", "vote/out-of-term", vote("logistics", "Left"), [], []],
  ["of somebody whose term begins tomorrow", "vote/out-of-term", vote("marketing", "Soon"), [], []],
  ["of somebody with seats on both sides", "vote/both-sides", vote("logistics", "Both"), [], []],
  ["of an author", "vote/self-approval", vote("logistics", "Meera"), ["MEERA@example.com"], []],
  ["on another action", "vote/other-action", vote("logistics", "Meera", { digest: "x" }), [], []],
  ["given before", "vote/already-cast", vote("logistics", "Meera"), [], [vote("logistics", "Meera")]],
]; // prettier-ignore
for (const [what, code, given, authors, earlier] of REFUSALS) {
  test(`a vote ${what} is refused as ${code}`, () => {
    assert.equal(findVoteRefusal(ballot(bothSides, authors), earlier, given)?.code, code);
  });
}

test("whoever agreed may still reject, and a vote that counts is not refused", () => {
  const meera = vote("logistics", "Meera");
  assert.equal(findVoteRefusal(ballot(bothSides), [], meera), undefined);
  const reject: CastVote = { ...meera, choice: "reject" };
  assert.equal(findVoteRefusal(ballot(bothSides), [meera], reject), undefined);
});

/** Who may vote for whom on that day, written by hand: no seat on two sides, in term, deputies too. */
const MAY: Record<string, ReadonlyArray<string>> = {
  logistics: ["meera@example.com", "arjun@example.com", "farah@example.com"],
  marketing: ["rohan@example.com", "kavya@example.com"],
  finance: ["dev@example.com"],
};

/** The slow plain count: one list of people a side, read from the first vote to the last. */
function plainCount(
  asked: ReadonlyArray<VoteRequirement>,
  votes: ReadonlyArray<CastVote>,
  authors: ReadonlyArray<string>,
): string {
  const agreed: Record<string, string[]> = {};
  for (const { party, person: who, choice, digest } of votes) {
    if (!asked.some((one) => one.party === party)) continue;
    if (!MAY[party]?.includes(who) || authors.includes(who) || digest !== DIGEST) continue;
    if (choice === "reject") return "rejected";
    agreed[party] = [...new Set([...(agreed[party] ?? []), who])];
  }
  const isDone = asked.every(({ party, quorum }) => (agreed[party]?.length ?? 0) >= quorum);
  return asked.length > 0 && isDone ? "agreed" : "waiting";
}

test("100,000 random sequences of votes end as a plain count by hand says", () => {
  const names = ["Meera", "Arjun", "Farah", "Both", "Left", "Rohan", "Kavya", "Soon", "Dev", "X"];
  const anyVote = fc.record({
    party: fc.constantFrom("logistics", "marketing", "logistics", "marketing", "finance", "nobody"),
    name: fc.constantFrom(...names),
    choice: fc.constantFrom<CastVote["choice"]>(...Array<"agree">(9).fill("agree"), "reject"),
    digest: fc.constantFrom(DIGEST, DIGEST, DIGEST, DIGEST, "other"),
  });
  const anyAsked = fc
    .subarray(["logistics", "marketing", "finance"], { minLength: 1 })
    .chain((asked) =>
      fc
        .array(fc.constantFrom(1, 1, 1, 2), { minLength: 3, maxLength: 3 })
        .map((quorums) => asked.map((party, i) => asks(party, quorums[i] ?? 1))),
    );
  const anyAuthors = fc.constantFrom<string[]>([], [], ["meera@example.com"], ["dev@example.com"]);
  const seen = { agreed: 0, rejected: 0, waiting: 0 };
  fc.assert(
    fc.property(
      anyAsked,
      fc.array(anyVote, { maxLength: 10 }),
      anyAuthors,
      (asked, drawn, authors) => {
        const votes = drawn.map(({ party, name, choice, digest }) =>
          vote(party, name, { choice, digest }),
        );
        const { kind } = tallyVotes(ballot(asked, authors), votes);
        assert.equal(kind, plainCount(asked, votes, authors));
        seen[kind] += 1;
      },
    ),
    { numRuns: 100_000 },
  );
  for (const [kind, count] of Object.entries(seen)) assert(count > 1_000, `${kind}: ${count}`);
});
