/**
 * Each promise as `interlock doctor` looks it up: it holds on a system that worked, and is found broken,
 * by its row, after one thing was done to the rows that no engine would do.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { checkInvariants, INVARIANTS, selectInvariants } from "../../src/engine/invariant/check.ts";
import type { OutsideRecord } from "../../src/engine/invariant/invariant.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import {
  BY_VERDICT,
  ELSEWHERE,
  type EngineWorld,
  HERE,
  openWorld,
  THERE,
} from "../kit/engine-world.ts";

let driver: Driver;
let world: EngineWorld;
/** Voted and standing; done by itself and undone; waiting for votes. */
let standing: string;
let undone: string;
let held: string;

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
  world = await openWorld(driver);
  world.receiver.propose(() => BY_VERDICT.both);
  standing = await world.signalOn(HERE);
  held = await world.signalOn(ELSEWHERE);
  await world.settle();
  await world.vote(standing, "logistics");
  await world.vote(standing, "marketing");
  world.receiver.propose(() => BY_VERDICT.auto);
  undone = await world.signalOn(THERE);
  await world.settle();
  await world.undo(undone);
  await world.settle();
});
after(() => driver.close());

function outside(change: Partial<OutsideRecord> = {}): OutsideRecord {
  const { effects, calls } = world.outside;
  return {
    effects,
    calls: calls.filter(({ kind }) => kind === "apply").map(({ key }) => key),
    acknowledged: [{ source: "logistics/ndr-watch", id: signalId(), caseId: standing }],
    delivered: world.post.delivered.map(({ id }) => id),
    ...change,
  };
}

function signalId(): string {
  return `ndr-${HERE}-${"2026-03-02T06:00:00.000Z"}`;
}

/** What is broken, by name, in a transaction in which `tamper` was done; it is taken back. */
async function look(
  tamper: (tx: Parameters<Parameters<Driver["transaction"]>[0]>[0]) => Promise<unknown>,
  { record = outside(), names }: { record?: OutsideRecord; names?: ReadonlyArray<string> } = {},
): Promise<ReadonlyMap<string, string>> {
  const broken = new Map<string, string>();
  const takenBack = new Error("taken back");
  await driver
    .transaction(async (tx) => {
      await tx.exec("alter table ledger disable trigger ledger_is_append_only");
      await tamper(tx);
      const { limits } = world.engine.context;
      const asked = { now: world.clock.now(), limits, outside: record };
      const options = names === undefined ? asked : { ...asked, names };
      for (const { invariant, violations } of await checkInvariants(tx, options)) {
        const rows = violations.map(({ row, why }) => `${row}: ${why}`);
        if (rows.length > 0) broken.set(invariant.name, rows.join("\n"));
      }
      throw takenBack;
    })
    .catch((error: unknown) => {
      if (error !== takenBack) throw error;
    });
  return broken;
}

/** A statement about the standing, the undone or the held case. */
type Tamper = string | { readonly outside: Partial<OutsideRecord> };

const DAYS_AGO = "'2026-01-01T00:00:00Z'";

