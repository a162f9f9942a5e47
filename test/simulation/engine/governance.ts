/** Nothing leaves the building without a verdict, its votes, and a last look at both. */
import type { BallotPaper } from "../../../src/core/charter/ballot-paper.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectSandbox } from "../../../src/app/outside.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, HOUR_MS, MINUTE_MS } from "../../../src/std/time.ts";
import { constraintOf } from "../../../src/store/driver/driver.ts";
import { startSandbox } from "../../../twin/sandbox/sandbox.ts";
import {
  BY_VERDICT,
  ELSEWHERE,
  type EngineWorld,
  HEAD_OF,
  HERE,
  NOW,
  resourceOf,
  SUBJECTS,
  THERE,
} from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";
import { exerciseBallots } from "./votes.ts";

export function exerciseGovernance(setup: Setup): void {
  exerciseRealSockets(setup);
  exerciseVotes(setup);
  exerciseBallots(setup);
  exerciseLastLook(setup);
  exerciseArbitration(setup);
}

/** The reference connectors against the sandbox, over HTTP and SMTP. */
async function withSandbox(
  setup: Setup,
  body: (world: EngineWorld, sandbox: Awaited<ReturnType<typeof startSandbox>>) => Promise<void>,
): Promise<void> {
  const clock = { now: () => NOW };
  const sandbox = await startSandbox({ now: () => clock.now(), subjects: SUBJECTS });
  const outside = connectSandbox(sandbox, SUBJECTS, "INR", () => clock.now());
  try {
    const world = await setup({ ...outside, limits: { callMs: 2_000, leaseMs: 10_000 } });
    clock.now = () => world.clock.now();
    await body(world, sandbox);
  } finally {
    await outside.close();
    await sandbox.close();
  }
}

function exerciseRealSockets(setup: Setup): void {
  const proposeOnAds = (
    world: EngineWorld,
    change: (typeof BY_VERDICT)[keyof typeof BY_VERDICT],
  ) => {
    world.receiver.propose(({ subject }) => ({
      resource: world.wiring.resourceOf("exclude_geo", subject),
      ...change,
    }));
  };

  test("an automatic verdict is one change on the platform, read back, and both are told", async () => {
    await withSandbox(setup, async (world, sandbox) => {
      proposeOnAds(world, BY_VERDICT.auto);
      const id = await world.signalOn(HERE);
      await world.settle();
      const acted = await world.case(id);
      assert.equal(acted.state, "watching");
      assert.equal(acted.verdict?.rule, "small-and-reversible");
      const changes = sandbox.mutations().filter(({ system }) => system === "ads");
      assert.deepEqual(
        changes.map(({ key, subjects }) => [key, subjects]),
        [[`${id}/${acted.action?.step}`, [HERE]]],
      );
      assert.ok(sandbox.requests.ads.read >= 2, "once before the change and once after it");
      assert.equal(sandbox.inForce(HERE, "2026-03-03")[0]?.option, "exclude_geo");
      assert.deepEqual(
        sandbox
          .mails()
          .map(({ to }) => to)
          .sort(),
        ["ndr-desk@logistics.example.com", "performance@marketing.example.com"],
      );
    });
  });

  test("a forbidden action is one look at the target and no other call, not even a dry run", async () => {
    await withSandbox(setup, async (world, sandbox) => {
      proposeOnAds(world, BY_VERDICT.forbid);
      const before = structuredClone({ ads: sandbox.requests.ads, shop: sandbox.requests.shop });
      const id = await world.signalOn(HERE);
      await world.runDays(20);
      assert.equal((await world.case(id)).closeReason, "forbidden");
      // The target was read, to say what would have changed; nothing else was asked of it.
      const looked = { ...before, ads: { ...before.ads, read: before.ads.read + 1 } };
      assert.deepEqual({ ads: sandbox.requests.ads, shop: sandbox.requests.shop }, looked);
      assert.equal(sandbox.mails().length, 2);
    });
  });

  test("an action that waits for votes is one look until both voted, and then exactly one change", async () => {
    await withSandbox(setup, async (world, sandbox) => {
      proposeOnAds(world, BY_VERDICT.both);
      const before = structuredClone({ ads: sandbox.requests.ads, shop: sandbox.requests.shop });
      const id = await world.signalOn(HERE);
      await world.settle();
      await world.vote(id, "logistics");
      await world.runUntil(addMs(NOW, 5 * HOUR_MS));
      assert.equal((await world.case(id)).state, "held");
      const looked = { ...before, ads: { ...before.ads, read: before.ads.read + 1 } };
      assert.deepEqual({ ads: sandbox.requests.ads, shop: sandbox.requests.shop }, looked);
      await world.vote(id, "marketing");
      await world.settle();
      assert.equal((await world.case(id)).state, "watching");
      assert.equal(sandbox.mutations().filter(({ system }) => system === "ads").length, 1);
    });
  });
}

