/**
 * Reads a shipment mapping: the sheet that says which column is which, what each status means and
 * what to leave out, so that any company's export becomes the same observations.
 *
 * A mapping is refused when it could be read in two ways: two date formats that read one text as
 * different days, two spellings that fold to one word with different meanings. All that is wrong is
 * said at once, each with its JSON Pointer.
 */
import { readFile, readdir } from "node:fs/promises";
import type { Problem } from "../../core/contract/types.ts";
import { parseDocument } from "../../core/document.ts";
import { findNearest, problem, quote } from "../../core/problem.ts";
import { compileSchema, type SchemaCheck } from "../../core/schema.ts";
import { InterlockError } from "../../std/errors.ts";
import { compileDateFormat, findAmbiguity, type DateFormat } from "./date-format.ts";
import { foldText, slugOf } from "./fold-text.ts";
import { MAPPING_SCHEMA } from "./mapping-schema.ts";
import { REJECT_CODES, type Mapping, type StatusMeaning } from "./types.ts";

const BUNDLED = new URL("./mapping/", import.meta.url);
const PROBLEMS_SHOWN_MAX = 10;
/** A split district is `IN-D-<prefix>-<slug>`; contracts allow 60 characters after `D-`. */
const SLUG_MAX = 50;

/** Skip reasons that a filter may not use, because rows are skipped under them without any filter. */
export const BUILT_IN_REASONS = ["cancelled", "outcome-unknown", "postal-code-missing"] as const;

type MappingDocument = Omit<Mapping, "statuses" | "states" | "payments" | "filters"> & {
  readonly statuses: Readonly<Record<string, StatusMeaning["outcome"] | StatusMeaning>>;
  readonly states?: Readonly<Record<string, ReadonlyArray<string | boolean>>>;
  readonly payments?: Readonly<Record<string, ReadonlyArray<string | boolean>>>;
  readonly filters?: ReadonlyArray<{
    readonly column: string;
    readonly keep: ReadonlyArray<string | boolean>;
    readonly reason: string;
  }>;
};

let checkShape: SchemaCheck | undefined;

/** Checked and with its defaults filled in, or `import/invalid-mapping` with every problem. */
export function parseMapping(value: unknown): Mapping {
  checkShape ??= compileSchema(MAPPING_SCHEMA, "mapping");
  const misshapen = checkShape(value);
  if (misshapen.length > 0) throw invalid(value, misshapen);
  const mapping = withDefaults(value as MappingDocument);
  const problems = [
    ...dateProblems(mapping),
    ...filterProblems(mapping),
    ...patternProblems(mapping),
    ...spellingProblems("/statuses", Object.entries(mapping.statuses), ([, meaning]) =>
      JSON.stringify([meaning.outcome, meaning.reason ?? null]),
    ),
    ...spellingProblems("/states", spelled(mapping.states), ([, name]) => name),
    ...stateNameProblems(mapping),
    ...spellingProblems("/payments", spelled(mapping.payments), ([, name]) => name),
  ];
  if (problems.length > 0) throw invalid(value, problems);
  return mapping;
}

/** A bundled mapping by name, or a YAML or JSON file by path. */
export async function loadMapping(nameOrFile: string): Promise<Mapping> {
  const bundled = await listBundledMappings();
  const isBundled = bundled.includes(nameOrFile);
  const looksLikeFile = /[/\\]|\.(ya?ml|json)$/i.test(nameOrFile);
  if (!isBundled && !looksLikeFile) {
    const meant = findNearest(nameOrFile, bundled);
    throw new InterlockError("import/invalid-mapping", `no mapping is named \`${nameOrFile}\``, {
      help:
        (meant === undefined ? "" : `did you mean \`${meant}\`? `) +
        `bundled mappings: ${bundled.join(", ")}; or give the path of a YAML or JSON file`,
    });
  }
  const file = isBundled ? new URL(`${nameOrFile}.yaml`, BUNDLED) : nameOrFile;
  return parseMapping(parseDocument(await readText(file, nameOrFile), nameOrFile).value);
}

export async function listBundledMappings(): Promise<ReadonlyArray<string>> {
  const files = await readdir(BUNDLED);
  return files
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -5))
    .sort();
}

/** The mapping's date formats, compiled; a mapping that was parsed has only sound ones. */
export function compileDateFormats(mapping: Mapping): ReadonlyArray<DateFormat> {
  return mapping.dates.formats
    .map(compileDateFormat)
    .filter((format): format is DateFormat => typeof format !== "string");
}

async function readText(file: URL | string, shown: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new InterlockError("import/invalid-mapping", `mapping \`${shown}\` cannot be read`, {
      help: `bundled mappings: ${(await listBundledMappings()).join(", ")}`,
      cause,
    });
  }
}

