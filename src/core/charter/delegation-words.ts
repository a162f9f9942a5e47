/**
 * What a person writes to say that they are away, in Slack or in a reply to a letter:
 *
 *   away until 2026-12-05 deputy@example.com        out of office until 2026-12-05
 *   delegate case-0123456789abcdef to deputy@example.com      delegate to deputy@example.com
 *   back
 *
 * The first line that says something is read, as a whole, and nothing is guessed from the rest: a sentence
 * that merely mentions a word delegates nothing. No words vote.
 */
import { type Day, isDay } from "../../std/time.ts";

export type DelegationWords =
  | { readonly kind: "away"; readonly until: Day; readonly to?: string }
  | { readonly kind: "back" }
  | { readonly kind: "delegate"; readonly case?: string; readonly to?: string }
  /** Somebody tries to vote by words. */
  | { readonly kind: "vote" }
  | { readonly kind: "unclear"; readonly said: string };

const AWAY = new RegExp(
  "^(?:away|out[ -]of[ -](?:the[ -])?office|ooo)[ ,:]+(?:until|till|to) (\\S+?)[.,]?" +
    "(?: (?:to )?(\\S+@\\S+?))?[.]?$",
  "i",
);
const BACK = /^(?:i(?:'| a)m )?back[.!]?$/i;
const DELEGATE = /^delegate(?:[ ]+(case-[0-9a-f]+|this))?(?:[ ]+to)?(?:[ ]+(\S+@\S+?))?[.]?$/i;
const VOTE = /^(?:i )?(?:agree|approved?|reject(?:ed)?|yes|no|ok(?:ay)?)\b/i;
const SAID_CHARS = 100;

export function parseDelegationWords(text: string): DelegationWords {
  const line = text.trim().replaceAll(/[ \t]+/g, " ");
  const away = AWAY.exec(line);
  const until = away?.[1];
  if (until !== undefined && isDay(until)) {
    return { kind: "away", until, ...toOf(away?.[2]) };
  }
  if (BACK.test(line)) return { kind: "back" };
  const delegate = DELEGATE.exec(line);
  if (delegate !== null) {
    const of = delegate[1]?.toLowerCase();
    return {
      kind: "delegate",
      ...(of === undefined || of === "this" ? {} : { case: of }),
      ...toOf(delegate[2]),
    };
  }
  if (VOTE.test(line)) return { kind: "vote" };
  return { kind: "unclear", said: line.slice(0, SAID_CHARS) };
}

/** Slack writes an address as `<mailto:a@b|a@b>`. */
function toOf(written: string | undefined): { readonly to?: string } {
  const to = written
    ?.replace(/^<mailto:/i, "")
    .replace(/[|>].*$/, "")
    .replace(/^</, "");
  return to === undefined ? {} : { to };
}

/** Of a reply by mail: what its writer wrote first, before what they reply to. */
export function firstWords(text: string): string {
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim();
    if (words === "") continue;
    // What is quoted begins here, and nothing was said above it.
    if (words.startsWith(">") || /^(?:on .*wrote:|-+ ?original message)/i.test(words)) return "";
    return words;
  }
  return "";
}
