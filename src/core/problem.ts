/**
 * What a reader of a rejected document or signal gets: where, which kind of mistake, one sentence.
 *
 * Kinds are public like error codes: added and retired, never renamed. The part before the slash says
 * which document's promise is broken (`contract/` for signals, proposals and replies too).
 * Input is quoted in backticks, shortened, on one line: it is data from elsewhere and must not be
 * able to pass for our own words.
 */
import type { Problem } from "./contract/types.ts";

export const PROBLEM_KINDS = {
  "missing-field": "a field that must be there is not",
  "unknown-field": "a field that nobody knows is there",
  "wrong-type": "a value is of another type than it must be",
  "out-of-range": "a number, instant or length lies outside what is allowed",
  "wrong-value": "a value is not one of the allowed ones",
  "wrong-format": "a text does not have the form it must have",
  "wrong-shape": "a value fits none of the allowed shapes",
  "not-plain": "a value cannot be carried as JSON and stored as it is",
  "too-large": "the input is larger or deeper than the limit",
  duplicate: "a name or value is there twice",
  inconsistent: "two fields contradict each other",
  "unknown-option": "an option is named that the contract does not list",
  "option-not-offered": "an option is named that the signal does not offer",
  "invalid-parameters": "an option's parameters break its schema",
  "wrong-contract": "the signal was sent under another contract or version",
  "low-confidence": "the confidence is below the contract's threshold for a signal",
  expired: "the signal was past its expiry when it arrived",
  "missing-evidence": "evidence that the contract requires is absent or empty",
  "unknown-evidence": "evidence is required at a place the payload schema does not have",
  "bad-schema": "a JSON Schema does not compile, or leaves the subset that contracts use",
  "bad-pattern": "a regular expression does not compile or could take very long",
  "unknown-party": "a department is named that is not a party of the charter",
  "unknown-person": "nobody can do what the charter asks of this party",
  "empty-range": "a range or window has nothing in it",
} as const satisfies Record<string, string>;

export type ProblemKind = keyof typeof PROBLEM_KINDS;
export type ProblemPrefix = "contract" | "charter" | "mapping" | "economics" | "request";

/** Problems returned at most for one input. */
export const PROBLEMS_MAX = 50;

export function problem(
  prefix: ProblemPrefix,
  kind: ProblemKind,
  path: string,
  message: string,
  help?: string,
): Problem {
  return { path, code: `${prefix}/${kind}`, message, ...(help === undefined ? {} : { help }) };
}

/** One remark of a linter about a document that is already valid. */
export type Finding = {
  /** `error`: must not go live; `warning`: will mislead someone; `advice`: worth a look. */
  readonly severity: "error" | "warning" | "advice";
  readonly path: string;
  readonly message: string;
  readonly help: string;
};

/** Input as it appears in a message: in backticks, at most this long, never more than one line. */
export const QUOTE_LENGTH_MAX = 80;

export function quote(value: unknown): string {
  const text = typeof value === "string" ? value : valueToText(value);
  const flat = text
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Z}]/gu, " ")
    .replaceAll("`", "'");
  if (flat.length <= QUOTE_LENGTH_MAX) return `\`${flat}\``;
  return `\`${flat.slice(0, QUOTE_LENGTH_MAX).toWellFormed()}...\``;
}

function valueToText(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** "a, b or c"; long lists are cut and say so. */
export function listWords(words: ReadonlyArray<string>, conjunction: "or" | "and" = "or"): string {
  const shown = words.length > 12 ? [...words.slice(0, 11), `${words.length - 11} more`] : words;
  if (shown.length <= 1) return shown[0] ?? "nothing";
  return `${shown.slice(0, -1).join(", ")} ${conjunction} ${shown.at(-1)}`;
}

/** The candidate a person most likely meant, if any is near: `; did you mean ...`, or nothing. */
export function suggestion(text: string, candidates: ReadonlyArray<string>): string {
  const nearest = findNearest(text, candidates);
  return nearest === undefined ? "" : `; did you mean ${nearest}`;
}

const NEAREST_LENGTH_MAX = 64;

export function findNearest(text: string, candidates: ReadonlyArray<string>): string | undefined {
  if (text.length > NEAREST_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > NEAREST_LENGTH_MAX) continue;
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase());
    const near = Math.max(1, Math.floor(Math.max(text.length, candidate.length) / 3));
    if (distance <= near && distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** One token of a JSON Pointer (RFC 6901), escaped. */
export function pointerToken(key: string | number): string {
  const text = String(key);
  return text.includes("~") || text.includes("/")
    ? text.replaceAll("~", "~0").replaceAll("/", "~1")
    : text;
}

export function pointerTokens(pointer: string): ReadonlyArray<string> {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