function exerciseVotes(setup: Setup): void {
  test("silence never allows: unanswered, the case closes and nothing was called", async () => {
    for (const asked of ["both", "marketing"] as const) {
      const world = await setup();
      world.receiver.propose(() => BY_VERDICT[asked]);
      const id = await world.signalOn(HERE);
      await world.runDays(20);
      const closed = await world.case(id);
      assert.equal(closed.closeReason, "expired", asked);
      assert.deepEqual(
        world.outside.calls.map(({ kind }) => kind),
        ["read"],
      );
      const told = await world.told(id);
      assert.ok(told.includes("marketing: approval-reminded"), told.join());
      assert.ok(told.includes("marketing: approval-escalated"), told.join());
      assert.ok(told.includes("logistics: not-acted") && told.includes("marketing: not-acted"));
    }
  });

  test("one side's rejection shuts the case, whatever the other side said", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    await world.vote(id, "logistics");
    await world.vote(id, "marketing", "reject");
    await world.runDays(20);
    assert.equal((await world.case(id)).closeReason, "rejected");
    assert.deepEqual(
      world.outside.calls.map(({ kind }) => kind),
      ["read"],
    );
  });

  test("a vote for another side, on another action, twice or too late is refused", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    const cast = (change: Partial<BallotPaper>) =>
      world.voteAs({ case: id, party: "logistics", person: HEAD_OF.logistics, ...change });
    const refused = (code: string) => (error: unknown) =>
      error instanceof InterlockError && error.code === code;
    await assert.rejects(cast({ person: HEAD_OF.marketing }), refused("vote/not-entitled"));
    await assert.rejects(cast({ digest: "0".repeat(64) }), refused("vote/other-action"));
    await assert.rejects(cast({ party: "finance" }), refused("vote/not-asked"));
    await assert.rejects(
      cast({ person: "budget-keeper@marketing.example.com" }),
      refused("vote/not-entitled"),
    );
    await cast({});
    await assert.rejects(cast({}), refused("vote/already-cast"), "before the case read the first");
    await world.settle();
    await assert.rejects(cast({}), refused("vote/already-cast"));
    await world.vote(id, "marketing");
    await world.settle();
    await assert.rejects(cast({}), refused("vote/too-late"));
    assert.equal(world.outside.effects.length, 1);
  });

  test("two votes of one side never stand for the other side", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    await world.vote(id, "logistics");
    await world.settle();
    for (const name of ["deputy", "lead-ndr"]) {
      const person = `${name}@logistics.example.com`;
      await assert.rejects(
        world.voteAs({ case: id, party: "logistics", person }),
        (error) => error instanceof InterlockError && error.code === "vote/party-answered",
      );
      await world.settle();
    }
    assert.equal((await world.case(id)).state, "held");
    assert.deepEqual(
      world.outside.calls.map(({ kind }) => kind),
      ["read"],
    );
  });
}

type Tampering = {
  readonly what: string;
  readonly verdict: "auto" | "both";
  readonly do: (world: EngineWorld, id: string) => Promise<unknown>;
  readonly closes: string;
};

const TAMPERINGS: ReadonlyArray<Tampering> = [
  {
    what: "a signature of the charter is gone",
    verdict: "auto",
    do: ({ driver }) => driver.query("delete from charter_signature where party = 'marketing'"),
    closes: "forbidden",
  },
  {
    what: "the stop button is pressed",
    verdict: "auto",
    do: (world) => world.stop(),
    closes: "forbidden",
  },
  {
    what: "the signal has expired",
    verdict: "auto",
    do: async ({ clock }) => clock.moveTo(addMs(NOW, 72 * HOUR_MS)),
    closes: "expired",
  },
  {
    what: "the votes are gone",
    verdict: "both",
    do: ({ driver }, id) =>
      driver.query(
        "update signal_case set body = jsonb_set(body::jsonb, '{votes}', '[]') where id = $1",
        [id],
      ),
    closes: "expired",
  },
  {
    what: "a vote is bound to another action",
    verdict: "both",
    do: ({ driver }, id) =>
      driver.query(
        `update signal_case set body = jsonb_set(body::jsonb, '{votes,0,digest}', '"${"f".repeat(64)}"')
         where id = $1`,
        [id],
      ),
    closes: "expired",
  },
  {
    what: "the proposal in the case was changed",
    verdict: "auto",
    do: ({ driver }, id) =>
      driver.query(
        "update signal_case set body = jsonb_set(body::jsonb, '{proposal,parameters,probeShare}', '0') where id = $1",
        [id],
      ),
    closes: "forbidden",
  },
];

