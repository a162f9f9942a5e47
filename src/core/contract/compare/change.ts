/** One change, put the way in which it is reported: whom it concerns and what shows it. */
import type { Json } from "../../../std/canonical-json.ts";
import type { Inclusion } from "./include.ts";
import type { Directions } from "./judge.ts";
import type { Change, Channel, CounterExample, Held, Party } from "./types.ts";

export type ChangeDraft = {
  readonly path: string;
  readonly kind: string;
  readonly channel: Channel;
  readonly before: Json;
  readonly after: Json;
  readonly words: string;
  readonly counterExample?: CounterExample;
};

export type HeldDirections = { readonly oldInNew: Held; readonly newInOld: Held };

export const BOTH_HELD: HeldDirections = { oldInNew: "yes", newInOld: "yes" };
export const NONE_HELD: HeldDirections = { oldInNew: "no", newInOld: "no" };

/** Replies are read by the other party, so for them the two directions change places. */
export function toChange(draft: ChangeDraft, { oldInNew, newInOld }: HeldDirections): Change {
  const effect =
    draft.channel === "reply"
      ? { backward: newInOld, forward: oldInNew }
      : { backward: oldInNew, forward: newInOld };
  return {
    path: draft.path,
    kind: draft.kind,
    channel: draft.channel,
    before: draft.before,
    after: draft.after,
    effect,
    party: partyOf(effect),
    words: draft.words,
    ...(draft.counterExample === undefined ? {} : { counterExample: draft.counterExample }),
  };
}

function partyOf({ backward, forward }: Change["effect"]): Party | null {
  if (backward === "yes") return forward === "yes" ? null : "receiver";
  return forward === "yes" ? "sender" : "both";
}

/** Words for readers. */
export function reworded(path: string, what: string, before: string, after: string): Change[] {
  if (before === after) return [];
  const words = `${what} reworded`;
  return [toChange({ path, kind: "note", channel: "words", before, after, words }, BOTH_HELD)];
}

/** The same words, something else. */
export function meant(
  path: string,
  kind: string,
  before: Json,
  after: Json,
  words: string,
): Change {
  return toChange({ path, kind, channel: "meaning", before, after, words }, NONE_HELD);
}

export function heldOf({ oldInNew, newInOld }: Directions): HeldDirections {
  return { oldInNew: oldInNew.kind, newInOld: newInOld.kind };
}

export function exampleOf(
  of: string,
  directions: Directions,
  place: ReadonlyArray<string> = [],
): { counterExample?: CounterExample } {
  const value = (inclusion: Inclusion): Json | undefined =>
    inclusion.kind === "no" ? inclusion.counterExample : undefined;
  const [old, now] = [value(directions.oldInNew), value(directions.newInOld)];
  if (old === undefined && now === undefined) return {};
  return {
    counterExample: {
      of,
      place,
      ...(old === undefined ? {} : { oldRefusedByNew: old }),
      ...(now === undefined ? {} : { newRefusedByOld: now }),
    },
  };
}

/** Wider, narrower, other; and why not, where it cannot be shown. */
export function sayDirections({ oldInNew, newInOld }: Directions): string {
  const doubt = [oldInNew, newInOld].find((inclusion) => inclusion.kind === "unknown");
  if (doubt?.kind === "unknown") return `cannot be shown compatible: ${doubt.why}`;
  if (oldInNew.kind === "yes") {
    return newInOld.kind === "yes" ? "the same values as before" : "allows more than before";
  }
  return newInOld.kind === "yes" ? "allows less than before" : "allows other values than before";
}
