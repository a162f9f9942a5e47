/**
 * Two departments nine and a half hours apart, a holiday on one side and a clock that jumps on the other.
 *
 * Every instant below was worked out by hand from the two calendars; none is computed by the code that
 * is under test. The same days are then lived through again by engines that die at every instant, and by
 * one that was away over several of them.
 *
 *   logistics  Asia/Kolkata, +05:30      Mon-Fri 04:00-13:00Z, Sat 04:30-08:30Z; Mon 9 March is a holiday
 *   marketing  America/New_York          Mon-Fri 14:00-22:00Z until Fri 6 March, 13:00-21:00Z from Mon 9 March
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Case } from "../../src/core/case/types.ts";
import type { Calendar, Charter, ClockTerms, Party } from "../../src/core/charter/types.ts";
import type { LedgerEntry } from "../../src/core/ledger/entry.ts";
import type { Notice } from "../../src/core/port/types.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runDispatch } from "../../src/engine/dispatch.ts";
import { runTurn } from "../../src/engine/turn.ts";
import { operations } from "../../src/operation/index.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { HOUR_MS, type Instant } from "../../src/std/time.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { claimEffects } from "../../src/store/table/effect.ts";
import { listLedger, listLedgerOfCase } from "../../src/store/table/ledger.ts";
import {
  BY_VERDICT,
  ELSEWHERE,
  type EngineWorld,
  HERE,
  openWorld,
  THERE,
  WORLD_LIMITS,
} from "../kit/engine-world.ts";
import { startPostgres, type TestPostgres } from "../kit/postgres.ts";

const WORKDAYS = ["mon", "tue", "wed", "thu", "fri"] as const;

function twoZones(charter: Charter): Charter {
  return {
    ...charter,
    parties: charter.parties.map((party): Party =>
      party.department === "logistics"
        ? {
            ...party,
            // The first deputy's term ends with Friday, the second's begins on Saturday.
            deputies: [
              { name: "Arjun Rao", email: "deputy@logistics.example.com", until: "2026-03-07" },
              { name: "Sana Roy", email: "deputy-2@logistics.example.com", from: "2026-03-07" },
            ],
            calendar: {
              timeZone: "Asia/Kolkata",
              open: [
                { days: WORKDAYS, from: "09:30", until: "18:30" },
                { days: ["sat"], from: "10:00", until: "14:00" },
              ],
              holidays: [{ day: "2026-03-09", name: "a holiday in India" }],
            },
            clock: {
              counts: "working-hours",
              remindAfterHours: 2,
              answerWithinHours: 4,
              escalate: [
                { to: "ndr-desk", withinHours: 2 },
                { to: "deputies", withinHours: 3 },
              ],
              atEnd: "expire",
            },
          }
        : {
            ...party,
            calendar: {
              timeZone: "America/New_York",
              open: [{ days: WORKDAYS, from: "09:00", until: "17:00" }],
              holidays: [],
            },
            clock: {
              counts: "working-hours",
              remindAfterHours: 3,
              answerWithinHours: 6,
              escalate: [{ to: "deputies", withinHours: 5 }],
              atEnd: "decline",
            },
          },
    ),
    rules: asking(charter, { logistics: ["owner"], marketing: ["owner"] }),
  };
}

function asking(charter: Charter, from: Record<string, ReadonlyArray<string>>): Charter["rules"] {
  return charter.rules.map((rule) =>
    rule.then.kind !== "approve"
      ? rule
      : {
          ...rule,
          then: {
            ...rule.then,
            votes: rule.then.votes.map((vote) => ({ ...vote, from: from[vote.party] ?? [] })),
          },
        },
  );
}

/** Friday, 14:30 in India; in New York it is 04:00 and nobody is there. */
const ASKED = "2026-03-06T09:00:00.000Z";
const OVER = "2026-03-10T12:00:00.000Z";

const LOGISTICS_CHAIN = [
  "2026-03-06T09:00:00.000Z approval-asked head@logistics",
  "2026-03-06T11:00:00.000Z approval-reminded head@logistics",
  "2026-03-06T13:00:00.000Z approval-escalated lead-ndr@logistics", // the office closes
  "2026-03-07T06:30:00.000Z approval-escalated deputy-2@logistics", // Saturday, 12:00
];

