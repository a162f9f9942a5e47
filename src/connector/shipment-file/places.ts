/**
 * Where a PIN code lies: settled by what the rows say of it, once all rows are read.
 *
 * A code's state is the one that most of its rows name, used or not, so that one customer's slip of
 * the pen moves no geography. A district is the codes that share a prefix AND a state: a prefix that
 * runs over a border (160 is Chandigarh and parts of Punjab) becomes two districts, and so every sum
 * of districts is a true sum of a state. The prefix's main state keeps the plain id `IN-D-160`.
 */
import type { Subject } from "../../core/port/types.ts";
import { add } from "./count.ts";
import { slugOf } from "./fold-text.ts";
import type { Mapping } from "./types.ts";

/** How many rows of one postal code name each state and each city. */
export type CodeVotes = {
  readonly states: Map<string, number>;
  readonly cities: Map<string, number>;
};

/** A subject and what lies above it, coarsest first. */
export type Place = { readonly subject: Subject; readonly above: ReadonlyArray<Subject> };

/** From `P560001`, `SKarnataka` or `N` to the subject and what lies above it, nation first. */
export function settlePlaces(
  mapping: Mapping,
  votes: ReadonlyMap<string, CodeVotes>,
): (key: string) => Place {
  const { code: country, name: countryName } = mapping.country;
  const prefixOf = (code: string): string => code.slice(0, mapping.postalCode.districtPrefix);
  const nation: Subject = {
    id: country,
    kind: "geography",
    level: "nation",
    name: countryName,
    parent: null,
  };
  const prefixVotes = new Map<string, Map<string, number>>();
  for (const [code, { states }] of votes) {
    const prefix = prefixOf(code);
    let sum = prefixVotes.get(prefix);
    if (sum === undefined) prefixVotes.set(prefix, (sum = new Map()));
    const modal = mostNamed(states);
    if (modal === undefined) continue;
    // A code votes as one, with the weight of its rows.
    let rows = 0;
    for (const count of states.values()) rows += count;
    add(sum, modal, rows);
  }
  const stateOfPrefix = new Map<string, string | undefined>();
  for (const [prefix, sum] of prefixVotes) stateOfPrefix.set(prefix, mostNamed(sum));

  const statePlace = (state: string): Place => ({
    subject: {
      id: `${country}-S-${slugOf(state)}`,
      kind: "geography",
      level: "state",
      name: state,
      parent: nation.id,
    },
    above: [nation],
  });

  const codePlace = (code: string): Place => {
    const vote = votes.get(code);
    const prefix = prefixOf(code);
    const prefixState = stateOfPrefix.get(prefix);
    const state = (vote === undefined ? undefined : mostNamed(vote.states)) ?? prefixState;
    const above = state === undefined ? { subject: nation, above: [] } : statePlace(state);
    const isSplitOff = state !== prefixState && state !== undefined;
    const range = `PIN ${prefix}${"x".repeat(Math.max(0, code.length - prefix.length))}`;
    const district: Subject = {
      id: `${country}-D-${prefix}${isSplitOff ? `-${slugOf(state)}` : ""}`,
      kind: "geography",
      level: "district",
      name: state === undefined ? range : `${range}, ${state}`,
      parent: above.subject.id,
    };
    const city = vote === undefined ? undefined : mostNamed(vote.cities);
    const subject: Subject = {
      id: `${country}-${code}`,
      kind: "geography",
      level: "pincode",
      name: [city === undefined ? code : `${code} ${city}`, state]
        .filter((part) => part !== undefined)
        .join(", "),
      parent: district.id,
    };
    return { subject, above: [...above.above, above.subject, district] };
  };

  const settled = new Map<string, Place>();
  return (key) => {
    let place = settled.get(key);
    if (place !== undefined) return place;
    const name = key.slice(1);
    if (key.startsWith("P")) place = codePlace(name);
    else place = key.startsWith("S") ? statePlace(name) : { subject: nation, above: [] };
    settled.set(key, place);
    return place;
  };
}

/** Highest count; of equals the first by name, so that the order of rows does not matter. */
function mostNamed(counts: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [name, count] of counts) {
    if (count < most || (count === most && best !== undefined && name > best)) continue;
    [best, most] = [name, count];
  }
  return best;
}
