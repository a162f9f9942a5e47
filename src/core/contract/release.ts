/**
 * May this version follow that one, and what has to be done for it?
 *
 * A compatible version only needs a step of the version that says so. A breaking one needs either a
 * migration of old payloads that is shown to work, or a major version that runs beside the old one
 * until no open case uses the old one. A migration mends payloads only: where subjects, options,
 * replies or meanings outside the payload break, only side by side will do.
 */
import type { Json } from "../../std/canonical-json.ts";
import { problem, PROBLEMS_MAX, quote } from "../problem.ts";
import { compareContracts } from "./compare/compare.ts";
import { listEdgePayloads } from "./compare/edge-payload.ts";
import { verdictOf } from "./compare/order.ts";
import type { Change, Comparison } from "./compare/types.ts";
import { isEnough } from "./compare/version.ts";
import { findPayloadProblems, migratePayload } from "./migration.ts";
import type { Payload } from "./migration-step.ts";
import { contractHash } from "./parse.ts";
import type { Contract, Migration, Problem } from "./types.ts";

export type ReleaseJudgement = {
  readonly allowed: boolean;
  /** One sentence. */
  readonly why: string;
  /** What has to happen when it comes into force; what is missing, where it is not allowed. */
  readonly needs: "nothing" | "migration" | "side-by-side";
  readonly comparison: Comparison;
  /** What is wrong with the declared migration. */
  readonly problems: ReadonlyArray<Problem>;
};

const COMPATIBLE = {
  full: "compatible, whichever department moves first",
  backward: "compatible when the receiver moves first",
  forward: "compatible when the sender moves first",
} as const;

export function judgeRelease(previous: Contract, next: Contract): ReleaseJudgement {
  const comparison = compareContracts(previous, next);
  const judge = (
    allowed: boolean,
    needs: ReleaseJudgement["needs"],
    why: string,
    problems: ReadonlyArray<Problem> = [],
  ): ReleaseJudgement => ({ allowed, why, needs, comparison, problems });

  const step = `${previous.version} -> ${next.version}`;
  const { declared, bump, verdict } = comparison;
  if (previous.name !== next.name) {
    const names = `${quote(previous.name)} and ${quote(next.name)}`;
    return judge(false, "nothing", `${names} are two contracts, not two versions of one`);
  }
  if (contractHash(previous) === contractHash(next)) {
    return judge(true, "nothing", "nothing has changed");
  }
  if (declared.bump === "backwards") {
    return judge(false, "nothing", `${step} goes backwards; a new version must be a higher one`);
  }
  if (declared.bump === "none") {
    return judge(
      false,
      "nothing",
      `${previous.version} is taken by another text; raise the version`,
    );
  }
  if (verdict !== "breaking") {
    if (declared.enough) return judge(true, "nothing", COMPATIBLE[verdict]);
    const why = `${step} is a ${declared.bump} step; the changes need a ${bump} one`;
    return judge(false, "nothing", why);
  }

  const migration = next.migrations?.find(({ from }) => from === previous.version);
  const isMajor = declared.bump === "major";
  const beside = "the old version runs beside it until no open case uses it";
  if (migration === undefined) {
    if (isMajor) return judge(true, "side-by-side", `breaking, in a major version: ${beside}`);
    const why =
      `breaking, in a ${declared.bump} step: declare a migration from ${previous.version}, ` +
      "or make it a major version";
    return judge(false, "migration", why);
  }
  const problems = findReleaseProblems(previous, next, migration, comparison.changes);
  if (problems.length > 0) {
    const why = `the migration from ${previous.version} does not hold: ${problems[0]?.message ?? ""}`;
    return judge(false, "migration", why, problems);
  }
  const rest = comparison.changes.filter((change) => !isOfPayload(change));
  if (verdictOf(rest) === "breaking") {
    if (isMajor) return judge(true, "side-by-side", `breaking beyond payloads: ${beside}`);
    const place = rest.find(({ party }) => party !== null)?.path ?? "";
    const why = `breaking beyond payloads, at ${quote(place)}, which no migration mends: make it a major version`;
    return judge(false, "side-by-side", why);
  }
  if (!isEnough(declared.bump, "minor")) {
    return judge(false, "migration", `${step} is a patch; a migration calls for a minor step`);
  }
  return judge(true, "migration", "breaking, and the declared migration holds for old payloads");
}

function isOfPayload({ path }: Change): boolean {
  return ["/payload", "/evidence"].some((root) => path === root || path.startsWith(`${root}/`));
}

/**
 * The golden payloads hold under both versions, and the migration also mends payloads at the edges of
 * either version and those that the comparison found to part the two. These are tests, not a proof.
 */
function findReleaseProblems(
  previous: Contract,
  next: Contract,
  migration: Migration,
  changes: ReadonlyArray<Change>,
): Problem[] {
  const index = next.migrations?.indexOf(migration) ?? 0;
  const at = `/migrations/${index}`;
  const problems: Problem[] = [];
  for (const [i, { old }] of migration.golden.entries()) {
    const found = findPayloadProblems(previous, old);
    problems.push(...found.map((one) => ({ ...one, path: `${at}/golden/${i}/old${one.path}` })));
  }
  const examples = changes
    .filter(isOfPayload)
    .flatMap(({ counterExample }) => (counterExample === undefined ? [] : [counterExample]));
  const olds = [
    ...examples.map(({ oldRefusedByNew }) => oldRefusedByNew),
    ...listEdgePayloads(previous),
  ];
  const news = [
    ...migration.golden.map((pair) => pair.new),
    ...examples.map(({ newRefusedByOld }) => newRefusedByOld),
    ...listEdgePayloads(next),
  ];
  for (const old of olds) if (old !== undefined) problems.push(...tryWay(old, "up"));
  for (const now of news) if (now !== undefined) problems.push(...tryWay(now, "down"));
  return problems.slice(0, PROBLEMS_MAX);

  function tryWay(payload: Json, direction: "up" | "down"): Problem[] {
    const result = migratePayload(next, payload as Payload, previous.version, direction);
    const found =
      result.kind === "refused"
        ? result.problems
        : direction === "down"
          ? findPayloadProblems(previous, result.payload)
          : [];
    return found.slice(0, 1).map((one) => {
      const { version } = direction === "up" ? previous : next;
      const message = `a valid payload of ${version} does not come through ${direction}: ${one.message}`;
      const help = `the payload is ${JSON.stringify(payload).slice(0, 500).toWellFormed()}`;
      return problem("contract", "inconsistent", `${at}/${direction}${one.path}`, message, help);
    });
  }
}
