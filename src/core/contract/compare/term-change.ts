/** The terms around payload and options: parties, subject, confidence, expiry, and words for readers. */
import { quote } from "../../problem.ts";
import { ID_LENGTH_MAX } from "../signal.ts";
import type { Contract } from "../types.ts";
import { exampleOf, heldOf, meant, reworded, sayDirections, toChange } from "./change.ts";
import { judgeThing, schemaThing, type Thing } from "./judge.ts";
import type { Change } from "./types.ts";

export function listPartyChanges(before: Contract, after: Contract): Change[] {
  const changes: Change[] = [];
  if (before.name !== after.name) {
    const words = `${quote(before.name)} and ${quote(after.name)} are two contracts, not two versions`;
    changes.push(meant("/name", "name", before.name, after.name, words));
  }
  for (const party of ["sender", "receiver"] as const) {
    const [was, is] = [before[party].department, after[party].department];
    if (was === is) continue;
    const words = `the ${party} was ${quote(was)} and is ${quote(is)}: another department`;
    changes.push(meant(`/${party}/department`, "party", was, is, words));
  }
  return changes;
}

export function listSubjectChanges(
  { subject: before }: Contract,
  { subject: after }: Contract,
): Change[] {
  const changes: Change[] = [];
  if (before.kind !== after.kind) {
    const words = `signals were about a ${quote(before.kind)} and are about a ${quote(after.kind)}`;
    changes.push(meant("/subject/kind", "subject", before.kind, after.kind, words));
  }
  if (before.pattern !== after.pattern) {
    const [was, is] = [before.pattern, after.pattern].map((pattern) =>
      schemaThing({ type: "string", minLength: 1, maxLength: ID_LENGTH_MAX, pattern }),
    ) as [Thing, Thing];
    const { whole } = judgeThing(was, is);
    const draft = {
      path: "/subject/pattern",
      kind: "pattern",
      channel: "signal",
      before: before.pattern,
      after: after.pattern,
      words: `subject: pattern changed; ${sayDirections(whole)}`,
      ...exampleOf("subject", whole),
    } as const;
    changes.push(toChange(draft, heldOf(whole)));
  }
  return [
    ...changes,
    ...reworded(
      "/subject/description",
      "the subject's description",
      before.description,
      after.description,
    ),
  ];
}

export function listConfidenceChanges(before: Contract, after: Contract): Change[] {
  const [was, is] = [before.confidence, after.confidence];
  const changes: Change[] = [];
  if (plainWords(was.meaning) !== plainWords(is.meaning)) {
    const words =
      "confidence is said to mean something else; if only the wording changed, keep the old wording";
    changes.push(meant("/confidence/meaning", "confidence", was.meaning, is.meaning, words));
  } else {
    changes.push(...reworded("/confidence/meaning", "confidence", was.meaning, is.meaning));
  }
  changes.push(
    ...reworded("/confidence/calibration", "calibration", was.calibration, is.calibration),
    ...limitChange(was.thresholds.signal, is.thresholds.signal, {
      path: "/confidence/thresholds/signal",
      channel: "signal",
      what: "the least confidence of a signal",
      of: "confidence",
      widens: "down",
    }),
    ...limitChange(was.thresholds.act, is.thresholds.act, {
      path: "/confidence/thresholds/act",
      channel: "reply",
      what: "the least confidence to act on",
      of: "confidence of a signal that is acted on",
      widens: "down",
    }),
  );
  return changes;
}

/** The same sentence, apart from case, spaces and punctuation. */
function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}<>=%.+-]+/gu, " ")
    .replaceAll(/\.(?=\s|$)/g, "")
    .trim();
}

export function listExpiryChanges({ expiry: was }: Contract, { expiry: is }: Contract): Change[] {
  return limitChange(was.afterHours, is.afterHours, {
    path: "/expiry/afterHours",
    channel: "signal",
    what: "the longest that a signal stays open, in hours",
    of: "hours from sentAt to expiresAt",
    widens: "up",
  });
}

type Limit = {
  readonly path: string;
  readonly channel: "signal" | "reply";
  readonly what: string;
  readonly of: string;
  /** In which direction the limit lets more through. */
  readonly widens: "up" | "down";
};

function limitChange(
  was: number,
  is: number,
  { path, channel, what, of, widens }: Limit,
): Change[] {
  if (was === is) return [];
  const isWider = is > was === (widens === "up");
  // The limit itself is allowed by the version that sets it, and by the wider one only.
  const counterExample = isWider
    ? { of, place: [], newRefusedByOld: is }
    : { of, place: [], oldRefusedByNew: was };
  const more = isWider ? "allows more than before" : "allows less than before";
  const words = `${what}: ${was} -> ${is}; ${more}`;
  const draft = { path, kind: "limit", channel, before: was, after: is, words, counterExample };
  return [toChange(draft, { oldInNew: isWider ? "yes" : "no", newInOld: isWider ? "no" : "yes" })];
}

export function listWordChanges(before: Contract, after: Contract): Change[] {
  const evidence = after.evidence.required.flatMap((item, i) => {
    const old = before.evidence.required.find(({ path }) => path === item.path);
    const at = `/evidence/required/${i}`;
    return old === undefined
      ? []
      : [
          ...reworded(`${at}/name`, `evidence ${item.path}: name`, old.name, item.name),
          ...reworded(`${at}/why`, `evidence ${item.path}: reason`, old.why, item.why),
        ];
  });
  return [
    ...reworded("/title", "the title", before.title, after.title),
    ...reworded("/description", "the description", before.description, after.description),
    ...evidence,
  ];
}
