/**
 * Two loops that fight over the same campaigns and places: a thousand random schedules, told in rounds.
 *
 * Each schedule has a campaign of its own, two or three signals of the two loops on a place or on the
 * whole campaign, in random rounds, and sometimes a person who undoes. After every round: no two live
 * claims overlap. At the end: precedence that both charters state was honoured, and whoever did not get
 * what it wanted had every owner of both loops told.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signAsOwner } from "../../src/app/simulated-owners.ts";
import type { Case } from "../../src/core/case/types.ts";
import { charterHash } from "../../src/core/charter/parse.ts";
import { overlaps } from "../../src/core/contract/resource.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { acceptSignals } from "../../src/engine/intake.ts";
import { registerLoop } from "../../src/engine/loops.ts";
import type { LoopWiring } from "../../src/engine/wiring.ts";
import { integerBetween, type Random, randomFrom } from "../../src/std/random.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/std/time.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { claimEffects } from "../../src/store/table/effect.ts";
import { updateLoopState } from "../../src/store/table/loop.ts";
import { findCase } from "../../src/store/table/signal-case.ts";
import {
  type EngineWorld,
  LOOP,
  NOW,
  openWorld,
  rupees,
  ScriptedReceiver,
} from "../kit/engine-world.ts";
import { type TestPostgres, startPostgres } from "../kit/postgres.ts";

const OTHER = "stock-marketing";
type LoopName = typeof LOOP | typeof OTHER;
type Agreement = "ours" | "theirs" | "one-sided";
const ROUNDS = 6;

/** A signal of one loop, and what its receiver will want for it. */
type Want = { readonly loop: LoopName; readonly round: number; readonly resource: string };
type Schedule = {
  readonly name: string;
  readonly wants: ReadonlyArray<Want & { readonly subject: string; caseId?: string }>;
};

let subjects = 0;
/** A place of its own for every signal: what they fight over is the resource. */
function nextSubject(): string {
  subjects += 1;
  return `IN-${100_000 + subjects}`;
}

function drawSchedule(random: Random, name: string): Schedule {
  const campaign = `ads:meta:${name}`;
  const place = `${campaign}/geo/IN-560001`;
  const count = integerBetween(random, 2, 4);
  const wants = Array.from({ length: count }, (_, index) => ({
    // The first two are of different loops, so that there is a fight at all.
    loop: (index + integerBetween(random, 0, index > 1 ? 2 : 1)) % 2 === 0 ? LOOP : OTHER,
    round: integerBetween(random, 0, ROUNDS - 1),
    resource: random.next() < 0.6 ? place : campaign,
    subject: nextSubject(),
  })) as Schedule["wants"];
  return { name, wants };
}

class Arena {
  readonly world: EngineWorld;
  readonly other: LoopWiring;
  readonly resources = new Map<string, string>();
  engine: Engine;

  private constructor(world: EngineWorld, other: LoopWiring) {
    this.world = world;
    this.other = other;
    this.engine = this.openEngine();
  }

  static async open(driver: Driver, agreement: Agreement): Promise<Arena> {
    const open = (charter: Charter): Charter => ({
      ...charter,
      guardrails: { ...charter.guardrails, perDay: NO_LIMIT, perWeek: NO_LIMIT, coolDownDays: 0 },
    });
    const first = { over: agreement === "theirs" ? [] : [OTHER], yieldsTo: agreement === "theirs" ? [OTHER] : [] }; // prettier-ignore
    const second = {
      over: agreement === "theirs" ? [LOOP] : [],
      yieldsTo: agreement === "ours" ? [LOOP] : [],
    };
    const world = await openWorld(driver, {
      charter: (charter) => ({ ...open(charter), precedence: first }),
    });
    const charter: Charter = {
      ...open(world.wiring.charter),
      name: OTHER,
      loop: OTHER,
      precedence: second,
    };
    const receiver = new ScriptedReceiver();
    const arena = new Arena(world, { ...world.wiring, name: OTHER, charter, receiver });
    for (const one of [world.receiver, receiver]) {
      one.propose(({ subject }) => ({
        resource: arena.resources.get(subject) ?? "",
        valueAtStake: rupees(100),
      }));
    }
    await registerLoop(arena.engine.context, arena.other);
    for (const party of ["logistics", "marketing"]) {
      await signAsOwner(arena.engine, OTHER, charter, charterHash(charter), party);
    }
    const live = { state: "live", why: "a test", changed_at: NOW } as const;
    await updateLoopState(driver, OTHER, live);
    return arena;
  }

  openEngine(): Engine {
    const { context } = this.world.engine;
    const loops = new Map([
      [LOOP, this.world.wiring],
      [OTHER, this.other],
    ]);
    return new Engine({ ...context, loops });
  }

