/** Stop buttons: what each covers, who presses and who releases, what goes on under them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StopFact } from "../../../src/core/charter/types.ts";
import type { Connector } from "../../../src/core/port/types.ts";
import type { Pressed } from "../../../src/engine/stops.ts";
import { operations } from "../../../src/operation/index.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, HOUR_MS } from "../../../src/std/time.ts";
import {
  BY_VERDICT,
  ELSEWHERE,
  type EngineWorld,
  HEAD_OF,
  HERE,
  LOOP,
  NOW,
  PLACES,
  resourceOf,
  THERE,
} from "../../kit/engine-world.ts";
import { createScriptedConnector, type ScriptedConnector } from "../../kit/scripted-connector.ts";
import type { Setup } from "./setup.ts";

type Scope = Pick<StopFact, "scope" | "name">;
const THE_LOOP: Scope = { scope: "loop", name: LOOP };
const LOGISTICS: Scope = { scope: "department", name: "logistics" };
const CONNECTOR: Scope = { scope: "connector", name: "scripted" };
const EVERYTHING: Scope = { scope: "everything", name: "" };
const SIDES = ["logistics", "marketing"] as const;

export function exerciseStops(setup: Setup): void {
  exerciseScopes(setup);
  exercisePeople(setup);
  exerciseStanding(setup);
  exerciseRecords(setup);
}

function press(
  world: EngineWorld,
  scope: Scope,
  said: { readonly person?: string; readonly undo?: boolean } = {},
): Promise<Pressed> {
  const person = said.person ?? HEAD_OF.logistics;
  const stop = { ...scope, person, reason: "the feed is wrong", undo: said.undo ?? false };
  return operations.stopPress.handler(world, stop);
}

async function release(world: EngineWorld, scope: Scope, person: string = HEAD_OF.logistics) {
  return operations.stopRelease.handler(world, { ...scope, person });
}

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof InterlockError && error.code === code;

/** An action that was carried out and stands. */
async function actOn(world: EngineWorld, subject: string): Promise<string> {
  const id = await world.signalOn(subject);
  await world.settle();
  assert.equal((await world.case(id)).state, "watching");
  return id;
}

function exerciseScopes(setup: Setup): void {
  test("each scope stops what was decided and what comes, in its name, and lets go when released", async () => {
    const world = await setup();
    const places = [...PLACES];
    const next = () => places.shift() ?? "";
    for (const scope of [THE_LOOP, LOGISTICS, CONNECTOR, EVERYTHING]) {
      const decided = await world.signalOn(next());
      await world.stepTo(decided, "executing");
      await press(world, scope);
      await world.settle();
      const later = await world.signalOn(next());
      await world.settle();
      const done = world.outside.effects.length;
      for (const id of [decided, later]) {
        const closed = await world.case(id);
        assert.equal(closed.closeReason, "forbidden", scope.scope);
        assert.equal(closed.verdict?.rule, "stop");
        const why = closed.verdict?.reasons.join() ?? "";
        assert.match(why, /^head@logistics\.example\.com stopped .*: the feed is wrong$/);
        const told = await world.told(id);
        for (const side of SIDES) assert.ok(told.includes(`${side}: not-acted`), told.join());
      }
      await release(world, scope);
      await actOn(world, next());
      assert.equal(world.outside.effects.length, done + 1, scope.scope);
    }
  });

  test("a stopped connector stops its own options and no others", async () => {
    const now = () => NOW;
    const ads = createScriptedConnector({ class: "readable", now });
    const shop = named(
      createScriptedConnector({ class: "readable", now }),
      "shop",
      "prepaid_only",
      "confirm_orders",
    );
    const world = await setup({
      connectors: [named(ads, "ads", "exclude_geo", "lower_bid"), shop],
    });
    await press(world, { scope: "connector", name: "shop" });
    await actOn(world, HERE);
    world.receiver.propose(() => ({ option: "prepaid_only", parameters: { standingDays: 14 } }));
    const id = await world.signalOn(THERE);
    await world.settle();
    const closed = await world.case(id);
    assert.equal(closed.verdict?.rule, "stop");
    assert.equal(ads.effects.length, 1);
    const undone = await press(world, { scope: "connector", name: "shop" }, { undo: true });
    assert.equal(undone.undoing, 0, "what stands was done through the other");
  });

  test("two stops are two: releasing one leaves the other", async () => {
    const world = await setup();
    await press(world, THE_LOOP);
    await press(world, EVERYTHING);
    await release(world, THE_LOOP);
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.match((await world.case(id)).verdict?.reasons.join() ?? "", /stopped everything/);
    await release(world, EVERYTHING);
    await actOn(world, THERE);
  });

  test("votes that are all there when a stop is pressed do not carry the action over it", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    await world.vote(id, "logistics");
    await world.settle();
    await press(world, THE_LOOP);
    await world.vote(id, "marketing");
    await world.settle();
    const closed = await world.case(id);
    assert.deepEqual([closed.closeReason, closed.verdict?.rule], ["forbidden", "stop"]);
    assert.equal(world.outside.countCalls("apply"), 0);
  });
}