/** What each case goes through, by hand. */
const EXPECTED: Record<string, { readonly letters: ReadonlyArray<string>; readonly end: string }> =
  {
    // Nobody answers. Marketing's time is over first: five hours more after Friday 15:00, two of them on
    // Friday, three on Monday from 09:00, which is 13:00Z since Sunday.
    [HERE]: {
      letters: [
        ...LOGISTICS_CHAIN,
        "2026-03-06T09:00:00.000Z approval-asked head@marketing",
        "2026-03-06T17:00:00.000Z approval-reminded head@marketing",
        "2026-03-06T20:00:00.000Z approval-escalated deputy@marketing",
        "2026-03-09T16:00:00.000Z not-acted ndr-desk@logistics",
        "2026-03-09T16:00:00.000Z not-acted performance@marketing",
      ],
      end: "rejected 2026-03-09T16:00:00.000Z",
    },
    // Marketing agrees on Friday; logistics is silent to the end of its last three hours: two on Saturday,
    // none on the holiday, one on Tuesday from 09:30.
    [THERE]: {
      letters: [
        ...LOGISTICS_CHAIN,
        "2026-03-06T09:00:00.000Z approval-asked head@marketing",
        "2026-03-06T17:00:00.000Z approval-reminded head@marketing",
        "2026-03-10T05:00:00.000Z not-acted ndr-desk@logistics",
        "2026-03-10T05:00:00.000Z not-acted performance@marketing",
      ],
      end: "expired 2026-03-10T05:00:00.000Z",
    },
    // Both are answered by deputies, after their turn has come.
    [ELSEWHERE]: {
      letters: [
        ...LOGISTICS_CHAIN,
        "2026-03-06T09:00:00.000Z approval-asked head@marketing",
        "2026-03-06T17:00:00.000Z approval-reminded head@marketing",
        "2026-03-06T20:00:00.000Z approval-escalated deputy@marketing",
        "2026-03-07T07:00:00.000Z acted ndr-desk@logistics",
        "2026-03-07T07:00:00.000Z acted performance@marketing",
      ],
      end: "watching 2026-03-07T07:00:00.000Z",
    },
  };

const WAITS: Record<string, Record<string, readonly [waited: number, open: number]>> = {
  [HERE]: { logistics: [79, 4 + 4], marketing: [79, 8 + 3] },
  [THERE]: { logistics: [92, 4 + 4 + 0 + 1], marketing: [9.5, 4.5] },
  [ELSEWHERE]: { logistics: [22, 4 + 2.5], marketing: [12, 7] },
};

type VoteAt = readonly [
  at: Instant,
  subject: string,
  party: "logistics" | "marketing",
  name: string,
];
const VOTES: ReadonlyArray<VoteAt> = [
  ["2026-03-06T18:30:00.000Z", THERE, "marketing", "head"],
  ["2026-03-06T21:00:00.000Z", ELSEWHERE, "marketing", "deputy"],
  ["2026-03-07T07:00:00.000Z", ELSEWHERE, "logistics", "deputy-2"],
];

/** How engines come and go while the days pass. */
type Life = (world: EngineWorld, until: Instant) => Promise<void>;

const undisturbed: Life = (world, until) => world.runUntil(until);

/**
 * At every instant one engine dies after its turn, a second with its effects claimed and nothing sent;
 * a third recovers.
 */
const dyingAlways: Life = async (world, until) => {
  const { driver, clock } = world;
  for (;;) {
    const next = await world.openEngine().findNextDue();
    if (next === undefined || next > until) break;
    clock.moveTo(next);
    await runTurn(world.openEngine().context);
    await driver.transaction((tx) =>
      claimEffects(tx, { now: clock.now(), limit: 100, leaseMs: WORLD_LIMITS.leaseMs }),
    );
    const successor: Engine = world.openEngine();
    await successor.recover();
    await successor.settle();
  }
  clock.moveTo(until);
};

