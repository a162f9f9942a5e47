/**
 * JSON as it should arrive over a network: UTF-8, not too deep, and with one meaning.
 *
 * `JSON.parse` alone is too kind for a door. It takes the last of two members of one name, where the
 * program next door may take the first, and it builds whatever depth it is given. So the text is walked
 * once before: depth is limited, a repeated name is refused (RFC 7493, I-JSON). Lone surrogates, NUL,
 * `__proto__` and numbers too large to be numbers are refused by `core/plain.ts` after it.
 */
import type { Problem } from "../../core/contract/types.ts";
import { toPlainJson, type PlainLimits } from "../../core/plain.ts";
import { pointerToken, problem, quote } from "../../core/problem.ts";
import type { Json } from "../../std/canonical-json.ts";

export type JsonReading =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "refused"; readonly problems: ReadonlyArray<Problem> };

/** Objects and lists within one another, before anything is built of them. */
export const JSON_DEPTH_MAX = 64;

const decoder = new TextDecoder("utf-8", { fatal: true });

export function readJson(bytes: Uint8Array): JsonReading {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refuse("not-plain", "", "the body is not UTF-8");
  }
  if (text.trim() === "") return refuse("missing-field", "", "the body is empty");
  const flaw = findFlaw(text);
  if (flaw !== undefined) return { kind: "refused", problems: [flaw] };
  try {
    return { kind: "json", value: JSON.parse(text) as unknown };
  } catch (thrown) {
    return refuse("wrong-format", "", `the body is not JSON${placeOf(String(thrown))}`);
  }
}

/** As `readJson`, and nothing but plain values within `limits`. */
export function readPlainJson(
  bytes: Uint8Array,
  limits: PlainLimits,
): { readonly kind: "json"; readonly value: Json } | (JsonReading & { kind: "refused" }) {
  const read = readJson(bytes);
  if (read.kind === "refused") return read;
  const plain = toPlainJson(read.value, limits, "request");
  return plain.kind === "plain" ? { kind: "json", value: plain.value } : plain;
}

/** The parser's own words may repeat what was sent, so only the place is taken from them. */
function placeOf(message: string): string {
  const [, at] = /position (\d+)/.exec(message) ?? [];
  if (at !== undefined) return `, from character ${at}`;
  return message.includes("end of JSON") ? ": it ends too early" : "";
}

function refuse(kind: Parameters<typeof problem>[1], path: string, message: string): JsonReading {
  return { kind: "refused", problems: [problem("request", kind, path, message)] };
}

/** One open object or list: the names seen in it, and where in it we are. */
type Level = { readonly names: Set<string> | undefined; at: string | number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Too deep, or a name twice. Works on any text; what it says of text that is not JSON does not matter,
 * because that is refused next.
 */
function findFlaw(text: string): Problem | undefined {
  const levels: Level[] = [];
  for (let i = 0; i < text.length; i++) {
    const level = levels.at(-1);
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: // [
        if (levels.length >= JSON_DEPTH_MAX) {
          const message = `objects and lists are nested more than ${JSON_DEPTH_MAX} deep`;
          return problem("request", "too-large", "", message);
        }
        levels.push(
          text.charCodeAt(i) === 0x7b ? { names: new Set(), at: "" } : { names: undefined, at: 0 },
        );
        break;
      case 0x7d: // }
      case 0x5d: // ]
        levels.pop();
        break;
      case 0x2c: // ,
        if (typeof level?.at === "number") level.at += 1;
        break;
      case QUOTE: {
        const end = endOfText(text, i);
        if (level?.names !== undefined && isName(text, end + 1)) {
          const name = nameOf(text.slice(i + 1, end));
          level.at = name;
          if (level.names.has(name)) {
            const path = levels.map(({ at }) => `/${pointerToken(at)}`).join("");
            return problem("request", "duplicate", path, `${quote(name)} is there twice`);
          }
          level.names.add(name);
        }
        i = end;
        break;
      }
      default:
    }
  }
  return undefined;
}

/** The index of the closing quote, or the end of the text. */
function endOfText(text: string, opening: number): number {
  let i = opening + 1;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    i += code === BACKSLASH ? 2 : 1;
  }
  return text.length;
}

/** True where a colon comes next: the text before it was a member's name. */
function isName(text: string, from: number): boolean {
  let i = from;
  while (i < text.length && " \t\n\r".includes(text.charAt(i))) i += 1;
  return text.charCodeAt(i) === 0x3a;
}

/** `"\u0061"` and `"a"` are one name. */
function nameOf(raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
