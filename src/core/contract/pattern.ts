/**
 * Which regular expressions a contract may use: those that cannot be made to run for ever.
 *
 * A backtracking engine takes exponential time on nested repetition (`(a+)+`) and polynomial time on
 * repetitions side by side (`a*a*`). Rather than guess which patterns are harmless, a small dialect is
 * allowed in which the worst case can be read off: literals, classes, groups, alternatives,
 * quantifiers; no look-around, no back-references; a group that repeats holds only fixed text; the
 * repetitions that one match can pass through, with one more for a missing `^`, are at most two; and
 * the ways to choose among alternatives and optional parts are few.
 * For a text of n characters the work is then at most n squared times the number of those ways.
 */

/** Repetitions that one match may pass through. */
export const PATTERN_REPETITIONS_MAX = 2;
/** Ways to choose among alternatives and optional parts: `(a|b)c?` has 2 times 2. */
export const PATTERN_CHOICES_MAX = 64;
/** `{n,m}` counts as a repetition when it may vary by more than this. */
const SMALL_SPREAD = 8;
const PATTERN_LENGTH_MAX = 500;
/** Copies of one atom, `{n}`: more only makes programs slow to compile. */
const COPIES_MAX = 500;
const GROUP_DEPTH_MAX = 16;

/** Why `pattern` may not be used, or undefined when it may. */
export function findPatternMistake(pattern: string): string | undefined {
  if (pattern.length > PATTERN_LENGTH_MAX) {
    return `it has more than ${PATTERN_LENGTH_MAX} characters`;
  }
  try {
    new RegExp(pattern, "u");
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return `it is not a regular expression: ${message.slice(message.lastIndexOf(":") + 2)}`;
  }
  const reader = new Reader(pattern);
  try {
    const { repetitions, choices } = reader.readAlternatives(0);
    if (choices > PATTERN_CHOICES_MAX) {
      return "its alternatives and optional parts combine in too many ways";
    }
    const total = repetitions + (isAnchored(pattern) || repetitions === 0 ? 0 : 1);
    if (total <= PATTERN_REPETITIONS_MAX) return undefined;
    return `it has ${repetitions} repetitions in a row, which can take very long`;
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.message;
    throw thrown;
  }
}

/** True when a match must be the whole text: `^...$` and no alternative outside a group. */
export function isWholeTextPattern(pattern: string): boolean {
  return isAnchored(pattern) && pattern.endsWith("$") && !pattern.endsWith("\\$");
}

function isAnchored(pattern: string): boolean {
  if (!pattern.startsWith("^")) return false;
  let depth = 0;
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === "\\") i += 1;
    else if (inClass) inClass = c !== "]";
    else if (c === "[") inClass = true;
    else if (c === "(") depth += 1;
    else if (c === ")") depth -= 1;
    else if (c === "|" && depth === 0) return false;
  }
  return true;
}

class Refusal extends Error {}

type Cost = { readonly repetitions: number; readonly choices: number; readonly fixed: boolean };

/** Recursive descent over a pattern that is known to compile. */
class Reader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  readAlternatives(depth: number): Cost {
    if (depth > GROUP_DEPTH_MAX) throw new Refusal("its groups are nested too deeply");
    let cost = this.#readSequence(depth);
    while (this.#peek() === "|") {
      this.#at += 1;
      const other = this.#readSequence(depth);
      cost = {
        repetitions: Math.max(cost.repetitions, other.repetitions),
        choices: cost.choices + other.choices,
        fixed: false,
      };
    }
    return cost;
  }

  #readSequence(depth: number): Cost {
    let repetitions = 0;
    let choices = 1;
    let fixed = true;
    while (this.#at < this.#pattern.length && this.#peek() !== "|" && this.#peek() !== ")") {
      const atom = this.#readQuantified(depth);
      repetitions += atom.repetitions;
      choices *= atom.choices;
      fixed &&= atom.fixed;
    }
    return { repetitions, choices, fixed };
  }

  #readQuantified(depth: number): Cost {
    const atom = this.#readAtom(depth);
    const quantifier = this.#readQuantifier();
    if (quantifier === undefined) return atom;
    const { least, most } = quantifier;
    if (most > 1 && !atom.fixed) {
      throw new Refusal("a repeated group holds alternatives or another repetition");
    }
    if (Number.isFinite(most) && most > COPIES_MAX) {
      throw new Refusal(`it repeats something more than ${COPIES_MAX} times`);
    }
    if (least === most) return atom;
    if (most - least > SMALL_SPREAD) {
      return { ...atom, repetitions: atom.repetitions + 1, fixed: false };
    }
    return { ...atom, choices: atom.choices + (most - least), fixed: false };
  }

  #readAtom(depth: number): Cost {
    const c = this.#pattern[this.#at++];
    if (c === "[") this.#skipClass();
    else if (c === "\\") this.#skipEscape();
    else if (c === "(") return this.#readGroup(depth);
    return { repetitions: 0, choices: 1, fixed: true };
  }

  #readGroup(depth: number): Cost {
    if (this.#peek() === "?") {
      if (!this.#pattern.startsWith("?:", this.#at)) {
        throw new Refusal("look-around, named groups and flags are not allowed");
      }
      this.#at += 2;
    }
    const cost = this.readAlternatives(depth + 1);
    this.#at += 1;
    return cost;
  }

  #skipClass(): void {
    while (this.#peek() !== "]") this.#at += this.#peek() === "\\" ? 2 : 1;
    this.#at += 1;
  }

  #skipEscape(): void {
    const c = this.#pattern[this.#at++] ?? "";
    if (/[1-9k]/.test(c)) throw new Refusal("back-references are not allowed");
    // `\p{...}` and `\u{...}` carry braces that are not quantifiers.
    if (/[pPu]/.test(c) && this.#peek() === "{") {
      this.#at = this.#pattern.indexOf("}", this.#at) + 1;
    }
  }

  #readQuantifier(): { least: number; most: number } | undefined {
    const rest = this.#pattern.slice(this.#at);
    const match = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(rest);
    if (!match) return undefined;
    this.#at += match[0].length;
    const [, sign, from, comma, to] = match;
    if (sign === "*") return { least: 0, most: Infinity };
    if (sign === "+") return { least: 1, most: Infinity };
    if (sign === "?") return { least: 0, most: 1 };
    const least = Number(from);
    if (comma === "") return { least, most: least };
    return { least, most: to === "" ? Infinity : Number(to) };
  }

  #peek(): string | undefined {
    return this.#pattern[this.#at];
  }
}
