/** What a department head wants to know in the morning: one question, answered from all loops. */
import { findOwed, listAsked } from "../core/case/ballot.ts";
import { findChanges, type Change } from "../core/case/change.ts";
import type { Case, CloseReason, Outcome } from "../core/case/types.ts";
import { getTerms } from "../engine/terms.ts";
import { readGates } from "../engine/gates.ts";
import { normaliseEmail } from "../core/charter/seat.ts";
import type { Hash } from "../std/hash.ts";
import type { Money } from "../std/money.ts";
import { addMs, DAY_MS, diffMs, HOUR_MS, type Instant } from "../std/time.ts";
import {
  listCases,
  listCasesActedSince,
  listCasesClosedSince,
} from "../store/table/signal-case.ts";
import { CASES_MAX } from "./list-cases.ts";
import { loopList, type LoopSummary } from "./list-loops.ts";
import { inputSchema, instantField, type Operation, type OperationContext } from "./operation.ts";

const DAYS_BACK = 7;
/** Of each list; what is beyond is counted, not shown. */
const LINES_MAX = 50;

export type CaseLine = {
  readonly id: string;
  readonly loop: string;
  readonly subjectName: string;
  readonly option: string | null;
  /** Expected, against doing nothing. */
  readonly value: Money | null;
};

export type VoteLine = CaseLine & {
  readonly party: string;
  readonly people: ReadonlyArray<string>;
  /** One of them is whoever asks. */
  readonly asksYou: boolean;
  /** What a vote on it is bound to. */
  readonly digest: Hash;
  readonly askedAt: Instant;
  /** When the next seat is asked, and when nothing is done for want of an answer. */
  readonly stageEndsAt: Instant;
  readonly endsAt: Instant;
  readonly atStake: Money;
  readonly rule: string;
  readonly changes: ReadonlyArray<Change>;
};

export type ActedLine = CaseLine & {
  readonly at: Instant;
  readonly connector: string;
  readonly standingUntil: Instant;
  readonly liftedAt: Instant | null;
  /** By rule alone, or with the votes of these people. */
  readonly votedBy: ReadonlyArray<string>;
  readonly hoursToAction: number;
};

export type EndedLine = CaseLine & {
  readonly at: Instant;
  readonly reason: CloseReason;
  readonly verdict: Outcome["verdict"] | null;
};

export type StuckLine = {
  /** A case's or a loop's. */
  readonly about: { readonly kind: "case" | "loop"; readonly id: string };
  readonly name: string;
  readonly loop: string;
  /** Null where it is not on record. */
  readonly since: Instant | null;
  readonly why: string;
  readonly toDo: string;
};

export type Lines<T> = { readonly count: number; readonly lines: ReadonlyArray<T> };

export type Today = {
  readonly now: Instant;
  readonly since: Instant;
  readonly votes: Lines<VoteLine>;
  /** The newest first. */
  readonly acted: Lines<ActedLine>;
  readonly ended: Lines<EndedLine>;
  readonly stuck: Lines<StuckLine>;
  readonly loops: ReadonlyArray<LoopSummary>;
};

export const todayShow: Operation<{ readonly since?: Instant }, Today> = {
  name: "today.show",
  summary: "What needs a vote, what was done lately and what came of it, what is stuck, and why.",
  access: "viewer",
  errors: [],
  input: inputSchema(
    { since: instantField("what happened from this instant on; a week if left out") },
    ["since"],
  ),
  async handler(context, { since: asked }) {
    const { driver, clock } = context.engine.context;
    const now = clock.now();
    const since = asked ?? addMs(now, -DAYS_BACK * DAY_MS);
    const held = await listCases(driver, { state: "held" }, CASES_MAX);
    const executing = await listCases(driver, { state: "executing" }, CASES_MAX);
    const acted = await listCasesActedSince(driver, since, LINES_MAX);
    const ended = await listCasesClosedSince(driver, since, LINES_MAX);
    const loops = await loopList.handler(context, {});
    return {
      now,
      since,
      votes: firstOf(await listVotes(context, held, now)),
      acted: { count: acted.count, lines: acted.cases.flatMap(toActed) },
      ended: { count: ended.count, lines: ended.cases.flatMap(toEnded) },
      stuck: firstOf([...(await listStuckLoops(context, loops)), ...listStuckCases(executing)]),
      loops,
    };
  },
};

