/**
 * Spellings of one word made equal: case, runs of spaces, punctuation, and `&` for `and`.
 * `JAMMU & KASHMIR` and `Jammu and  Kashmir` are one; `RJ` and `Rajasthan` are not, that takes a
 * mapping's alias.
 */
export function foldText(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("&", " and ")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
}

/** `Andaman & Nicobar Islands` as part of an id: `andaman-and-nicobar-islands`; plain ASCII. */
export function slugOf(text: string): string {
  return foldText(text.normalize("NFKD").replace(/\p{M}/gu, ""))
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** `NAVI MUMBAI` as people write it: `Navi Mumbai`. */
export function titleCase(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, " ")
    .toLowerCase()
    .replace(
      /(^|[\s(/-])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    );
}

/** A function with its answers remembered, for columns where few values repeat in many rows. */
export function remembering<T>(
  compute: (text: string) => T,
  answersMax = 20_000,
): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = compute(text);
    if (answers.size < answersMax) answers.set(text, answer);
    return answer;
  };
}