function withDefaults(document: MappingDocument): Mapping {
  const texts = (list: ReadonlyArray<string | boolean>): ReadonlyArray<string> => list.map(String);
  const lists = (record: Readonly<Record<string, ReadonlyArray<string | boolean>>> = {}) =>
    Object.fromEntries(Object.entries(record).map(([key, list]) => [key, texts(list)]));
  return {
    ...document,
    description: document.description ?? "",
    country: document.country ?? { code: "IN", name: "India" },
    delimiter: document.delimiter ?? ",",
    utcOffsetMinutes: document.utcOffsetMinutes ?? 330,
    statuses: Object.fromEntries(
      Object.entries(document.statuses).map(([status, meaning]) => [
        status,
        typeof meaning === "string" ? { outcome: meaning } : meaning,
      ]),
    ),
    filters: (document.filters ?? []).map((filter) => ({ ...filter, keep: texts(filter.keep) })),
    postalCode: {
      pattern: document.postalCode?.pattern ?? "[1-9][0-9]{5}",
      districtPrefix: document.postalCode?.districtPrefix ?? 3,
      whenMissing: document.postalCode?.whenMissing ?? "count-at-state",
    },
    states: lists(document.states),
    payments: lists(document.payments),
  };
}

function dateProblems(mapping: Mapping): ReadonlyArray<Problem> {
  const problems: Problem[] = [];
  for (const [i, text] of mapping.dates.formats.entries()) {
    const format = compileDateFormat(text);
    if (typeof format !== "string") continue;
    const help = "write it with YYYY, YY, MMM, MM, M, DD, D, HH, mm, ss and separators";
    problems.push(problem("mapping", "wrong-format", `/dates/formats/${i}`, format, help));
  }
  const ambiguity = findAmbiguity(compileDateFormats(mapping));
  if (ambiguity !== undefined) {
    const { a, b, text, dayA, dayB } = ambiguity;
    const message = `\`${text}\` is ${dayA} by \`${a}\` and ${dayB} by \`${b}\``;
    const help = "list only formats that no text can satisfy with two different days";
    problems.push(problem("mapping", "inconsistent", "/dates/formats", message, help));
  }
  const { earliest, latest } = mapping.dates;
  if (earliest !== undefined && latest !== undefined && earliest > latest) {
    const message = `the earliest day ${earliest} is after the latest ${latest}`;
    problems.push(problem("mapping", "empty-range", "/dates/earliest", message));
  }
  return problems;
}

function filterProblems(mapping: Mapping): ReadonlyArray<Problem> {
  const taken: ReadonlyArray<string> = [...BUILT_IN_REASONS, ...Object.keys(REJECT_CODES)];
  return mapping.filters.flatMap(({ reason }, i) => {
    if (!taken.includes(reason)) return [];
    const message = `the reason \`${reason}\` already means something else`;
    return [problem("mapping", "duplicate", `/filters/${i}/reason`, message)];
  });
}

function patternProblems(mapping: Mapping): ReadonlyArray<Problem> {
  const { pattern } = mapping.postalCode;
  try {
    new RegExp(`^(?:${pattern})$`, "u");
    return [];
  } catch {
    const message = `${quote(pattern)} is not a regular expression`;
    return [problem("mapping", "bad-pattern", "/postalCode/pattern", message)];
  }
}

/** Two spellings that fold to the same word must mean the same. */
function spellingProblems<T>(
  path: string,
  entries: ReadonlyArray<readonly [string, T]>,
  meaningOf: (entry: readonly [string, T]) => string,
): ReadonlyArray<Problem> {
  const seen = new Map<string, readonly [string, T]>();
  const problems: Problem[] = [];
  for (const entry of entries) {
    const folded = foldText(entry[0]);
    const before = seen.get(folded);
    if (before !== undefined && meaningOf(before) !== meaningOf(entry)) {
      const message = `\`${before[0]}\` and \`${entry[0]}\` read alike but mean different things`;
      problems.push(problem("mapping", "inconsistent", path, message));
    }
    seen.set(folded, entry);
  }
  return problems;
}

/** A state's name becomes an id, so it must have one in plain letters that no other state has. */
function stateNameProblems(mapping: Mapping): ReadonlyArray<Problem> {
  const names = new Map<string, string>();
  return Object.keys(mapping.states).flatMap((name) => {
    const slug = slugOf(name);
    const other = names.get(slug);
    names.set(slug, name);
    if (slug !== "" && slug.length <= SLUG_MAX && other === undefined) return [];
    const message =
      other !== undefined
        ? `the states \`${other}\` and \`${name}\` would have one id`
        : `the state \`${name}\` needs a name of 1 to ${SLUG_MAX} letters of a to z`;
    return [
      problem("mapping", other === undefined ? "wrong-format" : "duplicate", "/states", message),
    ];
  });
}

/** Every spelling, the canonical name included, with its canonical name. */
function spelled(
  record: Readonly<Record<string, ReadonlyArray<string>>>,
): ReadonlyArray<readonly [string, string]> {
  return Object.entries(record).flatMap(([name, others]) =>
    [name, ...others].map((spelling) => [spelling, name] as const),
  );
}

function invalid(value: unknown, problems: ReadonlyArray<Problem>): InterlockError {
  const name = (value as { name?: unknown } | null)?.name;
  const shown = problems
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  const help = problems.find((one) => one.help !== undefined)?.help;
  return new InterlockError(
    "import/invalid-mapping",
    `mapping${typeof name === "string" ? ` \`${name}\`` : ""}: ${shown.join("; ")}`,
    {
      ...(problems[0] === undefined ? {} : { path: problems[0].path }),
      ...(help === undefined ? {} : { help }),
    },
  );
}
