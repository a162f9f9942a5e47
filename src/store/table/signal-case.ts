/** Cases at rest: the columns that queries need, and the whole case as one document. */
import type { Instant } from "../../std/time.ts";
import type { Case, CaseState, CloseReason } from "../../core/case/types.ts";
import type { PastAct } from "../../core/charter/precedence.ts";
import { containersOf } from "../../core/contract/resource.ts";
import type { Usage } from "../../core/charter/types.ts";
import { assert } from "../../std/assert.ts";
import { toTexts, type Tx } from "../driver/driver.ts";

/**
 * What a case holds outside: its action's resource, from a verdict that may act until it is lifted. One
 * that waits by lot holds it too, so that nobody else acts there and spoils the comparison.
 */
export function heldResource(of: Case): string | null {
  if (of.state === "held" || of.state === "executing" || of.state === "withheld") {
    return of.proposal?.resource ?? null;
  }
  if (of.state !== "watching") return null;
  return of.action?.liftedAt === undefined ? (of.proposal?.resource ?? null) : null;
}

/** Until when it holds it at the latest: every such state has a timer that ends it. */
function leaseOf(of: Case): Instant | null {
  if (heldResource(of) === null) return null;
  if (of.state === "watching") return of.action?.standingUntil ?? of.changedAt;
  if (of.state === "withheld") return of.withheld?.until ?? of.changedAt;
  if (of.state === "executing") return of.signal.expiresAt;
  const ends = of.clocks.map(({ stages }) => stages.at(-1)?.dueAt ?? of.changedAt).sort();
  return ends.at(-1) ?? of.changedAt;
}

/** One value of a case for each column that queries need. */
const COLUMNS: ReadonlyArray<readonly [name: string, type: string, of: (c: Case) => unknown]> = [
  ["id", "text", (c) => c.id],
  ["loop", "text", (c) => c.loop],
  ["subject", "text", (c) => c.signal.subject],
  ["state", "text", (c) => c.state],
  ["close_reason", "text", (c) => c.closeReason ?? null],
  ["contract_hash", "text", (c) => c.contractHash],
  ["charter_hash", "text", (c) => c.charterHash],
  ["holds", "text", heldResource],
  ["lease_until", "timestamptz", leaseOf],
  ["resource", "text", (c) => c.proposal?.resource ?? null],
  ["acted_at", "timestamptz", (c) => c.action?.at ?? null],
  ["subject_name", "text", (c) => c.subjectName],
  ["option", "text", (c) => c.proposal?.option ?? null],
  ["verdict", "text", (c) => c.verdict?.kind ?? null],
  ["decided_by", "text", (c) => c.verdict?.decidedBy ?? null],
  ["sent_at", "timestamptz", (c) => c.signal.sentAt],
  ["outcome", "text", (c) => c.outcome?.verdict ?? null],
  ["measured_at", "timestamptz", (c) => c.outcome?.measuredAt ?? null],
  ["waits_for", "jsonb", (c) => (c.waitsFor === undefined ? null : JSON.stringify(c.waitsFor))],
  ["body", "json", (c) => JSON.stringify(c)],
  ["opened_at", "timestamptz", (c) => c.openedAt],
  ["changed_at", "timestamptz", (c) => c.changedAt],
  ["closed_at", "timestamptz", (c) => c.closedAt ?? null],
];

const NAMES = COLUMNS.map(([name]) => name);
/** Arrays of JSON travel as text. */
const UNNEST = `unnest(${COLUMNS.map(
  ([, type], index) => `$${index + 1}::${type.startsWith("json") ? "text" : type}[]`,
).join(", ")}) as t (${NAMES.join(", ")})`;

function readColumn(name: string): string {
  if (name === "body") return "t.body::json";
  if (name !== "waits_for") return `t.${name}`;
  return "(select array_agg(w) from jsonb_array_elements_text(t.waits_for::jsonb) as w)";
}

function columnsOf(cases: ReadonlyArray<Case>): ReadonlyArray<unknown> {
  return COLUMNS.map(([, type, read]) => {
    const values = cases.map(read);
    return type === "timestamptz" ? values : toTexts(values as ReadonlyArray<string | null>);
  });
}

export async function insertCases(tx: Tx, cases: ReadonlyArray<Case>): Promise<void> {
  if (cases.length === 0) return;
  await tx.query(
    `insert into signal_case (${NAMES.join(", ")})
     select ${NAMES.map(readColumn).join(", ")} from ${UNNEST}`,
    columnsOf(cases),
  );
}

/** What never changes about a case. */
const FIXED = ["id", "loop", "subject", "subject_name", "sent_at", "opened_at"];

