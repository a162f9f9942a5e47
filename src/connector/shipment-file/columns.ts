/** Finds the mapping's columns in a file's header, or says exactly what does not fit. */
import { findNearest } from "../../core/problem.ts";
import { InterlockError } from "../../std/errors.ts";
import { excerptOfText } from "./excerpt.ts";
import type { Mapping } from "./types.ts";

const NAMES_SHOWN_MAX = 60;

/** Position of each wanted column in the header. */
export function locateColumns(
  header: ReadonlyArray<string>,
  wanted: ReadonlyArray<string>,
  mapping: Mapping,
  fileName: string,
): ReadonlyArray<number> {
  const found = header.map((name) => name.trim());
  const missing = wanted.filter((name) => !found.includes(name.trim()));
  if (missing.length > 0) throw missingColumns(found, missing, mapping, fileName);
  for (const name of wanted) {
    const first = found.indexOf(name.trim());
    const second = found.indexOf(name.trim(), first + 1);
    if (second < 0) continue;
    throw new InterlockError(
      "import/invalid-mapping",
      `file \`${fileName}\` has column \`${name}\` twice, as columns ${first + 1} and ${second + 1}`,
      { help: "rename or drop one of the two: which one the mapping means cannot be known" },
    );
  }
  return wanted.map((name) => found.indexOf(name.trim()));
}

function missingColumns(
  found: ReadonlyArray<string>,
  missing: ReadonlyArray<string>,
  mapping: Mapping,
  fileName: string,
): InterlockError {
  const suggestions = missing.flatMap((name) => {
    const meant = findNearest(name, found);
    return meant === undefined ? [] : [`for \`${name}\` the file may have \`${show(meant)}\``];
  });
  const [only = ""] = found;
  const other = [",", ";", "\t", "|"].find((d) => d !== mapping.delimiter && only.includes(d));
  if (found.length === 1 && other !== undefined) {
    suggestions.push(
      `the header looks separated by \`${show(other)}\`: set \`delimiter\` in the mapping`,
    );
  }
  const shown = found.slice(0, NAMES_SHOWN_MAX).map((name) => `\`${show(name)}\``);
  if (found.length > shown.length) shown.push(`and ${found.length - shown.length} more`);
  const lost = missing.map((name) => `\`${name}\``).join(", ");
  return new InterlockError(
    "import/invalid-mapping",
    `file \`${fileName}\` lacks ${missing.length === 1 ? "column" : "columns"} ${lost} ` +
      `that mapping \`${mapping.name}\` reads; it has ${shown.join(", ")}`,
    suggestions.length === 0 ? {} : { help: suggestions.join("; ") },
  );
}

function show(name: string): string {
  return excerptOfText(name);
}
