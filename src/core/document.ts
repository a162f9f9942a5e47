/**
 * From the text that people write to the value that programs check, keeping the place of everything,
 * so that a mistake is reported as `charter.yaml:14:7` and not as "somewhere".
 *
 * Text is YAML 1.2 (core schema) or JSON, which is YAML. Only what JSON can say gets through: one
 * document, text keys, each key once, no tags, finite numbers that a double holds exactly. Anchors
 * work; aliases are bounded, so that a kilobyte cannot unfold into a gigabyte.
 * Dates are left as text. Checking what the value means is `parseContract`'s and `parseCharter`'s.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument as parseYaml,
  visit,
} from "yaml";
import { InterlockError } from "../std/errors.ts";
import type { Problem } from "./contract/types.ts";
import { pointerTokens } from "./problem.ts";

/** UTF-16 code units of a document. */
export const DOCUMENT_LENGTH_MAX = 256 * 1024;
/** Nodes that the aliases of one document may unfold into, as a factor (see `maxAliasCount`). */
export const DOCUMENT_ALIASES_MAX = 50;
/** Lists and maps within one another. */
export const DOCUMENT_DEPTH_MAX = 64;

/** One-based, as editors count. */
export type Place = { readonly line: number; readonly column: number };

export type Document = {
  readonly name: string;
  readonly value: unknown;
  /** Where a JSON Pointer points; for something that is not there, where its nearest parent is. */
  placeOf(pointer: string): Place;
};

/**
 * `document/invalid-shape` with everything that is wrong, not only the first thing.
 * `message` is the first problem's, with a count of the others; `problems` holds them all.
 */
export class InvalidDocumentError extends InterlockError {
  readonly problems: ReadonlyArray<Problem>;

  constructor(what: string, problems: ReadonlyArray<Problem>) {
    const [first] = problems;
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
    const where = first === undefined ? "" : `${first.path === "" ? "" : `${first.path}: `}`;
    super("document/invalid-shape", `${what}: ${where}${first?.message ?? "unreadable"}${more}`, {
      ...(first === undefined ? {} : { path: first.path }),
      ...(first?.help === undefined ? {} : { help: first.help }),
    });
    this.problems = problems;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), problems: this.problems };
  }
}

/** Throws `document/invalid-syntax`, whose `path` is `name:line:column`. `name` is the file's. */
export function parseDocument(text: string, name: string): Document {
  const lines = new LineCounter();
  const fail = (message: string, offset: number, cause?: unknown): never => {
    const { line, col } = lines.linePos(offset);
    const path = `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
    throw new InterlockError("document/invalid-syntax", `${path}: ${message}`, { path, cause });
  };
  if (text.length > DOCUMENT_LENGTH_MAX) {
    fail(`the document has ${text.length} characters, more than ${DOCUMENT_LENGTH_MAX}`, 0);
  }
  checkBracketDepth(text, fail);

  let yaml: ReturnType<typeof parseYaml>;
  try {
    yaml = parseYaml(text, {
      lineCounter: lines,
      version: "1.2",
      schema: "core",
      strict: true,
      uniqueKeys: true,
      stringKeys: true,
      merge: false,
      resolveKnownTags: false,
      prettyErrors: false,
      // "silent" would also silence a second document.
      logLevel: "error",
    });
  } catch (cause) {
    return fail("the document cannot be read; it may be nested too deeply", 0, cause);
  }
  const mistake = yaml.errors[0] ?? yaml.warnings[0];
  if (mistake) fail(mistakeToText(mistake.code, mistake.message), mistake.pos[0]);
  if (yaml.contents === null) fail("the document is empty", 0);
  checkNodes(yaml, fail);

  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: DOCUMENT_ALIASES_MAX });
  } catch (cause) {
    fail(`aliases unfold into too much; at most a factor of ${DOCUMENT_ALIASES_MAX}`, 0, cause);
  }
  return {
    name,
    value,
    placeOf(pointer) {
      const { line, col } = lines.linePos(offsetOf(yaml, pointer));
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    },
  };
}

type Fail = (message: string, offset: number) => never;

/**
 * The YAML composer is recursive; a deep nest of brackets is stopped before it. Counting brackets in
 * quoted text and comments too is harmless: nobody writes 64 unclosed ones in prose.
 */
function checkBracketDepth(text: string, fail: Fail): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "[" || c === "{") depth += 1;
    else if (c === "]" || c === "}") depth = Math.max(0, depth - 1);
    if (depth > DOCUMENT_DEPTH_MAX) fail(`nested more than ${DOCUMENT_DEPTH_MAX} deep`, i);
  }
}

function checkNodes(yaml: ReturnType<typeof parseYaml>, fail: Fail): void {
  const anchors = new Set<string>();
  visit(yaml, (_key, node, path) => {
    if (isAlias(node) && !anchors.has(node.source)) {
      fail(`nothing before this is called \`&${node.source}\``, node.range?.[0] ?? 0);
    }
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
      anchors.add(node.anchor);
    }
    if (path.length > 2 * DOCUMENT_DEPTH_MAX && isCollection(node)) {
      fail(`nested more than ${DOCUMENT_DEPTH_MAX} deep`, node.range?.[0] ?? 0);
    }
    if (!isScalar(node) || typeof node.value !== "number") return;
    const at = node.range?.[0] ?? 0;
    const written = node.source ?? String(node.value);
    if (!Number.isFinite(node.value)) fail(`\`${written}\` is not a number JSON can carry`, at);
    if (/^[-+]?\d+$/.test(written) && !Number.isSafeInteger(node.value)) {
      fail(`\`${written}\` is too large to be kept exactly; write it as text`, at);
    }
  });
}

function mistakeToText(code: string, message: string): string {
  const text = message.split("\n")[0] ?? message;
  if (code === "DUPLICATE_KEY") return "the same key is there twice";
  if (code === "TAG_RESOLVE_FAILED") return "tags such as `!name` are not allowed";
  if (code === "NON_STRING_KEY") return "a key must be text";
  if (code === "MULTIPLE_DOCS") return "one file holds one document, and a second one begins here";
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function offsetOf(yaml: ReturnType<typeof parseYaml>, pointer: string): number {
  let node: Node | null = yaml.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const token of pointerTokens(pointer)) {
    if (isAlias(node)) node = node.resolve(yaml) ?? null;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === token);
      if (!pair) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = (node.items[Number(token)] ?? null) as Node | null;
      if (!node) return offset;
      offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