export async function updateCases(tx: Tx, cases: ReadonlyArray<Case>): Promise<void> {
  if (cases.length === 0) return;
  const giving = cases.filter((c) => heldResource(c) === null).map((c) => c.id);
  const isMixed = giving.length > 0 && giving.length < cases.length;
  await Promise.all([
    // Given back first: a unique index is checked row by row, in an order nobody chooses.
    ...(isMixed ? [tx.query(GIVE_BACK, [giving])] : []),
    tx.query(UPDATE, columnsOf(cases)),
  ]);
}

const GIVE_BACK = `update signal_case set holds = null, lease_until = null
  where id = any($1::text[]) and holds is not null`;
const UPDATE = `update signal_case c
  set ${NAMES.filter((name) => !FIXED.includes(name))
    .map((name) => `${name} = ${readColumn(name)}`)
    .join(", ")}
  from ${UNNEST}
  where c.id = t.id`;

/**
 * Takes cases with the oldest `limit` letters that are due, and keeps them from every other worker until
 * the transaction ends. They come in the order of their newest letter: what resumes many cases in order
 * is not overtaken by one that also has an old answer lying there.
 */
export async function claimDueCases(
  tx: Tx,
  now: Instant,
  limit: number,
): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `with due as (
       select case_id, max(due_at) as newest, max(id) as last
       from (select case_id, due_at, id from case_event where due_at <= $1
             order by due_at, id limit $2) as head
       group by case_id
     )
     select c.body
     from due
     join signal_case c on c.id = due.case_id
     order by due.newest, due.last
     for no key update of c skip locked`,
    [now, limit],
  );
  return rows.map((row) => row.body);
}

/**
 * Takes those of the cases that have no letter due and that nobody else is moving, and keeps them like
 * `claimDueCases`. Letters to them may still be written meanwhile, and are read later.
 */
export async function claimIdleCases(
  tx: Tx,
  ids: ReadonlyArray<string>,
  now: Instant,
): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `select c.body
     from unnest($1::text[]) with ordinality as t (id, position)
     join signal_case c on c.id = t.id
     where not exists (select from case_event e where e.case_id = c.id and e.due_at <= $2)
     order by t.position
     for no key update of c skip locked`,
    [ids, now],
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

/** Where a case stands, and what is wrong with its signal. */
export type CaseStand = Pick<Case, "id" | "state" | "problems">;

