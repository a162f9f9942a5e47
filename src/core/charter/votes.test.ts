import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Party, VoteRequirement } from "./types.ts";
import { type CastVote, findVoteRefusal, tallyVotes, votersOf } from "./votes.ts";

const DIGEST = "d".repeat(64);
const person = (name: string): { name: string; email: string } => ({
  name,
  email: `${name.toLowerCase()}@example.com`,
});

const people: ReadonlyArray<Party> = [
  {
    department: "logistics",
    owner: person("Meera"),
    deputies: [person("Arjun")],
    approvers: [person("Farah"), person("Both")],
  },
  {
    department: "marketing",
    owner: person("Rohan"),
    deputies: [person("Kavya"), person("Rohan")],
    approvers: [person("Both")],
  },
  { department: "finance", owner: person("Dev"), deputies: [], approvers: [] },
];

const asks = (party: string, quorum = 1): VoteRequirement => ({
  party,
  quorum,
  withinHours: 8,
  remindAfterHours: 2,
  onTimeout: "expire",
});
const bothSides = [asks("logistics"), asks("marketing")];

function vote(party: string, name: string, change: Partial<CastVote> = {}): CastVote {
  const { email } = person(name);
  return { party, person: email, choice: "agree", reason: "", digest: DIGEST, ...change };
}

function tally(requirements: ReadonlyArray<VoteRequirement>, ...votes: CastVote[]): string {
  const result = tallyVotes(requirements, votes, people, DIGEST);
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

test("someone on both rosters counts for one side only", () => {
  const votes = [vote("logistics", "Both"), vote("marketing", "Both")];
  assert.equal(tally(bothSides, ...votes), "marketing 1");
  assert.equal(tally([asks("marketing")], ...votes), "marketing 1");
});

test("an agent, a stranger and a person of the other side do not count", () => {
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
  const result = tallyVotes(
    bothSides,
    [
      vote("logistics", "Meera"),
      vote("marketing", "Rohan"),
      vote("marketing", "Kavya", { choice: "reject", reason: "launch week" }),
    ],
    people,
    DIGEST,
  );
  assert.deepEqual(result, { kind: "rejected", by: "Kavya (marketing)", reason: "launch week" });
});

test("whoever changes their mind from agree to reject is heard, and not the other way round", () => {
  const agree = vote("logistics", "Meera");
  const reject = vote("logistics", "Meera", { choice: "reject" });
  assert.equal(tally([asks("logistics")], agree, reject), "rejected");
  assert.equal(tally([asks("logistics")], reject, agree), "rejected");
});

test("a side that was not asked can neither agree nor reject", () => {
  const votes = [vote("finance", "Dev", { choice: "reject" }), vote("finance", "Dev")];
  assert.equal(tally(bothSides, ...votes), "logistics 1, marketing 1");
});

test("no requirements are not an agreement", () => {
  assert.deepEqual(tallyVotes([], [vote("logistics", "Meera")], people, DIGEST), {
    kind: "waiting",
    for: [],
  });
});

test("a quorum that is not a number is never reached", () => {
  assert.match(tally([asks("logistics", NaN)], vote("logistics", "Meera")), /logistics/);
});

const names = ["Meera", "Arjun", "Farah", "Both", "Rohan", "Kavya", "Dev", "Stranger"];
const anyVote = fc.record({
  party: fc.constantFrom("logistics", "marketing", "finance", "nobody"),
  person: fc.constantFrom(...names).map((name) => person(name).email),
  choice: fc.constantFrom<CastVote["choice"]>("agree", "agree", "agree", "reject"),
  reason: fc.constant("r"),
  digest: fc.constantFrom(DIGEST, DIGEST, DIGEST, "other"),
});
const anyRequirements = fc
  .subarray(["logistics", "marketing", "finance"], { minLength: 1 })
  .chain((parties) =>
    fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 })
      .map((quorums) => parties.map((party, i) => asks(party, quorums[i] ?? 1))),
  );

test("agreement always rests on enough different, rostered people of every asked side", () => {
  let agreements = 0;
  fc.assert(
    fc.property(anyRequirements, fc.array(anyVote, { maxLength: 12 }), (asked, votes) => {
      const result = tallyVotes(asked, votes, people, DIGEST);
      const valid = votes.filter(
        (v) =>
          v.digest === DIGEST &&
          people.some(
            (p) => p.department === v.party && votersOf(p).some((x) => x.email === v.person),
          ),
      );
      const rejected = valid.some(
        (v) => v.choice === "reject" && asked.some(({ party }) => party === v.party),
      );
      assert.equal(result.kind === "rejected", rejected);
      if (result.kind !== "agreed") return;
      agreements += 1;
      const everyone = new Set(valid.map((v) => v.person));
      const needed = asked.reduce((sum, { quorum }) => sum + quorum, 0);
      assert(everyone.size >= needed, "fewer people than votes");
      for (const { party, quorum } of asked) {
        const side = new Set(valid.filter((v) => v.party === party).map((v) => v.person));
        assert(side.size >= quorum, `${party} has too few people`);
      }
    }),
    { numRuns: 5_000 },
  );
  assert(agreements > 20, `only ${agreements} agreements, so little was tried`);
});

test("a vote that would not count is refused with the reason, one that counts is taken", () => {
  const refusal = (v: CastVote, ...earlier: CastVote[]): string | undefined =>
    findVoteRefusal(bothSides, earlier, v, people, DIGEST);
  const meera = vote("logistics", "Meera");
  assert.equal(refusal(meera), undefined);
  assert.equal(refusal({ ...meera, choice: "reject" }, meera), undefined);
  assert.match(refusal(meera, meera) ?? "", /already voted, for logistics/);
  assert.match(refusal(vote("finance", "Dev")) ?? "", /finance is not asked/);
  assert.match(refusal(vote("marketing", "Meera")) ?? "", /not an owner, deputy or approver/);
  assert.match(refusal({ ...meera, digest: "x" }) ?? "", /has changed since/);
});
