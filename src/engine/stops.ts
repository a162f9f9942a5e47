/**
 * Stop buttons: pressed by anybody concerned, released by an owner, read at the verdict and again in the
 * transaction that writes an intent.
 *
 * A stop halts what has not left the building. A call under way is finished and recorded, never torn;
 * what stands stays, unless whoever presses asks for it to be undone.
 *
 * INVARIANT (no-ungoverned-action): once a stop is committed, no intent in its scope is written.
 */
import { inTerm, membersOf, normaliseEmail } from "../core/charter/seat.ts";
import type { Charter, StopFact } from "../core/charter/types.ts";
import { describeScope } from "../core/loop/halt.ts";
import { InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";
import { dayIn } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { listLoops, type LoopRow } from "../store/table/loop.ts";
import { listStandingCases } from "../store/table/signal-case.ts";
import { insertStop, releaseStop, type StopRow, waitForIntents } from "../store/table/stop.ts";
import { writeLoopNews } from "./loop-news.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext } from "./wiring.ts";

export type StopScope = Pick<StopFact, "scope" | "name">;

export type Pressed = {
  readonly stop: StopRow;
  readonly loops: ReadonlyArray<string>;
  /** Standing actions that are being undone. */
  readonly undoing: number;
};

/** Which of the pressed stops cover an action of this loop through this connector. */
export function stopsCovering(
  stops: ReadonlyArray<StopRow>,
  of: { readonly loop: string; readonly charter: Charter; readonly connector: string | undefined },
): ReadonlyArray<StopFact> {
  return stops
    .filter(({ scope, name }) => {
      if (scope === "everything") return true;
      if (scope === "loop") return name === of.loop;
      if (scope === "connector") return name === of.connector;
      return of.charter.parties.some(({ department }) => department === name);
    })
    .map(({ scope, name, person, reason }) => ({ scope, name, person, reason }));
}

/** Pressing the same stop again changes nothing but may undo what stands. */
export async function pressStop(
  context: EngineContext,
  said: StopFact & { readonly undo: boolean },
): Promise<Pressed> {
  const { driver, clock } = context;
  const now = clock.now();
  const { scope, name, person, reason } = said;
  return driver.transaction(async (tx) => {
    const concerned = await findConcerned(tx, context, said);
    checkEntitled(concerned, said, { person, what: "press", at: now });
    await waitForIntents(tx);
    const { row, isNew } = await insertStop(tx, { scope, name, person, reason }, now);
    const standing = said.undo ? await listStanding(tx, concerned, said) : [];
    await insertCaseEvents(
      tx,
      standing.map((caseId) => ({
        caseId,
        event: { kind: "undo.requested", at: now, person, why: reason, cause: "stop" } as const,
      })),
    );
    if (isNew) {
      await record(tx, context, "stop.pressed", said, { reason });
      await tell(tx, context, concerned, row, { topic: "stopped", ...said });
    }
    await context.reached?.("stop/written");
    const loops = concerned.map(({ loop }) => loop.name);
    return { stop: row, loops, undoing: standing.length };
  });
}

export async function liftStop(
  context: EngineContext,
  said: StopScope & { readonly person: string },
): Promise<StopRow> {
  const { driver, clock } = context;
  const now = clock.now();
  return driver.transaction(async (tx) => {
    const concerned = await findConcerned(tx, context, said);
    checkEntitled(concerned, said, { person: said.person, what: "release", at: now });
    const row = await releaseStop(tx, said, said.person, now);
    if (row === undefined) {
      throw new InterlockError("stop/not-pressed", `${describeScope(said)} is not stopped`, {
        help: "`stop list` shows what is",
      });
    }
    await record(tx, context, "stop.released", { ...said, person: said.person }, {});
    await tell(tx, context, concerned, row, { topic: "released", ...said });
    return row;
  });
}

export { describeScope };

type Concerned = { readonly loop: LoopRow; readonly charter: Charter };

/** The loops that a stop is about, with the charters that their rows name. */
async function findConcerned(
  tx: Tx,
  context: EngineContext,
  { scope, name }: StopScope,
): Promise<ReadonlyArray<Concerned>> {
  const concerned: Concerned[] = [];
  for (const loop of await listLoops(tx)) {
    const { charter } = await getTerms(tx, loop.contract_hash, loop.charter_hash);
    const connectors = context.loops.get(loop.name)?.connectors.map((one) => one.name) ?? [];
    const covers =
      scope === "everything" ||
      (scope === "loop" && name === loop.name) ||
      (scope === "connector" && connectors.includes(name)) ||
      (scope === "department" && charter.parties.some(({ department }) => department === name));
    if (covers) concerned.push({ loop, charter });
  }
  if (concerned.length > 0) return concerned;
  throw new InterlockError("stop/unknown-scope", `no loop has ${describeScope({ scope, name })}`, {
    help: "`loop list` and `loop show LOOP` name loops, departments and connectors",
  });
}

/**
 * Anybody in term with a seat in a party concerned presses; an owner releases. A department's own people
 * speak for it.
 */
function checkEntitled(
  concerned: ReadonlyArray<Concerned>,
  { scope, name }: StopScope,
  asked: { readonly person: string; readonly what: "press" | "release"; readonly at: Instant },
): void {
  const { person, what, at } = asked;
  const key = normaliseEmail(person);
  const needsOwner = what === "release" || scope === "connector" || scope === "everything";
  const owners = new Set<string>();
  for (const { charter } of concerned) {
    const today = dayIn(at, charter.timeZone);
    for (const party of charter.parties) {
      if (scope === "department" && party.department !== name) continue;
      const people = needsOwner ? [party.owner] : membersOf(party);
      if (people.some((one) => normaliseEmail(one.email) === key && inTerm(one, today))) return;
      if (inTerm(party.owner, today)) owners.add(party.owner.email);
    }
  }
  throw new InterlockError(
    "stop/not-entitled",
    `${person} may not ${what} the stop of ${describeScope({ scope, name })}`,
    {
      help: `${needsOwner ? "its owners are" : "ask its people or its owners,"} ${[...owners].join(", ")}`,
    },
  );
}

async function listStanding(
  tx: Tx,
  concerned: ReadonlyArray<Concerned>,
  { scope, name }: StopScope,
): Promise<ReadonlyArray<string>> {
  const ids: string[] = [];
  for (const { loop } of concerned) {
    for (const of of await listStandingCases(tx, loop.name)) {
      if (scope !== "connector" || of.action?.connector === name) ids.push(of.id);
    }
  }
  return ids;
}

async function record(
  tx: Tx,
  { clock }: EngineContext,
  kind: string,
  { scope, name, person }: StopScope & { readonly person: string },
  body: { readonly reason?: string },
): Promise<void> {
  const loop = scope === "loop" ? name : null;
  const said = { scope, name, ...body };
  await appendLedger(tx, [{ at: clock.now(), kind, loop, case: null, actor: person, body: said }]);
}

async function tell(
  tx: Tx,
  context: EngineContext,
  concerned: ReadonlyArray<Concerned>,
  row: StopRow,
  news: Parameters<typeof writeLoopNews>[4],
): Promise<void> {
  for (const { loop } of concerned) {
    const wiring = context.loops.get(loop.name);
    if (wiring !== undefined) await writeLoopNews(tx, context, wiring, `stop-${row.id}`, news);
  }
}
