/**
 * Effects: the outbox of everything that leaves the building.
 *
 *   ready -> leased -> done | failed | needs-person
 *               `----> ready (the world said "later")
 *
 * A claim raises the fence and counts as an attempt before anything is tried; a result is written only
 * where the fence still matches. Leases and call deadlines run on the database's own clock, never on
 * a worker's and never on the business clock.
 */
import type { Json } from "../../std/canonical-json.ts";
import type { Instant } from "../../std/time.ts";
import type { CaseEffect } from "../../core/case/types.ts";
import type { Plan } from "../../core/port/types.ts";
import { toTexts, type Tx } from "../driver/driver.ts";

export type OutsideEffect = Extract<CaseEffect, { kind: "ask" | "act" | "undo" | "notify" }>;

export type Intent = { readonly connector: string; readonly plan: Plan };

export type EffectRow = {
  readonly case_id: string;
  readonly step: number;
  readonly loop: string;
  readonly body: OutsideEffect;
  readonly due_at: Instant;
  readonly fence: number;
  readonly claims: number;
  readonly failures: number;
  readonly intent: Intent | null;
  /** Milliseconds until a call of an earlier owner can no longer be under way; 0 or less when over. */
  readonly call_over_in_ms: number;
};

const CLAIMED = `e.case_id, e.step, e.loop, e.body, e.due_at, e.fence, e.claims, e.failures, e.intent,
  coalesce(extract(epoch from e.call_over_at - clock_timestamp()) * 1000, 0)::float8
    as call_over_in_ms`;

export type NewEffect = {
  readonly caseId: string;
  readonly loop: string;
  readonly body: OutsideEffect;
  readonly dueAt: Instant;
  readonly createdAt: Instant;
  /** What an action takes of the caps; the database keeps the sums. */
  readonly use?: { readonly subjects: number; readonly valueMinor: number };
};

/**
 * Writes down what was ordered. Those `taken` are claimed as they are written, by whoever carries them out
 * next; they come back as if by `claimEffects`.
 */
export async function insertEffects(
  tx: Tx,
  effects: ReadonlyArray<NewEffect>,
  { taken, leaseMs }: { readonly taken: ReadonlyArray<NewEffect>; readonly leaseMs: number },
): Promise<ReadonlyArray<EffectRow>> {
  if (effects.length === 0) return [];
  const claimed = new Set(taken);
  await tx.query(
    `insert into effect (case_id, step, loop, kind, body, due_at, created_at, subjects, value_minor,
                         state, fence, claims, lease_until)
     select case_id, step, loop, kind, body::json, due_at, created_at, subjects, value_minor,
            case when is_taken then 'leased' else 'ready' end, is_taken::int, is_taken::int,
            case when is_taken then clock_timestamp() + $11 * interval '1 millisecond' end
     from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[],
                 $6::timestamptz[], $7::timestamptz[], $8::bigint[], $9::bigint[], $10::boolean[])
       as t (case_id, step, loop, kind, body, due_at, created_at, subjects, value_minor, is_taken)`,
    [
      effects.map((e) => e.caseId),
      effects.map((e) => e.body.step),
      effects.map((e) => e.loop),
      effects.map((e) => e.body.kind),
      toTexts(effects.map((e) => JSON.stringify(e.body))),
      effects.map((e) => e.dueAt),
      effects.map((e) => e.createdAt),
      effects.map((e) => e.use?.subjects ?? null),
      effects.map((e) => e.use?.valueMinor ?? null),
      effects.map((e) => claimed.has(e)),
      leaseMs,
    ],
  );
  return taken.map(({ caseId, loop, body, dueAt }) => ({
    case_id: caseId,
    step: body.step,
    loop,
    body,
    due_at: dueAt,
    fence: 1,
    claims: 1,
    failures: 0,
    intent: null,
    call_over_in_ms: 0,
  }));
}

/**
 * Claims effects that are due and free, or whose owner's lease has run out: of each loop that has any, its
 * oldest, in equal shares, so that a flood on one keeps no other waiting.
 */
export async function claimEffects(
  tx: Tx,
  input: {
    readonly now: Instant;
    readonly limit: number;
    readonly leaseMs: number;
    /** Only what this process can carry out; every loop's when left out. */
    readonly loops?: ReadonlyArray<string>;
  },
): Promise<ReadonlyArray<EffectRow>> {
  return tx.query<EffectRow>(
    `with busy as (
       select name from loop l
       where ($4::text[] is null or name = any($4::text[]))
         and exists (select from effect e where e.loop = l.name and ${IS_FREE})
     ), due as (
       select due.case_id, due.step
       from busy cross join lateral (
         select e.case_id, e.step
         from effect e
         where e.loop = busy.name and ${IS_FREE}
         order by e.due_at, e.arrival
         limit (select ceil($2::numeric / greatest(count(*), 1)) from busy)
         for update skip locked
       ) due
     ), claimed as (
       update effect e
       set state = 'leased', fence = e.fence + 1, claims = e.claims + 1,
           lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       from due
       where e.case_id = due.case_id and e.step = due.step
       returning ${CLAIMED}, e.arrival
     )
     select * from claimed order by due_at, arrival`,
    [input.now, input.limit, input.leaseMs, input.loops ?? null],
  );
}

