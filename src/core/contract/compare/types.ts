/** What a comparison of two versions of a contract says. */
import type { Json } from "../../../std/canonical-json.ts";

/** Is all that one version allows allowed by the other? `unknown`: it cannot be shown. */
export type Held = "yes" | "no" | "unknown";

/**
 * Where the change is heard. `signal`: said by the sender, read by the receiver. `reply`: said by the
 * receiver, read by the sender's side, the charter and the connectors. `meaning`: the same words stand
 * for something else, which no validator can see. `words`: for readers only.
 */
export type Channel = "signal" | "reply" | "meaning" | "words";

export type Party = "sender" | "receiver" | "both";

export type Change = {
  /** JSON Pointer into the contract. */
  readonly path: string;
  readonly kind: string;
  readonly channel: Channel;
  readonly before: Json;
  readonly after: Json;
  /** `backward`: the receiver may move first. `forward`: the sender may. */
  readonly effect: { readonly backward: Held; readonly forward: Held };
  /** Who must move first because of it; null when nobody must. */
  readonly party: Party | null;
  readonly words: string;
  readonly counterExample?: CounterExample;
};

/** Values that one version takes and the other refuses, as the validator says. */
export type CounterExample = {
  /** What the values are: the payload, an option's parameters, a subject, ... */
  readonly of: string;
  /** Where in it to look; `*` is any item or further field. */
  readonly place: ReadonlyArray<string>;
  readonly oldRefusedByNew?: Json;
  readonly newRefusedByOld?: Json;
};

export type Verdict = "full" | "backward" | "forward" | "breaking";
export type Bump = "none" | "patch" | "minor" | "major";

export type PartyOrder = {
  /** False: it may stay on the old version and everything still works. */
  readonly mustChange: boolean;
  readonly order: "first" | "second" | "any" | "together";
  readonly why: ReadonlyArray<string>;
};

export type Comparison = {
  readonly contract: string;
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  /** The least step of the version that the changes call for. */
  readonly bump: Bump;
  readonly declared: { readonly bump: Bump | "backwards"; readonly enough: boolean };
  /** One sentence. */
  readonly words: string;
  readonly changes: ReadonlyArray<Change>;
  readonly parties: { readonly sender: PartyOrder; readonly receiver: PartyOrder };
};