const [GONE, BACK] = ["2026-03-06T12:00:00.000Z", "2026-03-06T18:00:00.000Z"];
/** Nobody runs from GONE to BACK; the next engine finds two timers of each case overdue. */
const away: Life = async (world, until) => {
  if (world.clock.now() >= BACK || until <= GONE) return world.runUntil(until);
  await world.runUntil(GONE);
  world.clock.moveTo(BACK);
  await world.openEngine().settle();
  return world.runUntil(until);
};

/** What a life leaves behind, so that another may follow in the same store. */
type Lived = {
  readonly cases: ReadonlyArray<{
    readonly subject: string;
    readonly case: Case;
    readonly account: string;
    readonly entries: ReadonlyArray<Entry>;
  }>;
  readonly ledger: ReadonlyArray<LedgerEntry>;
  readonly delivered: ReadonlyArray<Notice>;
};
type Entry = { readonly at: Instant; readonly kind: string; readonly body: Said };
type Said = { readonly topic?: string; readonly to?: string };

async function live(driver: Driver, life: Life): Promise<Lived> {
  const world = await openWorld(driver, { charter: twoZones });
  world.receiver.propose(() => BY_VERDICT.both);
  await world.runUntil(ASKED);
  const ids = new Map<string, string>();
  for (const subject of [HERE, THERE, ELSEWHERE]) ids.set(subject, await world.signalOn(subject));
  await world.settle();
  for (const [at, subject, party, name] of VOTES) {
    await life(world, at);
    const person = `${name}@${party}.example.com`;
    await world.voteAs({ case: ids.get(subject) ?? "", party, person });
    await life(world, at);
  }
  await life(world, OVER);
  const cases = [];
  for (const [subject, id] of ids) {
    const { account } = await operations.caseExplain.handler(world, { id });
    const entries = await readEntries(driver, id);
    cases.push({ subject, case: await world.case(id), account, entries });
  }
  const ledger = await listLedger(driver, 0, 10_000);
  return { cases, ledger, delivered: world.post.delivered };
}

async function readEntries(driver: Driver, id: string): Promise<ReadonlyArray<Entry>> {
  return (await listLedgerOfCase(driver, id)).map(({ text }) => JSON.parse(text) as Entry);
}

const isNotice = ({ kind }: Entry): boolean => kind.startsWith("notice.");

/** Everything but the deliveries, which are late where the engine was. */
function movesIn(entries: ReadonlyArray<Entry>): ReadonlyArray<unknown> {
  return entries.filter((entry) => !isNotice(entry)).map(({ at, kind, body }) => [at, kind, body]);
}

/** `instant topic person@department` of every letter that arrived. */
function lettersIn(entries: ReadonlyArray<Entry>): ReadonlyArray<string> {
  return entries
    .filter(isNotice)
    .map(({ at, body }) => `${at} ${body.topic} ${body.to?.replace(".example.com", "")}`)
    .sort();
}

/** Letters as they were sent; their seals differ from one store to the next. */
function textsOf({ delivered }: Lived): ReadonlyArray<string> {
  return delivered
    .map(({ id, address, subject, text }) =>
      [id, address, subject, text.replace(/--token \S+/g, "--token -")].join("\n"),
    )
    .sort();
}

