import type { Case } from "../core/case/types.ts";
import { amendConfidence } from "../core/charter/amend.ts";
import type { Charter } from "../core/charter/types.ts";
import { type AutonomyView, viewAutonomy } from "../engine/autonomy.ts";
import { type HoldoutCount, readHoldout } from "../engine/holdout-rows.ts";
import { readActions, readTold } from "../engine/lesson-rows.ts";
import { getLoopTerms } from "../engine/terms.ts";
import { estimateHoldoutEffect, type HoldoutEffect } from "../stats/outcome/holdout.ts";
import {
  computeLesson,
  type Lesson,
  type Setting,
  type SettingProposal,
} from "../stats/outcome/lesson.ts";
import { computeWaiting, type WaitingCost, type WaitRow } from "../stats/outcome/waiting.ts";
import { assert } from "../std/assert.ts";
import { DAY_MS, diffMs, type Instant } from "../std/time.ts";
import { findLoop } from "../store/table/loop.ts";
import { listCases } from "../store/table/signal-case.ts";
import { CASES_MAX } from "./list-cases.ts";
import { getWiring, inputSchema, LOOP_FIELD, instantField, type Operation } from "./operation.ts";

/** How a proposed number becomes one that stands: always by people. */
export type Paper =
  | { readonly kind: "charter"; readonly document: Charter; readonly command: string }
  | {
      readonly kind: "patch";
      readonly file: string;
      readonly path: string;
      readonly old: number;
      readonly new: number;
      readonly command: string;
    };

export type ProposalWithPaper = SettingProposal & { readonly paper: Paper | null };

/** What the lot shows, where the charter draws one. */
export type HoldoutReport = {
  /** Measured: acted on at once, and waited. */
  readonly now: number;
  readonly later: number;
  /** Not old enough, or without the data to tell. */
  readonly waiting: number;
  readonly effect: HoldoutEffect | { readonly missing: string };
};

export type OutcomeReport = Omit<Lesson, "proposals"> & {
  readonly loop: string;
  readonly currency: string;
  /** From the first signal, or the instant asked for, until now. */
  readonly since: Instant;
  readonly until: Instant;
  readonly signals: number;
  /** Executed, whether measured yet or not. */
  readonly acted: number;
  /** By party; of what nobody was asked about there is none. */
  readonly waits: ReadonlyArray<WaitingCost>;
  /** Null where nothing was ever drawn. */
  readonly holdout: HoldoutReport | null;
  readonly proposals: ReadonlyArray<ProposalWithPaper>;
  /** The ladder proposes its own steps. */
  readonly autonomy: AutonomyView;
};

export const outcomeShow: Operation<
  { readonly loop: string; readonly since?: Instant },
  OutcomeReport
> = {
  name: "outcome.show",
  summary:
    "What a loop's actions did, how honest it was, and which settings its owners might change.",
  access: "viewer",
  errors: ["loop/not-found"],
  input: inputSchema(
    { loop: LOOP_FIELD, since: instantField("only signals from this instant on") },
    ["since"],
  ),
  async handler(context, { loop, since }) {
    const wiring = getWiring(context, loop);
    const engine = context.engine.context;
    const { driver, clock } = engine;
    const row = await findLoop(driver, loop);
    assert(row, "a wired loop is registered");
    const { charter } = await getLoopTerms(driver, loop);
    const all = await listCases(driver, { loop }, CASES_MAX);
    const cases = all.filter(({ openedAt }) => since === undefined || openedAt >= since);
    const until = clock.now();
    const start = since ?? firstOf(cases) ?? until;
    const { learning } = wiring;
    const { maturityDays } = charter.outcome;
    const lesson = computeLesson({
      actions: readActions(wiring, cases),
      told: await readTold(driver, engine, wiring, cases, maturityDays),
      settings: [...listThresholds(charter), ...(learning?.settings ?? [])],
      ...(learning === undefined ? {} : { failureCost: learning.failureCost }),
      overDays: Math.max(1, diffMs(until, start) / DAY_MS),
    });
    return {
      loop,
      currency: charter.currency,
      since: start,
      until,
      signals: cases.length,
      acted: cases.filter(({ action }) => action !== undefined).length,
      waits: computeWaiting(cases.flatMap(readWaits)),
      ...lesson,
      holdout: cases.some(({ lot }) => lot !== undefined)
        ? reportHoldout(await readHoldout(driver, engine, wiring, cases, maturityDays))
        : null,
      proposals: lesson.proposals.map((proposal) => ({
        ...proposal,
        paper: writePaper(loop, charter, proposal),
      })),
      autonomy: await viewAutonomy(driver, engine, row),
    };
  },
};

/** Every clock of a case that stands: what it waited for was agreed to, lost, or not to be had. */
function readWaits({ clocks, proposal, action, closeReason }: Case): ReadonlyArray<WaitRow> {
  if (proposal === undefined) return [];
  const { value, standingDays } = proposal;
  const isLost = closeReason === "expired";
  return clocks.flatMap(({ party, answeredAt, waitedMs, waitedOpenMs }) => {
    if (waitedMs === undefined) return [];
    const answered = answeredAt !== undefined;
    const valueMinor =
      action !== undefined || (isLost && !answered) ? value.mean.amountMinor : null;
    return [
      {
        party,
        waitedMs,
        waitedOpenMs: waitedOpenMs ?? waitedMs,
        answered,
        valueMinor,
        standingDays,
      },
    ];
  });
}

function reportHoldout({ rows, waiting }: HoldoutCount): HoldoutReport {
  const now = rows.filter(({ arm }) => arm === "act-now").length;
  return { now, later: rows.length - now, waiting, effect: estimateHoldoutEffect(rows) };
}

function firstOf(cases: ReadonlyArray<Case>): Instant | undefined {
  return cases.map(({ openedAt }) => openedAt).sort()[0];
}

const RULE = "rule:";

/** Every confidence that a rule of the charter asks for. */
function listThresholds({ name, rules }: Charter): ReadonlyArray<Setting> {
  return rules.flatMap(({ name: rule, when }, i): ReadonlyArray<Setting> => {
    const now = when.confidence?.atLeast;
    return now === undefined || now <= 0 || now >= 1
      ? []
      : [
          {
            kind: "confidence-threshold",
            about: `${RULE}${rule}`,
            file: `charter ${name}`,
            path: `/rules/${i}/when/confidence/atLeast`,
            now,
          },
        ];
  });
}

function writePaper(loop: string, charter: Charter, proposal: SettingProposal): Paper | null {
  const { status, about, file, path, now, proposed } = proposal;
  if (status !== "enough") return null;
  if (about.startsWith(RULE)) {
    return {
      kind: "charter",
      document: amendConfidence(charter, about.slice(RULE.length), proposed),
      command: `interlock outcome propose ${loop} --about ${about} --out charter-next.json`,
    };
  }
  const command = `write ${proposed} for ${now} at ${path} of ${file}, and its source`;
  return { kind: "patch", file, path, old: now, new: proposed, command };
}