const IS_FREE = `e.state in ('ready', 'leased') and e.due_at <= $1
  and (e.state = 'ready' or e.lease_until < clock_timestamp())`;

/** The claim of one effect, by which its owner is known. */
export type Claim = Pick<EffectRow, "case_id" | "step" | "fence">;

/** Signs for claims again, so that whoever is at work keeps them for so long from now. */
export async function renewLeases(
  tx: Tx,
  claims: ReadonlyArray<Claim>,
  leaseMs: number,
): Promise<void> {
  await tx.query(
    `update effect e
     set lease_until = clock_timestamp() + $4 * interval '1 millisecond'
     from ${CLAIMS}
     where ${IS_OURS}`,
    [...claimColumns(claims), leaseMs],
  );
}

/** Gives back what was claimed and not begun, as if nobody had claimed it. */
export async function releaseClaims(tx: Tx, claims: ReadonlyArray<Claim>): Promise<void> {
  await tx.query(
    `update effect e
     set state = 'ready', lease_until = null, claims = e.claims - 1
     from ${CLAIMS}
     where ${IS_OURS}`,
    [...claimColumns(claims)],
  );
}

/** Is the claim still its owner's, and does a call that is begun now end before anybody else begins one? */
export async function isClaimOurs(tx: Tx, claim: Claim): Promise<boolean> {
  const rows = await tx.query(
    `select e.step from effect e, ${CLAIMS} where ${IS_OURS} and e.call_over_at > clock_timestamp()`,
    [...claimColumns([claim])],
  );
  return rows.length === 1;
}

/** Gives intended calls so long from now. Returns those whose claim is still their owner's. */
export async function extendCalls(
  tx: Tx,
  claims: ReadonlyArray<Claim>,
  callMs: number,
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ case_id: string; step: number }>(
    `update effect e
     set call_over_at = clock_timestamp() + $4 * interval '1 millisecond'
     from ${CLAIMS}
     where ${IS_OURS}
     returning e.case_id, e.step`,
    [...claimColumns(claims), callMs],
  );
  return new Set(rows.map((row) => effectKey(row.case_id, row.step)));
}

const CLAIMS = "unnest($1::text[], $2::int[], $3::int[]) as t (case_id, step, fence)";
/**
 * A claim is looked up by its key. Said as `=`, the state would look like an index to the planner, which
 * believes that hardly anything is leased; every effect was once, and their dead rows lie there until a vacuum.
 */
const IS_OURS =
  "e.case_id = t.case_id and e.step = t.step and e.fence = t.fence " +
  "and e.state is not distinct from 'leased'";

function claimColumns(claims: ReadonlyArray<Claim>): ReadonlyArray<ReadonlyArray<unknown>> {
  return [
    claims.map(({ case_id }) => case_id),
    claims.map(({ step }) => step),
    claims.map(({ fence }) => fence),
  ];
}

/** Writes down what is about to be sent. Returns the effects whose fence still held. */
export async function updateIntents(
  tx: Tx,
  intents: ReadonlyArray<{
    readonly caseId: string;
    readonly step: number;
    readonly fence: number;
    readonly intent: Intent;
  }>,
  callMs: number,
): Promise<ReadonlySet<string>> {
  if (intents.length === 0) return new Set();
  const rows = await tx.query<{ case_id: string; step: number }>(
    `update effect e
     set intent = t.intent::json,
         call_over_at = clock_timestamp() + $5 * interval '1 millisecond'
     from unnest($1::text[], $2::int[], $3::int[], $4::text[]) as t (case_id, step, fence, intent)
     where ${IS_OURS}
     returning e.case_id, e.step`,
    [
      intents.map((i) => i.caseId),
      intents.map((i) => i.step),
      intents.map((i) => i.fence),
      toTexts(intents.map((i) => JSON.stringify(i.intent))),
      callMs,
    ],
  );
  return new Set(rows.map((row) => effectKey(row.case_id, row.step)));
}

export type EffectEnd = {
  readonly caseId: string;
  readonly step: number;
  readonly fence: number;
  readonly state: "done" | "failed" | "needs-person" | "ready";
  readonly result: Json;
  readonly error: string | null;
  /** Business time; for `ready` the next try. */
  readonly at: Instant;
  /** The intent was certainly not carried out, and is dropped. */
  readonly isUnsent?: boolean;
};