function exerciseClocks(name: string, open: () => Promise<Driver>, stop?: () => Promise<void>) {
  describe(name, () => {
    let driver: Driver;
    let calm: Lived;
    before(async () => {
      driver = await open();
      await migrate(driver);
      calm = await live(driver, undisturbed);
    });
    after(async () => {
      await driver.close();
      await stop?.();
    });

    test("reminders, escalations and ends come at the instants of each side's own calendar, to whose turn it is", () => {
      for (const { subject, case: of, entries } of calm.cases) {
        const { letters, end } = EXPECTED[subject] ?? assert.fail();
        assert.deepEqual(lettersIn(entries), [...letters].sort(), subject);
        const at = of.closedAt ?? of.action?.at ?? "";
        assert.equal(`${of.closeReason ?? of.state} ${at}`, end);
      }
      assert.equal(calm.cases.length, 3);
    });

    test("each side's wait is measured by itself, in all hours and in its own, and both can be read", () => {
      for (const { subject, case: of } of calm.cases) {
        const waits = of.clocks.map(({ party, waitedMs = -1, waitedOpenMs = -1 }) => [
          party,
          [waitedMs / HOUR_MS, waitedOpenMs / HOUR_MS],
        ]);
        assert.deepEqual(Object.fromEntries(waits), WAITS[subject], subject);
      }
      const [, answeredByOne] = calm.cases;
      const letter = calm.delivered.findLast(({ thread }) => thread === answeredByOne?.case.id);
      const texts = [answeredByOne?.account ?? "", letter?.text ?? ""];
      for (const line of [
        "logistics: asked Fri 6 Mar 2026 14:30 (Asia/Kolkata) no answer after 92 hours of which 9 hours at work.",
        "marketing: asked Fri 6 Mar 2026 04:00 (America/New_York) answered after 9 hours 30 minutes of which 4 hours 30 minutes at work.",
      ]) {
        for (const text of texts) assert(text.replaceAll(",", "").includes(line), text);
      }
    });

    test("a letter says by when in its reader's own zone, and what is left of the reader's own hours", () => {
      const said = (address: string): ReadonlyArray<string> =>
        calm.delivered
          .filter(
            (letter) =>
              letter.address.startsWith(address) && letter.thread === calm.cases[0]?.case.id,
          )
          .flatMap(({ text }) => /by (.*?)\. Without an answer (.*?);/s.exec(text)?.slice(1) ?? [])
          .map((words) => words.replaceAll(",", ""));
      assert.deepEqual(said("head@logistics"), [
        "Fri 6 Mar 2026 18:30 (Asia/Kolkata) in 4 working hours",
        "the question goes to ndr-desk next",
        "Fri 6 Mar 2026 18:30 (Asia/Kolkata) in 2 working hours",
        "the question goes to ndr-desk next",
      ]);
      assert.deepEqual(said("deputy-2@logistics"), [
        "Tue 10 Mar 2026 10:30 (Asia/Kolkata) in 3 working hours",
        "nothing is done",
      ]);
      assert.deepEqual(said("deputy@marketing"), [
        "Mon 9 Mar 2026 12:00 (America/New_York) in 5 working hours",
        "nothing is done",
      ]);
    });

    test("engines that die at every instant leave the same ledger, byte for byte, and the same letters", async () => {
      const dying = await live(driver, dyingAlways);
      assert.deepEqual(dying.ledger, calm.ledger);
      assert.deepEqual(textsOf(dying), textsOf(calm));
      assert.deepEqual(dying.cases, calm.cases);
    });

    test("an engine that was away over reminders and escalations enters them at their instants", async () => {
      const back = await live(driver, away);
      const moves = ({ cases }: Lived) => cases.map(({ entries }) => movesIn(entries));
      assert.deepEqual(moves(back), moves(calm));
      assert.deepEqual(textsOf(back), textsOf(calm));
      for (const { entries } of back.cases) {
        const late = lettersIn(entries).filter((line) => line.startsWith(BACK));
        assert.deepEqual(late, [
          `${BACK} approval-escalated lead-ndr@logistics`,
          `${BACK} approval-reminded head@marketing`,
        ]);
      }
    });

    test("an engine that comes back after the end enters everything at its instant, in order", async () => {
      for (const pause of ["before anybody is asked", "after everybody is asked"]) {
        const world = await openWorld(driver, { charter: twoZones });
        world.receiver.propose(() => BY_VERDICT.both);
        await world.runUntil(ASKED);
        const id = await world.signalOn(HERE);
        if (pause === "before anybody is asked") await runDispatch(world.engine.context);
        else await world.settle();
        world.clock.moveTo(OVER);
        await world.openEngine().settle();
        const moves = (await readEntries(driver, id)).filter((entry) => !isNotice(entry));
        const calmMoves = calm.cases[0]?.entries.filter((entry) => !isNotice(entry)) ?? [];
        const line = ({ at, kind }: Entry): string => `${at} ${kind}`;
        assert.deepEqual(moves.map(line), calmMoves.map(line), pause);
        const { clocks, closedAt } = await world.case(id);
        assert.deepEqual(
          [clocks, closedAt],
          [calm.cases[0]?.case.clocks, "2026-03-09T16:00:00.000Z"],
        );
      }
    });

    test("the hours of a night shift are counted as they pass, on the night that is an hour short too", async () => {
      await liveThroughNight(driver);
    });
  });
}