/** The connector under another name, for some of its options. */
function named(
  connector: ScriptedConnector,
  name: string,
  ...options: ReadonlyArray<string>
): Connector {
  return { ...connector, name, options };
}

function exercisePeople(setup: Setup): void {
  const people = {
    owner: HEAD_OF.logistics,
    deputy: "deputy@logistics.example.com",
    desk: "lead-ndr@logistics.example.com",
    otherOwner: HEAD_OF.marketing,
    stranger: "somebody@example.com",
  };
  const everybody = Object.values(people);

  test("anyone with a seat in the loop presses its stop, a department's own people theirs, an owner the wider ones", async () => {
    const may: ReadonlyArray<readonly [Scope, ReadonlyArray<string>]> = [
      [THE_LOOP, everybody.filter((person) => person !== people.stranger)],
      [LOGISTICS, [people.owner, people.deputy, people.desk]],
      [CONNECTOR, [people.owner, people.otherOwner]],
      [EVERYTHING, [people.owner, people.otherOwner]],
    ];
    const world = await setup({ loop: "registered" });
    for (const [scope, entitled] of may) {
      for (const person of everybody) {
        if (entitled.includes(person)) {
          // However its letters are cased, a mailbox is one person.
          await press(world, scope, { person: person.toUpperCase() });
        } else await assert.rejects(press(world, scope, { person }), notEntitled, person);
      }
      for (const person of everybody) {
        const isOwner = person === people.owner || person === people.otherOwner;
        const isTheirs = scope !== LOGISTICS || person === people.owner;
        if (!isOwner || !isTheirs) {
          await assert.rejects(release(world, scope, person), notEntitled, person);
        }
      }
      await release(world, scope, people.owner);
      await assert.rejects(release(world, scope, people.owner), refusedWith("stop/not-pressed"));
    }
  });

  test("whoever is no longer in term neither presses nor releases", async () => {
    const world = await setup({
      loop: "registered",
      charter: ({ parties: [first, second], ...charter }) => ({
        ...charter,
        parties: [
          first && { ...first, owner: { ...first.owner, until: "2026-03-01" } },
          second,
        ].filter((party) => party !== undefined),
      }),
    });
    await assert.rejects(press(world, THE_LOOP, { person: people.owner }), notEntitled);
    await press(world, LOGISTICS, { person: people.deputy });
    await press(world, EVERYTHING, { person: people.otherOwner });
    await assert.rejects(release(world, EVERYTHING, people.owner), notEntitled);
    await release(world, EVERYTHING, people.otherOwner);
  });

  test("a stop of what no loop has is refused, not pressed in vain", async () => {
    const world = await setup({ loop: "registered" });
    for (const scope of ["loop", "department", "connector"] as const) {
      const stop = { scope, name: "finance" };
      await assert.rejects(press(world, stop), refusedWith("stop/unknown-scope"));
    }
    assert.deepEqual(await operations.stopList.handler(world, {}), []);
  });

  const notEntitled = refusedWith("stop/not-entitled");
}

