/**
 * Introduces receiving agents elsewhere to the engine. The wiring is made before the engine and its
 * store are open, so an end is made first and attached after.
 */
import { createRemoteReceiver, type RemoteReceiver } from "../agent/remote/receiver.ts";
import { createGuardedFetch } from "../connector/outgoing/guarded-fetch.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoopWiring } from "../engine/wiring.ts";
import { assert } from "../std/assert.ts";
import { findAgent } from "../store/table/agent.ts";

/** A question is given up a little before the engine's own deadline, so that its reason is told. */
const SHARE_OF_DEADLINE = 0.9;

export type RemoteEnd = {
  readonly receiver: RemoteReceiver;
  /** Lets go of the connections to agents. */
  close(): Promise<void>;
  /** Called once the engine is open, before anything is asked. */
  attach(engine: Engine): void;
};

export function createRemoteEnd(
  loop: string,
  department: string,
  resourceOf: LoopWiring["resourceOf"],
  /** Networks inside the company in which agents may be called, as CIDR. */
  networks: ReadonlyArray<string> = [],
): RemoteEnd {
  const outgoing = createGuardedFetch(networks);
  let attached: Engine | undefined;
  const engine = (): Engine => {
    assert(attached, "a remote end is attached to its engine before it is asked");
    return attached;
  };
  return {
    receiver: createRemoteReceiver({
      loop,
      department,
      resourceOf,
      post: outgoing.fetch,
      async findAgent() {
        const row = await findAgent(engine().context.driver, loop, "receiver");
        return row === undefined || row.route === "in-process" ? undefined : row;
      },
      leave({ id, dueAt, request }, waitMs) {
        const question = { id, loop, body: { request }, due_at: dueAt };
        return engine().desk.ask(question, waitMs);
      },
      waitMs: () => engine().context.limits.callMs * SHARE_OF_DEADLINE,
    }),
    attach(to) {
      attached = to;
    },
    close: () => outgoing.close(),
  };
}
