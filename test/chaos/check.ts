/**
 * What must be true when a run has come to rest, each looked up from both sides: what the database says it
 * did, and what the outside says was done to it. Nothing here asks a worker.
 */
import { setTimeout as delay } from "node:timers/promises";
import { checkSnapshot } from "../../src/engine/invariant/check.ts";
import { DEFAULT_LIMITS } from "../../src/engine/wiring.ts";
import { verifyLedger } from "../../src/store/table/ledger-verify.ts";
import { SECOND_MS } from "../../src/std/time.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import { SOURCE, wallNow } from "./loop.ts";
import type { Heard, Outside } from "./outside.ts";
import type { Stage } from "./stage.ts";
import { checkFences, countClaims, listTakeovers } from "./trace.ts";

export type Check = {
  readonly what: string;
  readonly holds: boolean;
  /** The figures that it was judged by. */
  readonly seen: string;
};

export type Checked = { readonly checks: ReadonlyArray<Check>; readonly figures: Figures };

export type Figures = {
  readonly accepted: number;
  readonly open: number;
  readonly closed: number;
  readonly effectsOutside: number;
  readonly duplicates: number;
  readonly leftToPerson: number;
  readonly letters: number;
  readonly claimsPerEffect: number;
  /** Effects that took 1, 2, 3, ... claims. */
  readonly claims: ReadonlyArray<number>;
  readonly takeovers: number;
  readonly takeoverP50Ms: number;
  readonly takeoverP99Ms: number;
  readonly takeoverMaxMs: number;
  readonly ledgerEntries: number;
};

const TAKEOVER_MS_MAX = 20 * SECOND_MS;
const LOOK_MS = 200;
/** The outside's clock is read in whole milliseconds. */
const CLOCK_MS = 1;

/** Waits until nothing is due any more. Returns false when work stood still for `stillMs`. */
export async function settle(stage: Stage, stillMs: number): Promise<boolean> {
  let [last, since] = ["", performance.now()];
  for (;;) {
    const now = await stage.ask(countPending);
    if (now.pending === 0) return true;
    const text = `${now.pending} ${now.claims}`;
    if (text !== last) [last, since] = [text, performance.now()];
    else if (performance.now() - since > stillMs) return false;
    await delay(LOOK_MS);
  }
}

type Pending = { readonly pending: number; readonly claims: number };

async function countPending(driver: Driver): Promise<Pending> {
  const [row] = await driver.query<Pending>(
    `select (select count(*)::int from effect where state in ('ready', 'leased'))
          + (select count(*)::int from case_event where due_at <= clock_timestamp()) as pending,
            (select coalesce(max(id), 0)::int from chaos.effect_change) as claims`,
  );
  return row ?? { pending: -1, claims: 0 };
}

/** Conservation at any instant, cheap enough for every round. */
export async function checkConservation(driver: Driver): Promise<Check> {
  const [row] = await driver.query<{ signals: number; cases: number; open: number }>(
    `select (select count(*)::int from signal) as signals, count(*)::int as cases,
            count(*) filter (where state <> 'closed')::int as open
     from signal_case`,
  );
  const { signals = -1, cases = -2, open = 0 } = row ?? {};
  return {
    what: "accepted = open + closed",
    holds: signals === cases,
    seen: `${signals} = ${open} + ${cases - open}`,
  };
}

