/** The one suite that every notifier passes: what a department may rely on, whatever the channel. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InterlockError, type ErrorCode } from "../../src/std/errors.ts";
import type { Notice, Notifier } from "../../src/core/port/types.ts";
import type { FaultKind } from "../../twin/sandbox/sandbox.ts";
import { call } from "./connector.ts";

export type Received = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Whatever tells the channel that this belongs under another message; null for a first one. */
  readonly under: string | null;
  /** The notice that a message says it is, where the channel itself cannot tell a repeat. */
  readonly notice?: string;
};

export type NotifierWorld = {
  readonly notifier: Notifier;
  readonly stranger: Notifier;
  readonly address: string;
  /** An address that the channel refuses for good. */
  readonly nobody: string;
  failNext(kind: FaultKind): void;
  received(): ReadonlyArray<Received>;
  close(): Promise<void>;
};

export function notifierConformance(name: string, setup: () => Promise<NotifierWorld>): void {
  function fact(title: string, body: (world: NotifierWorld) => Promise<void>): void {
    test(`${name}: ${title}`, async () => {
      const world = await setup();
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });
  }

  const noticeTo = (address: string): Notice => ({
    id: "case-1/3/marketing",
    department: "marketing",
    address,
    subject: "Patna, Bihar: ads paused \u20b92,40,000 \u092a\u091f\u0928\u093e",
    text: "What was seen.\n\n.\nWhat was done.\n" + "A long line. ".repeat(40),
    thread: "case-1/3/marketing",
  });

  fact("a notice arrives word for word at its one address", async (world) => {
    const notice = noticeTo(world.address);
    const { receipt } = await world.notifier.send(notice, call("case-1/3"));
    assert.notEqual(receipt, null);
    const received = world.received().map(({ notice: _name, ...rest }) => rest);
    assert.deepEqual(received, [
      { to: world.address, subject: notice.subject, text: notice.text, under: null },
    ]);
  });

  /** By name where messages bear one: a channel that keeps nothing shows a repeat as what it is. */
  const countMessages = (world: NotifierWorld): number =>
    new Set(world.received().map(({ notice }, index) => notice ?? index)).size;

  fact("the same notice twice is one message", async (world) => {
    await world.notifier.send(noticeTo(world.address), call("case-1/3"));
    await world.notifier.send(noticeTo(world.address), call("case-1/3"));
    assert.equal(countMessages(world), 1);
  });

  fact("notices of one case hang under its first", async (world) => {
    const first = noticeTo(world.address);
    await world.notifier.send(first, call("case-1/3"));
    await world.notifier.send({ ...first, id: "case-1/9/marketing" }, call("case-1/9"));
    const [, second] = world.received();
    assert.match(second?.under ?? "", /case-1.*3.*marketing/);
  });

  fact("a line break or a second address smuggled in reaches nobody else", async (world) => {
    const notice = noticeTo(world.address);
    const subject = `x\r\nBcc: thief@example.com`;
    await world.notifier.send({ ...notice, subject }, call("case-1/3"));
    const two = `${world.address}, thief@example.com`;
    const error = await failure(
      world.notifier.send({ ...notice, id: "case-1/4/m", address: two }, call("case-1/4")),
    );
    assert.equal(error.retry, "never");
    assert.deepEqual(
      world.received().map(({ to }) => to),
      [world.address],
    );
  });

  for (const kind of ["late-after", "reset-after"] as const) {
    fact(`${kind} is unknown, and sending again makes no second message`, async (world) => {
      const notice = noticeTo(world.address);
      // A letter before it opens the connection, so that the deadline measures the answer alone.
      await world.notifier.send({ ...notice, id: "case-0/1/m" }, call("case-0/1"));
      world.failNext(kind);
      const late = call("case-1/3", kind === "late-after" ? 400 : undefined);
      assertError(
        await failure(world.notifier.send(notice, late)),
        "connector/unknown-outcome",
        "later",
      );
      await world.notifier.send(notice, call("case-1/3"));
      assert.equal(countMessages(world), 2);
    });
  }

  for (const [kind, code] of [
    ["unavailable-before", "connector/unavailable"],
    ["rate-limit", "connector/rate-limited"],
  ] as const) {
    fact(`${kind} is ${code}, and the notice arrives when tried again`, async (world) => {
      const notice = noticeTo(world.address);
      world.failNext(kind);
      assertError(await failure(world.notifier.send(notice, call("case-1/3"))), code, "later");
      assert.equal(world.received().length, 0);
      await world.notifier.send(notice, call("case-1/3"));
      assert.equal(world.received().length, 1);
    });
  }

  fact("an address that does not exist is refused for good, with advice", async (world) => {
    const error = await failure(world.notifier.send(noticeTo(world.nobody), call("case-1/3")));
    assertError(error, "connector/rejected", "never");
    assert.ok(error.help !== undefined);
  });

  fact("credentials that the channel does not know are not retried", async (world) => {
    const error = await failure(world.stranger.send(noticeTo(world.address), call("case-1/3")));
    assertError(error, "connector/unauthorised", "never");
    assert.equal(world.received().length, 0);
  });

  fact("a call whose deadline has passed never leaves", async (world) => {
    const late = { ...call("case-1/3"), signal: AbortSignal.abort() };
    const error = await failure(world.notifier.send(noticeTo(world.address), late));
    assertError(error, "connector/unavailable", "later");
    assert.equal(world.received().length, 0);
  });
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