/** INVARIANT (fence): an answer is recorded only by the owner of the newest claim. */
export async function endEffects(
  tx: Tx,
  ends: ReadonlyArray<EffectEnd>,
): Promise<ReadonlySet<string>> {
  if (ends.length === 0) return new Set();
  const rows = await tx.query<{ case_id: string; step: number }>(
    `update effect e
     set state = t.state,
         result = t.result::json,
         last_error = coalesce(t.error, e.last_error),
         failures = e.failures + (t.error is not null)::int,
         claims = 0,
         lease_until = null,
         intent = case when t.is_unsent then null else e.intent end,
         call_over_at = case when t.is_unsent then null else e.call_over_at end,
         due_at = case when t.state = 'ready' then t.at else e.due_at end,
         finished_at = case when t.state = 'ready' then null else t.at end
     from unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[],
                 $7::timestamptz[], $8::boolean[])
       as t (case_id, step, fence, state, result, error, at, is_unsent)
     where ${IS_OURS}
     returning e.case_id, e.step`,
    [
      ends.map((e) => e.caseId),
      ends.map((e) => e.step),
      ends.map((e) => e.fence),
      ends.map((e) => e.state),
      toTexts(ends.map((e) => JSON.stringify(e.result))),
      ends.map((e) => e.error),
      ends.map((e) => e.at),
      ends.map((e) => e.isUnsent ?? false),
    ],
  );
  return new Set(rows.map((row) => effectKey(row.case_id, row.step)));
}

/** An effect whose case turned away from it is not carried out. */
export function effectKey(caseId: string, step: number): string {
  return `${caseId}/${step}`;
}

/** What one step of a case ordered, whatever became of it. */
export async function findOrder(
  tx: Tx,
  caseId: string,
  step: number,
): Promise<Pick<EffectRow, "loop" | "body"> | undefined> {
  const rows = await tx.query<Pick<EffectRow, "loop" | "body">>(
    "select loop, body from effect where case_id = $1 and step = $2",
    [caseId, step],
  );
  return rows[0];
}

export async function findNextEffectDue(tx: Tx): Promise<Instant | undefined> {
  const rows = await tx.query<{ due_at: Instant | null }>(
    `select min(first.due_at) as due_at
     from loop l cross join lateral (
       select e.due_at from effect e
       where e.loop = l.name and e.state in ('ready', 'leased')
       order by e.due_at
       limit 1
     ) first`,
  );
  return rows[0]?.due_at ?? undefined;
}

/** Actions that a halted loop held back are looked at now. */
export async function wakeActions(tx: Tx, loop: string, now: Instant): Promise<void> {
  await tx.query(
    `update effect set due_at = $2
     where loop = $1 and kind = 'act' and state = 'ready' and due_at > $2`,
    [loop, now],
  );
}

/** A question whose answer has come is asked now rather than when its wait is over. */
export async function wakeQuestion(tx: Tx, caseId: string, now: Instant): Promise<void> {
  await tx.query(
    `update effect set due_at = $2
     where case_id = $1 and kind = 'ask' and state = 'ready' and due_at > $2`,
    [caseId, now],
  );
}

/** Frees every lease. Only for a store that no other process can have open. */
export async function releaseLeases(tx: Tx): Promise<number> {
  const rows = await tx.query(
    `update effect set state = 'ready', lease_until = null
     where state = 'leased'
     returning step`,
  );
  return rows.length;
}

export type EffectCount = {
  readonly kind: OutsideEffect["kind"];
  readonly state: string;
  readonly department: string | null;
  readonly count: number;
};

export async function countEffects(tx: Tx): Promise<ReadonlyArray<EffectCount>> {
  return tx.query<EffectCount>(
    `select kind, state, body #>> '{letter,department}' as department, count(*)::int as count
     from effect
     group by 1, 2, 3
     order by 1, 2, 3`,
  );
}

export type EffectSummary = {
  readonly step: number;
  readonly kind: OutsideEffect["kind"];
  readonly state: string;
  /** Of a letter: to which department, about what. */
  readonly department: string | null;
  readonly topic: string | null;
  readonly fence: number;
  readonly failures: number;
  readonly due_at: Instant;
  readonly finished_at: Instant | null;
  readonly last_error: string | null;
};

export async function listEffectsOfCase(
  tx: Tx,
  caseId: string,
): Promise<ReadonlyArray<EffectSummary>> {
  return tx.query<EffectSummary>(
    `select step, kind, state, body #>> '{letter,department}' as department,
            body #>> '{letter,topic}' as topic, fence, failures, due_at, finished_at, last_error
     from effect
     where case_id = $1
     order by step`,
    [caseId],
  );
}
