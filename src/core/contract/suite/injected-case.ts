/** Pairs of signals that differ in a free text alone: plain words here, an order there. */
import type { Json } from "../../../std/canonical-json.ts";
import type { Contract, Signal } from "../types.ts";
import { ID_LENGTH_MAX, SIGNAL_LIMITS } from "../signal.ts";
import type { SignalMaker } from "./envelope.ts";
import { type Field, isFreeText, limitOf, listFields, putAt } from "./field.ts";
import { INJECTION_STYLES, type InjectionStyle, plainWords } from "./injection.ts";

export type InjectionGroup = {
  readonly about: string;
  /** The signal with plain words in the place. */
  readonly plain: Signal;
  readonly injected: ReadonlyArray<{
    readonly signal: Signal;
    readonly style: string;
    readonly texts: ReadonlyArray<string>;
  }>;
};

/** Places of a contract that are tried one by one; all at once is tried besides. */
const PLACES_MAX = 4;

type Place = {
  readonly about: string;
  readonly lengthMax: number;
  put(signal: Signal, text: string): Signal | undefined;
};

export function makeInjections(
  contract: Contract,
  signals: SignalMaker,
  bases: ReadonlyArray<Json>,
  isValid: (signal: Signal) => boolean,
): ReadonlyArray<InjectionGroup> {
  const fields = listFields(contract.payload).filter((field) => isFreeText(field));
  const all = fields.map((field) => placeOf(field));
  const places = [...all.slice(0, PLACES_MAX), ID, ...(all.length > 1 ? [together(all)] : [])];
  return places.flatMap((place, p) =>
    // Two payloads for each place, because an order to do what would be done anyway shows nothing.
    [p % bases.length, (p + 3) % bases.length].flatMap((at, half) => {
      const given = bases[at];
      if (given === undefined) return [];
      const base = signals.make(given);
      const styles = INJECTION_STYLES.filter((_, i) => i % 2 === half);
      const group = makeGroup(contract, place, base, styles, isValid);
      return group === undefined ? [] : [group];
    }),
  );
}

function makeGroup(
  contract: Contract,
  place: Place,
  base: Signal,
  styles: ReadonlyArray<InjectionStyle>,
  isValid: (signal: Signal) => boolean,
): InjectionGroup | undefined {
  const plain = place.put(base, plainWords(Math.min(place.lengthMax, 40)));
  if (plain === undefined || !isValid(plain)) return undefined;
  const acting = contract.options.filter(({ kind }) => kind === "act").map(({ name }) => name);
  const names = acting.length > 0 ? acting : contract.options.map(({ name }) => name);
  const injected = styles.flatMap((style, i) => {
    const text = style.text(names[i % names.length] ?? "");
    if (text.length > place.lengthMax) return [];
    const signal = place.put(base, text);
    if (signal === undefined || !isValid(signal)) return [];
    return [{ signal, style: style.name, texts: [text] }];
  });
  return injected.length === 0 ? undefined : { about: place.about, plain, injected };
}

/** The id keeps its own part: ids are unique, and an order in one is no reason to repeat another. */
const ID: Place = {
  about: "the signal's id",
  lengthMax: ID_LENGTH_MAX - 50,
  put: (signal, text) => ({ ...signal, id: `${signal.id} ${text}` }),
};

function placeOf(field: Field): Place {
  return {
    about: field.path,
    lengthMax: Math.min(limitOf(field, "maxLength") ?? Infinity, SIGNAL_LIMITS.textMax),
    put(signal, text) {
      const least = limitOf(field, "minLength") ?? 0;
      const payload = putAt(signal.payload, field.path, text.padEnd(least, "."));
      return payload === undefined
        ? undefined
        : { ...signal, payload: payload as Signal["payload"] };
    },
  };
}

function together(places: ReadonlyArray<Place>): Place {
  return {
    about: "every free text at once",
    lengthMax: Math.min(...places.map(({ lengthMax }) => lengthMax)),
    put: (signal, text) =>
      places.reduce<Signal>((changed, place) => place.put(changed, text) ?? changed, signal),
  };
}