/** Takes a case to the moment after it was decided and before it is done. */
async function decide(world: EngineWorld, verdict: "auto" | "both"): Promise<string> {
  world.receiver.propose(() => BY_VERDICT[verdict]);
  const id = await world.signalOn(HERE);
  if (verdict === "both") {
    await world.settle();
    await world.vote(id, "logistics");
    await world.vote(id, "marketing");
  }
  await world.stepTo(id, "executing");
  return id;
}

function exerciseLastLook(setup: Setup): void {
  for (const tampering of TAMPERINGS) {
    test(`nothing is changed outside when, between verdict and dispatch, ${tampering.what}`, async () => {
      const world = await setup();
      const id = await decide(world, tampering.verdict);
      await tampering.do(world, id);
      await world.runDays(20);
      assert.equal(world.outside.countCalls("apply"), 0);
      assert.equal((await world.case(id)).closeReason, tampering.closes);
      const told = await world.told(id);
      assert.ok(told.includes("logistics: not-acted") && told.includes("marketing: not-acted"));
    });
  }

  for (const [tampering, fault] of TAMPERINGS.slice(0, 4).flatMap((tampering) => [
    [tampering, "unavailable"] as const,
    [tampering, "unknown-before"] as const,
  ])) {
    test(`nothing is tried again outside when, after a try that was ${fault}, ${tampering.what}`, async () => {
      const world = await setup();
      world.outside.failNext("apply", fault);
      const id = await decide(world, tampering.verdict);
      await world.settle();
      assert.equal(world.outside.countCalls("apply"), 1);
      await tampering.do(world, id);
      await world.runDays(20);
      assert.equal(world.outside.countCalls("apply"), 1);
      assert.deepEqual(world.outside.effects, []);
      assert.equal((await world.case(id)).closeReason, tampering.closes);
    });
  }

  for (const [field, value] of [
    ["parameters,probeShare", "0"],
    ["resource", `"${resourceOf(THERE)}"`],
    ["subject", `"${THERE}"`],
    ["option", '"lower_bid"'],
  ]) {
    test(`an order whose ${field} was changed after the verdict is not sent as it now stands`, async () => {
      const world = await setup();
      const id = await decide(world, "auto");
      const { proposal } = await world.case(id);
      await world.driver.query(
        `update effect set body = jsonb_set(body::jsonb, '{intervention,${field}}', $2::jsonb)
         where case_id = $1 and kind = 'act'`,
        [id, value],
      );
      await world.settle();
      // It is governed again, and what was decided on is what is sent.
      const { action } = await world.case(id);
      assert.deepEqual(action?.intervention, {
        option: proposal?.option,
        parameters: proposal?.parameters,
        subject: HERE,
        resource: resourceOf(HERE),
      });
      assert.deepEqual(
        world.outside.effects.map(({ resource, setting }) => [resource, setting]),
        [[resourceOf(HERE), 'exclude_geo {"probeShare":0.1,"standingDays":14}']],
      );
      const refusals = await world.driver.query(
        "select step from effect where case_id = $1 and last_error like 'refused at dispatch%'",
        [id],
      );
      assert.equal(refusals.length, 1);
    });
  }

  test("a change whose answer was lost is found out and told, even after the stop button", async () => {
    const world = await setup();
    world.outside.failNext("apply", "unknown-after");
    const id = await decide(world, "auto");
    await world.settle();
    await world.stop();
    await world.runUntil(addMs(NOW, HOUR_MS));
    assert.equal((await world.case(id)).state, "watching");
    assert.equal(world.outside.countCalls("apply"), 1);
  });

  test("a paused loop holds an ordered action back, and activation lets it run once", async () => {
    const world = await setup();
    const id = await decide(world, "auto");
    await world.pause();
    await world.runUntil(addMs(NOW, 2 * HOUR_MS));
    assert.equal((await world.case(id)).state, "executing");
    assert.equal(world.outside.countCalls("apply"), 0);
    await world.activate();
    await world.runUntil(addMs(NOW, 3 * HOUR_MS));
    assert.equal((await world.case(id)).state, "watching");
    assert.equal(world.outside.effects.length, 1);
  });

  test("an ordered action that a pause outlasts expires with its signal", async () => {
    const world = await setup();
    const id = await decide(world, "auto");
    await world.pause();
    await world.runDays(4);
    assert.equal((await world.case(id)).closeReason, "expired");
    assert.equal(world.outside.countCalls("apply"), 0);
  });
}

