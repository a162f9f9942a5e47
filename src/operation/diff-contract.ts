import type { Comparison } from "../core/contract/compare/types.ts";
import { checkContract } from "../core/contract/parse.ts";
import { judgeRelease, type ReleaseJudgement } from "../core/contract/release.ts";
import type { Contract } from "../core/contract/types.ts";
import { InvalidDocumentError, parseDocument } from "../core/document.ts";

type Text = { readonly text: string; readonly name: string };

/** What changed, and whether the newer version may come into force after the older one. */
export type ContractDiff = Comparison & { readonly release: Omit<ReleaseJudgement, "comparison"> };

/** Needs no store and no engine: a pure comparison of two documents. */
export const diffContractTexts = {
  name: "contract.diff",
  summary: "Compares two versions of a contract: what changed, who must change first, and why.",
  compare(before: Text, after: Text): ContractDiff {
    const { comparison, ...release } = judgeRelease(readContract(before), readContract(after));
    return { ...comparison, release };
  },
};

function readContract({ text, name }: Text): Contract {
  const checked = checkContract(parseDocument(text, name).value);
  if (checked.kind === "valid") return checked.contract;
  throw new InvalidDocumentError(`${name} is not a contract`, checked.problems);
}
