import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HOUR_MS, instantFromMs, instantToMs, MINUTE_MS, weekdayOf } from "../../src/std/time.ts";
import { answerVote, humanHandOffDays, type HumanVote } from "./people.ts";

const ASKED_AT = "2026-03-05T03:30:00.000Z";

/** Answers to requests at every hour of six weeks. */
function setup(): ReadonlyArray<{ askedAt: string; vote: HumanVote | undefined }> {
  return Array.from({ length: 1_000 }, (_, index) => {
    const askedAt = instantFromMs(instantToMs(ASKED_AT) + index * HOUR_MS);
    return { askedAt, vote: answerVote(1, `case-${index}`, "marketing", askedAt) };
  });
}

describe("people", () => {
  it("answer after they are asked, on working days within office hours", () => {
    for (const { askedAt, vote } of setup()) {
      if (vote === undefined) continue;
      assert.ok(vote.at >= askedAt);
      const wall = instantFromMs(instantToMs(vote.at) + 330 * MINUTE_MS);
      assert.ok(wall.slice(11, 16) >= "09:30" && wall.slice(11, 16) < "19:00", wall);
      assert.notEqual(weekdayOf(wall.slice(0, 10)), 6, `${wall} is a Sunday`);
    }
  });

  it("mostly agree, sometimes reject and sometimes never answer", () => {
    const votes = setup().map(({ vote }) => vote?.choice);
    const share = (choice: string | undefined) =>
      votes.filter((vote) => vote === choice).length / votes.length;
    assert.ok(share("reject") > 0.02 && share("reject") < 0.09, `${share("reject")}`);
    assert.ok(share(undefined) > 0.02 && share(undefined) < 0.09, `${share(undefined)}`);
  });

  it("answer alike for the same seed, case and party, and not alike otherwise", () => {
    const at = (seed: number, caseId: string, party: string) =>
      answerVote(seed, caseId, party, ASKED_AT)?.at;
    assert.equal(at(1, "case-1", "marketing"), at(1, "case-1", "marketing"));
    assert.notEqual(at(1, "case-1", "marketing"), at(1, "case-1", "logistics"));
    assert.notEqual(at(1, "case-1", "marketing"), at(2, "case-1", "marketing"));
  });

  it("need 5 to 14 days for a hand-off by hand", () => {
    const days = Array.from({ length: 500 }, (_, index) => humanHandOffDays(1, `case-${index}`));
    assert.equal(Math.min(...days), 5);
    assert.equal(Math.max(...days), 14);
  });
});