function tampers(): Readonly<Record<string, Tamper>> {
  const inEntry = (kind: string, from: string, to: string) =>
    `update ledger set text = replace(text, '${from}', '${to}')
     where text::jsonb ->> 'kind' = '${kind}' and text::jsonb ->> 'case' = '${standing}'`;
  const [effect] = world.outside.effects;
  return {
    "one-case-a-signal": `delete from signal where case_id = '${standing}'`,
    "signal-as-said": `update signal set body = body || ' ' where case_id = '${standing}'`,
    "case-row-agrees": `update signal_case set body = body::jsonb || '{"state": "parked"}' where id = '${held}'`,
    "contract-kept": `update signal_case
      set body = jsonb_set(body::jsonb, '{signal,confidence}', '7') where id = '${standing}'`,
    "charter-signed": "update charter_signature set signature = 'AAAA' where party = 'marketing'",
    "votes-count": `update signal_case
      set body = jsonb_set(body::jsonb, '{votes,0,person}', '"nobody@example.com"') where id = '${standing}'`,
    "caps-hold": `update signal_case
      set body = jsonb_set(body::jsonb, '{proposal,blastRadius,subjects}', '9999') where id = '${standing}'`,
    "governed-action": inEntry("vote.cast", '"party":"marketing"', '"party":"logistics"'),
    "acted-in-time": `update ledger
      set text = replace(text, '"expiresAt":"2026-03-05', '"expiresAt":"2026-03-01')
      where text::jsonb ->> 'case' = '${standing}'`,
    "stop-stops": `update ledger set text = replace(text, '"to":"live"', '"to":"paused"')
      where text::jsonb ->> 'kind' = 'loop.moved'`,
    "acts-once": `update effect set kind = 'act', state = 'done', intent = '{}'
      where case_id = '${standing}' and step = 1`,
    "fence-rises": `update effect set fence = 0, claims = 2, state = 'ready', finished_at = null
      where case_id = '${standing}' and step = 1`,
    "intent-before-answer": inEntry("action.intended", '"action.intended"', '"action.pondered"'),
    "answered-once": `insert into ledger
      select n + 1000, text, hash from ledger
      where text::jsonb ->> 'kind' = 'action.done' and text::jsonb ->> 'case' = '${standing}'`,
    "unknown-not-guessed": `update effect
      set state = 'failed', last_error = 'connector/unknown-outcome: no answer came back'
      where case_id = '${standing}' and kind = 'act'`,
    "action-explained": `update effect set body = jsonb_set(body::jsonb, '{digest}', '"other"')
      where case_id = '${standing}' and kind = 'act'`,
    "both-told": `update effect set body = jsonb_set(body::jsonb, '{letter,department}', '"logistics"')
      where case_id = '${standing}' and kind = 'notify'`,
    "held-once": `update signal_case
      set holds = (select holds from signal_case where id = '${standing}') || '/x' where id = '${held}'`,
    "outside-once": { outside: { effects: [...world.outside.effects, effect ?? { key: "" }] } },
    "outside-intended": { outside: { calls: [`${held}/7`] } },
    "outside-recorded": `update effect set state = 'failed'
      where case_id = '${standing}' and kind = 'act'`,
    "outside-restored": {
      outside: {
        effects: world.outside.effects.map(({ key }) => ({ key, before: "a", after: "b" })),
      },
    },
    "acknowledged-kept": {
      outside: { acknowledged: [{ source: "logistics/ndr-watch", id: "lost", caseId: held }] },
    },
    "delivered-arrived": { outside: { delivered: [] } },
    "ledger-verifies": "update ledger set text = text || ' ' where n = 5",
    "every-move-entered": `update signal_case set state = 'governed', holds = null, lease_until = null
      where id = '${held}'`,
    replays: `update signal_case set body = jsonb_set(body::jsonb, '{votes,0,reason}', '"other"')
      where id = '${standing}'`,
    "no-secret-written": `update effect set body = jsonb_set(body::jsonb, '{letter,text}',
        to_jsonb((select value from secret limit 1)))
      where case_id = '${standing}' and kind = 'notify'`,
    "nothing-stuck": `delete from case_event where case_id = '${held}'`,
    "work-is-taken": `update case_event set due_at = ${DAYS_AGO} where case_id = '${held}'`,
    "poison-set-aside": `update effect set claims = 99, fence = 99, state = 'ready'
      where case_id = '${standing}' and step = 1`,
    "standing-ends": `update signal_case set lease_until = ${DAYS_AGO} where id = '${standing}'`,
    "closed-is-quiet": `update case_event set case_id = '${undone}' where case_id = '${held}'`,
  };
}

test("on a system that worked every promise holds", async () => {
  assert.deepEqual([...(await look(() => Promise.resolve()))], []);
  assert.equal((await world.case(standing)).state, "watching");
  assert.equal((await world.case(undone)).state, "closed");
  assert.equal((await world.case(held)).state, "held");
});

for (const { name, sentence } of INVARIANTS) {
  test(`a breach is found of: ${sentence}`, async () => {
    const tamper = tampers()[name];
    assert(tamper, `the test knows how to break \`${name}\``);
    const record = outside(typeof tamper === "object" ? tamper.outside : {});
    const broken = await look(
      (tx) => (typeof tamper === "string" ? tx.exec(tamper) : Promise.resolve()),
      { record, names: [name] },
    );
    assert(broken.has(name), `\`${name}\` is broken, and that was not found`);
  });
}

test("a quick look asks nothing that grows with the history, and what needs the outside is passed over", () => {
  const names = (options: Parameters<typeof selectInvariants>[0]) =>
    selectInvariants(options).map(({ name }) => name);
  assert.deepEqual(names({ cost: "open" }), [
    "charter-signed",
    "fence-rises",
    "held-once",
    "nothing-stuck",
    "work-is-taken",
    "poison-set-aside",
    "standing-ends",
  ]);
  assert(!names({}).includes("outside-once"));
  assert(names({ outside: { effects: [] } }).includes("outside-once"));
});

test("a ledger with a line that is not JSON is read to its end", async () => {
  const broken = await look((tx) => tx.exec("update ledger set text = 'torn' where n = 2"));
  assert(broken.has("ledger-verifies"));
});