function exerciseArbitration(setup: Setup): void {
  test("two cases never hold one resource: the second is forbidden and the holder is named", async () => {
    const world = await setup();
    world.receiver.propose(() => ({ resource: resourceOf("shared") }));
    const first = await world.signalOn(HERE);
    await world.settle();
    const second = await world.signalOn(THERE);
    await world.settle();
    const closed = await world.case(second);
    assert.equal(closed.closeReason, "forbidden");
    assert.equal(closed.verdict?.decidedBy, "arbitration");
    assert.match(closed.verdict?.reasons.join() ?? "", new RegExp(first));
    assert.equal(world.outside.effects.length, 1);
    await assert.rejects(
      world.driver.query(
        `update signal_case set state = 'held', close_reason = null, closed_at = null, holds = $2,
           lease_until = now()
         where id = $1`,
        [second, resourceOf("shared")],
      ),
      (error) => constraintOf(error) === "resource_is_held_once",
    );
  });

  test("of two cases of one delivery that want one resource, one has it", async () => {
    const world = await setup();
    world.receiver.propose(() => ({ resource: resourceOf("shared") }));
    await world.send(world.signal(HERE), world.signal(THERE));
    await world.settle();
    const states = (await world.cases()).map((of) => of.closeReason ?? of.state).sort();
    assert.deepEqual(states, ["forbidden", "watching"]);
    assert.equal(world.outside.effects.length, 1);
  });

  test("a resource given back in a turn can be taken in that very turn", async () => {
    // Twelve places, so that whatever order the database updates rows in, one pair meets it.
    const world = await setup({ charter: (charter) => withoutCaps(charter) });
    const shared = (n: number) => resourceOf(`shared-${n}`);
    const pairs = [0, 1, 2, 3, 4, 5].map((n) => ({
      n,
      first: SUBJECTS[2 + 2 * n]?.id ?? "",
      second: SUBJECTS[3 + 2 * n]?.id ?? "",
    }));
    const resources = new Map(
      pairs.flatMap(({ n, first, second }) => [
        [first, shared(n)],
        [second, shared(n)],
      ]),
    );
    world.receiver.propose(({ subject }) => ({ resource: resources.get(subject) ?? "" }));
    for (const { n, first, second } of pairs) {
      world.clock.moveTo(addMs(NOW, n * MINUTE_MS));
      // Every other pair the other way round, so that the giver is now the older row, now the newer.
      const [giver, taker] = n % 2 === 0 ? [first, second] : [second, first];
      const giverId = await world.signalOn(giver);
      await world.settle();
      assert.equal((await world.case(giverId)).state, "watching");
      const takerId = await world.signalOn(taker);
      // The giver's undo and the taker's answer are recorded by one dispatch and read by one turn.
      await world.undo(giverId);
      await world.settle();
      assert.equal((await world.case(giverId)).closeReason, "undone");
      assert.ok(["watching", "closed"].includes((await world.case(takerId)).state));
    }
  });

  test("the day's cap on actions holds within one delivery", async () => {
    const world = await setup({
      charter: (charter) => ({
        ...charter,
        guardrails: {
          ...charter.guardrails,
          perDay: { ...charter.guardrails.perDay, actions: 2 },
        },
      }),
    });
    await world.send(...[HERE, THERE, ELSEWHERE].map((subject) => world.signal(subject)));
    await world.settle();
    assert.equal(world.outside.effects.length, 2);
    const forbidden = (await world.cases()).find(({ state }) => state === "closed");
    assert.equal(forbidden?.verdict?.rule, "actions-per-day");
  });

  test("what waited for its votes is counted when they are there: past the day's cap it does not begin", async () => {
    const world = await setup({
      charter: (charter) => ({
        ...charter,
        guardrails: {
          ...charter.guardrails,
          perDay: { ...charter.guardrails.perWeek, actions: 2 },
        },
      }),
    });
    world.receiver.propose(() => BY_VERDICT.both);
    const subjects = [HERE, THERE, ELSEWHERE];
    await world.send(...subjects.map((subject) => world.signal(subject)));
    await world.settle();
    const held = await world.cases();
    assert.deepEqual(
      held.map(({ state }) => state),
      ["held", "held", "held"],
    );
    for (const { id } of held) {
      await world.vote(id, "logistics");
      await world.vote(id, "marketing");
    }
    await world.settle();
    assert.equal(world.outside.effects.length, 2);
    const last = (await world.cases()).find(({ state }) => state === "closed");
    assert.equal(last?.closeReason, "forbidden");
    assert.ok(last);
    const told = await world.told(last.id);
    for (const side of ["logistics", "marketing"]) assert.ok(told.includes(`${side}: not-acted`));
  });
}

function withoutCaps<T extends { readonly guardrails: object }>(charter: T): T {
  return { ...charter, guardrails: { ...charter.guardrails, coolDownDays: 0 } };
}