function exerciseStanding(setup: Setup): void {
  test("a call that is under way when a stop is pressed is finished, recorded and told", async () => {
    const world = await setup();
    world.outside.beforeApply(async () => void (await press(world, EVERYTHING)));
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
    assert.equal(world.outside.effects.length, 1);
    assert.deepEqual(await world.told(id), ["logistics: acted", "marketing: acted"]);
    // It stands now, so that pressing again takes it back.
    assert.equal((await press(world, EVERYTHING, { undo: true })).undoing, 1);
    await world.settle();
    assert.equal((await world.case(id)).closeReason, "undone");
  });

  test("what stands stays under a stop; with undo all of it in scope is taken back, and counted", async () => {
    const world = await setup();
    const ids = [await actOn(world, HERE), await actOn(world, THERE)];
    assert.equal((await press(world, THE_LOOP)).undoing, 0);
    await world.runUntil(addMs(NOW, 24 * HOUR_MS));
    for (const id of ids) assert.equal((await world.case(id)).state, "watching");
    assert.equal((await press(world, THE_LOOP, { undo: true })).undoing, 2);
    await world.settle();
    for (const [index, id] of ids.entries()) {
      assert.equal((await world.case(id)).closeReason, "undone");
      assert.equal(world.outside.settingOf(resourceOf(PLACES[index] ?? "")), "untouched");
      const told = await world.told(id);
      for (const side of SIDES) assert.ok(told.includes(`${side}: lifted`), told.join());
    }
    const causes = await world.driver.query<{ cause: string; actor: string }>(
      `select text::jsonb #>> '{body,event,cause}' as cause, text::jsonb ->> 'actor' as actor
       from ledger where text::jsonb ->> 'kind' = 'undo.requested'`,
    );
    const byStop = { cause: "stop", actor: HEAD_OF.logistics };
    assert.deepEqual(causes, [byStop, byStop]);
    assert.equal((await press(world, THE_LOOP, { undo: true })).undoing, 0, "nothing is left");
  });

  test("under a stop a person still takes an action back, and one whose time is over still lifts itself", async () => {
    const world = await setup();
    const [taken, over] = [await actOn(world, HERE), await actOn(world, THERE)];
    await press(world, EVERYTHING);
    await world.undo(taken);
    await world.settle();
    assert.equal((await world.case(taken)).closeReason, "undone");
    await world.runDays(30);
    assert.ok((await world.case(over)).action?.liftedAt !== undefined);
    assert.equal(world.outside.settingOf(resourceOf(THERE)), "untouched");
  });

  test("through a stopped connector nothing is taken back either, until it is released", async () => {
    const world = await setup();
    const id = await actOn(world, HERE);
    assert.equal((await press(world, CONNECTOR, { undo: true })).undoing, 1);
    const calls = world.outside.countCalls("apply");
    await world.runUntil(addMs(NOW, 3 * HOUR_MS));
    assert.equal(world.outside.countCalls("apply"), calls);
    assert.equal((await world.case(id)).state, "watching");
    await release(world, CONNECTOR);
    await world.runUntil(addMs(NOW, 4 * HOUR_MS));
    assert.equal((await world.case(id)).closeReason, "undone");
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "untouched");
  });
}