  async send(want: Schedule["wants"][number]): Promise<void> {
    const { driver } = this.world;
    this.resources.set(want.subject, want.resource);
    const wiring = want.loop === LOOP ? this.world.wiring : this.other;
    const signal = this.world.signal(want.subject, { id: `${want.subject}-${want.loop}` });
    const [answer] = await driver.transaction((tx) =>
      acceptSignals(tx, this.engine.context, wiring, [signal], (subject) => subject),
    );
    assert(answer?.kind === "accepted", JSON.stringify(answer));
    want.caseId = answer.caseId;
  }

  /** A worker takes what is due, and dies; another one opens the store and goes on. */
  async crash(): Promise<void> {
    const { driver, clock } = this.world;
    await driver.transaction((tx) =>
      claimEffects(tx, { now: clock.now(), limit: 50, leaseMs: MINUTE_MS }),
    );
    this.engine = this.openEngine();
    await this.engine.recover();
  }

  /** INVARIANT: never two live claims that overlap. */
  async checkClaims(): Promise<number> {
    const held = await this.world.driver.query<{ id: string; holds: string }>(
      "select id, holds from signal_case where holds is not null order by holds",
    );
    const byCampaign = new Map<string, Array<{ id: string; holds: string }>>();
    for (const claim of held) {
      const campaign = claim.holds.split("/")[0] ?? "";
      byCampaign.set(campaign, [...(byCampaign.get(campaign) ?? []), claim]);
    }
    for (const claims of byCampaign.values()) {
      for (const [index, one] of claims.entries()) {
        for (const two of claims.slice(index + 1)) {
          assert(!overlaps(one.holds, two.holds), `${one.id} and ${two.id} hold ${one.holds}`);
        }
      }
    }
    return held.length;
  }

  async caseOf(want: Schedule["wants"][number]): Promise<Case> {
    const of = await findCase(this.world.driver, want.caseId ?? "");
    assert(of, "every want became a case");
    return of;
  }

  /** Loops whose owners were told of a case. */
  async toldOf(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const rows = await this.world.driver.query<{ id: string; loop: string; owners: number }>(
      `select split_part(id, '/', 3) as id, loop, count(distinct department)::int as owners
       from loop_notice where topic in ('conflict', 'cycle') group by 1, 2`,
    );
    const told = new Map<string, Set<string>>();
    for (const { id, loop, owners } of rows) {
      assert.equal(owners, 2, `both owners of ${loop}`);
      told.set(id, (told.get(id) ?? new Set()).add(loop));
    }
    return told;
  }
}

const NO_LIMIT = { actions: 1_000_000, subjects: 1_000_000, value: "INR 9999999999999" };

async function play(
  arena: Arena,
  schedules: ReadonlyArray<Schedule>,
  random: Random,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const wants = schedules.flatMap((schedule) => schedule.wants.filter((w) => w.round === round));
    // Whoever comes first within a round is chance.
    wants.sort(() => random.next() - 0.5);
    for (const want of wants) await arena.send(want);
    if (random.next() < 0.5) await arena.crash();
    await arena.engine.settle();
    assert((await arena.checkClaims()) > 0 || round === 0, "something is always held");
    arena.world.clock.moveTo(addMs(arena.world.clock.now(), HOUR_MS));
  }
  // What was late is tried again.
  for (let more = 0; more < 3; more++) {
    await arena.engine.settle();
    await arena.checkClaims();
    arena.world.clock.moveTo(addMs(arena.world.clock.now(), HOUR_MS));
  }
}

