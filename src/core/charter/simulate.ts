/**
 * History under another charter: each proposal of the past is governed again, in the order of then, with
 * the verdict function itself.
 *
 * Caps, cool-down and who holds which resource follow from what this charter would have let happen, not
 * from what happened. People are taken to answer as fast as their department did then (the median), and
 * as they did; where there is nothing to go by, half of the time they have. What the world would have
 * answered is not simulated: a proposal stands as it was made.
 */
import { addDays, addMs, DAY_MS, HOUR_MS, type Instant } from "../../std/time.ts";
import { dayIn, minuteOfWeekIn, startOfDay } from "../../std/zone.ts";
import type { Proposal } from "../contract/types.ts";
import { isOpen } from "./calendar.ts";
import { computeClock } from "./clock.ts";
import { overlaps } from "../contract/resource.ts";
import { clockTermsOf, distinctPeople, inTerm, peopleOf } from "./seat.ts";
import type { Charter, Party, Usage, Verdict, VoteRequirement } from "./types.ts";
import { computeVerdict } from "./verdict.ts";

/** One proposal of the past, and what became of it then. */
export type PastCase = {
  readonly case: string;
  readonly at: Instant;
  readonly loop: string;
  readonly subject: string;
  readonly proposal: Proposal;
  readonly confidence: number;
  readonly confidenceToAct: number;
  readonly reversible: boolean;
  /** The verdict of then: kind and rule. */
  readonly then: { readonly kind: Verdict["kind"]; readonly rule: string };
  readonly answers: ReadonlyArray<{
    readonly party: string;
    readonly choice: "agree" | "reject";
    readonly waitedMs: number;
  }>;
};

export type Fate = "ran" | "agreed" | "rejected" | "expired" | "forbidden";

export type SimulatedCase = {
  readonly case: string;
  readonly at: Instant;
  readonly fate: Fate;
  readonly rule: string;
  /** When it would have been done. */
  readonly actedAt?: Instant;
  /** Set where the verdict is another than that of then. */
  readonly changed?: { readonly from: string; readonly to: string };
};

export type ApprovalLoad = {
  readonly party: string;
  readonly person: string;
  readonly asked: number;
  /** Asked while the department was closed. */
  readonly outsideHours: number;
  /** Requests by the hour of the person's own day, 0 to 23. */
  readonly byHour: ReadonlyArray<number>;
};

export type SimulationReport = {
  readonly cases: ReadonlyArray<SimulatedCase>;
  readonly fates: { readonly [fate in Fate]: number };
  readonly forbiddenBy: { readonly [rule: string]: number };
  /** Two cases that would have wanted overlapping resources at one time. */
  readonly collisions: ReadonlyArray<{ readonly case: string; readonly with: string }>;
  readonly approvals: ReadonlyArray<ApprovalLoad>;
  /** At stake in what would have run with nobody asked, minor units of the charter's currency. */
  readonly valueByItselfMinor: number;
  /** How fast each party is taken to answer, and from how many answers. */
  readonly answers: ReadonlyArray<{
    readonly party: string;
    readonly waitMs: number;
    readonly from: number;
  }>;
};

type Act = {
  readonly case: string;
  readonly at: Instant;
  readonly until: Instant;
  readonly subject: string;
  readonly resource: string;
  readonly use: Usage;
};

/** Pure and deterministic; `history` in any order. */
export function simulateCharter(
  charter: Charter,
  charterHash: string,
  history: ReadonlyArray<PastCase>,
): SimulationReport {
  const run = new Run(charter, charterHash, history);
  const ordered = [...history].sort((a, b) =>
    a.at === b.at ? compare(a.case, b.case) : compare(a.at, b.at),
  );
  return run.report(ordered.map((past) => run.govern(past)));
}

class Run {
  readonly #charter: Charter;
  readonly #hash: string;
  readonly #waits: ReadonlyMap<string, { readonly waitMs: number; readonly from: number }>;
  readonly #acts: Act[] = [];
  readonly #collisions: Array<{ case: string; with: string }> = [];
  readonly #loads = new Map<string, { load: ApprovalLoad; byHour: number[] }>();
  #valueByItself = 0;