export async function checkAtRest(stage: Stage, isSettled: boolean): Promise<Checked> {
  const { outside, client, workers, intake } = stage;
  const standing = await outside.standing();
  await stage.ask((driver) => loadBook(driver, outside));
  const seen = await stage.ask(compareBooks);
  const stuck = await stage.ask(listStuck);
  const found = await stage.ask((driver) => countFound(driver, client.acknowledged));
  const fences = await stage.ask(checkFences);
  const takeovers = await stage.ask((driver) => listTakeovers(driver, workers.deaths));
  const claims = await stage.ask(countClaims);
  const ledger = await stage.ask((driver) => verifyLedger(driver));
  const conservation = await stage.ask(checkConservation);
  const promises = await checkPromises(stage);
  const p = (share: number) => Math.round(takeovers[Math.ceil(takeovers.length * share) - 1] ?? 0);
  const troubles = [...workers.troubles, ...intake.troubles].filter(([code]) => !isExpected(code));
  const wrong = [
    ...stage.findings,
    ...[...workers.lost, ...intake.lost].map((name) => `${name} ended by itself`),
    ...troubles.map(([code, { count, example }]) => `${count} ${code}: ${example}`),
  ];

  const traced: Check[] = [
    {
      what: "each intent was committed before its first call",
      holds: seen.calledBefore === 0,
      seen: `${seen.calledKeys} keys called, ${seen.calledBefore} before`,
    },
    {
      what: "nobody writes under an old fence",
      holds: fences.strayWrites === 0,
      seen: `${fences.takenOver} taken over, ${fences.strayWrites} stray writes`,
    },
    {
      what: "a dead worker's work is taken over within 20 s (99%)",
      holds: p(0.99) <= TAKEOVER_MS_MAX || !stage.options.isTimed,
      seen: `${takeovers.length}: p50 ${p(0.5)} ms, p99 ${p(0.99)} ms, longest ${p(1)} ms`,
    },
  ];
  const checks: Check[] = [
    {
      what: "everything that was begun came to an end",
      holds: isSettled,
      seen: isSettled ? "nothing is due" : `stuck: ${JSON.stringify(stuck)}`,
    },
    conservation,
    {
      what: "every acknowledged signal is there",
      holds: found === client.acknowledged.length && client.refusals.length === 0,
      seen: `${found} of ${client.acknowledged.length} ${client.refusals.slice(0, 3).join(" ")}`,
    },
    {
      what: "at most one effect for each key",
      holds: seen.duplicates === 0 && standing.duplicates.length === 0,
      seen: `${seen.effects} effects, ${seen.duplicates} keys twice ${standing.duplicates.slice(0, 3).join(" ")}`,
    },
    {
      what: "what is recorded as done was done, and what was done has its step",
      holds: seen.notDone === 0 && seen.unexplained === 0,
      seen: `${seen.recordedDone} recorded, ${seen.notDone} not done, ${seen.unexplained} without a step`,
    },
    {
      what: "only what cannot be looked up is left to a person",
      holds: seen.guessed === 0,
      seen: `${seen.toPerson} to a person, ${seen.guessed} of them could have been looked up`,
    },
    {
      what: "both departments' notices are complete",
      holds: seen.undelivered === 0 && seen.untold === 0,
      seen: `${seen.notices} notices, ${seen.undelivered} not delivered; ${seen.untold} actions told to fewer than two`,
    },
    ...(stage.options.isTraced ? traced : []),
    {
      what: "the ledger verifies",
      holds: "head" in ledger,
      seen: "head" in ledger ? `${ledger.head.n} entries` : JSON.stringify(ledger.fault),
    },
    promises,
    {
      what: "nothing else went wrong",
      holds: wrong.length === 0,
      seen: wrong.slice(0, 10).join("; "),
    },
  ];
  const rows = claims.reduce((sum, count) => sum + count, 0);
  const total = claims.reduce((sum, count, index) => sum + count * (index + 1), 0);
  return {
    checks,
    figures: {
      accepted: seen.cases,
      open: seen.open,
      closed: seen.cases - seen.open,
      effectsOutside: seen.effects,
      duplicates: seen.duplicates,
      leftToPerson: seen.toPerson,
      letters: standing.letters,
      claimsPerEffect: rows === 0 ? 0 : total / rows,
      claims,
      takeovers: takeovers.length,
      takeoverP50Ms: p(0.5),
      takeoverP99Ms: p(0.99),
      takeoverMaxMs: p(1),
      ledgerEntries: "head" in ledger ? ledger.head.n : 0,
    },
  };
}

/** The product's own list, as `interlock doctor` works through it, beside the outside's book. */
async function checkPromises(stage: Stage): Promise<Check> {
  const { limits, isTraced } = stage.options;
  const effects: Array<{ key: string }> = [];
  const calls: string[] = [];
  const delivered: string[] = [];
  if (isTraced) {
    for await (const { what, key } of stage.outside.book()) {
      if (what === "effect") effects.push({ key });
      if (what === "request") calls.push(key);
      if (what === "letter") delivered.push(key);
    }
  }
  const checked = await stage.ask((driver) =>
    checkSnapshot(driver, {
      now: wallNow(),
      limits: { ...DEFAULT_LIMITS, ...limits },
      // Without the book, in a run that is about quantity: only what does not read every entry again.
      ...(isTraced ? { outside: { effects, calls, delivered } } : { cost: "cases" }),
    }),
  );
  const broken = checked.filter(({ violations }) => violations.length > 0);
  const told = broken.map(({ invariant, violations: [first, ...more] }) =>
    [invariant.name, first?.row, first?.why, `and ${more.length} more`].join(" "),
  );
  return {
    what: "every promise that `doctor` looks up holds",
    holds: broken.length === 0,
    seen: `${checked.length} looked up; ${told.join("; ") || "none broken"}`,
  };
}

