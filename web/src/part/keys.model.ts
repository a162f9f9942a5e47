/** What a key does: `g` and a page's letter goes there, `/` to the field that finds, `?` tells all of them. */
export type KeyDeed =
  | { readonly kind: "none" }
  /** The next key says where to. */
  | { readonly kind: "wait" }
  | { readonly kind: "go"; readonly page: string }
  | { readonly kind: "find" }
  | { readonly kind: "help" };

export type KeyPressed = {
  readonly key: string;
  /** Control, Alt or Meta is down: the browser's own. */
  readonly isChord: boolean;
  /** Into a field: then a letter is a letter. */
  readonly isTyping: boolean;
};

export function readKey(
  { key, isChord, isTyping }: KeyPressed,
  isAfterG: boolean,
  pages: ReadonlyArray<{ readonly page: string; readonly key?: string }>,
): KeyDeed {
  if (isChord || isTyping) return { kind: "none" };
  if (isAfterG) {
    const found = pages.find((page) => page.key === key);
    return found === undefined ? { kind: "none" } : { kind: "go", page: found.page };
  }
  if (key === "g") return { kind: "wait" };
  if (key === "/") return { kind: "find" };
  return key === "?" ? { kind: "help" } : { kind: "none" };
}
