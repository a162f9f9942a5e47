/**
 * Random histories of the engine: signals, votes, pauses, stops, edits by hand, a broken outside,
 * vanished workers and clock jumps, in any order. After every step the promises of DESIGN.md are read
 * off the database and the outside's own record, never off what the engine says of itself.
 *
 * A failure prints the seed and the shortest history that shows it.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { ConnectorClass } from "../../src/core/port/types.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { addMs, MINUTE_MS } from "../../src/std/time.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { claimEffects, releaseLeases } from "../../src/store/table/effect.ts";
import { verifyLedger } from "../../src/store/table/ledger-verify.ts";
import { findLoop } from "../../src/store/table/loop.ts";
import { listStops } from "../../src/store/table/stop.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  LOOP,
  openWorld,
  PLACES,
  resourceOf,
  type Side,
} from "../kit/engine-world.ts";
import type { Fault } from "../kit/scripted-connector.ts";

const RUNS = 30;
const STEPS_MAX = 12;
const PLACES_USED = 3;

type Step =
  | {
      readonly do: "signal";
      readonly place: number;
      readonly as: keyof typeof BY_VERDICT;
      readonly times: number;
    }
  | { readonly do: "bad-signal"; readonly place: number }
  | {
      readonly do: "vote";
      readonly of: number;
      readonly party: Side;
      readonly choice: "agree" | "reject";
    }
  | { readonly do: "undo"; readonly of: number }
  | { readonly do: "pause" | "activate" | "stop" | "go" | "vanish" | "fall-silent" | "be-heard" }
  | { readonly do: "fail"; readonly on: "read" | "dry-run" | "apply"; readonly fault: Fault }
  | { readonly do: "lose-mail"; readonly forGood: boolean }
  | { readonly do: "edit"; readonly place: number }
  | { readonly do: "wait"; readonly minutes: number };

const place = fc.nat({ max: PLACES_USED - 1 });
const of = fc.nat({ max: 5 });
const FAULTS: ReadonlyArray<Fault> = [
  "unavailable",
  "rate-limited",
  "rejected",
  "unknown-before",
  "unknown-after",
  "swallowed",
];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("signal" as const),
      place,
      as: fc.constantFrom("auto" as const, "auto" as const, "marketing", "both", "forbid"),
      times: fc.constantFrom(1, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("bad-signal" as const), place }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("vote" as const),
      of,
      party: fc.constantFrom<Side>("logistics", "marketing"),
      choice: fc.constantFrom("agree" as const, "agree" as const, "agree" as const, "reject"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("undo" as const), of }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step>(
      { do: "pause" },
      { do: "activate" },
      { do: "stop" },
      { do: "go" },
      { do: "vanish" },
      { do: "fall-silent" },
      { do: "be-heard" },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      on: fc.constantFrom("read" as const, "dry-run", "apply", "apply", "apply"),
      fault: fc.constantFrom(...FAULTS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("lose-mail" as const), forGood: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("edit" as const), place }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      minutes: fc.constantFrom(1, 10, 60, 300, 24 * 60, 16 * 24 * 60),
    }),
  },
);

const classes = fc.constantFrom<ConnectorClass>("readable", "readable", "idempotent", "opaque");
const histories = fc.array(step, { minLength: 3, maxLength: STEPS_MAX });

/** What a person or the world does; an operation may refuse it, and then it is not done. */
async function take(world: EngineWorld, what: Step, sent: Set<string>): Promise<void> {
  switch (what.do) {
    case "signal": {
      const subject = PLACES[what.place] ?? "";
      world.receiver.propose(() => BY_VERDICT[what.as]);
      const signal = world.signal(subject);
      await world.send(...Array(what.times).fill(signal));
      sent.add(signal.id);
      return;
    }
    case "bad-signal": {
      const signal = world.signal(PLACES[what.place] ?? "", { confidence: 0.1 });
      await world.send({ ...signal, id: `bad-${signal.id}` });
      sent.add(`bad-${signal.id}`);
      return;
    }
    case "vote":
    case "undo": {
      const cases = await world.cases();
      const id = cases[what.of % Math.max(1, cases.length)]?.id;
      if (id === undefined) return;
      if (what.do === "undo") await unlessRefused(world.undo(id));
      else await unlessRefused(world.vote(id, what.party, what.choice));
      return;
    }
    case "pause":
      return unlessRefused(world.pause());
    case "activate":
      return unlessRefused(world.activate());
    case "fall-silent":
      return world.silenceReceiver();
    case "be-heard":
      return world.hearReceiver();
    case "stop":
      return world.stop();
    case "go":
      return unlessRefused(world.release());
    case "vanish":
      // A worker takes everything that is due, and dies.
      await world.driver.transaction((tx) =>
        claimEffects(tx, { now: world.clock.now(), limit: 10, leaseMs: 60_000 }),
      );
      await releaseLeases(world.driver);
      return;
    case "fail":
      return world.outside.failNext(what.on, what.fault);
    case "lose-mail":
      world.post.faults.push(
        new InterlockError(what.forGood ? "connector/rejected" : "connector/unavailable", "mail", {
          retry: what.forGood ? "never" : "later",
        }),
      );
      return;
    case "edit":
      return world.outside.editByHand(resourceOf(PLACES[what.place] ?? ""), "by hand");
    case "wait":
      // Time passes as it does: whatever falls due on the way is done on the way.
      return world.runUntil(addMs(world.clock.now(), what.minutes * MINUTE_MS));
  }
}

