/** Letters to cases, and timers, which are letters that are not due yet. */
import type { Instant } from "../../std/time.ts";
import type { CaseEvent } from "../../core/case/types.ts";
import { toTexts, type Tx } from "../driver/driver.ts";

export type Letterbox = { readonly caseId: string; readonly event: CaseEvent };

export type CaseEventRow = {
  readonly id: number;
  readonly case_id: string;
  readonly body: CaseEvent;
};

export async function insertCaseEvents(tx: Tx, letters: ReadonlyArray<Letterbox>): Promise<void> {
  if (letters.length === 0) return;
  await tx.query(
    `insert into case_event (case_id, kind, due_at, body)
     select case_id, kind, due_at, body::json
     from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
       with ordinality as t (case_id, kind, due_at, body, position)
     order by position`,
    [
      letters.map((l) => l.caseId),
      letters.map((l) => l.event.kind),
      letters.map((l) => l.event.at),
      toTexts(letters.map((l) => JSON.stringify(l.event))),
    ],
  );
}

/** The due letters of the given cases, in the order in which they are to be read. */
export async function listDueEvents(
  tx: Tx,
  caseIds: ReadonlyArray<string>,
  now: Instant,
): Promise<ReadonlyArray<CaseEventRow>> {
  return tx.query<CaseEventRow>(
    `select id, case_id, body
     from case_event
     where case_id = any($1::text[]) and due_at <= $2
     order by due_at, id`,
    [caseIds, now],
  );
}

/** The letters of one kind that a case has not read, in the order in which they came. */
export async function listEventsOfKind(
  tx: Tx,
  caseId: string,
  kind: CaseEvent["kind"],
): Promise<ReadonlyArray<CaseEvent>> {
  const rows = await tx.query<{ body: CaseEvent }>(
    "select body from case_event where case_id = $1 and kind = $2 order by due_at, id",
    [caseId, kind],
  );
  return rows.map(({ body }) => body);
}

export async function deleteCaseEvents(tx: Tx, ids: ReadonlyArray<number>): Promise<void> {
  await tx.query("delete from case_event where id = any($1::int8[])", [ids]);
}

/** A closed case reads no more letters. Returns those that lay unread, timers among them, as they came. */
export async function deleteEventsOfClosed(
  tx: Tx,
  caseIds: ReadonlyArray<string>,
): Promise<ReadonlyArray<CaseEventRow>> {
  if (caseIds.length === 0) return [];
  return tx.query<CaseEventRow>(
    `with unread as (
       delete from case_event where case_id = any($1::text[]) returning id, case_id, body
     )
     select id, case_id, body from unread order by id`,
    [caseIds],
  );
}

export async function findNextDue(tx: Tx): Promise<Instant | undefined> {
  const rows = await tx.query<{ due_at: Instant }>(
    "select due_at from case_event order by due_at limit 1",
  );
  return rows[0]?.due_at;
}
