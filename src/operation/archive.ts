/** Moving months into an archive: what whoever writes the files has to ask. */
import { type ArchiveSeal, type ArchiveStatement, readStatement } from "../core/ledger/archive.ts";
import type { JsonSchema } from "../core/contract/types.ts";
import { type ArchivePlan, dropMonth, planArchive, sealMonth } from "../engine/archive.ts";
import type { Month } from "../std/time.ts";
import {
  type ArchivedMonthRow,
  type GoingCase,
  type GoingObservation,
  listArchivedMonths,
  listGoingCases,
  listGoingObservations,
} from "../store/table/archive.ts";
import { inputSchema, type Operation } from "./operation.ts";

/** Of one page. A case with what it ordered is some tens of kilobytes. */
const CASES_MAX = 300;
const OBSERVATIONS_MAX = 10_000;

const MONTH_FIELD: JsonSchema = {
  type: "string",
  pattern: "^[0-9]{4}-(0[1-9]|1[0-2])$",
  description: "a month such as 2026-01",
};
/** Said by this program's own client; what is wrong with one is found where it is used. */
const STATEMENT_FIELD: JsonSchema = {
  type: "object",
  description: "which month, from which tree to which, and its files with their hashes",
};

export const archiveList: Operation<
  { readonly [key: string]: never },
  { readonly months: ReadonlyArray<ArchivedMonthRow> }
> = {
  name: "archive.list",
  summary: "The months that have left the database for an archive.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  handler: async ({ engine }) => ({ months: await listArchivedMonths(engine.context.driver) }),
};

export const archivePlan: Operation<{ readonly before: Month }, ArchivePlan> = {
  name: "archive.plan",
  summary: "The next month that is due to be archived, the last one, and what keeps back the rest.",
  access: "viewer",
  errors: ["archive/held"],
  input: inputSchema({ before: MONTH_FIELD }),
  handler: ({ engine }, { before }) => planArchive(engine.context, before),
};

/** Names the last row that one has; the next page begins behind it. */
export type RowsAfter = {
  readonly id?: string;
  readonly metric?: string;
  readonly day?: string;
  readonly subject?: string;
  readonly stratum?: string;
};

export const archiveRead: Operation<
  {
    readonly month: Month;
    readonly until: number;
    readonly of: "cases" | "observations";
    readonly after?: RowsAfter;
  },
  {
    readonly cases: ReadonlyArray<GoingCase>;
    readonly observations: ReadonlyArray<GoingObservation>;
  }
> = {
  name: "archive.read",
  summary: "What would leave the database with a month, page by page, besides its entries.",
  access: "admin",
  errors: [],
  input: inputSchema(
    {
      month: MONTH_FIELD,
      until: { type: "integer", minimum: 0, description: "the month's last entry" },
      of: { type: "string", enum: ["cases", "observations"], description: "which rows" },
      after: {
        type: "object",
        additionalProperties: false,
        description: "the last row that you have",
        properties: {
          id: { type: "string", maxLength: 200 },
          metric: { type: "string", maxLength: 200 },
          day: { type: "string", format: "date", pattern: "^(19|20|21)" },
          subject: { type: "string", maxLength: 200 },
          stratum: { type: "string", maxLength: 200 },
        },
      },
    },
    ["after"],
  ),
  async handler({ engine }, { month, until, of, after }) {
    const { driver } = engine.context;
    if (of === "cases") {
      const end = { month, until };
      const cases = await listGoingCases(driver, end, after?.id ?? "", CASES_MAX);
      return { cases, observations: [] };
    }
    const observations = await listGoingObservations(driver, month, after, OBSERVATIONS_MAX);
    return { cases: [], observations };
  },
};

export const archiveSeal: Operation<{ readonly statement: ArchiveStatement }, ArchiveSeal> = {
  name: "archive.seal",
  summary: "Enters that a month was written down, and proves it under a signed head.",
  access: "admin",
  errors: [
    ...(["archive/held", "archive/changed", "archive/bad-file"] as const),
    ...(["ledger/no-key", "ledger/other-key", "ledger/broken"] as const),
  ],
  input: inputSchema({ statement: STATEMENT_FIELD }),
  handler: ({ engine }, { statement }) =>
    sealMonth(engine.context, engine.heads, readStatement(statement)),
};

export const archiveDrop: Operation<
  { readonly statement: ArchiveStatement },
  { readonly month: Month }
> = {
  name: "archive.drop",
  summary: "Removes a month that was sealed, if it is still the very one that was written down.",
  access: "admin",
  errors: ["archive/changed", "archive/bad-file"],
  input: inputSchema({ statement: STATEMENT_FIELD }),
  async handler({ engine }, { statement }) {
    await dropMonth(engine.context, readStatement(statement));
    return { month: statement.month };
  },
};
