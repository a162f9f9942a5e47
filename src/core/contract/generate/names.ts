/**
 * Names for programs, made from names that people chose: `daysObserved`, `net.sales`, `3d`, `class`,
 * `数量`. Each name is given out once within a scope, is never empty and never a reserved word.
 */
export class Names {
  readonly #taken: Set<string>;

  constructor(reserved: Iterable<string> = []) {
    this.#taken = new Set(reserved);
  }

  /** The wanted name, or the next free one: `Line`, `Line2`, `Line3`. */
  take(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}${n}`;
    this.#taken.add(name);
    return name;
  }
}

/** `logistics.geo-risk` -> `LogisticsGeoRisk`. */
export function pascalCase(text: string): string {
  const name = wordsOf(text)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
  return startsWell(name) ? name : `Field${name}`;
}

/** `daysObserved` -> `days_observed`. */
export function snakeCase(text: string): string {
  const name = wordsOf(text).join("_").toLowerCase();
  return startsWell(name) ? name : name === "" ? "field" : `field_${name}`;
}

function startsWell(name: string): boolean {
  return /^[A-Za-z]/.test(name);
}

/** Latin letters and digits; what has none of them has no words. */
function wordsOf(text: string): ReadonlyArray<string> {
  const spaced = text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return spaced.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
}

/** One line of prose: no line breaks, no runs of spaces, nothing that prints oddly. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Z}\s]+/gu, " ").trim();
}

/** Lines of at most `width` characters, broken between words. */
export function wrapText(text: string, width: number): ReadonlyArray<string> {
  const lines: string[] = [];
  let line = "";
  for (const word of oneLine(text).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}
