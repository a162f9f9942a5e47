/**
 * The customs post: whatever arrives (JSON from a socket, an object from an agent in this process, a
 * proxy that lies) leaves as a fresh copy that is nothing but JSON, within limits, or not at all.
 *
 * After this point a value cannot change under our hands, throw from a getter, loop, carry NaN, or
 * hold text that a database refuses (U+0000, lone surrogates). `__proto__` keys do not pass.
 */
import { canonicalJson, type Json } from "../std/canonical-json.ts";
import type { Problem } from "./contract/types.ts";
import { pointerToken, problem, type ProblemPrefix, PROBLEMS_MAX, quote } from "./problem.ts";

export type PlainLimits = {
  /** Objects and lists within one another. */
  readonly depthMax: number;
  /** UTF-16 code units of one text. */
  readonly textMax: number;
  /** Members of one object or one list. */
  readonly itemsMax: number;
  /** Values altogether. */
  readonly valuesMax: number;
  /** UTF-8 bytes of the canonical JSON. */
  readonly bytesMax: number;
};

export type PlainResult =
  | { readonly kind: "plain"; readonly value: Json }
  | { readonly kind: "refused"; readonly problems: ReadonlyArray<Problem> };

const KEY_LENGTH_MAX = 200;
/** A UTF-16 code unit never takes more bytes than this in JSON (`\u001f`). */
const BYTES_PER_UNIT_MAX = 6;

/** Never throws, whatever `value` is. */
export function toPlainJson(
  value: unknown,
  limits: PlainLimits,
  prefix: ProblemPrefix,
): PlainResult {
  const copier = new Copier(limits, prefix);
  try {
    const copy = copier.copy(value, 0);
    if (copier.problems.length > 0) return { kind: "refused", problems: copier.problems };
    return { kind: "plain", value: copy };
  } catch (thrown) {
    if (!(thrown instanceof Stop)) copier.report("not-plain", "the value could not be read");
    return { kind: "refused", problems: copier.problems };
  }
}

/** Thrown to leave the recursion when a limit is passed; never leaves this file. */
class Stop extends Error {}

class Copier {
  readonly problems: Problem[] = [];
  readonly #limits: PlainLimits;
  readonly #prefix: ProblemPrefix;
  readonly #path: Array<string | number> = [];
  #values = 0;
  #units = 0;

  constructor(limits: PlainLimits, prefix: ProblemPrefix) {
    this.#limits = limits;
    this.#prefix = prefix;
  }

  copy(value: unknown, depth: number): Json {
    if (depth === 0) {
      const copy = this.#copyAny(value, 1);
      this.#checkBytes(copy);
      return copy;
    }
    return this.#copyAny(value, depth);
  }

  report(kind: "not-plain" | "too-large", message: string): void {
    const path = this.#path.map((key) => `/${pointerToken(key)}`).join("");
    if (this.problems.length < PROBLEMS_MAX) {
      this.problems.push(problem(this.#prefix, kind, path, message));
    }
  }

  #copyAny(value: unknown, depth: number): Json {
    this.#values += 1;
    if (this.#values > this.#limits.valuesMax) {
      this.#stop(`there are more than ${this.#limits.valuesMax} values`);
    }
    switch (typeof value) {
      case "string":
        return this.#copyText(value);
      case "number":
        this.#units += 24;
        if (!Number.isFinite(value)) return this.#refuse(`${quote(value)} is not a number`);
        return value === 0 ? 0 : value;
      case "boolean":
        this.#units += 5;
        return value;
      case "object":
        if (value === null) return null;
        if (depth > this.#limits.depthMax) {
          this.#stop(`objects and lists are nested more than ${this.#limits.depthMax} deep`);
        }
        return Array.isArray(value) ? this.#copyList(value, depth) : this.#copyObject(value, depth);
      case "undefined":
      case "bigint":
      case "symbol":
      case "function":
        return this.#refuse(`a value of type ${typeof value} cannot be carried as JSON`);
    }
  }

  #copyText(text: string): string {
    if (text.length > this.#limits.textMax) {
      this.#stop(`a text has ${text.length} characters, more than ${this.#limits.textMax}`);
    }
    this.#units += text.length + 2;
    if (this.#units > this.#limits.bytesMax) this.#stopForSize();
    if (text.includes("\u0000")) this.#refuse("a text holds the character U+0000");
    else if (!text.isWellFormed()) this.#refuse("a text is not valid Unicode (a lone surrogate)");
    return text;
  }

  #copyList(list: ReadonlyArray<unknown>, depth: number): Json {
    this.#checkCount(list.length);
    this.#units += list.length + 2;
    const copy: Json[] = [];
    for (let i = 0; i < list.length; i++) {
      this.#path.push(i);
      copy.push(this.#copyAny(list[i], depth + 1));
      this.#path.pop();
    }
    return copy;
  }

  #copyObject(object: object, depth: number): Json {
    if (!isPlainObject(object)) return this.#refuse("only plain objects can be carried as JSON");
    const keys = Object.keys(object);
    this.#checkCount(keys.length);
    const copy: { [key: string]: Json } = {};
    for (const key of keys) {
      if (key.length > KEY_LENGTH_MAX) {
        this.#stop(`a field's name has more than ${KEY_LENGTH_MAX} characters`);
      }
      this.#path.push(key);
      if (key === "__proto__") this.#refuse("a field may not be called `__proto__`");
      else {
        const member = (object as Record<string, unknown>)[key];
        // As JSON.stringify does: a member that is `undefined` is a member that is not there.
        if (member !== undefined) {
          this.#copyText(key);
          this.#units += 2;
          copy[key] = this.#copyAny(member, depth + 1);
        }
      }
      this.#path.pop();
    }
    return copy;
  }

  #checkCount(count: number): void {
    if (count > this.#limits.itemsMax) {
      this.#stop(`there are ${count} items, more than ${this.#limits.itemsMax}`);
    }
  }

  /** The exact size is only worked out when the rough upper bound does not already settle it. */
  #checkBytes(copy: Json): void {
    if (this.problems.length > 0) return;
    if (this.#units * BYTES_PER_UNIT_MAX <= this.#limits.bytesMax) return;
    const bytes = new TextEncoder().encode(canonicalJson(copy)).length;
    if (bytes > this.#limits.bytesMax) this.#stopForSize();
  }

  #refuse(message: string): null {
    this.report("not-plain", message);
    return null;
  }

  #stopForSize(): never {
    return this.#stop(`it is larger than ${Math.floor(this.#limits.bytesMax / 1024)} KB`);
  }

  #stop(message: string): never {
    this.report("too-large", message);
    throw new Stop(message);
  }
}

/** Plain also when it comes from another realm, whose `Object.prototype` is not ours. */
function isPlainObject(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
