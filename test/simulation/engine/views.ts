/** What people look at: the morning's page, a case's evidence, the ledger by page, time to action. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isConsistent, isIncluded } from "../../../src/core/ledger/proof.ts";
import { computeRoot, EMPTY_TREE, PLAIN_HASHER } from "../../../src/core/ledger/tree.ts";
import { verifyEntries } from "../../../src/core/ledger/verify.ts";
import { ledgerExport } from "../../../src/operation/export-ledger.ts";
import { ledgerProve } from "../../../src/operation/prove-ledger.ts";
import { ledgerList, type LedgerPage } from "../../../src/operation/list-ledger.ts";
import { caseList } from "../../../src/operation/list-cases.ts";
import { placeList } from "../../../src/operation/list-places.ts";
import { caseShow } from "../../../src/operation/show-case.ts";
import { caseEvidence } from "../../../src/operation/show-evidence.ts";
import { loopShow } from "../../../src/operation/show-loop.ts";
import { todayShow } from "../../../src/operation/show-today.ts";
import { addDays, addMs, HOUR_MS } from "../../../src/std/time.ts";
import { BY_VERDICT, dayBatch, HERE, LOOP, NOW, PLACES, THERE } from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

export function exerciseViews(setup: Setup): void {
  test("entries of a case are proved from the answer alone, and an earlier root is shown to be its beginning", async () => {
    const world = await setup({});
    const { head: earlier } = await ledgerProve.handler(world, {});
    const id = await world.signalOn(HERE);
    await world.settle();
    const said = await ledgerProve.handler(world, { case: id, since: earlier.size });
    assert(said.entries.length > 3);
    for (const { n, text, path } of said.entries) {
      assert.equal((JSON.parse(text) as { case: string }).case, id);
      const hash = PLAIN_HASHER.leaf(text);
      assert(isIncluded({ n, hash }, said.head, path));
      assert(!isIncluded({ n, hash: PLAIN_HASHER.leaf(`${text} `) }, said.head, path));
    }
    assert(isConsistent(earlier, said.head, said.consistency));
    assert(!isConsistent({ ...earlier, root: said.head.root }, said.head, said.consistency));
    const beyond = await ledgerProve.handler(world, { n: said.head.size + 1, since: 1_000_000 });
    assert.deepEqual([beyond.entries, beyond.consistency], [[], []]);
  });

  test("the ledger page by page comes to the root that its head names, and is found by words", async () => {
    const world = await setup({});
    await world.signalOn(HERE);
    await world.settle();
    let tree = EMPTY_TREE;
    for (;;) {
      const { head, entries } = await ledgerExport.handler(world, { after: tree.n, limit: 7 });
      const checked = verifyEntries(tree, entries);
      assert(!("fault" in checked));
      tree = checked.tree;
      if (tree.n < head.n) continue;
      assert.deepEqual([tree.n, computeRoot(tree)], [head.n, head.root]);
      break;
    }
    const found = await ledgerList.handler(world, { find: "SIGNAL.admitted engine", limit: 5 });
    assert.deepEqual([...new Set(found.entries.map(({ kind }) => kind))], ["signal.admitted"]);
    const all = await ledgerList.handler(world, { find: "", limit: 2 });
    assert.deepEqual(
      all.entries.map(({ n }) => n),
      [tree.n, tree.n - 1],
    );
    const none = await ledgerList.handler(world, { find: "no-such-word" });
    assert.deepEqual([none.entries, none.before], [[], null], "it looked at every entry");

    // From where one look ended the next goes on, and together they find each entry once.
    const numbers: number[] = [];
    for (let before: number | null = tree.n + 1; before !== null;) {
      const page: LedgerPage = await ledgerList.handler(world, {
        find: "engine",
        limit: 3,
        before,
      });
      assert(page.entries.length <= 3);
      numbers.push(...page.entries.map(({ n }) => n));
      before = page.before;
    }
    const { entries } = await ledgerList.handler(world, { limit: 1_000 });
    const wanted = entries.filter((entry) => JSON.stringify(entry).includes("engine"));
    assert(wanted.length > 3);
    assert.deepEqual(numbers, wanted.map(({ n }) => n).reverse());
  });

  test("a search with a case's id looks at that case's entries alone, however far back they are", async () => {
    const world = await setup({});
    const id = await world.signalOn(HERE);
    await world.signalOn(THERE);
    await world.settle();
    const own = await ledgerList.handler(world, { case: id, limit: 1_000 });
    const found = await ledgerList.handler(world, {
      find: `${id.toUpperCase()} engine`,
      limit: 100,
    });
    assert.deepEqual(
      found.entries.map(({ n }) => n),
      own.entries
        .filter((entry) => JSON.stringify(entry).includes("engine"))
        .map(({ n }) => n)
        .reverse(),
    );
    const [newest, next] = found.entries;
    assert(newest && next);
    const first = await ledgerList.handler(world, { find: `${id} engine`, limit: 1 });
    assert.deepEqual([first.entries[0]?.n, first.before], [newest.n, newest.n]);
    const second = await ledgerList.handler(world, {
      find: `${id} engine`,
      limit: 1,
      before: newest.n,
    });
    assert.equal(second.entries[0]?.n, next.n);
  });

  test("today asks for the votes that are owed, by whom and until when, and no longer once they are cast", async () => {
    const world = await setup({});
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    const before = await todayShow.handler(world, {});
    assert.deepEqual(
      before.votes.lines.map(({ id: of, party }) => [of, party]),
      [
        [id, "logistics"],
        [id, "marketing"],
      ],
    );
    const [asked] = before.votes.lines;
    assert(asked && asked.people.length > 0 && asked.changes.length > 0);
    assert(asked.askedAt < asked.stageEndsAt && asked.stageEndsAt <= asked.endsAt);
    assert.equal(asked.atStake.amountMinor, BY_VERDICT.both.valueAtStake.amountMinor);
    assert.equal(before.acted.count, 0);

    await world.vote(id, "logistics");
    await world.settle();
    const between = await todayShow.handler(world, {});
    assert.deepEqual(
      between.votes.lines.map(({ party }) => party),
      ["marketing"],
    );
    await world.vote(id, "marketing");
    await world.settle();
    const after = await todayShow.handler(world, {});
    assert.equal(after.votes.count, 0);
    assert.deepEqual(
      after.acted.lines.map((line) => [line.id, line.votedBy.length, line.liftedAt]),
      [[id, 2, null]],
    );
  });

  test("today tells what was done by rule, what was closed, and only since the instant asked for", async () => {
    const world = await setup({});
    const acted = await world.signalOn(HERE);
    await world.settle();
    world.receiver.propose(() => BY_VERDICT.forbid);
    const forbidden = await world.signalOn(THERE);
    await world.settle();
    const { acted: done, ended } = await todayShow.handler(world, {});
    assert.deepEqual(
      done.lines.map(({ id, votedBy }) => [id, votedBy]),
      [[acted, []]],
    );
    assert.deepEqual(
      ended.lines.map(({ id, reason, verdict }) => [id, reason, verdict]),
      [[forbidden, "forbidden", null]],
    );
    const later = await todayShow.handler(world, { since: addMs(world.clock.now(), HOUR_MS) });
    assert.deepEqual([later.acted.count, later.ended.count], [0, 0]);
  });

  test("a stopped loop is stuck on today's page, with who must do what", async () => {
    const world = await setup({});
    assert.equal((await todayShow.handler(world, {})).stuck.count, 0);
    await world.stop();
    const { stuck } = await todayShow.handler(world, {});
    assert.deepEqual(
      stuck.lines.map(({ about, why }) => [about.id, why]),
      [[LOOP, "stopped in a test"]],
    );
    assert.notEqual(stuck.lines[0]?.toDo, "");
    await world.release();
    assert.equal((await todayShow.handler(world, {})).stuck.count, 0);
  });

  test("a case's evidence is its subject's days with every finer place summed, and its dates", async () => {
    const world = await setup({});
    for (const day of ["2026-02-26", "2026-02-27"]) {
      await world.engine.receive(
        dayBatch(day, { id: `views-${day}` }, (subject) => ({
          n: 20,
          k: subject === HERE ? 7 : 2,
        })),
      );
    }
    const id = await world.signalOn(HERE);
    await world.settle();
    const { days, saidOn, actedOn, metric, places } = await caseEvidence.handler(world, { id });
    const { days: again, ...rest } = await caseEvidence.handler(world, { id });
    assert.deepEqual(again, days);
    assert.equal(rest.metric, metric);
    const ofDay = (day: string) => days.find((one) => one.day === day);
    assert.deepEqual(ofDay("2026-02-26"), { day: "2026-02-26", n: 20, k: 7 });
    assert.equal(ofDay(addDays("2026-02-26", -200)), undefined);
    assert.equal(places, 1);
    assert.equal(saidOn, NOW.slice(0, 10));
    assert.equal(actedOn, saidOn);
    await assert.rejects(caseEvidence.handler(world, { id: "case-none" }), /no case has the id/);
  });

  test("a place tells what lies in it, by day, and the cases that wait or stand there or around it", async () => {
    const world = await setup({});
    const day = "2026-02-27";
    const counts = (subject: string) => ({ n: 20, k: subject === HERE ? 7 : 2 });
    await world.engine.receive(dayBatch(day, { id: "views-places" }, counts));
    await world.engine.receive(
      dayBatch("2026-02-26", { id: "views-places-before" }, () => ({ n: 10, k: 1 })),
    );
    const acted = await world.signalOn(HERE);
    await world.settle();
    world.receiver.propose(() => BY_VERDICT.both);
    const held = await world.signalOn(THERE);
    await world.settle();
    const nation = await placeList.handler(world, { loop: LOOP });
    assert.deepEqual(
      nation.trail.map(({ id }) => id),
      ["IN"],
    );
    const at = nation.days.indexOf(day);
    assert(at > 0);
    const [state] = nation.places;
    assert(state && nation.places.length === 1);
    assert.equal(state.finer, PLACES.length);
    assert.deepEqual(state.n.slice(at - 2, at + 1), [0, 10 * PLACES.length, 20 * PLACES.length]);
    assert.deepEqual(state.k.slice(at - 2, at + 1), [
      0,
      PLACES.length,
      7 + 2 * (PLACES.length - 1),
    ]);
    assert.deepEqual([state.waiting, state.standing], [1, 1]);

    const pins = await placeList.handler(world, { loop: LOOP, place: state.id });
    assert.deepEqual(
      pins.trail.map(({ id }) => id),
      ["IN", state.id],
    );
    const here = pins.places.find(({ id }) => id === HERE);
    assert.deepEqual([here?.n[at], here?.k[at], here?.standing], [20, 7, 1]);
    assert.deepEqual(
      pins.cases.lines.map(({ id, state: is, subject }) => [id, is, subject]),
      [
        [held, "held", THERE],
        [acted, "watching", HERE],
      ],
    );
    const one = await placeList.handler(world, { loop: LOOP, place: HERE });
    assert.deepEqual(one.places, []);
    assert.deepEqual(
      one.cases.lines.map(({ id }) => id),
      [acted],
    );
    await assert.rejects(placeList.handler(world, { loop: LOOP, place: "IN-0" }), /no place has/);
  });

  test("cases are found by words of a place, an option or a state, the newest first where asked", async () => {
    const world = await setup({});
    const first = await world.signalOn(HERE);
    await world.settle();
    world.receiver.propose(() => BY_VERDICT.forbid);
    const second = await world.signalOn(THERE);
    await world.settle();
    const find = async (asked: Parameters<typeof caseList.handler>[1]) =>
      (await caseList.handler(world, asked)).map(({ id }) => id);
    assert.deepEqual(await find({}), [first, second]);
    assert.deepEqual(await find({ newestFirst: true }), [second, first]);
    assert.deepEqual(await find({ newestFirst: true, limit: 1 }), [second]);
    assert.deepEqual(await find({ find: "FORBIDDEN" }), [second]);
    assert.deepEqual(await find({ find: `${HERE.slice(3)} watching` }), [first]);
    assert.deepEqual(await find({ find: `${HERE} forbidden` }), []);
    const [of] = await caseList.handler(world, { find: HERE });
    const { case: whole } = await caseShow.handler(world, { id: first });
    assert.deepEqual(of, {
      id: first,
      subject: HERE,
      subjectName: whole.subjectName,
      state: "watching",
      closeReason: null,
      option: whole.proposal?.option,
      verdict: whole.verdict?.kind,
      openedAt: whole.openedAt,
      actedAt: whole.action?.at,
    });
    assert.deepEqual(await find({ find: "exclude_geo" }), await find({ find: "exclude geo" }));
    assert.deepEqual(await find({ find: "%" }), []);
  });

  test("the ledger is read by pages that join, and by case", async () => {
    const world = await setup({});
    const id = await world.signalOn(HERE);
    await world.signalOn(THERE);
    await world.settle();
    const { head, entries: all } = await ledgerList.handler(world, { limit: 1_000 });
    assert.equal(all.length, head);
    const paged: number[] = [];
    while (paged.length < head) {
      const { entries } = await ledgerList.handler(world, { after: paged.length, limit: 7 });
      assert(entries.length > 0 && entries.length <= 7);
      paged.push(...entries.map(({ n }) => n));
    }
    assert.deepEqual(
      paged,
      all.map(({ n }) => n),
    );
    const { entries: own } = await ledgerList.handler(world, { case: id });
    assert.deepEqual(
      own,
      all.filter((entry) => entry.case === id),
    );
    assert(own.some(({ kind }) => kind === "action.done"));
  });

  test("a loop says how long its actions took, and how many kept the promise of a day", async () => {
    const world = await setup({});
    const none = await loopShow.handler(world, { loop: LOOP });
    assert.deepEqual(none.toAction, { count: 0, within24h: 0, medianMs: 0, slowestMs: 0 });
    await world.signalOn(HERE);
    await world.settle();
    const sentAt = addMs(world.clock.now(), -30 * HOUR_MS);
    const expiresAt = addMs(world.clock.now(), 24 * HOUR_MS);
    const late = await world.signalOn(THERE, { sentAt, asOf: sentAt, expiresAt });
    await world.settle();
    const { count, within24h, slowestMs } = (await loopShow.handler(world, { loop: LOOP }))
      .toAction;
    const { action, signal } = await world.case(late);
    assert(action, "the late one was acted on as well");
    assert.deepEqual([count, within24h], [2, 1]);
    assert.equal(slowestMs, Date.parse(action.at) - Date.parse(signal.sentAt));
  });
}
