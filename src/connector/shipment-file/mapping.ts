/**
 * Reads a shipment mapping: the sheet that says which column is which, what each status means and
 * what to leave out, so that any company's export becomes the same observations.
 *
 * A mapping is refused when it could be read in two ways: two date formats that read one text as
 * different days, two spellings that fold to one word with different meanings. All that is wrong is
 * said at once, each with its JSON Pointer.
 */
import { readFile, readdir } from "node:fs/promises";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { parseDocument } from "yaml";
import type { Problem } from "../../core/contract/types.ts";
import { InterlockError } from "../../std/errors.ts";
import { compileDateFormat, findAmbiguity, type DateFormat } from "./date-format.ts";
import { foldText } from "./fold-text.ts";
import { MAPPING_SCHEMA } from "./mapping-schema.ts";
import { nearest } from "./nearest.ts";
import { REJECT_CODES, type Mapping, type StatusMeaning } from "./types.ts";

const BUNDLED = new URL("./mapping/", import.meta.url);
const MAPPING_BYTES_MAX = 1024 * 1024;
const PROBLEMS_SHOWN_MAX = 10;

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

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTypes: false });
addFormatsModule.default(ajv);
const keepsSchema = ajv.compile<MappingDocument>(MAPPING_SCHEMA);

/** Checked and with its defaults filled in, or `import/invalid-mapping` with every problem. */
export function parseMapping(value: unknown): Mapping {
  if (!keepsSchema(value)) throw invalid(value, schemaProblems(keepsSchema.errors ?? []));
  const mapping = withDefaults(value);
  const problems = [
    ...dateProblems(mapping),
    ...filterProblems(mapping),
    ...patternProblems(mapping),
    ...spellingProblems("/statuses", Object.entries(mapping.statuses), ([, meaning]) =>
      JSON.stringify([meaning.outcome, meaning.reason ?? null]),
    ),
    ...spellingProblems("/states", spelled(mapping.states), ([, name]) => name),
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
    const meant = nearest(nameOrFile, bundled);
    throw new InterlockError("import/invalid-mapping", `no mapping is named \`${nameOrFile}\``, {
      help:
        (meant === undefined ? "" : `did you mean \`${meant}\`? `) +
        `bundled mappings: ${bundled.join(", ")}; or give the path of a YAML or JSON file`,
    });
  }
  const file = isBundled ? new URL(`${nameOrFile}.yaml`, BUNDLED) : nameOrFile;
  return parseMapping(parseText(await readText(file, nameOrFile), nameOrFile));
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
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new InterlockError("import/invalid-mapping", `mapping \`${shown}\` cannot be read`, {
      help: `bundled mappings: ${(await listBundledMappings()).join(", ")}`,
      cause,
    });
  }
  if (bytes.length > MAPPING_BYTES_MAX) {
    throw new InterlockError("import/invalid-mapping", `mapping \`${shown}\` is larger than 1 MiB`);
  }
  return bytes.toString("utf8");
}

/** JSON is YAML too, so one parser serves both. */
function parseText(text: string, shown: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error === undefined) return document.toJS({ maxAliasCount: 100 }) as unknown;
  const at = error.linePos?.[0];
  const place = at === undefined ? shown : `${shown}:${at.line}:${at.col}`;
  const [sentence = error.code] = error.message.split("\n");
  throw new InterlockError("document/invalid-syntax", `mapping \`${place}\`: ${sentence}`, {
    path: place,
  });
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
    problems.push({ path: `/dates/formats/${i}`, code: "date-format", message: format, help });
  }
  const ambiguity = findAmbiguity(compileDateFormats(mapping));
  if (ambiguity !== undefined) {
    const { a, b, text, dayA, dayB } = ambiguity;
    problems.push({
      path: "/dates/formats",
      code: "ambiguous-dates",
      message: `\`${text}\` is ${dayA} by \`${a}\` and ${dayB} by \`${b}\``,
      help: "list only formats that no text can satisfy with two different days",
    });
  }
  const { earliest, latest } = mapping.dates;
  if (earliest !== undefined && latest !== undefined && earliest > latest) {
    const message = `the earliest day ${earliest} is after the latest ${latest}`;
    problems.push({ path: "/dates/earliest", code: "day-range", message });
  }
  return problems;
}

function filterProblems(mapping: Mapping): ReadonlyArray<Problem> {
  const taken: ReadonlyArray<string> = [...BUILT_IN_REASONS, ...Object.keys(REJECT_CODES)];
  return mapping.filters.flatMap((filter, i) =>
    taken.includes(filter.reason)
      ? [
          {
            path: `/filters/${i}/reason`,
            code: "reserved-reason",
            message: `the reason \`${filter.reason}\` already means something else`,
          },
        ]
      : [],
  );
}

function patternProblems(mapping: Mapping): ReadonlyArray<Problem> {
  try {
    new RegExp(`^(?:${mapping.postalCode.pattern})$`, "u");
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ path: "/postalCode/pattern", code: "pattern", message: message.toLowerCase() }];
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
      problems.push({ path, code: "same-spelling", message });
    }
    seen.set(folded, entry);
  }
  return problems;
}

/** Every spelling, the canonical name included, with its canonical name. */
function spelled(
  record: Readonly<Record<string, ReadonlyArray<string>>>,
): ReadonlyArray<readonly [string, string]> {
  return Object.entries(record).flatMap(([name, others]) =>
    [name, ...others].map((spelling) => [spelling, name] as const),
  );
}

/** The `if` that chose a branch has nothing to say beside what the branch says. */
function schemaProblems(errors: ReadonlyArray<ErrorObject>): ReadonlyArray<Problem> {
  return errors.filter((error) => error.keyword !== "if").map(schemaProblem);
}

function schemaProblem(error: ErrorObject): Problem {
  const path = error.instancePath;
  const params = error.params as Readonly<Record<string, unknown>>;
  const code = error.keyword;
  switch (error.keyword) {
    case "required":
      return {
        path,
        code,
        message: `the field \`${String(params["missingProperty"])}\` is missing`,
      };
    case "additionalProperties":
      return unknownField(path, String(params["additionalProperty"]));
    case "enum":
      return { path, code, message: `must be one of ${list(params["allowedValues"])}` };
    case "const":
      return { path, code, message: `must be \`${String(params["allowedValue"])}\`` };
    default:
      return { path, code, message: error.message ?? "is not valid" };
  }
}

function unknownField(path: string, field: string): Problem {
  const top = MAPPING_SCHEMA.properties;
  const known = path === "/columns" ? top.columns.properties : path === "" ? top : {};
  const meant = nearest(field, Object.keys(known));
  const hint = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
  return {
    path,
    code: "additionalProperties",
    message: `the field \`${field}\` is unknown${hint}`,
  };
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => `\`${String(value)}\``).join(", ") : "";
}

function invalid(value: unknown, problems: ReadonlyArray<Problem>): InterlockError {
  const name = (value as { name?: unknown } | null)?.name;
  const shown = problems
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map((problem) => `${problem.path === "" ? "/" : problem.path} ${problem.message}`);
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  const help = problems.find((problem) => problem.help !== undefined)?.help;
  return new InterlockError(
    "import/invalid-mapping",
    `mapping${typeof name === "string" ? ` \`${name}\`` : ""}: ${shown.join("; ")}`,
    {
      ...(problems[0] === undefined ? {} : { path: problems[0].path }),
      ...(help === undefined ? {} : { help }),
    },
  );
}