/** What must be true of a schedule once it was played. */
async function judge(
  arena: Arena,
  schedule: Schedule,
  agreement: Agreement,
  told: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<ReadonlyArray<string>> {
  const outcomes: string[] = [];
  const first = agreement === "ours" ? LOOP : OTHER;
  const cases = await Promise.all(schedule.wants.map((want) => arena.caseOf(want)));
  for (const of of cases) {
    const { verdict, id, loop } = of;
    assert(verdict, `${id} was governed`);
    const about = new Set([...verdict.facts.claims.map((claim) => claim.loop), loop]);
    const isFight = about.size > 1 || verdict.facts.cycle !== undefined;
    outcomes.push(of.state === "closed" ? `${of.closeReason} ${verdict.rule}` : of.state);
    if (verdict.rule === "outranked") {
      assert(agreement !== "one-sided" && loop !== first, `${loop} may be outranked`);
    }
    if (verdict.rule === "no-precedence") assert.equal(agreement, "one-sided");
    if (verdict.displaces.length > 0) assert.equal(loop, first, "only who comes first displaces");
    if (of.closeReason === "superseded" || (of.undoing ?? of.action?.liftedAt) !== undefined) {
      assert.notEqual(loop, first, `${id} comes first and is not moved aside`);
    }
    // No starvation without an owner told: the owners of every loop in the fight.
    const isRefused = verdict.kind === "forbid" && verdict.rule !== "one-case-at-a-time";
    if (isFight && (isRefused || of.waitsFor !== undefined)) {
      for (const one of about) assert(told.get(id)?.has(one), `${one} is told of ${id}`);
    }
  }
  // Where both charters agree, who comes first never loses to the other loop.
  if (agreement !== "one-sided") {
    const lost = cases.filter(
      ({ loop, verdict }) => loop === first && verdict?.rule === "outranked",
    );
    assert.deepEqual(lost, []);
  }
  return outcomes;
}

let driver: Driver;
before(async () => {
  driver = await openDriver({});
  await migrate(driver);
});
after(() => driver.close());

for (const [agreement, count] of [
  ["ours", 100],
  ["theirs", 100],
  ["one-sided", 100],
] as const) {
  test(`${count} schedules of two loops whose precedence is ${agreement}: one live claim, order kept, owners told`, async () => {
    const random = randomFrom(7, agreement);
    const arena = await Arena.open(driver, agreement);
    const schedules = Array.from({ length: count }, (_, n) =>
      drawSchedule(random, `${agreement}${n}`),
    );
    await play(arena, schedules, random);
    const told = await arena.toldOf();
    const seen = new Map<string, number>();
    for (const schedule of schedules) {
      for (const outcome of await judge(arena, schedule, agreement, told)) {
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      }
    }
    const wanted =
      agreement === "one-sided"
        ? ["watching", "forbidden no-precedence", "forbidden one-case-at-a-time"]
        : ["watching", "forbidden outranked", "undone small-and-reversible"];
    for (const outcome of wanted) {
      assert((seen.get(outcome) ?? 0) >= 5, `${outcome}: ${JSON.stringify([...seen])}`);
    }
  });
}

test("a loop that answers another's answer on one resource is stopped, and both loops' owners are told", async () => {
  const arena = await Arena.open(driver, "one-sided");
  const { clock } = arena.world;
  const resource = "ads:meta:circle/geo/IN-560001";
  const wants = [LOOP, OTHER, LOOP].map((loop, index) => ({
    loop: loop as LoopName,
    round: index,
    resource,
    subject: nextSubject(),
  }));
  const ids: string[] = [];
  for (const want of wants) {
    const sent: Schedule["wants"][number] = want;
    await arena.send(sent);
    await arena.engine.settle();
    ids.push(sent.caseId ?? "");
    // What stands is lifted by a person, so that nobody holds the place when the next comes.
    await driver.query(
      "insert into case_event (case_id, kind, due_at, body) values ($1, 'undo.requested', $2, $3::jsonb)",
      [sent.caseId, clock.now(), JSON.stringify({ kind: "undo.requested", at: clock.now(), person: "p", why: "w" })], // prettier-ignore
    );
    await arena.engine.settle();
    clock.moveTo(addMs(clock.now(), HOUR_MS));
  }
  const last = await findCase(driver, ids[2] ?? "");
  assert.equal(last?.verdict?.rule, "loop-cycle");
  const told = await arena.toldOf();
  assert.deepEqual([...(told.get(ids[2] ?? "") ?? [])].sort(), [LOOP, OTHER]);
  const old = addMs(clock.now(), 31 * DAY_MS);
  clock.moveTo(old);
  const want: Schedule["wants"][number] = {
    loop: LOOP,
    round: 0,
    resource,
    subject: nextSubject(),
  };
  await arena.send(want);
  await arena.engine.settle();
  assert.equal((await findCase(driver, want.caseId ?? ""))?.state, "watching");
});

test("on PostgreSQL, workers of two loops that settle at one time never hold one resource twice", async () => {
  const postgres: TestPostgres = await startPostgres();
  const real = await openDriver({ url: postgres.url });
  try {
    await migrate(real);
    const random = randomFrom(11, "race");
    const arena = await Arena.open(real, "ours");
    const schedules = Array.from({ length: 60 }, (_, n) => drawSchedule(random, `race${n}`));
    for (const schedule of schedules) for (const want of schedule.wants) await arena.send(want);
    const workers = Array.from({ length: 4 }, () => arena.openEngine());
    for (let round = 0; round < 3; round++) {
      await Promise.all(workers.map((worker) => worker.settle()));
      await arena.checkClaims();
      arena.world.clock.moveTo(addMs(arena.world.clock.now(), HOUR_MS));
    }
    const told = await arena.toldOf();
    for (const schedule of schedules) await judge(arena, schedule, "ours", told);
  } finally {
    await real.close();
    await postgres.stop();
  }
});
