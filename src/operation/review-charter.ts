import { charterHash } from "../core/charter/parse.ts";
import { type CharterComparison, compareCharters } from "../core/charter/space/compare.ts";
import { findGaps } from "../core/charter/space/gaps.ts";
import type { Charter } from "../core/charter/types.ts";
import type { Hash } from "../std/hash.ts";
import { InterlockError } from "../std/errors.ts";
import { getTerms } from "../engine/terms.ts";
import { findLoop } from "../store/table/loop.ts";
import { listCharters } from "../store/table/charter.ts";
import { readCharter } from "./charter-text.ts";
import type { GapResult } from "./find-gaps.ts";
import { getWiring, inputSchema, LOOP_FIELD, type Operation } from "./operation.ts";

export type ReviewInput = {
  readonly loop: string;
  /** One of the loop's charters; the one that it works under when both are left out ... */
  readonly version?: number;
  /** ... or a text that nobody has proposed yet, YAML or JSON. */
  readonly document?: string;
};

export type CharterReview = Pick<GapResult, "holds" | "isComplete" | "size" | "findings"> & {
  readonly charter: Charter;
  readonly hash: Hash;
  /** What a text is compared with is what stands; a version, with the one before it. Null for the first. */
  readonly against: { readonly version: number; readonly comparison: CharterComparison } | null;
};

const TEXT_CHARS_MAX = 256 * 1_024;

export const charterReview: Operation<ReviewInput, CharterReview> = {
  name: "charter.review",
  summary:
    "Every gap of a loop's charter or of a draft, and in words what it would change, for whom.",
  access: "viewer",
  errors: ["loop/not-found", "charter/not-found", "document/invalid-shape"],
  input: inputSchema(
    {
      loop: LOOP_FIELD,
      version: { type: "integer", minimum: 1, description: "one of its versions" },
      document: { type: "string", maxLength: TEXT_CHARS_MAX, description: "a draft instead" },
    },
    ["version", "document"],
  ),
  async handler(context, { loop, version, document }) {
    getWiring(context, loop);
    const { driver } = context.engine.context;
    const row = await findLoop(driver, loop);
    if (row === undefined)
      throw new InterlockError("loop/not-found", `no loop is named \`${loop}\``);
    const { charter: standing, contract } = await getTerms(
      driver,
      row.contract_hash,
      row.charter_hash,
    );
    const known = (await listCharters(driver, loop)).map(({ charter }) => charter);
    const draft =
      document === undefined ? undefined : readCharter({ text: document, name: "the draft" });
    const charter = draft?.charter ?? findVersion(known, standing, version);
    const before =
      draft === undefined ? known.find((one) => one.version < charter.version) : standing;
    const { findings, ...gaps } = findGaps(charter, contract);
    return {
      charter,
      hash: charterHash(charter),
      ...gaps,
      findings: findings.map((finding) => ({
        ...finding,
        ...(draft?.document.placeOf(finding.path) ?? { line: 1, column: 1 }),
      })),
      against:
        before === undefined
          ? null
          : { version: before.version, comparison: compareCharters(before, charter) },
    };
  },
};

function findVersion(
  known: ReadonlyArray<Charter>,
  standing: Charter,
  version: number | undefined,
): Charter {
  if (version === undefined) return standing;
  const found = known.find((one) => one.version === version);
  if (found !== undefined) return found;
  throw new InterlockError("charter/not-found", `this loop has no version \`${version}\``, {
    help: `its versions are ${known.map((one) => one.version).join(", ")}`,
  });
}
