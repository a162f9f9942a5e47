import { rootsOf } from "../core/ledger/head.ts";
import type { TreeHead } from "../core/ledger/proof.ts";
import { type ArchivedEnd, findArchivedEnd } from "../store/table/ledger.ts";
import { verifyLedger } from "../store/table/ledger-verify.ts";
import { inputSchema, type Operation } from "./operation.ts";

export type LedgerCheck = {
  readonly verified: boolean;
  readonly entries: number;
  readonly head: string | null;
  /** The first entry that does not hold, and why. */
  readonly firstBad: { readonly n: number; readonly why: string } | null;
  /** Entries up to there have left for the archive, and were not read; null where all are here. */
  readonly archived: ArchivedEnd | null;
  /** Of the roots that were noted, those of sizes that only the archive can answer for. */
  readonly notCompared: number;
};

export const ledgerVerify: Operation<
  {
    readonly known?: ReadonlyArray<TreeHead>;
    readonly onProgress?: (verified: number) => void;
  },
  LedgerCheck
> = {
  name: "ledger.verify",
  summary: "Checks every entry of the ledger, and the root over all of them.",
  access: "viewer",
  errors: [],
  input: inputSchema(
    {
      known: {
        type: "array",
        maxItems: 1_000,
        description: "roots that you noted: of so many entries",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["size", "root"],
          properties: {
            size: { type: "integer", minimum: 0 },
            root: { type: "string", pattern: "^[0-9a-f]{64}$" },
          },
        },
      },
    },
    ["known"],
  ),
  async handler({ engine }, { known = [], onProgress }) {
    const { driver } = engine.context;
    const archived = (await findArchivedEnd(driver)) ?? null;
    const begins = archived?.n ?? 0;
    const notCompared = known.filter(({ size }) => size < begins).length;
    const checked = await verifyLedger(driver, onProgress, rootsOf(known));
    const about = { archived, notCompared };
    return "fault" in checked
      ? {
          verified: false,
          entries: checked.fault.n - 1,
          head: null,
          firstBad: checked.fault,
          ...about,
        }
      : {
          verified: true,
          entries: checked.head.n,
          head: checked.head.root,
          firstBad: null,
          ...about,
        };
  },
};
