/**
 * The one suite that every connector passes, against an outside that misbehaves on order.
 *
 * A connector brings a `ConnectorWorld`: itself, wired to a fresh system, and the few things that only
 * the system's own side can do (fail on order, be edited by a person, count effects). What is asserted
 * is the port's promise and nothing of the platform's dialect.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../src/std/canonical-json.ts";
import { InterlockError, type ErrorCode } from "../../src/std/errors.ts";
import type {
  Call,
  Connector,
  Intervention,
  Plan,
  TargetState,
} from "../../src/core/port/types.ts";
import type { FaultKind } from "../../twin/sandbox/sandbox.ts";

/** Long enough for a machine under load to answer, far shorter than the sandbox's late answers. */
const DEADLINE_MS = 10_000;
/** For calls that are meant to miss it; their connection is open already. */
const MISSED_DEADLINE_MS = 400;

export type ConnectorWorld = {
  readonly connector: Connector;
  /** The same system, asked with credentials that it does not know. */
  readonly stranger: Connector;
  readonly intervention: Intervention;
  /** A subject that the system has never heard of. */
  readonly unknown: Intervention;
  failNext(on: "read" | "mutation", kind: FaultKind): void;
  /** A person edits what the intervention set, to something else. */
  editByHand(): void;
  /** A person puts something in the intervention's way, so that it cannot be planned. */
  blockByHand(): void;
  /** A person takes away what the intervention set. */
  clearByHand(): void;
  /** Changes accepted so far, by anybody. */
  effects(): number;
  close(): Promise<void>;
};

