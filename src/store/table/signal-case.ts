/** Cases at rest: the columns that queries need, and the whole case as one document. */
import type { Instant } from "../../std/time.ts";
import type { Case, CaseState, CloseReason } from "../../core/case/types.ts";
import type { Usage } from "../../core/charter/types.ts";
import { assert } from "../../std/assert.ts";
import type { Tx } from "../driver/driver.ts";

/** What a case holds outside: its action's resource, from a verdict that may act until it is lifted. */
export function heldResource(of: Case): string | null {
  if (of.state === "held" || of.state === "executing") return of.proposal?.resource ?? null;
  if (of.state !== "watching") return null;
  return of.action?.liftedAt === undefined ? (of.proposal?.resource ?? null) : null;
}

function columnsOf(cases: ReadonlyArray<Case>): ReadonlyArray<ReadonlyArray<unknown>> {
  return [
    cases.map((c) => c.id),
    cases.map((c) => c.loop),
    cases.map((c) => c.signal.subject),
    cases.map((c) => c.state),
    cases.map((c) => c.closeReason ?? null),
    cases.map((c) => c.contractHash),
    cases.map((c) => c.charterHash),
    cases.map(heldResource),
    cases.map((c) => JSON.stringify(c)),
    cases.map((c) => c.openedAt),
    cases.map((c) => c.changedAt),
    cases.map((c) => c.closedAt ?? null),
  ];
}

const UNNEST = `unnest(
       $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
       $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[]
     ) as t (id, loop, subject, state, close_reason, contract_hash, charter_hash, holds, body,
             opened_at, changed_at, closed_at)`;

export async function insertCases(tx: Tx, cases: ReadonlyArray<Case>): Promise<void> {
  if (cases.length === 0) return;
  await tx.query(
    `insert into signal_case
       (id, loop, subject, state, close_reason, contract_hash, charter_hash, holds, body,
        opened_at, changed_at, closed_at)
     select id, loop, subject, state, close_reason, contract_hash, charter_hash, holds,
            body::jsonb, opened_at, changed_at, closed_at
     from ${UNNEST}`,
    columnsOf(cases),
  );
}

export async function updateCases(tx: Tx, cases: ReadonlyArray<Case>): Promise<void> {
  if (cases.length === 0) return;
  const giving = cases.filter((c) => heldResource(c) === null).map((c) => c.id);
  if (giving.length > 0 && giving.length < cases.length) {
    // Given back first: a unique index is checked row by row, in an order nobody chooses.
    await tx.query(
      "update signal_case set holds = null where id = any($1::text[]) and holds is not null",
      [giving],
    );
  }
  await tx.query(
    `update signal_case c
     set state = t.state, close_reason = t.close_reason, holds = t.holds, body = t.body::jsonb,
         changed_at = t.changed_at, closed_at = t.closed_at
     from ${UNNEST}
     where c.id = t.id`,
    columnsOf(cases),
  );
}

/**
 * Takes up to `limit` cases that have a letter due, oldest letter first, and keeps them from every
 * other worker until the transaction ends.
 */
export async function claimDueCases(
  tx: Tx,
  now: Instant,
  limit: number,
): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `with due as (
       select case_id, min(due_at) as due_at, min(id) as first
       from (select case_id, due_at, id from case_event where due_at <= $1
             order by due_at, id limit $2) as head
       group by case_id
     )
     select c.body
     from due
     join signal_case c on c.id = due.case_id
     order by due.due_at, due.first
     for update of c skip locked`,
    [now, limit],
  );
  return rows.map((row) => row.body);
}

export async function findCase(tx: Tx, id: string): Promise<Case | undefined> {
  const rows = await tx.query<{ body: Case }>("select body from signal_case where id = $1", [id]);
  return rows[0]?.body;
}

export async function lockCase(tx: Tx, id: string): Promise<Case | undefined> {
  const rows = await tx.query<{ body: Case }>(
    "select body from signal_case where id = $1 for update",
    [id],
  );
  return rows[0]?.body;
}

export async function listCasesById(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, Case>> {
  const rows = await tx.query<{ body: Case }>(
    "select body from signal_case where id = any($1::text[])",
    [ids],
  );
  return new Map(rows.map((row) => [row.body.id, row.body]));
}

export type CaseFilter = {
  readonly loop?: string;
  readonly state?: CaseState;
  readonly subject?: string;
};

export async function listCases(
  tx: Tx,
  filter: CaseFilter,
  limit: number,
): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `select body from signal_case
     where ($1::text is null or loop = $1)
       and ($2::text is null or state = $2)
       and ($3::text is null or subject = $3)
     order by opened_at, arrival
     limit $4`,
    [filter.loop ?? null, filter.state ?? null, filter.subject ?? null, limit],
  );
  return rows.map((row) => row.body);
}

/** The newest cases under a contract, first the latest, whatever became of them. */
export async function listNewestCases(
  tx: Tx,
  of: {
    readonly loop: string;
    readonly contractHash: string;
    readonly since: Instant | null;
    readonly limit: number;
  },
): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `select body from signal_case
     where loop = $1 and contract_hash = $2 and ($3::timestamptz is null or opened_at >= $3)
     order by opened_at desc, arrival desc
     limit $4`,
    [of.loop, of.contractHash, of.since, of.limit],
  );
  return rows.map((row) => row.body);
}

