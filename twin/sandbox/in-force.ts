/**
 * What stood on a day, from the history of changes: a short list of "from this day on" per subject.
 *
 * A change made on day d works from day d+1. Days are answered from the newest note backwards, which
 * is one or two steps; a subject that was never touched costs one look into a map. History is read
 * from changes in the order in which they were accepted.
 */
import { addDays, type Day } from "../../src/std/time.ts";
import type { AdsState } from "./ads-state.ts";
import type { ShopState } from "./storefront.ts";
import type { InForce } from "./types.ts";

const NOTHING: ReadonlyArray<InForce> = [];

type Note = { readonly from: Day; readonly interventions: ReadonlyArray<InForce> };

export type History = {
  /** Notes what stands for `subject` after a change that was made on `day`. */
  record(subject: string, day: Day, standing: ReadonlyArray<Omit<InForce, "since">>): void;
  inForce(subject: string, day: Day): ReadonlyArray<InForce>;
};

export function createHistory(): History {
  const notes = new Map<string, Note[]>();

  return {
    record(subject, day, standing) {
      const from = addDays(day, 1);
      const list = notes.get(subject) ?? [];
      const last = list.at(-1);
      // Two changes on one day: the later one is what the next day sees.
      if (last?.from === from) list.pop();
      const previous = list.at(-1)?.interventions ?? NOTHING;
      const interventions = standing.map((now) => {
        const same = previous.find(
          (was) =>
            was.option === now.option &&
            JSON.stringify(was.parameters) === JSON.stringify(now.parameters),
        );
        return { ...now, since: same?.since ?? from };
      });
      list.push({ from, interventions });
      notes.set(subject, list);
    },

    inForce(subject, day) {
      const list = notes.get(subject);
      if (list === undefined) return NOTHING;
      for (let i = list.length - 1; i >= 0; i--) {
        const note = list[i];
        if (note !== undefined && note.from <= day) return note.interventions;
      }
      return NOTHING;
    },
  };
}

/**
 * What the campaigns' criteria for one place amount to.
 *
 * All main campaigns excluded: `exclude_geo` with the share that the probe campaign leaves. Bids lower
 * on average over the main campaigns (an excluded one counts as 0): `lower_bid` with that average.
 */
export function adsStanding(
  state: AdsState,
  geo: string,
  probeShareAtModifierOne: number,
): ReadonlyArray<Omit<InForce, "since">> {
  const criteria = state.ofGeo(geo);
  if (criteria.size === 0) return NOTHING;
  const modifierOf = (campaign: string): number => {
    const criterion = criteria.get(campaign);
    return criterion?.negative === true ? 0 : (criterion?.bidModifier ?? 1);
  };
  const main: number[] = [];
  let probeShare = 0;
  for (const { id, probe } of state.campaigns.values()) {
    if (probe === true) probeShare += probeShareAtModifierOne * modifierOf(id);
    else main.push(modifierOf(id));
  }
  const bidModifier = round(main.reduce((sum, modifier) => sum + modifier, 0) / main.length);
  if (bidModifier === 0) {
    return [{ option: "exclude_geo", parameters: { probeShare: round(probeShare) } }];
  }
  if (bidModifier < 1) return [{ option: "lower_bid", parameters: { bidModifier } }];
  return NOTHING;
}

export function shopStanding(
  state: ShopState,
  subject: string,
): ReadonlyArray<Omit<InForce, "since">> {
  const cod = state.rules.get(subject)?.rule["cod"];
  if (cod === "off") return [{ option: "prepaid_only", parameters: {} }];
  if (cod === "confirm") return [{ option: "confirm_orders", parameters: {} }];
  return NOTHING;
}

/** Modifiers are kept to a few digits; a sum of them must not show more. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
