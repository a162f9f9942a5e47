/**
 * Is there a text of this length that matches these patterns and formats and not those?
 *
 * All machines read the same text side by side; a breadth-first walk over where they can be gives the
 * shortest text, or the proof that there is none. Characters that no machine tells apart count as one.
 *
 * A format is more than a pattern (February has 28 days or 29), so it is held between two of them: an
 * outer one that every text of the format matches, and an inner one whose every match is of the format.
 * A text is looked for with the inner one, a proof of absence uses the outer one.
 */
import { type Answer, found, NONE, unknown } from "./answer.ts";
import type { StringKeyword } from "./keyword.ts";
import {
  ANY,
  type Machine,
  NotRegular,
  patternToMachine,
  type Ranges,
  textsToMachine,
} from "./language.ts";

export type SignedStringKeyword = { readonly keyword: StringKeyword; readonly holds: boolean };

/** Places of the walk that are looked at before it is given up. */
const PLACES_MAX = 30_000;
/** Places that one walk may pass on a machine of many states: work, not only memory. */
const WORK_MAX = 6_000_000;

/** What every text of the format matches, and what only texts of the format match. */
type Bounds = { readonly outer: string; readonly inner: string };

const DAY = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])";
const HEX = "[0-9a-f]";
const ANY_HEX = "[0-9a-fA-F]";
const FORMAT_BOUNDS: Readonly<Record<string, Bounds>> = {
  date: { outer: "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$", inner: `^${DAY}$` },
  "date-time": {
    outer:
      "^[0-9]{4}-[0-9]{2}-[0-9]{2}[tT\\s][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?" +
      "(?:[zZ]|[+\\-][0-9]{2}(?::?[0-9]{2})?)$",
    inner:
      `^${DAY}[tT](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?` +
      "(?:[zZ]|[+\\-](?:0[0-9]|1[0-2]):[0-5][0-9])$",
  },
  email: { outer: "^[!-~]+@[!-~]+\\.[!-~]+$", inner: "^[a-z0-9]+@[a-z0-9]+(?:\\.[a-z]+)+$" },
  uri: { outer: "^[A-Za-z][A-Za-z0-9+\\-.]*:[!-~]*$", inner: "^https?://[a-z0-9]+\\.[a-z]+$" },
  uuid: {
    outer: `^(?:[uU][rR][nN]:[uU][uU][iI][dD]:)?${ANY_HEX}{8}-(?:${ANY_HEX}{4}-){3}${ANY_HEX}{12}$`,
    inner: `^${HEX}{8}-(?:${HEX}{4}-){3}${HEX}{12}$`,
  },
};

type Reader = { readonly machine: Machine; readonly matches: boolean };

export function findText(
  constraints: ReadonlyArray<SignedStringKeyword>,
  excluded: ReadonlyArray<string>,
  isValid: (text: string) => boolean,
): Answer {
  let least = 0;
  let most = Infinity;
  /** Readers for looking, and for proving. */
  const look: Reader[] = [];
  const prove: Reader[] = [];
  let exact = true;
  for (const { keyword, holds } of constraints) {
    switch (keyword.k) {
      case "minLength":
        if (holds) least = Math.max(least, keyword.limit);
        else most = Math.min(most, keyword.limit - 1);
        break;
      case "maxLength":
        if (holds) most = Math.min(most, keyword.limit);
        else least = Math.max(least, keyword.limit + 1);
        break;
      case "pattern": {
        const machine = readPattern(keyword.source);
        if (machine === undefined) exact = false;
        else {
          look.push({ machine, matches: holds });
          prove.push({ machine, matches: holds });
        }
        break;
      }
      case "format": {
        const bounds = FORMAT_BOUNDS[keyword.name];
        exact = false;
        if (bounds === undefined) break;
        const [seen, proof] = holds ? [bounds.inner, bounds.outer] : [bounds.outer, bounds.inner];
        look.push({ machine: patternToMachine(seen), matches: holds });
        prove.push({ machine: patternToMachine(proof), matches: holds });
        break;
      }
    }
  }
  if (least > most || contradicts(constraints)) return NONE;
  if (excluded.length > 0) {
    const reader = { machine: textsToMachine(excluded), matches: false };
    look.push(reader);
    prove.push(reader);
  }
  try {
    const text = walk(look, least, most);
    if (text !== undefined && isValid(text)) return found(text);
    const outer = exact ? text : walk(prove, least, most);
    if (outer === undefined) return NONE;
    if (isValid(outer)) return found(outer);
  } catch (thrown) {
    if (!(thrown instanceof TooMuch)) throw thrown;
    return unknown("its patterns are too large to be compared");
  }
  return unknown("texts of a format, or of a pattern outside the common dialect, are not compared");
}

/** The same pattern or format asked for and ruled out, however large it is. */
function contradicts(constraints: ReadonlyArray<SignedStringKeyword>): boolean {
  const keyOf = ({ keyword }: SignedStringKeyword): string => JSON.stringify(keyword);
  const held = new Set(constraints.filter(({ holds }) => holds).map(keyOf));
  return constraints.some((constraint) => !constraint.holds && held.has(keyOf(constraint)));
}

