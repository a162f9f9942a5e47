/**
 * Patterns as machines: from the regular expressions that a contract may use to automata that can be
 * asked together whether some text matches these and not those.
 *
 * The dialect (see `pattern.ts`) has no look-around and no back-references, so every pattern is a
 * regular language in the mathematician's sense and the question has an exact answer. Built after
 * Thompson (1968): states with free steps, counted repetition by copies. As `RegExp.test`, a machine
 * looks for a match anywhere in the text. Characters are Unicode code points without surrogates.
 *
 * Left out, with a refusal: word boundaries, look-around, back-references, case folding.
 */
export type Range = readonly [from: number, to: number];
export type Ranges = ReadonlyArray<Range>;

type Step = { readonly on: Ranges; readonly to: number };
type FreeStep = { readonly to: number; readonly only?: "at-start" | "at-end" };
type State = { readonly steps: Step[]; readonly free: FreeStep[] };

export type Machine = {
  readonly states: ReadonlyArray<State>;
  readonly start: number;
  readonly end: number;
};

/** States of one machine; a pattern that needs more is refused. */
const STATES_MAX = 20_000;
const LAST = 0x10ffff;
/** Everything but surrogates, which no valid text holds. */
export const ANY: Ranges = [
  [0, 0xd7ff],
  [0xe000, LAST],
];

export class NotRegular extends Error {}

/** Throws `NotRegular` for what is left out. The pattern is known to compile with the flag `u`. */
export function patternToMachine(pattern: string): Machine {
  return new Builder(pattern).build();
}

/** Exactly these texts. */
export function textsToMachine(texts: ReadonlyArray<string>): Machine {
  const states: State[] = [newState(), newState()];
  for (const text of texts) {
    let at = 0;
    for (const character of text) {
      const code = character.codePointAt(0) as number;
      states.push(newState());
      states[at]?.steps.push({ on: [[code, code]], to: states.length - 1 });
      at = states.length - 1;
    }
    states[at]?.free.push({ to: 1, only: "at-end" });
  }
  return { states, start: 0, end: 1 };
}

function newState(): State {
  return { steps: [], free: [] };
}

type Piece = { readonly from: number; readonly to: number };

class Builder {
  readonly #pattern: string;
  readonly #states: State[] = [];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  build(): Machine {
    const start = this.#add();
    const end = this.#add();
    const body = this.#alternatives();
    this.#step(start, start, ANY);
    this.#free(start, body.from);
    this.#free(body.to, end);
    this.#step(end, end, ANY);
    return { states: this.#states, start, end };
  }

  #alternatives(): Piece {
    const pieces = [this.#sequence()];
    while (this.#peek() === "|") {
      this.#at += 1;
      pieces.push(this.#sequence());
    }
    if (pieces.length === 1) return pieces[0] as Piece;
    const whole = { from: this.#add(), to: this.#add() };
    for (const piece of pieces) {
      this.#free(whole.from, piece.from);
      this.#free(piece.to, whole.to);
    }
    return whole;
  }

  #sequence(): Piece {
    const from = this.#add();
    let to = from;
    while (this.#at < this.#pattern.length && this.#peek() !== "|" && this.#peek() !== ")") {
      const piece = this.#quantified();
      this.#free(to, piece.from);
      to = piece.to;
    }
    return { from, to };
  }

  /** An atom is read again for every copy of it, which needs no copying of states. */
  #quantified(): Piece {
    const begin = this.#at;
    let piece = this.#atom();
    const after = this.#at;
    const match = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(this.#pattern.slice(after));
    if (match === null) return piece;
    const done = after + match[0].length;
    const { least, most } = readCounts(match);

    const whole = { from: this.#add(), to: this.#add() };
    let at = whole.from;
    const copies = Number.isFinite(most) ? most : Math.max(least, 1);
    for (let i = 0; i < copies; i++) {
      if (i > 0) {
        this.#at = begin;
        piece = this.#atom();
      }
      if (i >= least) this.#free(at, whole.to);
      this.#free(at, piece.from);
      if (most === Infinity && i === copies - 1) this.#free(piece.to, piece.from);
      at = piece.to;
    }
    this.#free(at, whole.to);
    this.#at = done;
    return whole;
  }

  #atom(): Piece {
    const c = this.#take();
    if (c === "^") return this.#assertion("at-start");
    if (c === "$") return this.#assertion("at-end");
    if (c === "(") {
      if (this.#peek() === "?") {
        if (this.#pattern.slice(this.#at, this.#at + 2) !== "?:") {
          throw new NotRegular("look-around is not a regular language");
        }
        this.#at += 2;
      }
      const inner = this.#alternatives();
      this.#at += 1;
      return inner;
    }
    if (c === ".") return this.#character(negate(LINE_ENDS));
    if (c === "[") return this.#character(this.#class());
    if (c === "\\") return this.#character(this.#escape(false));
    return this.#character(single(c));
  }

  #class(): Ranges {
    const negated = this.#peek() === "^";
    if (negated) this.#at += 1;
    const ranges: Range[] = [];
    while (this.#peek() !== "]") {
      const low = this.#classAtom();
      const isRange = this.#peek() === "-" && this.#pattern[this.#at + 1] !== "]";
      if (isRange && low.length === 1 && low[0]?.[0] === low[0]?.[1]) {
        this.#at += 1;
        const high = this.#classAtom();
        ranges.push([low[0]?.[0] ?? 0, high[0]?.[1] ?? 0]);
      } else ranges.push(...low);
    }
    this.#at += 1;
    const all = unite(ranges);
    return negated ? negate(all) : all;
  }

