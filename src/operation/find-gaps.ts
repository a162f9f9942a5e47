import { charterHash } from "../core/charter/parse.ts";
import type { GapFinding } from "../core/charter/space/finding.ts";
import { findGaps, type GapReport } from "../core/charter/space/gaps.ts";
import type { Place } from "../core/document.ts";
import { type NamedText, readCharter, readContract } from "./charter-text.ts";

export type GapResult = Omit<GapReport, "findings"> & {
  readonly title: string;
  readonly hash: string;
  readonly currency: string;
  readonly findings: ReadonlyArray<GapFinding & Place>;
};

/** Needs no store and no engine: a proof about one document, or what is missing for it. */
export const charterGaps = {
  name: "charter.gaps",
  summary:
    "Decides for every point whether a charter has one rule, people who can vote, and an address.",
  find(text: NamedText, contract: NamedText | undefined): GapResult {
    const { document, charter } = readCharter(text);
    const report = findGaps(charter, readContract(contract));
    return {
      title: `charter ${charter.name}, version ${charter.version}`,
      hash: charterHash(charter),
      currency: charter.currency,
      ...report,
      findings: report.findings.map((finding) => ({
        ...finding,
        ...document.placeOf(finding.path),
      })),
    };
  },
};