function firstOf<T>(lines: ReadonlyArray<T>): Lines<T> {
  return { count: lines.length, lines: lines.slice(0, LINES_MAX) };
}

/** Whatever runs out first comes first. */
async function listVotes(
  { engine, signedIn }: OperationContext,
  held: ReadonlyArray<Case>,
  now: Instant,
): Promise<ReadonlyArray<VoteLine>> {
  const lines: VoteLine[] = [];
  for (const of of held) {
    const { proposal, verdict, digest } = of;
    if (proposal === undefined || verdict === undefined || digest === undefined) continue;
    const terms = await getTerms(engine.context.driver, of.contractHash, of.charterHash);
    for (const party of terms.charter.parties) {
      const clock = of.clocks.find((one) => one.party === party.department);
      const ends = clock?.stages.at(-1);
      if (clock === undefined || ends === undefined) continue;
      if (findOwed(of, terms, party.department) === undefined) continue;
      const asked = listAsked(of, terms, party, now);
      lines.push({
        ...toCaseLine(of),
        digest,
        party: party.department,
        people: asked.map(({ name }) => name),
        asksYou: asked.some(({ email }) => normaliseEmail(email) === signedIn?.email),
        askedAt: clock.askedAt,
        stageEndsAt: (clock.stages[clock.stage] ?? ends).dueAt,
        endsAt: ends.dueAt,
        atStake: proposal.valueAtStake,
        rule: verdict.rule,
        changes: of.target === undefined ? [] : findChanges(of.target.before, of.target.after),
      });
    }
  }
  return lines.sort((a, b) => (a.endsAt < b.endsAt ? -1 : 1));
}

function toActed(of: Case): ReadonlyArray<ActedLine> {
  const { action } = of;
  if (action === undefined) return [];
  return [
    {
      ...toCaseLine(of),
      at: action.at,
      connector: action.connector,
      standingUntil: action.standingUntil,
      liftedAt: action.liftedAt ?? null,
      votedBy: of.votes.filter(({ choice }) => choice === "agree").map(({ person }) => person),
      hoursToAction: diffMs(action.at, of.signal.sentAt) / HOUR_MS,
    },
  ];
}

function toEnded(of: Case): ReadonlyArray<EndedLine> {
  const { closedAt, closeReason } = of;
  if (closedAt === undefined || closeReason === undefined) return [];
  const verdict = of.outcome?.verdict ?? null;
  return [{ ...toCaseLine(of), at: closedAt, reason: closeReason, verdict }];
}

async function listStuckLoops(
  { engine }: OperationContext,
  loops: ReadonlyArray<LoopSummary>,
): Promise<ReadonlyArray<StuckLine>> {
  const lines: StuckLine[] = [];
  for (const { name, state, changed_at, why, stops } of loops) {
    const about = { kind: "loop", id: name } as const;
    for (const stop of stops) {
      const toDo = "the stop is released by the person who pressed it, or by an owner";
      lines.push({ about, name, loop: name, since: null, why: stop.reason, toDo });
    }
    const wiring = engine.wiringOf(name);
    if (state === "live" || wiring === undefined) continue;
    const { gates } = await readGates(engine.context, wiring, "recent");
    const unmet = gates.filter(({ holds }) => !holds);
    const line = { about, name, loop: name, since: changed_at };
    if (unmet.length === 0) lines.push({ ...line, why, toDo: `loop activate ${name}` });
    for (const gate of unmet) lines.push({ ...line, why: gate.evidence, toDo: gate.toHold });
  }
  return lines;
}

function listStuckCases(executing: ReadonlyArray<Case>): ReadonlyArray<StuckLine> {
  return executing.flatMap((of): ReadonlyArray<StuckLine> =>
    of.awaitingPerson === undefined
      ? []
      : [
          {
            about: { kind: "case", id: of.id },
            name: of.subjectName,
            loop: of.loop,
            since: of.changedAt,
            why: of.awaitingPerson.why,
            toDo: "look at the platform itself, then settle the case",
          },
        ],
  );
}

function toCaseLine(of: Case): CaseLine {
  return {
    id: of.id,
    loop: of.loop,
    subjectName: of.subjectName,
    option: of.proposal?.option ?? null,
    value: of.proposal?.value.mean ?? null,
  };
}
