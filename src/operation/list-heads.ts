import type { Envelope } from "../core/sign/envelope.ts";
import type { Hash } from "../std/hash.ts";
import type { WitnessState } from "../engine/heads.ts";
import { listHeads } from "../store/table/signed-head.ts";
import { inputSchema, type Operation } from "./operation.ts";

const HEADS_MAX = 1_000;

export type HeadLine = {
  readonly id: number;
  readonly size: number;
  readonly root: Hash;
  readonly envelope: Envelope;
  readonly key: string;
};

export type HeadPage = {
  /** The key that signs now: `ssh-ed25519 AAAA...`. */
  readonly key: string;
  readonly heads: ReadonlyArray<HeadLine>;
  /** What each witness said when it was last asked by the process that answers. */
  readonly witnesses: ReadonlyArray<WitnessState>;
};

export const ledgerHeads: Operation<
  { readonly after?: number; readonly limit?: number },
  HeadPage
> = {
  name: "ledger.heads",
  summary: "The ledger's signed heads in their order, the key that signs, and what witnesses say.",
  access: "viewer",
  errors: ["ledger/no-key"],
  input: inputSchema(
    {
      after: { type: "integer", minimum: 0, description: "begin after the head with this id" },
      limit: { type: "integer", minimum: 1, maximum: HEADS_MAX, description: "at most so many" },
    },
    ["after", "limit"],
  ),
  async handler({ engine }, { after = 0, limit = HEADS_MAX }) {
    const heads = await listHeads(engine.context.driver, after, limit);
    return { key: engine.heads.key, heads, witnesses: engine.heads.states };
  },
};