  #classAtom(): Ranges {
    const c = this.#take();
    return c === "\\" ? this.#escape(true) : single(c);
  }

  #escape(inClass: boolean): Ranges {
    const c = this.#take();
    if (c === "b" && inClass) return single("\b");
    if (c === "b" || c === "B") throw new NotRegular("word boundaries are not compared");
    if (/[1-9k]/.test(c)) throw new NotRegular("back-references are not a regular language");
    const named = NAMED.get(c.toLowerCase());
    if (named !== undefined) return c === c.toLowerCase() ? named : negate(named);
    const control = CONTROLS.get(c);
    if (control !== undefined) return [[control, control]];
    if (c === "c") return code(this.#take().charCodeAt(0) % 32);
    if (c === "x") return code(this.#hex(2));
    if (c === "p" || c === "P") return this.#property(c === "P");
    if (c === "u") return code(this.#unicode());
    return single(c);
  }

  #unicode(): number {
    if (this.#peek() === "{") {
      const close = this.#pattern.indexOf("}", this.#at);
      const value = parseInt(this.#pattern.slice(this.#at + 1, close), 16);
      this.#at = close + 1;
      return value;
    }
    const high = this.#hex(4);
    const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(this.#pattern.slice(this.#at))?.[1];
    if (high < 0xd800 || high > 0xdbff || low === undefined) return high;
    this.#at += 6;
    return 0x10000 + (high - 0xd800) * 0x400 + (parseInt(low, 16) - 0xdc00);
  }

  #property(negated: boolean): Ranges {
    const close = this.#pattern.indexOf("}", this.#at);
    const text = `\\p${this.#pattern.slice(this.#at, close + 1)}`;
    this.#at = close + 1;
    const ranges = propertyRanges(text);
    return negated ? negate(ranges) : ranges;
  }

  #hex(digits: number): number {
    const value = parseInt(this.#pattern.slice(this.#at, this.#at + digits), 16);
    this.#at += digits;
    return value;
  }

  #character(on: Ranges): Piece {
    const piece = { from: this.#add(), to: this.#add() };
    this.#step(piece.from, piece.to, on);
    return piece;
  }

  #assertion(only: "at-start" | "at-end"): Piece {
    const piece = { from: this.#add(), to: this.#add() };
    this.#states[piece.from]?.free.push({ to: piece.to, only });
    return piece;
  }

  #add(): number {
    if (this.#states.length >= STATES_MAX) throw new NotRegular("the pattern is too large");
    return this.#states.push(newState()) - 1;
  }

  #free(from: number, to: number): void {
    this.#states[from]?.free.push({ to });
  }

  #step(from: number, to: number, on: Ranges): void {
    this.#states[from]?.steps.push({ on, to });
  }

  #peek(): string | undefined {
    return this.#pattern[this.#at];
  }

  /** One code point. */
  #take(): string {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    return character;
  }
}

function readCounts([, sign, few, comma, many]: RegExpExecArray): { least: number; most: number } {
  if (sign === "*") return { least: 0, most: Infinity };
  if (sign === "+") return { least: 1, most: Infinity };
  if (sign === "?") return { least: 0, most: 1 };
  const least = Number(few);
  if (comma === "") return { least, most: least };
  return { least, most: many === "" ? Infinity : Number(many) };
}

const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const CONTROLS = new Map([
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
  ["0", 0],
]);
const DIGITS: Ranges = [[0x30, 0x39]];
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const NAMED = new Map([
  ["d", DIGITS],
  ["w", WORD],
  ["s", SPACE],
]);

function single(character: string): Ranges {
  return code(character.codePointAt(0) ?? 0);
}

function code(point: number): Ranges {
  return [[point, point]];
}

/** Sorted, without overlaps. */
export function unite(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const united: Array<[number, number]> = [];
  for (const [from, to] of sorted) {
    const last = united.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else united.push([from, to]);
  }
  return united;
}

export function negate(ranges: Ranges): Ranges {
  const gaps: Range[] = [];
  let next = 0;
  for (const [from, to] of unite([...ranges, [0xd800, 0xdfff]])) {
    if (from > next) gaps.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) gaps.push([next, LAST]);
  return gaps;
}

const properties = new Map<string, Ranges>();

/** A Unicode property by asking the engine about every code point; some tens of milliseconds, once. */
function propertyRanges(text: string): Ranges {
  let ranges = properties.get(text);
  if (ranges === undefined) {
    const test = new RegExp(`^${text}$`, "u");
    const found: Array<[number, number]> = [];
    for (let point = 0; point <= LAST; point++) {
      if (point === 0xd800) point = 0xe000;
      if (!test.test(String.fromCodePoint(point))) continue;
      const last = found.at(-1);
      if (last !== undefined && last[1] === point - 1) last[1] = point;
      else found.push([point, point]);
    }
    ranges = found;
    properties.set(text, ranges);
  }
  return ranges;
}
