import { charterHash } from "../core/charter/parse.ts";
import { type CharterComparison, compareCharters } from "../core/charter/space/compare.ts";
import type { Charter } from "../core/charter/types.ts";
import { type NamedText, readCharter } from "./charter-text.ts";

export type CharterDiff = CharterComparison & {
  readonly before: { readonly title: string; readonly hash: string };
  readonly after: { readonly title: string; readonly hash: string };
};

/** Needs no store and no engine: a pure comparison of two documents. */
export const charterDiff = {
  name: "charter.diff",
  summary: "Says what becomes easier or harder between two versions of a charter, and for whom.",
  compare(before: NamedText, after: NamedText): CharterDiff {
    const { charter: was } = readCharter(before);
    const { charter: is } = readCharter(after);
    const about = (charter: Charter): CharterDiff["before"] => ({
      title: `${charter.name}, version ${charter.version}`,
      hash: charterHash(charter),
    });
    return { before: about(was), after: about(is), ...compareCharters(was, is) };
  },
};