const machines = new Map<string, Machine | undefined>();
const MACHINES_KEPT_MAX = 500;

function readPattern(source: string): Machine | undefined {
  if (machines.has(source)) return machines.get(source);
  if (machines.size >= MACHINES_KEPT_MAX) machines.clear();
  let machine: Machine | undefined;
  try {
    machine = patternToMachine(source);
  } catch (thrown) {
    if (!(thrown instanceof NotRegular)) throw thrown;
  }
  machines.set(source, machine);
  return machine;
}

class TooMuch extends Error {}

type Place = {
  readonly sets: ReadonlyArray<ReadonlyArray<number>>;
  readonly length: number;
  readonly before: Place | undefined;
  readonly by: number;
};

/** The shortest text within the lengths that each reader matches, or does not, as it should. */
function walk(readers: ReadonlyArray<Reader>, least: number, most: number): string | undefined {
  const letters = representatives(readers);
  let work = 0;
  const free = (machine: Machine, from: Iterable<number>, start: boolean, end: boolean) => {
    const reached = new Set(from);
    for (const state of reached) {
      work += 1;
      for (const { to, only } of machine.states[state]?.free ?? []) {
        if (only === undefined || (only === "at-start" ? start : end)) reached.add(to);
      }
    }
    return reached;
  };
  const accepts = ({ sets, length }: Place): boolean =>
    length >= least &&
    readers.every(({ machine, matches }, i) => {
      const reached = free(machine, sets[i] ?? [], length === 0, true);
      return reached.has(machine.end) === matches;
    });
  /** Past `least`, only the shortest way to a place matters. */
  const keyOf = ({ sets, length }: Place): string =>
    `${Math.min(length, least)}|${sets.map((set) => set.join(",")).join("|")}`;
  const settle = (machine: Machine, from: Iterable<number>, start: boolean): number[] => {
    const reached = free(machine, from, start, false);
    // A match cannot be lost again, whatever follows.
    return reached.has(machine.end) ? [machine.end] : [...reached].sort((a, b) => a - b);
  };

  const first: Place = {
    sets: readers.map(({ machine }) => settle(machine, [machine.start], true)),
    length: 0,
    before: undefined,
    by: 0,
  };
  const seen = new Set([keyOf(first)]);
  const queue = [first];
  for (let head = 0; head < queue.length; head++) {
    const place = queue[head] as Place;
    if (accepts(place)) return spell(place);
    if (place.length >= most) continue;
    for (const letter of letters) {
      const sets = readers.map(({ machine }, i) => {
        const next = new Set<number>();
        for (const state of place.sets[i] ?? []) {
          for (const { on, to } of machine.states[state]?.steps ?? []) {
            work += 1;
            if (!next.has(to) && includes(on, letter)) next.add(to);
          }
        }
        return settle(machine, next, false);
      });
      if (sets.some((set, i) => set.length === 0 && readers[i]?.matches === true)) continue;
      if (work > WORK_MAX) throw new TooMuch();
      const next: Place = { sets, length: place.length + 1, before: place, by: letter };
      const key = keyOf(next);
      if (seen.has(key)) continue;
      if (seen.size >= PLACES_MAX) throw new TooMuch();
      seen.add(key);
      queue.push(next);
    }
  }
  return undefined;
}

function spell(place: Place): string {
  const codes: number[] = [];
  for (let at: Place | undefined = place; at?.before !== undefined; at = at.before) {
    codes.push(at.by);
  }
  return codes
    .reverse()
    .map((point) => String.fromCodePoint(point))
    .join("");
}

function includes(ranges: Ranges, point: number): boolean {
  for (const [from, to] of ranges) if (point >= from && point <= to) return true;
  return false;
}

/** Characters people like to read first: of each kind that the machines tell apart, one is chosen. */
const LIKED = [..."axbZA05-_.@/: "].map((character) => character.codePointAt(0) ?? 0);

function representatives(readers: ReadonlyArray<Reader>): ReadonlyArray<number> {
  const distinct = new Set<Ranges>();
  for (const { machine } of readers) {
    for (const { steps } of machine.states) for (const { on } of steps) distinct.add(on);
  }
  const sets = [
    ...new Map([...distinct].map((ranges) => [JSON.stringify(ranges), ranges])).values(),
  ];
  const cuts = new Set([...ANY.map(([from]) => from), ...LIKED]);
  for (const ranges of sets) {
    for (const [from, to] of ranges) {
      cuts.add(from);
      cuts.add(to + 1);
    }
  }
  const points = [...cuts].filter((point) => includes(ANY, point));
  const rank = (point: number): number => {
    const liked = LIKED.indexOf(point);
    if (liked >= 0) return liked;
    return point >= 0x21 && point <= 0x7e ? 100 + point : 1_000 + point;
  };
  points.sort((a, b) => rank(a) - rank(b));
  const bySignature = new Map<string, number>();
  for (const point of points) {
    const signature = sets.map((ranges) => (includes(ranges, point) ? "1" : "0")).join("");
    if (!bySignature.has(signature)) bySignature.set(signature, point);
  }
  return [...bySignature.values()];
}