async function unlessRefused(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof InterlockError)) throw error;
  }
}

/** Facts that hold at every moment, whatever is still under way. One row: everything counted at once. */
const COUNTS = `
  select
    (select count(*)::int from signal) as signals,
    (select count(*)::int from signal_case) as cases,
    (select count(*)::int from signal_case where state <> 'closed') as open,
    (select count(*)::int from signal_case where close_reason is not null) as closed,
    (select count(*)::int from signal s left join signal_case c on c.id = s.case_id
      where c.id is null or c.body #>> '{signal,id}' <> s.id) as astray,
    (select count(*)::int from case_event e join signal_case c on c.id = e.case_id
      where c.state = 'closed') as letters_of_closed,
    (select count(*)::int from (
      select holds from signal_case where holds is not null group by holds having count(*) > 1
    ) as twice) as held_twice,
    (select count(*)::int from signal_case c
      where c.body -> 'action' is not null
        and (select count(distinct e.body #>> '{letter,department}') from effect e
             where e.case_id = c.id and e.body #>> '{letter,topic}' = 'acted') <> 2
    ) as acted_untold,
    (select count(*)::int from effect where kind = 'notify' and state = 'needs-person')
      as notices_in_limbo`;

async function checkAlways(world: EngineWorld, sent: ReadonlySet<string>): Promise<void> {
  const [counts] = await world.driver.query<Record<string, number>>(COUNTS);
  assert.ok(counts);
  assert.equal(counts["signals"], sent.size, "every signal sent is kept once");
  assert.equal(counts["cases"], sent.size, "accepted = cases");
  assert.equal(Number(counts["open"]) + Number(counts["closed"]), sent.size, "conservation");
  for (const fault of [
    "astray",
    "letters_of_closed",
    "held_twice",
    "acted_untold",
    "notices_in_limbo",
  ]) {
    assert.equal(counts[fault], 0, fault);
  }
  await checkEffects(world);
  const checked = await verifyLedger(world.driver);
  assert.ok("head" in checked, JSON.stringify(checked));
}

type LedgerLine = {
  readonly kind: string;
  readonly case: string;
  readonly n: number;
  readonly body: {
    readonly step?: number;
    readonly to?: string;
    readonly digest?: string;
    readonly verdict?: {
      readonly kind: string;
      readonly votes: ReadonlyArray<{ readonly party: string }>;
    };
    readonly event?: {
      readonly vote?: { readonly party: string; readonly choice: string; readonly digest: string };
    };
    readonly orders?: ReadonlyArray<string>;
  };
};