function exerciseRecords(setup: Setup): void {
  test("a stop and its release are told to both heads once, shown with the loop and kept in the ledger", async () => {
    const world = await setup();
    await press(world, EVERYTHING, { person: HEAD_OF.marketing });
    const again = await press(world, EVERYTHING);
    assert.equal(again.stop.person, HEAD_OF.marketing, "the stop that stands is the first");
    const shown = await operations.loopShow.handler(world, { loop: LOOP });
    const fact = { ...EVERYTHING, person: HEAD_OF.marketing, reason: "the feed is wrong" };
    assert.deepEqual(shown.stops, [fact]);
    await release(world, EVERYTHING);
    await world.settle();
    assert.deepEqual((await operations.loopShow.handler(world, { loop: LOOP })).stops, []);
    assert.deepEqual(await operations.stopList.handler(world, {}), []);
    const [kept, ...others] = await operations.stopList.handler(world, { all: true });
    assert.deepEqual(others, []);
    assert.deepEqual(
      [kept?.person, kept?.released_by, kept?.reason],
      [HEAD_OF.marketing, HEAD_OF.logistics, fact.reason],
    );
    const news = world.post.delivered.filter(({ thread }) => thread === `${LOOP}/news`);
    for (const [verb, words] of [
      ["stopped", "the feed is wrong"],
      ["released", "Actions start again"],
    ] as const) {
      const letters = news.filter(({ subject }) => subject.startsWith(`${LOOP} is ${verb}`));
      assert.deepEqual(letters.map(({ address }) => address).sort(), Object.values(HEAD_OF).sort());
      for (const { text } of letters) assert.ok(text.includes(words), text);
    }
    const entries = await world.driver.query<{ said: object }>(
      `select jsonb_build_array(text::jsonb ->> 'kind', text::jsonb ->> 'actor', text::jsonb -> 'body') as said
       from ledger where text::jsonb ->> 'kind' like 'stop.%' order by n`,
    );
    assert.deepEqual(
      entries.map(({ said }) => said),
      [
        ["stop.pressed", HEAD_OF.marketing, { ...EVERYTHING, reason: fact.reason }],
        ["stop.released", HEAD_OF.logistics, EVERYTHING],
      ],
    );
  });

  test("stops and broken glass are seen wherever the loop is: in the list, on the map, with the loop", async () => {
    const world = await setup();
    const edge = async () => (await operations.loopMap.handler(world, {})).edges[0];
    assert.deepEqual((await edge())?.halts, []);
    await press(world, CONNECTOR);
    const said = { loop: LOOP, party: "marketing", person: HEAD_OF.marketing, hours: 4 };
    await operations.glassBreak.handler(world, { ...said, reason: "a flood" });
    const stop = { ...CONNECTOR, person: HEAD_OF.logistics, reason: "the feed is wrong" };
    const until = addMs(NOW, 4 * HOUR_MS);
    const glass = { person: HEAD_OF.marketing, reason: "a flood", until };
    const shown = await operations.loopShow.handler(world, { loop: LOOP });
    assert.deepEqual([shown.stops, shown.glass], [[stop], glass]);
    const [listed] = await operations.loopList.handler(world, {});
    assert.deepEqual([listed?.stops, listed?.glass], [[stop], glass]);
    assert.deepEqual((await edge())?.halts, [
      "head@logistics.example.com stopped the connector scripted: the feed is wrong",
      `head@marketing.example.com broke the glass until ${until}: a flood`,
    ]);
    world.clock.moveTo(until);
    await release(world, CONNECTOR);
    assert.deepEqual((await edge())?.halts, []);
  });

  test("a stop outlives the process in which it was pressed", async () => {
    const world = await setup();
    await press(world, LOGISTICS);
    // Another process that opens the same store.
    const engine = world.openEngine();
    const id = await world.signalOn(ELSEWHERE);
    await engine.settle();
    assert.equal((await world.case(id)).verdict?.rule, "stop");
    const { stops } = await operations.loopShow.handler({ ...world, engine }, { loop: LOOP });
    assert.deepEqual(
      stops.map(({ name }) => name),
      ["logistics"],
    );
  });
}