/** Saturday 22:00 to Sunday 06:00 in Berlin, which is seven hours on 28 March: 21:00Z to 04:00Z. */
function nightShift(charter: Charter): Charter {
  const clock: ClockTerms = {
    counts: "all-hours",
    remindAfterHours: 3,
    answerWithinHours: 24,
    escalate: [{ to: "deputies", withinHours: 2 }],
    atEnd: "expire",
  };
  const calendar: Calendar = {
    timeZone: "Europe/Berlin",
    open: [
      { days: ["sat"], from: "22:00", until: "24:00" },
      { days: ["sun"], from: "00:00", until: "06:00" },
    ],
    holidays: [],
  };
  const inShift: ClockTerms = {
    ...clock,
    counts: "working-hours",
    answerWithinHours: 5,
    atEnd: "decline",
  };
  return {
    ...charter,
    parties: charter.parties.map((party): Party => ({
      ...party,
      ...(party.department === "logistics" ? { clock } : { calendar, clock: inShift }),
    })),
    rules: asking(charter, { logistics: ["owner"], marketing: ["owner"] }),
  };
}

async function liveThroughNight(driver: Driver): Promise<void> {
  const world = await openWorld(driver, { charter: nightShift });
  world.receiver.propose(() => BY_VERDICT.both);
  await world.runUntil("2026-03-28T20:00:00.000Z");
  const [id, answered] = [await world.signalOn(HERE), await world.signalOn(THERE)];
  await world.settle();
  await world.vote(answered, "marketing");
  await world.runUntil("2026-03-29T03:59:59.999Z");
  assert.equal((await world.case(id)).state, "held");
  // The end has come, and no engine has looked yet: whoever votes now is told that it is too late.
  world.clock.moveTo("2026-03-29T04:00:00.000Z");
  await assert.rejects(
    world.vote(id, "marketing"),
    (error) => error instanceof InterlockError && error.code === "vote/too-late",
  );
  await world.settle();
  const of = await world.case(id);
  assert.deepEqual([of.closeReason, of.closedAt], ["rejected", "2026-03-29T04:00:00.000Z"]);
  assert.deepEqual(lettersIn(await readEntries(driver, id)), [
    "2026-03-28T20:00:00.000Z approval-asked head@logistics",
    "2026-03-28T20:00:00.000Z approval-asked head@marketing",
    "2026-03-28T23:00:00.000Z approval-reminded head@logistics",
    "2026-03-29T00:00:00.000Z approval-reminded head@marketing", // 01:00
    "2026-03-29T02:00:00.000Z approval-escalated deputy@marketing", // 04:00, an hour after 02:00
    "2026-03-29T04:00:00.000Z not-acted ndr-desk@logistics",
    "2026-03-29T04:00:00.000Z not-acted performance@marketing",
  ]);
  // One side's end means nothing to the other once it has answered.
  await world.vote(answered, "logistics");
  await world.settle();
  assert.equal((await world.case(answered)).state, "watching");
  const [, marketing] = of.clocks;
  assert.deepEqual(
    [marketing?.party, marketing?.waitedMs, marketing?.waitedOpenMs],
    ["marketing", 8 * HOUR_MS, 7 * HOUR_MS],
  );
}

exerciseClocks("on PGlite", () => openDriver({}));

let postgres: TestPostgres;
exerciseClocks(
  "on PostgreSQL",
  async () => {
    postgres = await startPostgres();
    return openDriver({ url: postgres.url });
  },
  () => postgres.stop(),
);