  constructor(charter: Charter, hash: string, history: ReadonlyArray<PastCase>) {
    this.#charter = charter;
    this.#hash = hash;
    this.#waits = new Map(
      charter.parties.map((party) => [party.department, typicalWait(party, history)]),
    );
  }

  govern(past: PastCase): SimulatedCase {
    const { proposal, at } = past;
    const holders = this.#acts.filter(
      (act) => act.at <= at && at < act.until && overlaps(act.resource, proposal.resource),
    );
    for (const holder of holders) this.#collisions.push({ case: past.case, with: holder.case });
    const last = this.#acts
      .filter((act) => act.subject === past.subject && act.at <= at)
      .map((act) => act.at)
      .sort()
      .at(-1);
    const verdict = computeVerdict(this.#charter, this.#hash, proposal, {
      now: at,
      charterSigned: true,
      stops: [],
      autonomy: "act",
      confidence: past.confidence,
      confidenceToAct: past.confidenceToAct,
      reversible: past.reversible,
      usedToday: this.#usedSince(at, 0),
      usedThisWeek: this.#usedSince(at, 6),
      ...(last === undefined ? {} : { lastActionOnSubjectAt: last }),
      claims: holders.map((holder) => ({
        case: holder.case,
        loop: past.loop,
        resource: holder.resource,
        precedence: "same-loop",
      })),
    });
    const { fate, actedAt } = this.#follow(past, verdict);
    const [from, to] = [`${past.then.kind} ${past.then.rule}`, `${verdict.kind} ${verdict.rule}`];
    return {
      case: past.case,
      at,
      fate,
      rule: verdict.rule,
      ...(actedAt === undefined ? {} : { actedAt }),
      ...(from === to ? {} : { changed: { from, to } }),
    };
  }

  #follow(past: PastCase, verdict: Verdict): { readonly fate: Fate; readonly actedAt?: Instant } {
    if (verdict.kind === "forbid") return { fate: "forbidden" };
    if (verdict.kind === "auto") {
      this.#valueByItself += past.proposal.valueAtStake.amountMinor;
      this.#act(past, past.at);
      return { fate: "ran", actedAt: past.at };
    }
    const answered = verdict.votes.map((asked) => this.#ask(past, asked));
    if (answered.some(({ choice }) => choice === "silence")) return { fate: "expired" };
    if (answered.some(({ choice }) => choice === "reject")) return { fate: "rejected" };
    const actedAt =
      answered
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? past.at;
    this.#act(past, actedAt);
    return { fate: "agreed", actedAt };
  }

  #act({ case: id, subject, proposal }: PastCase, at: Instant): void {
    this.#acts.push({
      case: id,
      at,
      until: addMs(at, proposal.standingDays * DAY_MS),
      subject,
      resource: proposal.resource,
      use: {
        actions: 1,
        subjects: proposal.blastRadius.subjects,
        valueMinor: proposal.valueAtStake.amountMinor,
      },
    });
  }

  #usedSince(at: Instant, daysBefore: number): Usage {
    const { timeZone } = this.#charter;
    const since = startOfDay(addDays(dayIn(at, timeZone), -daysBefore), timeZone);
    return this.#acts
      .filter((act) => act.at >= since && act.at <= at)
      .reduce(
        (sum, { use }) => ({
          actions: sum.actions + use.actions,
          subjects: sum.subjects + use.subjects,
          valueMinor: sum.valueMinor + use.valueMinor,
        }),
        { actions: 0, subjects: 0, valueMinor: 0 },
      );
  }

  #ask(
    past: PastCase,
    asked: VoteRequirement,
  ): { readonly at: Instant; readonly choice: "agree" | "reject" | "silence" } {
    const party = this.#charter.parties.find(({ department }) => department === asked.party);
    if (party === undefined) return { at: past.at, choice: "silence" };
    this.#count(party, asked, past.at);
    const said = past.answers.find((answer) => answer.party === asked.party);
    const wait = said?.waitedMs ?? this.#waits.get(asked.party)?.waitMs ?? 0;
    const at = addMs(past.at, wait);
    const end = computeClock(party, asked, past.at).stages.at(-1)?.dueAt ?? past.at;
    return { at, choice: at >= end ? "silence" : (said?.choice ?? "agree") };
  }

  #count(party: Party, asked: VoteRequirement, at: Instant): void {
    const today = dayIn(at, this.#charter.timeZone);
    const people = distinctPeople(asked.from.flatMap((seat) => peopleOf(party, seat) ?? []));
    const hour = Math.floor((minuteOfWeekIn(at, party.calendar.timeZone) % (24 * 60)) / 60);
    for (const { email } of people.filter((person) => inTerm(person, today))) {
      const key = `${party.department} ${email}`;
      const { load, byHour } = this.#loads.get(key) ?? {
        load: { party: party.department, person: email, asked: 0, outsideHours: 0, byHour: [] },
        byHour: Array<number>(24).fill(0),
      };
      byHour[hour] = (byHour[hour] ?? 0) + 1;
      const outsideHours = load.outsideHours + (isOpen(party.calendar, at) ? 0 : 1);
      this.#loads.set(key, { load: { ...load, asked: load.asked + 1, outsideHours }, byHour });
    }
  }

  report(cases: ReadonlyArray<SimulatedCase>): SimulationReport {
    const fates = { ran: 0, agreed: 0, rejected: 0, expired: 0, forbidden: 0 };
    const forbiddenBy: Record<string, number> = {};
    for (const { fate, rule } of cases) {
      fates[fate] += 1;
      if (fate === "forbidden") forbiddenBy[rule] = (forbiddenBy[rule] ?? 0) + 1;
    }
    return {
      cases,
      fates,
      forbiddenBy,
      collisions: this.#collisions,
      approvals: [...this.#loads.values()]
        .map(({ load, byHour }) => ({ ...load, byHour }))
        .sort((a, b) => b.asked - a.asked || compare(a.person, b.person)),
      valueByItselfMinor: this.#valueByItself,
      answers: [...this.#waits].map(([party, wait]) => ({ party, ...wait })),
    };
  }
}

/** The median of how long the party let others wait then. */
function typicalWait(
  party: Party,
  history: ReadonlyArray<PastCase>,
): { readonly waitMs: number; readonly from: number } {
  const waits = history
    .flatMap(({ answers }) => answers)
    .filter((answer) => answer.party === party.department)
    .map(({ waitedMs }) => waitedMs)
    .sort((a, b) => a - b);
  const middle = waits[Math.floor(waits.length / 2)];
  if (middle !== undefined) return { waitMs: middle, from: waits.length };
  const terms = clockTermsOf(party, { party: party.department, quorum: 1, from: ["owner"] });
  return { waitMs: (terms.answerWithinHours / 2) * HOUR_MS, from: 0 };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