export async function listCaseStands(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, CaseStand>> {
  const rows = await tx.query<CaseStand>(
    `select id, state, body -> 'problems' as problems
     from signal_case
     where id = any($1::text[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
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

/** What a list shows of a case. */
export type CaseLineRow = {
  readonly id: string;
  readonly subject: string;
  readonly subjectName: string;
  readonly state: CaseState;
  readonly closeReason: CloseReason | null;
  readonly option: string | null;
  readonly verdict: string | null;
  readonly openedAt: Instant;
  readonly actedAt: Instant | null;
};

/** Cases in which every one of the words stands somewhere, whatever its case; `_` and `-` are spaces. */
export async function listCaseLines(
  tx: Tx,
  filter: CaseFilter,
  {
    words,
    isNewestFirst,
    limit,
  }: { words: ReadonlyArray<string>; isNewestFirst: boolean; limit: number },
): Promise<ReadonlyArray<CaseLineRow>> {
  const order = isNewestFirst ? "opened_at desc, arrival desc" : "opened_at, arrival";
  return tx.query<CaseLineRow>(
    `select id, subject, subject_name as "subjectName", state, close_reason as "closeReason", option,
            verdict, opened_at as "openedAt", acted_at as "actedAt"
     from signal_case
     where ($1::text is null or loop = $1)
       and ($2::text is null or state = $2)
       and ($3::text is null or subject = $3)
       and not exists (
         select from unnest($4::text[]) as word
         where strpos(
           translate(
             lower(concat_ws(' ', id, subject, subject_name, option, state, close_reason)), '_-', '  '),
           translate(lower(word), '_-', '  ')) = 0)
     order by ${order}
     limit $5`,
    [filter.loop ?? null, filter.state ?? null, filter.subject ?? null, words, limit],
  );
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

type Moved = { readonly count: number; readonly cases: ReadonlyArray<Case> };

/** Cases that were acted on from an instant on: all counted, the newest read. */
export function listCasesActedSince(tx: Tx, since: Instant, limit: number): Promise<Moved> {
  return listMoved(tx, "acted_at", since, limit);
}

/** Cases that were closed from an instant on: all counted, the newest read. */
export function listCasesClosedSince(tx: Tx, since: Instant, limit: number): Promise<Moved> {
  return listMoved(tx, "closed_at", since, limit);
}

async function listMoved(
  tx: Tx,
  moved: "acted_at" | "closed_at",
  since: Instant,
  limit: number,
): Promise<Moved> {
  const [all] = await tx.query<{ count: number }>(
    `select count(*)::int as count from signal_case where ${moved} >= $1`,
    [since],
  );
  const rows = await tx.query<{ body: Case }>(
    `select body from signal_case where ${moved} >= $1 order by ${moved} desc, arrival desc limit $2`,
    [since, limit],
  );
  return { count: all?.count ?? 0, cases: rows.map(({ body }) => body) };
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

/** Cases of a loop that were opened within a stretch of time and governed. */
export async function listGovernedCases(
  tx: Tx,
  loop: string,
  from: Instant,
  until: Instant,
): Promise<ReadonlyArray<Case>> {
  const rows = await tx.query<{ body: Case }>(
    `select body from signal_case
     where loop = $1 and opened_at >= $2 and opened_at < $3 and body -> 'verdict' is not null
     order by opened_at, arrival`,
    [loop, from, until],
  );
  return rows.map(({ body }) => body);
}

export type TimeToAction = {
  readonly count: number;
  readonly within24h: number;
  /** Milliseconds from signal to executed action; 0 where nothing was done. */
  readonly medianMs: number;
  readonly slowestMs: number;
};

export async function readTimeToAction(tx: Tx, loop: string): Promise<TimeToAction> {
  const [row] = await tx.query<TimeToAction>(
    `select count(*)::int as count,
            count(*) filter (where took <= interval '24 hours')::int as "within24h",
            coalesce(1000 * extract(epoch from percentile_cont(0.5) within group (order by took)), 0)
              ::float8 as "medianMs",
            coalesce(1000 * extract(epoch from max(took)), 0)::float8 as "slowestMs"
     from (
       select acted_at - sent_at as took
       from signal_case
       where loop = $1 and acted_at is not null
     ) as acted`,
    [loop],
  );
  assert(row, "an aggregate has one row");
  return row;
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

/** An open case that holds something, and the place under which it is looked at. */
export type HoldingCase = {
  readonly id: string;
  readonly place: string;
  readonly state: CaseState;
  readonly option: string | null;
};

/**
 * Cases of a loop that wait for votes or whose action runs, stands or waits by lot: on one of the places or
 * anywhere in it, or on something around them all. The newest first.
 */
export async function listHoldingCases(
  tx: Tx,
  of: {
    readonly loop: string;
    readonly places: ReadonlyArray<string>;
    readonly around: ReadonlyArray<string>;
  },
): Promise<ReadonlyArray<HoldingCase>> {
  return tx.query<HoldingCase>(
    `with recursive inside as (
       select id, id as place from subject where id = any($2::text[])
       union
       select s.id, inside.place from inside join subject s on s.parent = inside.id
     ),
     placed as materialized (
       select id, place from inside
       union all
       select id, id from unnest($3::text[]) as id
     )
     select c.id, placed.place, c.state, c.option
     from placed join signal_case c on c.subject = placed.id
     where c.loop = $1 and c.holds is not null
     order by c.opened_at desc, c.arrival desc`,
    [of.loop, of.places, of.around],
  );
}

/** A case that holds something, as a line of a list says it. */
export type HoldingLine = Omit<HoldingCase, "place"> & {
  readonly subject: string;
  readonly subjectName: string;
  /** What the proposal leaves running on purpose, so that a recovery can be seen; null where it says none. */
  readonly probeShare: number | null;
  readonly openedAt: Instant;
  readonly actedAt: Instant | null;
};

/** The newest first. */
export async function listHoldingLines(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyArray<HoldingLine>> {
  return tx.query<HoldingLine>(
    `select id, subject, subject_name as "subjectName", state, option, opened_at as "openedAt",
            acted_at as "actedAt", (body #>> '{proposal,parameters,probeShare}')::float8 as "probeShare"
     from signal_case
     where id = any($1::text[])
     order by opened_at desc, arrival desc`,
    [ids],
  );
}

/** Every subject a case of this loop was ever opened on. */
export async function listTouchedSubjects(tx: Tx, loop: string): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ subject: string }>(
    "select distinct subject from signal_case where loop = $1 order by subject",
    [loop],
  );
  return rows.map((row) => row.subject);
}

/** What of the guardrails' room is used: actions ordered since the two instants and not failed. */
export async function readUsage(
  tx: Tx,
  loop: string,
  dayStart: Instant,
  weekStart: Instant,
): Promise<{ readonly today: Usage; readonly thisWeek: Usage }> {
  const [row] = await tx.query<{ today: Usage; this_week: Usage }>(
    `select ${["quarter_at >= $2", "true"]
      .map(
        (span) => `json_build_object(
              'actions', coalesce(sum(actions) filter (where ${span}), 0)::int8,
              'subjects', coalesce(sum(subjects) filter (where ${span}), 0)::int8,
              'valueMinor', coalesce(sum(value_minor) filter (where ${span}), 0)::int8)`,
      )
      .join(" as today,\n            ")} as this_week
     from act_usage
     where loop = $1 and quarter_at >= $3`,
    [loop, dayStart, weekStart],
  );
  assert(row, "an aggregate has one row");
  return { today: row.today, thisWeek: row.this_week };
}

export type PastAction = { readonly subject: string; readonly at: Instant };

/** The newest action on each of the given subjects, if any. */
export async function listLastActions(
  tx: Tx,
  loop: string,
  subjects: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, Instant>> {
  const rows = await tx.query<PastAction>(
    `select subject, max(acted_at) as at
     from signal_case
     where loop = $1 and subject = any($2::text[]) and acted_at is not null
     group by subject`,
    [loop, subjects],
  );
  return new Map(rows.map((row) => [row.subject, row.at]));
}

/** Those of the given subjects on which a case waited by lot since then. */
export async function listSubjectsWithheld(
  tx: Tx,
  loop: string,
  subjects: ReadonlyArray<string>,
  since: Instant,
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ subject: string }>(
    `select subject from signal_case
     where loop = $1 and subject = any($2::text[]) and close_reason = 'withheld' and closed_at >= $3`,
    [loop, subjects, since],
  );
  return new Set(rows.map(({ subject }) => subject));
}

/** A live claim: which case of which loop holds what, under which charter. */
export type ClaimRow = {
  readonly id: string;
  readonly loop: string;
  readonly charter_hash: string;
  readonly holds: string;
};

/** Claims are made one after the other where they could overlap. */
export async function lockRoots(tx: Tx, roots: ReadonlyArray<string>): Promise<void> {
  // A function scan gives its rows in their order, so every transaction locks in the caller's.
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('claim ' || root, 0))
     from unnest($1::text[]) as root`,
    [roots],
  );
}

/**
 * Keeps a stretch of names a look into an index of its own. How many rows lie in it the planner cannot know;
 * let to join them all, it guesses thousands and reads every case there ever was.
 */
const EACH_BY_ITS_INDEX = "offset 0";

/** Every live claim that overlaps one of the resources, the oldest case first. */
export async function listClaims(
  tx: Tx,
  resources: ReadonlyArray<string>,
): Promise<ReadonlyArray<ClaimRow>> {
  return tx.query<ClaimRow>(
    `select id, loop, charter_hash, holds
     from (
       select id, loop, charter_hash, holds, opened_at, arrival
       from signal_case
       where holds = any($1::text[])
       union
       select c.*
       from unnest($2::text[], $3::text[]) as inside (first, beyond)
       cross join lateral (
         select id, loop, charter_hash, holds, opened_at, arrival
         from signal_case
         where holds ~>=~ inside.first and holds ~<~ inside.beyond
         ${EACH_BY_ITS_INDEX}
       ) c
     ) as claim
     order by opened_at, arrival`,
    overlapping(resources),
  );
}

/** What was done on resources that overlap one of these, since an instant. */
export async function listPastActs(
  tx: Tx,
  resources: ReadonlyArray<string>,
  since: Instant,
): Promise<ReadonlyArray<PastAct>> {
  return tx.query<PastAct>(
    `select loop, resource, acted_at as at
     from (
       select id, loop, resource, acted_at
       from signal_case
       where acted_at >= $4 and resource = any($1::text[])
       union
       select c.*
       from unnest($2::text[], $3::text[]) as inside (first, beyond)
       cross join lateral (
         select id, loop, resource, acted_at
         from signal_case
         where acted_at >= $4 and resource ~>=~ inside.first and resource ~<~ inside.beyond
         ${EACH_BY_ITS_INDEX}
       ) c
     ) as act
     order by acted_at`,
    [...overlapping(resources), since],
  );
}

/**
 * Names that hold one of the resources, and for each the stretch of names within it, byte by byte as the
 * indexes have them: what begins with it and a slash. A pattern for each would be tried on every row.
 */
function overlapping(resources: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> {
  return [
    [...new Set(resources.flatMap(containersOf))],
    resources.map((resource) => `${resource}/`),
    resources.map((resource) => `${resource}0`), // the character after the slash
  ];
}

/** Cases that wait for one of these to let go. */
export async function listWaitingFor(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyArray<{ readonly id: string; readonly waits_for: ReadonlyArray<string> }>> {
  return tx.query("select id, waits_for from signal_case where waits_for && $1::text[]", [ids]);
}
