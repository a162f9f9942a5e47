import { lintContract } from "../core/contract/lint.ts";
import { checkContract, contractHash } from "../core/contract/parse.ts";
import { parseDocument } from "../core/document.ts";
import { type LintResult, problemsToFindings, toLintResult } from "./lint-result.ts";

/** Needs no store and no engine: a pure check of one document. */
export const lintContractText = {
  name: "contract.lint",
  summary: "Checks that a contract is complete and unambiguous, with the place of every finding.",
  check(text: string, name: string): LintResult {
    const document = parseDocument(text, name);
    const checked = checkContract(document.value);
    if (checked.kind === "invalid") {
      const about = { title: "not a contract", hash: null };
      return toLintResult(document, about, problemsToFindings(checked.problems));
    }
    const { contract } = checked;
    const about = {
      title: `contract ${contract.name} ${contract.version}`,
      hash: contractHash(contract),
    };
    return toLintResult(document, about, lintContract(contract));
  },
};
