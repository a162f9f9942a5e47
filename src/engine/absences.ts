/**
 * People who go away and come back, and questions handed on: said by whoever it is about, checked against
 * the charters in force, on record, told to both sides, and over by itself.
 *
 * Cases that wait already hear of it by a letter of their own; cases to come find it when they are governed.
 */
import { listAsked } from "../core/case/ballot.ts";
import type { Case, CaseEvent } from "../core/case/types.ts";
import {
  type Delegation,
  findDelegationRefusal,
  listDeputies,
} from "../core/charter/delegation.ts";
import { membersOf, normaliseEmail } from "../core/charter/seat.ts";
import type { Charter, Party } from "../core/charter/types.ts";
import { InterlockError } from "../std/errors.ts";
import type { Day, Instant } from "../std/time.ts";
import { startOfDay } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  type AbsenceRow,
  deleteAbsences,
  listAbsences,
  toDelegation,
  upsertAbsence,
} from "../store/table/absence.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { listCases, lockCase } from "../store/table/signal-case.ts";
import { writeLoopNews } from "./loop-news.ts";
import { getLoopTerms, getTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** How it was said: by whom is proved differently by each. */
export type SaidVia = "command" | "session" | "slack" | "mail";

export type Absence = {
  readonly loop: string;
  readonly department: string;
  readonly person: string;
  readonly standIn: string;
  /** When it was said; it counts from then on. */
  readonly since: Instant;
  readonly until: Instant;
};

/** Cases that wait for votes at one time and hear of an absence. */
const HELD_MAX = 10_000;

export type Away = {
  readonly person: string;
  /** The day on which they are back, on their own side's calendar. */
  readonly until: Day;
  /** Left out where the charter knows one deputy only. */
  readonly to?: string;
  /** That side alone; all where they have a seat when left out. */
  readonly department?: string;
};

/** In every loop whose charter gives the person a seat: all of them or none. */
export async function declareAbsence(
  context: EngineContext,
  away: Away,
  via: SaidVia,
): Promise<ReadonlyArray<Absence>> {
  return context.driver.transaction((tx) => declareAbsenceIn(tx, context, away, via));
}

export async function declareAbsenceIn(
  tx: Tx,
  context: EngineContext,
  { person, until, to, department }: Away,
  via: SaidVia,
): Promise<ReadonlyArray<Absence>> {
  const now = context.clock.now();
  const seats = (await listSeats(tx, context, person)).filter(
    ({ party }) => department === undefined || party.department === department,
  );
  if (seats.length === 0) throw refuseStranger(person);
  const told: Absence[] = [];
  for (const { wiring, charter, party, email } of seats) {
    const delegation: Delegation = {
      party: party.department,
      person: email,
      to: findDeputy(charter, party, email, to, now),
      until: startOfDay(until, party.calendar.timeZone),
    };
    const row: AbsenceRow = {
      loop: wiring.name,
      department: party.department,
      person: email,
      stand_in: delegation.to,
      until_at: delegation.until,
      declared_at: now,
    };
    await check(tx, charter, wiring.name, delegation, now);
    await upsertAbsence(tx, row);
    await record(tx, now, "absence.declared", wiring.name, email, { ...delegation, via });
    const spell = `${email}/${now}`;
    await writeLoopNews(tx, context, wiring, spell, { topic: "person-away", ...delegation });
    await tellHeld(tx, wiring.name, now, { kind: "vote.delegated", at: now, delegation });
    told.push(toAbsence(row));
  }
  return told;
}

/** Back before the time; nobody stands in any more. */
export async function endAbsence(
  context: EngineContext,
  person: string,
  via: SaidVia,
): Promise<ReadonlyArray<Absence>> {
  return context.driver.transaction((tx) => endAbsenceIn(tx, context, person, via));
}

export async function endAbsenceIn(
  tx: Tx,
  context: EngineContext,
  person: string,
  via: SaidVia,
): Promise<ReadonlyArray<Absence>> {
  const now = context.clock.now();
  const seats = await listSeats(tx, context, person);
  const emails = [...new Set(seats.map(({ email }) => email))];
  const ended: AbsenceRow[] = [];
  for (const email of emails) ended.push(...(await deleteAbsences(tx, email, now)));
  if (ended.length === 0) {
    throw new InterlockError("delegation/not-away", `${person} is not away`, {
      help: "`absence list` shows who is",
    });
  }
  for (const row of ended) {
    const wiring = context.loops.get(row.loop);
    const { department: party, person: email } = row;
    await record(tx, now, "absence.ended", row.loop, email, { party, person: email, via });
    await tellHeld(tx, row.loop, now, { kind: "delegation.ended", at: now, party, person: email });
    if (wiring === undefined) continue;
    const news = { topic: "person-back", party, person: email } as const;
    await writeLoopNews(tx, context, wiring, `${email}/${now}`, news);
  }
  return ended.map(toAbsence);
}

export async function readAbsences({
  driver,
  clock,
}: EngineContext): Promise<ReadonlyArray<Absence>> {
  return (await listAbsences(driver, clock.now())).map(toAbsence);
}

export type Handover = { readonly case: string; readonly person: string; readonly to?: string };

/** One question goes to a deputy, until the clock of that side ends. */
export async function delegateVote(
  context: EngineContext,
  handover: Handover,
  via: SaidVia,
): Promise<Delegation> {
  return context.driver.transaction((tx) => delegateVoteIn(tx, context, handover, via));
}

export async function delegateVoteIn(
  tx: Tx,
  context: EngineContext,
  { case: id, person, to }: Handover,
  via: SaidVia,
): Promise<Delegation> {
  const now = context.clock.now();
  const of = await lockCase(tx, id);
  if (of === undefined) throw new InterlockError("case/not-found", `no case has the id \`${id}\``);
  const { charter } = await getTerms(tx, of.contractHash, of.charterHash);
  const { party, email, until } = await findQuestion(tx, of, charter, person, now);
  const deputy = findDeputy(charter, party, email, to, now);
  const delegation = { party: party.department, person: email, to: deputy, until };
  await check(tx, charter, of.loop, delegation, now);
  await insertCaseEvents(tx, [
    { caseId: id, event: { kind: "vote.delegated", at: now, delegation } },
  ]);
  await record(tx, now, "vote.handed-over", of.loop, email, { case: id, ...delegation, via });
  const wiring = context.loops.get(of.loop);
  if (wiring !== undefined) {
    const news = { topic: "vote-delegated", case: id, ...delegation } as const;
    await writeLoopNews(tx, context, wiring, `${id}/${email}/${now}`, news);
  }
  return delegation;
}

/** Whose question it is now: handing on what one was not asked is refused. */
async function findQuestion(
  tx: Tx,
  of: Case,
  charter: Charter,
  person: string,
  now: Instant,
): Promise<{ readonly party: Party; readonly email: string; readonly until: Instant }> {
  const terms = await getTerms(tx, of.contractHash, of.charterHash);
  for (const party of of.state === "held" ? charter.parties : []) {
    const clock = of.clocks.find((one) => one.party === party.department);
    const until = clock?.answeredAt === undefined ? clock?.stages.at(-1)?.dueAt : undefined;
    const asked = listAsked(of, terms, party, now).find(({ email }) => isSame(email, person));
    if (until !== undefined && asked !== undefined) return { party, email: asked.email, until };
  }
  throw new InterlockError("delegation/not-asked", `case \`${of.id}\` asks nothing of ${person}`, {
    help: `interlock case explain ${of.id} tells who is asked`,
  });
}

type SeatOf = {
  readonly wiring: LoopWiring;
  readonly charter: Charter;
  readonly party: Party;
  /** As the charter writes it. */
  readonly email: string;
};

/** By the charters in force. */
async function listSeats(
  tx: Tx,
  { loops }: EngineContext,
  person: string,
): Promise<ReadonlyArray<SeatOf>> {
  const seats: SeatOf[] = [];
  for (const wiring of loops.values()) {
    const { charter } = await getLoopTerms(tx, wiring.name);
    for (const party of charter.parties) {
      const member = membersOf(party).find(({ email }) => isSame(email, person));
      if (member !== undefined) seats.push({ wiring, charter, party, email: member.email });
    }
  }
  return seats;
}

/** As the charter writes it, where it knows the address; the rule judges what it does not. */
function findDeputy(
  charter: Charter,
  party: Party,
  person: string,
  to: string | undefined,
  now: Instant,
): string {
  const deputies = listDeputies(charter, party, person, now);
  if (to !== undefined) return deputies.find(({ email }) => isSame(email, to))?.email ?? to;
  const [only, ...more] = deputies;
  if (only !== undefined && more.length === 0) return only.email;
  const names = deputies.map(({ email }) => email).join(", ");
  throw new InterlockError("delegation/not-a-deputy", "it does not say who stands in", {
    help:
      names === ""
        ? `${party.department} has no other deputy; the charter escalates by itself as it says`
        : `name one of ${names}`,
  });
}

async function check(
  tx: Tx,
  charter: Charter,
  loop: string,
  delegation: Delegation,
  now: Instant,
): Promise<void> {
  const others = (await listAbsences(tx, now, loop)).map(toDelegation);
  const refusal = findDelegationRefusal(charter, delegation, now, others);
  if (refusal === undefined) return;
  const { code, words, help } = refusal;
  throw new InterlockError(code, words, help === undefined ? {} : { help });
}

async function tellHeld(tx: Tx, loop: string, now: Instant, event: CaseEvent): Promise<void> {
  const held = await listCases(tx, { loop, state: "held" }, HELD_MAX);
  await insertCaseEvents(
    tx,
    held.map(({ id }) => ({ caseId: id, event: { ...event, at: now } })),
  );
}

async function record(
  tx: Tx,
  at: Instant,
  kind: string,
  loop: string,
  actor: string,
  body: { readonly [key: string]: string },
): Promise<void> {
  await appendLedger(tx, [{ at, kind, loop, case: body["case"] ?? null, actor, body }]);
}

function refuseStranger(person: string): InterlockError {
  return new InterlockError("delegation/not-entitled", `no charter here gives ${person} a seat`, {
    help: "who is in no charter is asked nothing",
  });
}

function isSame(a: string, b: string): boolean {
  return normaliseEmail(a) === normaliseEmail(b);
}

function toAbsence(row: AbsenceRow): Absence {
  const { loop, department, person, stand_in: standIn } = row;
  return { loop, department, person, standIn, since: row.declared_at, until: row.until_at };
}