/** Open cases of one loop on the given subjects. */
export async function listOpenCases(
  tx: Tx,
  loop: string,
  subjects: ReadonlyArray<string>,
): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `select body from signal_case
     where loop = $1 and subject = any($2::text[]) and state <> 'closed'
     order by opened_at, arrival`,
    [loop, subjects],
  );
  return rows.map((row) => row.body);
}

/** Open cases on which nothing was done yet. */
export async function listUndecidedCases(tx: Tx, loop: string): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ id: string }>(
    `select id from signal_case
     where loop = $1 and state = any($2::text[])
     order by opened_at, arrival`,
    [loop, ["received", "quarantined", "parked", "evaluating", "governed", "held"]],
  );
  return rows.map(({ id }) => id);
}

/** Cases whose action stands and is not being undone. */
export async function listStandingCases(tx: Tx, loop: string): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `select body from signal_case
     where loop = $1 and state = 'watching' and body #> '{action,liftedAt}' is null
       and body -> 'undoing' is null
     order by opened_at, arrival`,
    [loop],
  );
  return rows.map(({ body }) => body);
}

export type CaseCount = {
  readonly state: CaseState;
  readonly close_reason: CloseReason | null;
  readonly count: number;
};

/** INVARIANT (conservation): these counts sum to the accepted signals. */
export async function countCases(tx: Tx, loop: string | null): Promise<ReadonlyArray<CaseCount>> {
  return tx.query<CaseCount>(
    `select state, close_reason, count(*)::int as count
     from signal_case
     where $1::text is null or loop = $1
     group by state, close_reason
     order by state, close_reason nulls first`,
    [loop],
  );
}

/** How many open cases each contract has; those that have none are left out. */
export async function countOpenCasesByContract(tx: Tx): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ contract_hash: string; count: number }>(
    `select contract_hash, count(*)::int as count
     from signal_case
     where state <> 'closed'
     group by contract_hash`,
  );
  return new Map(rows.map((row) => [row.contract_hash, row.count]));
}

/** Subjects under an action of this loop that still stands. */
export async function listActedSubjects(tx: Tx, loop: string): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ subject: string }>(
    `select distinct subject from signal_case
     where loop = $1 and holds is not null
     order by subject`,
    [loop],
  );
  return rows.map((row) => row.subject);
}

/** Subjects under an action of any loop that runs, waits for votes or stands. */
export async function listHeldSubjects(tx: Tx): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ subject: string }>(
    "select distinct subject from signal_case where holds is not null order by subject",
  );
  return rows.map((row) => row.subject);
}

/** Every subject a case of this loop was ever opened on. */
export async function listTouchedSubjects(tx: Tx, loop: string): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ subject: string }>(
    "select distinct subject from signal_case where loop = $1 order by subject",
    [loop],
  );
  return rows.map((row) => row.subject);
}

/** What of the guardrails' room is used: actions ordered since the two instants. */
export async function readUsage(
  tx: Tx,
  loop: string,
  dayStart: Instant,
  weekStart: Instant,
): Promise<{ readonly today: Usage; readonly thisWeek: Usage }> {
  const [row] = await tx.query<{
    actions_today: number;
    actions: number;
    subjects_today: number;
    subjects: number;
    value_today: number;
    value: number;
  }>(
    `select count(*) filter (where is_today)::int as actions_today,
            count(*)::int as actions,
            coalesce(sum(subjects) filter (where is_today), 0)::int as subjects_today,
            coalesce(sum(subjects), 0)::int as subjects,
            coalesce(sum(value) filter (where is_today), 0)::int8 as value_today,
            coalesce(sum(value), 0)::int8 as value
     from (
       select e.created_at >= $2 as is_today,
              (c.body #>> '{proposal,blastRadius,subjects}')::int8 as subjects,
              (c.body #>> '{proposal,valueAtStake,amountMinor}')::int8 as value
       from effect e
       join signal_case c on c.id = e.case_id
       where e.loop = $1 and e.kind = 'act' and e.state <> 'failed' and e.created_at >= $3
     ) as act`,
    [loop, dayStart, weekStart],
  );
  assert(row, "an aggregate has one row");
  return {
    today: {
      actions: row.actions_today,
      subjects: row.subjects_today,
      valueMinor: row.value_today,
    },
    thisWeek: { actions: row.actions, subjects: row.subjects, valueMinor: row.value },
  };
}

export type PastAction = { readonly subject: string; readonly at: Instant };

/** The newest action on each of the given subjects, if any. */
export async function listLastActions(
  tx: Tx,
  loop: string,
  subjects: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, Instant>> {
  const rows = await tx.query<PastAction>(
    `select subject, max((body #>> '{action,at}')::timestamptz) as at
     from signal_case
     where loop = $1 and subject = any($2::text[]) and body -> 'action' is not null
     group by subject`,
    [loop, subjects],
  );
  return new Map(rows.map((row) => [row.subject, row.at]));
}

/** Who holds each of the given resources. */
export async function listHolders(
  tx: Tx,
  resources: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ holds: string; id: string }>(
    "select holds, id from signal_case where holds = any($1::text[])",
    [resources],
  );
  return new Map(rows.map((row) => [row.holds, row.id]));
}