export function connectorConformance(name: string, setup: () => Promise<ConnectorWorld>): void {
  function fact(title: string, body: (world: ConnectorWorld) => Promise<void>): void {
    test(`${name}: ${title}`, async () => {
      const world = await setup();
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });
  }

  fact("what is applied is read back as applied, and was not before", async (world) => {
    const { connector } = world;
    const { plan, before } = await planned(world);
    assert.equal(connector.isApplied(plan, before), false);
    await connector.apply(plan, call("case-1/1"));
    const after = await read(world);
    assert.equal(connector.isApplied(plan, after), true);
    assert.equal(world.effects(), 1);
  });

  fact("a plan and a state survive being stored as JSON", async (world) => {
    const { connector } = world;
    const { plan } = await planned(world);
    const stored = JSON.parse(canonicalJson(plan)) as Plan;
    await connector.apply(stored, call("case-1/1"));
    const after = JSON.parse(canonicalJson(await read(world))) as TargetState;
    assert.equal(connector.isApplied(stored, after), true);
    assert.equal(connector.planUndo(stored, after).kind, "undo");
  });

  fact("a dry run changes nothing", async (world) => {
    const { plan, before } = await planned(world);
    await world.connector.dryRun(plan, call("case-1/1"));
    assert.equal(world.effects(), 0);
    assert.equal(canonicalJson(await read(world)), canonicalJson(before));
  });

  fact("a dry run tells what the change itself would be refused for", async (world) => {
    const { plan } = await planned(world);
    world.blockByHand();
    await assert.rejects(world.connector.dryRun(plan, call("case-1/1")), InterlockError);
  });

  fact("a request to slow down is told with the delay, and nothing happened", async (world) => {
    const { plan } = await planned(world);
    world.failNext("mutation", "rate-limit");
    const error = await failure(world.connector.apply(plan, call("case-1/1")));
    assertError(error, "connector/rate-limited", "later");
    assert.equal(error.retryAfterMs, 5_000);
    assert.equal(world.effects(), 0);
  });

  fact(
    "credentials that the system does not know are told apart and not retried",
    async (world) => {
      const error = await failure(world.stranger.read(world.intervention, call("case-1/1")));
      assertError(error, "connector/unauthorised", "never");
      assert.ok(error.help !== undefined);
      const { plan } = await planned(world);
      const refused = await failure(world.stranger.apply(plan, call("case-1/1")));
      assertError(refused, "connector/unauthorised", "never");
      assert.equal(world.effects(), 0);
    },
  );

  for (const kind of ["late-after", "reset-after", "garbage-after"] as const) {
    fact(
      `${kind} on a change is unknown, and reading back shows that it happened`,
      async (world) => {
        const { connector } = world;
        const { plan } = await planned(world);
        world.failNext("mutation", kind);
        const ms = kind === "late-after" ? MISSED_DEADLINE_MS : DEADLINE_MS;
        const error = await failure(connector.apply(plan, call("case-1/1", ms)));
        assertError(error, "connector/unknown-outcome", "later");
        assert.equal(connector.isApplied(plan, await read(world)), true);
        assert.equal(world.effects(), 1);
      },
    );
  }

  fact("a reset before the effect is unknown too, and reading back shows none", async (world) => {
    const { connector } = world;
    const { plan } = await planned(world);
    world.failNext("mutation", "reset-before");
    const error = await failure(connector.apply(plan, call("case-1/1")));
    assertError(error, "connector/unknown-outcome", "later");
    assert.equal(connector.isApplied(plan, await read(world)), false);
    await connector.apply(plan, call("case-1/1"));
    assert.equal(connector.isApplied(plan, await read(world)), true);
  });

  fact("an outage on a change is never told as an effect or as a refusal", async (world) => {
    const { plan } = await planned(world);
    world.failNext("mutation", "unavailable-before");
    const error = await failure(world.connector.apply(plan, call("case-1/1")));
    assert.ok(
      error.code === "connector/unavailable" || error.code === "connector/unknown-outcome",
      `told as ${error.code}`,
    );
    assert.equal(error.retry, "later");
    assert.equal(world.effects(), 0);
  });

  for (const [kind, code] of [
    ["late-after", "connector/unavailable"],
    ["reset-after", "connector/unavailable"],
    ["unavailable-before", "connector/unavailable"],
    ["garbage-after", "connector/malformed-answer"],
    ["rate-limit", "connector/rate-limited"],
  ] as const) {
    fact(`${kind} on a read is ${code}, to be tried later`, async (world) => {
      await read(world);
      world.failNext("read", kind);
      const ms = kind === "late-after" ? MISSED_DEADLINE_MS : DEADLINE_MS;
      assertError(await failure(read(world, ms)), code, "later");
      await read(world);
    });
  }

  fact("a call whose deadline has passed never leaves", async (world) => {
    const { plan } = await planned(world);
    const late = { ...call("case-1/1"), signal: AbortSignal.abort() };
    const error = await failure(world.connector.apply(plan, late));
    assertError(error, "connector/unavailable", "later");
    assert.equal(world.effects(), 0);
  });

  fact("applying twice has one effect", async (world) => {
    const { plan } = await planned(world);
    await world.connector.apply(plan, call("case-1/1"));
    await world.connector.apply(plan, call("case-1/1"));
    assert.equal(world.effects(), 1);
  });

  fact("applying twice at the same time has one effect", async (world) => {
    const { plan } = await planned(world);
    await Promise.allSettled([1, 2, 3].map(() => world.connector.apply(plan, call("case-1/1"))));
    assert.equal(world.effects(), 1);
    assert.equal(world.connector.isApplied(plan, await read(world)), true);
  });

  fact("undoing restores exactly the state that was read before", async (world) => {
    const { connector } = world;
    const { plan, before } = await planned(world);
    await connector.apply(plan, call("case-1/1"));
    const undo = connector.planUndo(plan, await read(world));
    assert.equal(undo.kind, "undo");
    await connector.dryRun(undo.plan, call("case-1/2"));
    await connector.apply(undo.plan, call("case-1/2"));
    const restored = await read(world);
    assert.equal(canonicalJson(restored), canonicalJson(before));
    assert.equal(connector.isApplied(undo.plan, restored), true);
    assert.equal(connector.isApplied(plan, restored), false);
  });

  fact("undoing after a person's edit is a conflict that says what it found", async (world) => {
    const { connector } = world;
    const { plan } = await planned(world);
    await connector.apply(plan, call("case-1/1"));
    world.editByHand();
    const undo = connector.planUndo(plan, await read(world));
    assert.equal(undo.kind, "conflict");
    assert.match(undo.why, /someone changed it since/);
  });

  fact("an undo that a person overtakes is refused and leaves the person's edit", async (world) => {
    const { connector } = world;
    const { plan } = await planned(world);
    await connector.apply(plan, call("case-1/1"));
    const undo = connector.planUndo(plan, await read(world));
    assert.equal(undo.kind, "undo");
    world.clearByHand();
    const cleared = canonicalJson(await read(world));
    await connector.apply(undo.plan, call("case-1/2")).catch((thrown: unknown) => {
      assert.ok(thrown instanceof InterlockError && thrown.code === "connector/conflict");
    });
    assert.equal(canonicalJson(await read(world)), cleared);
  });

  fact("undoing what a person has already taken away leaves nothing to do", async (world) => {
    const { connector } = world;
    const { plan } = await planned(world);
    await connector.apply(plan, call("case-1/1"));
    world.clearByHand();
    assert.equal(connector.planUndo(plan, await read(world)).kind, "nothing-left");
  });

  fact(
    "a target that a person has set already is a conflict, not a second setting",
    async (world) => {
      world.blockByHand();
      const before = await read(world);
      assert.throws(
        () => world.connector.plan(world.intervention, before),
        (thrown) => thrown instanceof InterlockError && thrown.code === "connector/conflict",
      );
    },
  );

  fact("a subject that the system does not know is rejected with advice", async (world) => {
    const error = await failure(world.connector.read(world.unknown, call("case-1/1")));
    assertError(error, "connector/rejected", "never");
    assert.ok(error.help !== undefined && error.help.length > 0);
  });

  fact("another connector's resource and an unknown option are rejected unsent", async (world) => {
    for (const wrong of [
      { ...world.intervention, resource: "ads:elsewhere/1" },
      { ...world.intervention, option: "burn_down" },
    ]) {
      const error = await failure(world.connector.read(wrong, call("case-1/1")));
      assertError(error, "connector/rejected", "never");
    }
    assert.equal(world.effects(), 0);
  });
}

export function call(idempotencyKey: string, deadlineMs = DEADLINE_MS): Call {
  return { idempotencyKey, fence: 1, signal: AbortSignal.timeout(deadlineMs) };
}

function read(world: ConnectorWorld, deadlineMs = DEADLINE_MS): Promise<TargetState> {
  return world.connector.read(world.intervention, call("case-1/1", deadlineMs));
}

async function planned(
  world: ConnectorWorld,
): Promise<{ readonly plan: Plan; readonly before: TargetState }> {
  const before = await read(world);
  return { before, plan: world.connector.plan(world.intervention, before) };
}

async function failure(promise: Promise<unknown>): Promise<InterlockError> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(thrown instanceof InterlockError, `not an InterlockError: ${String(thrown)}`);
    return thrown;
  }
  return assert.fail("expected a failure, and there was none");
}

function assertError(error: InterlockError, code: ErrorCode, retry: "never" | "later"): void {
  assert.equal(`${error.code} ${error.retry}`, `${code} ${retry}`, error.message);
}