/** The outside's record against the ledger: what was done, and who had allowed it by then. */
async function checkEffects(world: EngineWorld): Promise<void> {
  const { effects } = world.outside;
  const keys = effects.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, "at most one effect outside per case and step");
  if (effects.length === 0) return;
  const rows = await world.driver.query<{ text: string }>(
    `select text from ledger where text::jsonb ->> 'case' = any($1::text[]) order by n`,
    [keys.map((key) => key.split("/")[0])],
  );
  const lines = rows.map(({ text }) => JSON.parse(text) as LedgerLine);
  const cases = new Map((await world.cases()).map((kept) => [kept.id, kept]));
  for (const { key, at } of effects) {
    const [id, step = ""] = key.split("/");
    const history = lines.filter((line) => line.case === id);
    const intended = history.findIndex(
      ({ kind, body }) => kind.endsWith(".intended") && body.step === Number(step),
    );
    assert.ok(intended >= 0, `${key} was written down before it was done`);
    const before = history.slice(0, intended);
    const isUndo = before.some(({ body }) => body.orders?.includes(`${step} undo`));
    if (isUndo) continue;
    assert.ok(at < (cases.get(id ?? "")?.signal.expiresAt ?? ""), `${key} was done in time`);
    const verdict = before.findLast(({ body }) => body.verdict !== undefined)?.body.verdict;
    const digest = before.findLast(({ body }) => body.digest !== undefined)?.body.digest;
    assert.ok(verdict && digest, `${key} had a verdict`);
    assert.notEqual(verdict.kind, "forbid", `${key} was not forbidden`);
    const agreed = before.flatMap(({ body }) => {
      const vote = body.event?.vote;
      return vote?.choice === "agree" && vote.digest === digest ? [vote.party] : [];
    });
    for (const { party } of verdict.votes) {
      assert.ok(agreed.includes(party), `${key}: ${party} had agreed to this very action`);
    }
  }
}

async function isHalted({ driver }: EngineWorld): Promise<boolean> {
  const row = await findLoop(driver, LOOP);
  return row?.state !== "live" || (await listStops(driver)).length > 0;
}

/** While a loop is stopped or paused, what was done may be taken back and nothing new may be done. */
function checkOnlyUndone(world: EngineWorld, from: number): void {
  for (const { key, setting } of world.outside.effects.slice(from)) {
    assert.ok(setting === "untouched" || setting === "by hand", `${key} while halted: ${setting}`);
  }
}

/** When nothing is left to do, everything is accounted for and nothing of ours is left outside. */
async function checkSettled(world: EngineWorld): Promise<void> {
  await unlessRefused(world.release());
  await world.hearReceiver();
  await unlessRefused(world.activate());
  await world.runDays(60);
  const loose = await world.driver.query<{ line: string }>(
    `select c.id || ' ' || c.state as line from signal_case c
     where c.state <> 'closed' and c.body -> 'awaitingPerson' is null`,
  );
  assert.deepEqual(loose, [], "what is not closed waits for a person who was told");
  const pending = await world.driver.query(
    "select case_id, step, kind, state from effect where state in ('ready', 'leased')",
  );
  assert.deepEqual(pending, []);
  const letters = await world.driver.query<{ failed: number; delivered: number; entries: number }>(
    `select count(*) filter (where state = 'failed')::int as failed,
            count(*) filter (where state = 'done')::int as delivered,
            (select count(*)::int from ledger where text::jsonb ->> 'kind' like 'notice.%') as entries
     from (
       select state from effect where kind = 'notify'
       union all
       select state from loop_notice
     ) as notice`,
  );
  const [sum] = letters;
  assert.equal(Number(sum?.failed) + Number(sum?.delivered), sum?.entries, "both-told");
  assert.equal(world.post.delivered.length, sum?.delivered);
  const held = new Set(
    (await world.cases())
      .filter(({ state }) => state !== "closed")
      .map((c) => c.proposal?.resource),
  );
  for (const { resource } of world.outside.effects) {
    const left = world.outside.settingOf(resource);
    if (held.has(resource)) continue;
    assert.ok(left === "untouched" || left === "by hand", `${resource} is left as \`${left}\``);
  }
}

let driver: Driver;
before(async () => {
  driver = await openDriver({});
  await migrate(driver);
});
after(() => driver.close());

test(
  "no history of signals, people and faults breaks a promise of the engine",
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(classes, histories, async (connectorClass, steps) => {
        const world = await openWorld(driver, {
          connector: { class: connectorClass },
          charter: (charter) => ({
            ...charter,
            guardrails: { ...charter.guardrails, coolDownDays: 2 },
          }),
        });
        await world.makeReceiverRemote();
        const sent = new Set<string>();
        for (const what of steps) {
          const done = world.outside.effects.length;
          await take(world, what, sent);
          const halted = await isHalted(world);
          await world.settle();
          if (halted) checkOnlyUndone(world, done);
          await checkAlways(world, sent);
          world.clock.moveTo(addMs(world.clock.now(), MINUTE_MS));
        }
        await checkSettled(world);
        await checkAlways(world, sent);
      }),
      { numRuns: RUNS },
    );
  },
);
