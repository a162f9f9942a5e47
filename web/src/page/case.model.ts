/**
 * One case as stations on one line, from what was seen to what came of it: when each was reached, what it
 * came to in a few words, and where the line stopped.
 */
import type { Case } from "../../../src/core/case/types.ts";
import type { CaseEvidence } from "../../../src/operation/show-evidence.ts";
import type { EffectSummary } from "../../../src/store/table/effect.ts";
import { type Day, diffMs, type Instant } from "../../../src/std/time.ts";
import { wordsOf } from "../part/case-words.ts";
import { dayToText, shareToText, spanToText, toTitle } from "../words.ts";

export type Station = {
  /** The panel that tells it. */
  readonly id: "seen" | "weighed" | "decided" | "acted" | "told" | "read" | "record";
  readonly name: string;
  /** Passed, being there, passed badly, not reached. */
  readonly state: "done" | "now" | "bad" | "ahead";
  readonly at?: Instant;
  /** A day of the business, where no instant is known. */
  readonly day?: Day;
  readonly words: string;
};

export function tellStory(
  of: Case,
  effects: ReadonlyArray<EffectSummary>,
  changedOn: CaseEvidence["changedOn"] | undefined,
): ReadonlyArray<Station> {
  const { signal, state, outcome, action } = of;
  return [
    {
      ...{ id: "seen", name: "Changed", state: "done" },
      ...(changedOn == null ? {} : { day: changedOn }),
      words: changedOn == null ? "the signal names no day" : dayToText(changedOn),
    },
    {
      ...{ id: "seen", name: "Signal", at: signal.sentAt },
      state: state === "quarantined" ? "bad" : "done",
      words: `confidence ${shareToText(signal.confidence)}`,
    },
    weighed(of),
    decided(of),
    acted(of),
    told(effects),
    {
      ...{ id: "read", name: "Effect" },
      ...(outcome === undefined ? {} : { at: outcome.measuredAt }),
      state:
        outcome !== undefined
          ? "done"
          : action !== undefined && state === "watching"
            ? "now"
            : "ahead",
      words:
        outcome === undefined
          ? action === undefined
            ? "nothing to read"
            : "not mature yet"
          : wordsOf("closed", outcome.verdict === "harmed" ? "harmed-undone" : outcome.verdict)[0],
    },
    {
      ...{ id: "record", name: "Closed" },
      ...(of.closedAt === undefined ? {} : { at: of.closedAt }),
      state: state === "closed" ? "done" : "ahead",
      words: state === "closed" ? wordsOf(state, of.closeReason)[0] : "open",
    },
  ];
}

function weighed({ reply, proposal, state }: Case): Station {
  const isNow = state === "evaluating" || state === "received";
  return {
    ...{ id: "weighed", name: "Weighed" },
    state: reply !== undefined ? "done" : isNow ? "now" : "ahead",
    words:
      proposal !== undefined
        ? toTitle(proposal.option)
        : reply !== undefined
          ? toTitle(reply.kind).toLowerCase()
          : isNow
            ? "being asked"
            : "not asked",
  };
}

function decided({ verdict, clocks, votes, state }: Case): Station {
  const answered = clocks.flatMap(({ answeredAt }) => answeredAt ?? []).sort();
  const at = answered.at(-1) ?? verdict?.facts.now;
  const isRejected = votes.some(({ choice }) => choice === "reject");
  const words = {
    auto: "by rule, no vote needed",
    approve: `${votes.length} of ${clocks.length} voted`,
    forbid: "not allowed",
  };
  return {
    ...{ id: "decided", name: "Decided" },
    ...(at === undefined ? {} : { at }),
    state:
      state === "held"
        ? "now"
        : verdict === undefined
          ? "ahead"
          : isRejected || verdict.kind === "forbid"
            ? "bad"
            : "done",
    words: verdict === undefined ? "not asked" : isRejected ? "rejected" : words[verdict.kind],
  };
}

function acted({ action, state, awaitingPerson, signal }: Case): Station {
  const station = { id: "acted", name: "Acted" } as const;
  if (action !== undefined) {
    const { at, connector } = action;
    const took = spanToText(diffMs(at, signal.sentAt));
    return { ...station, at, state: "done", words: `${took} after the signal, ${connector}` };
  }
  if (awaitingPerson !== undefined) return { ...station, state: "bad", words: "needs a person" };
  return state === "executing"
    ? { ...station, state: "now", words: "being done" }
    : { ...station, state: "ahead", words: "nothing was changed" };
}

function told(effects: ReadonlyArray<EffectSummary>): Station {
  const letters = effects.filter(({ kind }) => kind === "notify");
  const delivered = letters.filter(({ state }) => state === "done").length;
  const isBad = letters.some(({ last_error }) => last_error !== null);
  return {
    ...{ id: "told", name: "Told" },
    state:
      letters.length === 0 ? "ahead" : isBad ? "bad" : delivered < letters.length ? "now" : "done",
    words:
      letters.length === 0 ? "nobody yet" : `${delivered} of ${letters.length} letters delivered`,
  };
}
