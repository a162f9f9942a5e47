/**
 * Who did what to each effect, written by the database itself: a trigger in a schema of its own notes
 * every change of an effect's fence or state, by whom and when, in the transaction of that very change; one
 * that is claimed as it is written was unclaimed before. What was rolled back left no trace, what was
 * committed did, whatever the worker believes.
 *
 * INVARIANT (fence): under one fence only its claimant writes, and nobody once a higher one was claimed.
 */
import type { Driver, Tx } from "../../src/store/driver/driver.ts";
import type { Death } from "./crew.ts";

export async function installTrace(driver: Driver, isOn: boolean): Promise<void> {
  await driver.exec(`
    create schema chaos;
    create table chaos.effect_change (
      id bigint generated always as identity primary key,
      case_id text not null,
      step int not null,
      fence_before int not null,
      fence int not null,
      state_before text not null,
      state text not null,
      is_intent boolean not null,
      who text not null,
      at timestamptz not null
    );
`);
  if (!isOn) return;
  await driver.exec(`
    create function chaos.note_effect() returns trigger language plpgsql as $$
    begin
      insert into chaos.effect_change
        (case_id, step, fence_before, fence, state_before, state, is_intent, who, at)
      values (new.case_id, new.step, coalesce(old.fence, 0), new.fence, coalesce(old.state, 'ready'), new.state,
        old.intent is null and new.intent is not null, current_setting('application_name'), clock_timestamp());
      return null;
    end $$;
    create trigger note_effect after update on effect
      for each row execute function chaos.note_effect();
    create trigger note_claim after insert on effect
      for each row when (new.fence > 0) execute function chaos.note_effect();`);
}

export type FenceCheck = {
  /** Writes under a fence by somebody else than its claimant, or after a later claim. Must be none. */
  readonly strayWrites: number;
  /** Claims of what a dead or sleeping owner had left leased. */
  readonly takenOver: number;
};

export async function checkFences(tx: Tx): Promise<FenceCheck> {
  const [row] = await tx.query<FenceCheck>(
    `with claim as (
       select case_id, step, fence, who, id from chaos.effect_change where fence > fence_before
     )
     select
       (select count(*)::int from chaos.effect_change c
        left join claim own on (own.case_id, own.step, own.fence) = (c.case_id, c.step, c.fence)
        left join claim later
          on (later.case_id, later.step, later.fence) = (c.case_id, c.step, c.fence + 1)
        where c.fence = c.fence_before and c.state_before = 'leased'
          and (own.who is distinct from c.who or later.id < c.id)) as "strayWrites",
       (select count(*)::int from chaos.effect_change
        where fence > fence_before and state_before = 'leased') as "takenOver"`,
  );
  return row ?? { strayWrites: -1, takenOver: 0 };
}

/** Milliseconds from the death of an owner to the claim of what it had leased, ascending. */
export async function listTakeovers(
  tx: Tx,
  deaths: ReadonlyArray<Death>,
): Promise<ReadonlyArray<number>> {
  const rows = await tx.query<{ ms: number }>(
    `with death as (
       select who, to_timestamp(ms / 1000) as died_at
       from unnest($1::text[], $2::float8[]) as t (who, ms)
     )
     select (extract(epoch from c.at - d.died_at) * 1000)::float8 as ms
     from chaos.effect_change c
     join chaos.effect_change own on (own.case_id, own.step, own.fence)
         = (c.case_id, c.step, c.fence - 1) and own.fence > own.fence_before
     join death d on d.who = own.who
     where c.fence > c.fence_before and c.state_before = 'leased' and c.at > d.died_at
     order by 1`,
    [deaths.map(({ name }) => name), deaths.map(({ at }) => at)],
  );
  return rows.map(({ ms }) => ms);
}

/** How many effects took so many claims until they ended; the first is those that took one. */
export async function countClaims(tx: Tx): Promise<ReadonlyArray<number>> {
  const rows = await tx.query<{ fence: number; effects: number }>(
    `select fence, count(*)::int as effects from effect where fence > 0 group by 1 order by 1`,
  );
  const most = rows.at(-1)?.fence ?? 0;
  return Array.from(
    { length: most },
    (_, index) => rows.find(({ fence }) => fence === index + 1)?.effects ?? 0,
  );
}

/** What this owner still holds: the newest claim of each is its own. */
export async function countHeldBy(tx: Tx, who: string): Promise<number> {
  const [row] = await tx.query<{ held: number }>(
    `select count(*)::int as held
     from effect e
     join chaos.effect_change c on (c.case_id, c.step, c.fence) = (e.case_id, e.step, e.fence)
     where e.state = 'leased' and c.fence > c.fence_before and c.who = $1`,
    [who],
  );
  return row?.held ?? 0;
}

export type LateWrites = {
  /** Claims by others of what a sleeper held. */
  readonly takenOver: number;
  /** Changes by the sleeper itself, after it woke, of what was claimed by another meanwhile. */
  readonly writes: number;
};

export async function countLateWrites(
  tx: Tx,
  sleeps: ReadonlyArray<{ readonly name: string; readonly continuedAt: number }>,
): Promise<LateWrites> {
  const [row] = await tx.query<LateWrites>(
    `with sleep as (
       select who, to_timestamp(ms / 1000) as woke_at
       from unnest($1::text[], $2::float8[]) as t (who, ms)
     ), taken as (
       select c.case_id, c.step, own.fence, s.who, s.woke_at
       from chaos.effect_change c
       join chaos.effect_change own on (own.case_id, own.step, own.fence)
           = (c.case_id, c.step, c.fence - 1) and own.fence > own.fence_before
       join sleep s on s.who = own.who and own.at < s.woke_at and c.at between own.at and s.woke_at
       where c.fence > c.fence_before and c.state_before = 'leased' and c.who <> s.who
     )
     select (select count(distinct (case_id, step, fence))::int from taken) as "takenOver",
            (select count(*)::int
             from chaos.effect_change w
             join taken t on (w.case_id, w.step, w.fence_before, w.who)
                 = (t.case_id, t.step, t.fence, t.who)
             where w.at > t.woke_at) as writes`,
    [sleeps.map(({ name }) => name), sleeps.map(({ continuedAt }) => continuedAt)],
  );
  return row ?? { takenOver: 0, writes: -1 };
}