/** What a worker may say under these faults: that the store is away, or that it lost a race for a lock. */
function isExpected(code: string): boolean {
  return /^store\/(unavailable|no-space)$|^40P01$|^40001$|^55P03$|^25P0[23]$|^57014$/.test(code);
}

const LINES_AT_ONCE = 5_000;

/** The outside's book beside the engine's tables, so that the two can be compared as sets. */
async function loadBook(driver: Driver, outside: Outside): Promise<void> {
  await driver.exec(`
    drop table if exists chaos.heard;
    create table chaos.heard (at_ms float8 not null, what text not null, key text not null)`);
  let lines: Heard[] = [];
  const flush = async (): Promise<void> => {
    await driver.query(
      "insert into chaos.heard select * from unnest($1::float8[], $2::text[], $3::text[])",
      [lines.map(({ at }) => at), lines.map(({ what }) => what), lines.map(({ key }) => key)],
    );
    lines = [];
  };
  for await (const line of outside.book()) {
    if (lines.push(line) >= LINES_AT_ONCE) await flush();
  }
  await flush();
  await driver.exec("analyze chaos.heard, effect, signal_case");
}

type Compared = { readonly [name in (typeof COMPARED)[number]]: number };
const COMPARED = [
  "cases",
  "open",
  "untold",
  "effects",
  "duplicates",
  "calledKeys",
  "calledBefore",
  "recordedDone",
  "notDone",
  "unexplained",
  "toPerson",
  "guessed",
  "notices",
  "undelivered",
] as const;

async function compareBooks(driver: Driver): Promise<Compared> {
  const [row] = await driver.query<Compared>(
    `with call as (
       select key, count(*) filter (where what = 'effect') as effects,
              min(at_ms) filter (where what = 'request') as first_ms
       from chaos.heard where what in ('request', 'effect') group by key
     ), intent as (
       select case_id || '/' || step as key,
              min(extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000) as ms
       from chaos.effect_change where is_intent group by 1
     ), change as (
       select case_id || '/' || step as key, state, intent ->> 'connector' as connector,
              coalesce(result::jsonb ?| array['nothingLeft', 'conflict'], false) as is_moot
       from effect where kind in ('act', 'undo')
     ), notice as (
       select case_id, state, case_id || '.' || step as id, body -> 'letter' as letter
       from effect where kind = 'notify'
     ), told as (
       select case_id, count(distinct letter ->> 'department') as departments
       from notice where state = 'done' and letter ->> 'topic' = 'acted' group by 1
     )
     select
       (select count(*)::int from signal_case) as cases,
       (select count(*)::int from signal_case where state <> 'closed') as open,
       (select count(*)::int from signal_case c left join told on told.case_id = c.id
        where c.acted_at is not null and coalesce(told.departments, 0) < 2) as untold,
       (select coalesce(sum(effects), 0)::int from call) as effects,
       (select count(*)::int from call where effects > 1) as duplicates,
       (select count(*)::int from call) as "calledKeys",
       (select count(*)::int from call left join intent using (key)
        where coalesce(intent.ms, 'infinity') > call.first_ms + $1) as "calledBefore",
       (select count(*)::int from change where state = 'done') as "recordedDone",
       (select count(*)::int from change left join call using (key)
        where change.state = 'done' and not change.is_moot
          and coalesce(call.effects, 0) = 0) as "notDone",
       (select count(*)::int from call left join change using (key)
        where change.key is null) as unexplained,
       (select count(*)::int from change where state = 'needs-person') as "toPerson",
       (select count(*)::int from change
        where state = 'needs-person' and connector is distinct from 'outside-opaque') as guessed,
       (select count(*)::int from notice) as notices,
       (select count(*)::int from notice n
        where n.state <> 'done' or not exists (
          select from chaos.heard h where h.what = 'letter' and h.key = n.id)) as undelivered`,
    [CLOCK_MS],
  );
  return row ?? (Object.fromEntries(COMPARED.map((name) => [name, -1])) as Compared);
}

async function listStuck(driver: Driver): Promise<unknown> {
  return driver.query(
    `select kind, state, count(*)::int as count, max(last_error) as error
     from effect where state in ('ready', 'leased') group by 1, 2`,
  );
}

const IDS_AT_ONCE = 10_000;

async function countFound(driver: Driver, ids: ReadonlyArray<string>): Promise<number> {
  let found = 0;
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const [row] = await driver.query<{ n: number }>(
      "select count(*)::int as n from signal where source = $1 and id = any($2::text[])",
      [SOURCE, ids.slice(at, at + IDS_AT_ONCE)],
    );
    found += row?.n ?? 0;
  }
  return found;
}
