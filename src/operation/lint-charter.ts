import { lintCharter } from "../core/charter/lint.ts";
import { charterHash, checkCharter } from "../core/charter/parse.ts";
import { parseContract } from "../core/contract/parse.ts";
import { parseDocument } from "../core/document.ts";
import type { Instant } from "../std/time.ts";
import { type LintResult, problemsToFindings, toLintResult } from "./lint-result.ts";

/** Needs no store and no engine: a pure check of one document, and of its fit with a contract. */
export const lintCharterText = {
  name: "charter.lint",
  summary: "Checks a charter for rules that cannot decide, people who cannot act, and gaps.",
  check(
    text: string,
    name: string,
    context: {
      readonly contract: { readonly name: string; readonly text: string } | undefined;
      readonly now: Instant;
    },
  ): LintResult {
    const document = parseDocument(text, name);
    const checked = checkCharter(document.value);
    if (checked.kind === "invalid") {
      const about = { title: "not a charter", hash: null };
      return toLintResult(document, about, problemsToFindings(checked.problems));
    }
    const { charter } = checked;
    const about = {
      title: `charter ${charter.name}, version ${charter.version}`,
      hash: charterHash(charter),
    };
    const contract =
      context.contract === undefined
        ? undefined
        : parseContract(parseDocument(context.contract.text, context.contract.name).value);
    const findings = lintCharter(charter, contract, context.now);
    return toLintResult(document, about, findings);
  },
};
