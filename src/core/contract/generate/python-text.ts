/** Values, names, comments and patterns as Python source, in ASCII wherever Python would read on. */
import type { Json } from "../../../std/canonical-json.ts";
import { isObject, visitSchema } from "../payload.ts";
import type { JsonSchema } from "../types.ts";
import { wrapText } from "./names.ts";

export const KEYWORDS = (
  "False None True and as assert async await break class continue def del elif else except finally " +
  "for from global if import in is lambda nonlocal not or pass raise return try while with yield " +
  "match case type"
).split(" ");

const WIDTH = 88;

/** A string literal that no text can leave. */
export function pythonString(text: string): string {
  const escaped = [...JSON.stringify(text).slice(1, -1)].map((character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x7f) return character;
    return point > 0xffff
      ? `\\U${point.toString(16).padStart(8, "0")}`
      : `\\u${point.toString(16).padStart(4, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

export function pythonLiteral(value: Json | undefined, depth = 0): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return pythonString(value);
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const members = isList
    ? (value as ReadonlyArray<Json>).map((item) => pythonLiteral(item, depth + 1))
    : Object.entries(value).map(
        ([name, member]) => `${pythonString(name)}: ${pythonLiteral(member, depth + 1)}`,
      );
  const line = `${open}${members.join(", ")}${close}`;
  if (line.length + depth * 4 <= WIDTH && !line.includes("\n")) return line;
  const pad = "    ".repeat(depth + 1);
  return `${open}\n${members.map((one) => `${pad}${one},\n`).join("")}${"    ".repeat(depth)}${close}`;
}

export function docstring(text: string, pad: string): string {
  const lines = wrapText(text.replaceAll(/["\\]/g, "\\$&"), WIDTH - pad.length - 6);
  if (lines.length === 0) return "";
  if (lines.length === 1) return `${pad}"""${lines[0] ?? ""}"""\n`;
  return `${pad}"""${lines.map((line, i) => (i === 0 ? line : `${pad}${line}`)).join("\n")}\n${pad}"""\n`;
}

export function pythonComment(text: string, pad: string): string {
  return wrapText(text, WIDTH - pad.length - 2)
    .map((line) => `${pad}# ${line}\n`)
    .join("");
}

/**
 * The same regular expression for Python's `re` with `re.ASCII`; undefined where Python has no word for
 * it (`\p{...}`). Contracts' patterns know no look-around, no back-references and no names.
 */
export function pythonPattern(pattern: string): string | undefined {
  let out = "";
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === "\\") {
      const escape = /^\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|c(.)|(.))/su.exec(
        pattern.slice(i),
      );
      const [whole = c, braced, four, control, one = ""] = escape ?? [];
      i += whole.length - 1;
      const hex = braced ?? four;
      if (hex !== undefined) out += `\\U${hex.padStart(8, "0")}`;
      else if (control !== undefined) {
        out += `\\x${(control.charCodeAt(0) % 32).toString(16).padStart(2, "0")}`;
      } else if (one === "p" || one === "P") return undefined;
      else if (one === "s" || one === "S") {
        if (inClass && one === "S") return undefined;
        out += inClass ? SPACES : `[${one === "S" ? "^" : ""}${SPACES}]`;
      } else if (one === "0") out += "\\x00";
      else out += /[A-Za-z0-9]/.test(one) ? `\\${one}` : escapeForPython(one);
    } else if (inClass) {
      if (c === "]") inClass = false;
      // Python would take these for set operations of its future.
      out += /[[&~|]/.test(c) ? `\\${c}` : c;
    } else if (c === "[") {
      if (pattern.startsWith("[]", i) || pattern.startsWith("[^]", i)) return undefined;
      inClass = true;
      out += c;
    } else if (c === "$") out += "\\Z";
    else if (c === ".") out += "[^\\n\\r\\u2028\\u2029]";
    else out += c;
  }
  return out;
}

const SPACES =
  " \\t\\n\\x0b\\x0c\\r\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";

function escapeForPython(character: string): string {
  return character === " " ? " " : `\\${character}`;
}

/** A copy whose patterns are Python's; a pattern that Python cannot read is left out. */
export function withPythonPatterns(schema: JsonSchema): JsonSchema {
  const copy: { [keyword: string]: Json } = structuredClone(schema);
  const translate = (node: { [keyword: string]: Json }): void => {
    const given = node["pattern"];
    if (typeof given !== "string") return;
    const pattern = pythonPattern(given);
    if (pattern === undefined) delete node["pattern"];
    else node["pattern"] = pattern;
  };
  visitSchema(copy, "", translate);
  return copy;
}

/** The type of a value, for `Literal`; undefined where it holds a value that `Literal` cannot. */
export function literalType(values: ReadonlyArray<Json>): string | undefined {
  const isFit = values.every(
    (value) => typeof value !== "object" && (typeof value !== "number" || Number.isInteger(value)),
  );
  if (!isFit || values.length === 0) return undefined;
  return `Literal[${values.map((value) => pythonLiteral(value)).join(", ")}]`;
}

export function textOf(node: Json | undefined, keyword: string): string {
  if (!isObject(node)) return "";
  const value = node[keyword];
  return typeof value === "string" ? value : "";
}
