/**
 * What a loop has learned: what its actions did, how honest it was, and what its owners might change.
 *
 * A good doctor keeps a list of what was said at the bedside and what happened. From it follow three
 * things: what each treatment did, whether "I am fairly sure" meant it, and which rule of thumb is off.
 *
 * INVARIANT (nothing is changed here): a proposal is a number, its reasons and its evidence. It is asked
 * for only with a stated least evidence, is drawn towards what stands, and lies inside its own interval.
 *
 * Left out: money. An outcome counts failures per ordinary attempt; `worth` prices the failures that did
 * not happen and nothing else.
 */
import { assert } from "../../std/assert.ts";
import { compareForetold, type ForetoldRatio, type ForetoldRow, shrinkRatio } from "./foretold.ts";
import { computeHonesty, computeSaidFor, type Honesty, type Told } from "./honesty.ts";
import { addMoney, type MoneyEffect, type Uncertain } from "./money.ts";
import type { PanelVerdict } from "./panel-effect.ts";
import { type PooledEffect, poolEffects, type SeenEffect } from "./pooled.ts";

/** What the receiver's settings foretold of an action, in the unit of its outcome. */
export type Foretold = {
  readonly effect: number;
  /** The part of it that the option's own setting does not move; 0 where it moves the whole. */
  readonly fixed: number;
};

/** One action whose outcome is mature. */
export type ActionRow = {
  readonly option: string;
  readonly verdict: PanelVerdict;
  /** In failures per ordinary attempt; undefined where nothing could be worked out. */
  readonly seen?: SeenEffect;
  readonly foretold?: Foretold;
  /** Ordinary attempts in the days that the effect was read from, and those days. */
  readonly attempts?: number;
  readonly days?: number;
};

/** A number that both owners may change. */
export type Setting = { readonly about: string; readonly file: string; readonly path: string } & (
  | { readonly kind: "confidence-threshold"; readonly now: number }
  | {
      readonly kind: "option-prior";
      readonly now: number;
      /** Nine times in ten the truth lies here. */
      readonly low: number;
      readonly high: number;
      /** What these options do, but for its fixed part, goes with the setting in proportion. */
      readonly options: ReadonlyArray<string>;
    }
);

export type ProposalStatus = "enough" | "stands" | "not-enough-yet";

export type SettingProposal = Setting & {
  /** Equal to `now` unless the status is `enough`. */
  readonly proposed: number;
  readonly interval: readonly [low: number, high: number] | null;
  readonly because: string;
  readonly evidence: {
    readonly rows: number;
    readonly needed: number;
    readonly times: number | null;
    /** Until there are enough rows at this pace; null when there are, or when there is no pace. */
    readonly daysLeft: number | null;
  };
  readonly status: ProposalStatus;
};

export type OptionLesson = {
  readonly option: string;
  readonly verdicts: { readonly [verdict in PanelVerdict]: number };
  /** Null below two measured actions. */
  readonly pooled: PooledEffect | null;
  /** Failures that did not happen while it was watched, 90%. */
  readonly avoided: Counted | null;
  readonly worth: MoneyEffect | null;
  /** What 5 and 14 days of waiting would have cost of it; never more than was watched. */
  readonly waiting: { readonly days5: number; readonly days14: number } | null;
  readonly foretold: ForetoldRatio | null;
};

export type Counted = { readonly count: number; readonly interval: readonly [number, number] };

export type Lesson = {
  readonly actions: number;
  readonly options: ReadonlyArray<OptionLesson>;
  readonly confidence: Honesty;
  readonly proposals: ReadonlyArray<SettingProposal>;
};

export type LessonInput = {
  readonly actions: ReadonlyArray<ActionRow>;
  readonly told: ReadonlyArray<Told>;
  readonly settings: ReadonlyArray<Setting>;
  /** What a failure that does not happen saves, in minor units. */
  readonly failureCost?: Uncertain;
  /** Days over which the rows came, for the pace; above 0. */
  readonly overDays: number;
};

/** As many as calibration asks of a sender: a share of fifty is known to about a seventh. */
export const TOLD_LEAST = 50;
/** As many matured actions as the ladder of autonomy asks for. */
export const FORETOLD_LEAST = 20;
/** At most one honest setting in twenty is ever proposed to change, however often it is looked at. */
export const EVIDENCE_LEAST = 20;
/** A smaller change is not worth two signatures. */
const CHANGE_LEAST = 0.02;
/** The hand-over between people that the loop takes the place of. */
const WAITS = [5, 14] as const;
const Z_90 = 1.6448536269514722;
/** A range that holds nine in ten is so many deviations wide. */
const RANGE_DEVIATIONS = 2 * Z_90;

export function computeLesson(input: LessonInput): Lesson {
  assert(input.overDays > 0, "rows come over some time");
  const names = [...new Set(input.actions.map(({ option }) => option))].sort();
  const confidence = computeHonesty(input.told);
  return {
    actions: input.actions.length,
    options: names.map((option) =>
      readOption(
        option,
        input.actions.filter((row) => row.option === option),
        input.failureCost,
      ),
    ),
    confidence,
    proposals: input.settings.map((setting) =>
      setting.kind === "confidence-threshold"
        ? proposeThreshold(setting, confidence, input.overDays)
        : proposePrior(setting, input),
    ),
  };
}

function readOption(
  option: string,
  rows: ReadonlyArray<ActionRow>,
  failureCost: Uncertain | undefined,
): OptionLesson {
  const seen = rows.flatMap((row) => (row.seen === undefined ? [] : [row.seen]));
  const foretold = listForetold(rows);
  const avoided = countAvoided(rows);
  const count = (verdict: PanelVerdict) => rows.filter((row) => row.verdict === verdict).length;
  return {
    option,
    verdicts: {
      helped: count("helped"),
      "no-effect": count("no-effect"),
      harmed: count("harmed"),
      undetermined: count("undetermined"),
    },
    pooled: seen.length < 2 ? null : poolEffects(seen),
    avoided: avoided === undefined ? null : toCounted(avoided),
    worth: avoided === undefined || failureCost === undefined ? null : price(avoided, failureCost),
    waiting: countWaiting(rows),
    foretold: foretold.length < 2 ? null : compareForetold(foretold),
  };
}

function listForetold(rows: ReadonlyArray<ActionRow>): ReadonlyArray<ForetoldRow> {
  return rows.flatMap(({ foretold, seen }) =>
    foretold === undefined || foretold.effect === 0 || seen === undefined
      ? []
      : [{ foretold: foretold.effect, seen }],
  );
}

/** Of what was foretold and seen, the part that a setting stands for. */
function listMoved(rows: ReadonlyArray<ActionRow>): ReadonlyArray<ForetoldRow> {
  return rows.flatMap(({ foretold, seen }) => {
    if (foretold === undefined || seen === undefined) return [];
    const { effect, fixed } = foretold;
    if (effect === fixed) return [];
    return [{ foretold: effect - fixed, seen: { ...seen, estimate: seen.estimate - fixed } }];
  });
}

function countAvoided(rows: ReadonlyArray<ActionRow>): Uncertain | undefined {
  const known = rows.flatMap(({ seen, attempts }) =>
    seen === undefined || attempts === undefined ? [] : [{ seen, attempts }],
  );
  if (known.length === 0) return undefined;
  return {
    mean: known.reduce((sum, { seen, attempts }) => sum - seen.estimate * attempts, 0),
    deviation: Math.sqrt(
      known.reduce((sum, { seen, attempts }) => sum + seen.variance * attempts ** 2, 0),
    ),
  };
}

function toCounted({ mean, deviation }: Uncertain): Counted {
  const reach = Z_90 * deviation;
  return { count: mean, interval: [mean - reach, mean + reach] };
}

/** Every failure at the same unknown cost: the product's variance is Goodman's. */
function price(avoided: Uncertain, cost: Uncertain): MoneyEffect {
  const deviation = Math.hypot(
    avoided.mean * cost.deviation,
    cost.mean * avoided.deviation,
    avoided.deviation * cost.deviation,
  );
  const amount = avoided.mean * cost.mean;
  const round = (value: number) => Math.round(value) + 0;
  const interval = [round(amount - Z_90 * deviation), round(amount + Z_90 * deviation)] as const;
  return addMoney([{ amountMinor: round(amount), interval }]);
}

function countWaiting(rows: ReadonlyArray<ActionRow>): OptionLesson["waiting"] {
  const missed = (wait: number) =>
    rows.reduce((sum, { seen, attempts, days }) => {
      if (seen === undefined || attempts === undefined || days === undefined) return sum;
      return sum - seen.estimate * attempts * (Math.min(wait, days) / days);
    }, 0);
  const [days5, days14] = WAITS;
  const isKnown = rows.some(({ seen, attempts }) => seen !== undefined && attempts !== undefined);
  return isKnown ? { days5: missed(days5), days14: missed(days14) } : null;
}

function proposeThreshold(
  setting: Extract<Setting, { readonly kind: "confidence-threshold" }>,
  { scored, shift, evidence }: Honesty,
  overDays: number,
): SettingProposal {
  const said = (at: number) => roundTo(computeSaidFor(setting.now, at));
  const interval = [said(shift.high), said(shift.low)] as const;
  const why = shift.mean < 0 ? "less often than was said" : "more often than was said";
  return judge(setting, {
    rows: scored,
    needed: TOLD_LEAST,
    what: "signals left alone and counted later",
    times: evidence,
    proposed: said(shift.mean),
    interval,
    overDays,
    because:
      `what was foretold came true ${why}; where ${setting.now} is meant, ` +
      `${said(shift.mean)} has to be said`,
  });
}

function proposePrior(
  setting: Extract<Setting, { readonly kind: "option-prior" }>,
  { actions, overDays }: LessonInput,
): SettingProposal {
  const rows = listMoved(actions.filter(({ option }) => setting.options.includes(option)));
  const needed = FORETOLD_LEAST;
  const what = `measured actions by ${setting.options.join(" or ")}`;
  if (rows.length < 2) {
    const nothing = { times: null, proposed: setting.now, interval: null, because: "" };
    return judge(setting, { rows: rows.length, needed, what, overDays, ...nothing });
  }
  const seen = compareForetold(rows);
  const deviation = (setting.high - setting.low) / RANGE_DEVIATIONS / setting.now;
  const { mean, low, high, evidence } = shrinkRatio(seen, deviation);
  const within = (value: number) =>
    roundTo(Math.min(setting.high, Math.max(setting.low, value * setting.now)));
  return judge(setting, {
    rows: rows.length,
    needed,
    what,
    times: evidence,
    proposed: within(mean),
    interval: [within(low), within(high)],
    overDays,
    because:
      `of the effect foretold, ${roundTo(seen.ratio)} parts of 1 came ` +
      `(90% ${seen.interval.map(roundTo).join(" to ")}), read without a lot`,
  });
}

type Found = {
  readonly rows: number;
  readonly needed: number;
  readonly what: string;
  readonly times: number | null;
  readonly proposed: number;
  readonly interval: readonly [low: number, high: number] | null;
  readonly because: string;
  readonly overDays: number;
};

function judge(setting: Setting, found: Found): SettingProposal {
  const { rows, needed, times, proposed, interval } = found;
  const isMuch = Math.abs(proposed - setting.now) >= CHANGE_LEAST - 1e-9;
  const isTold = times !== null && times >= EVIDENCE_LEAST;
  const status = rows < needed ? "not-enough-yet" : isMuch && isTold ? "enough" : "stands";
  const missing = needed - rows;
  const daysLeft = missing <= 0 || rows === 0 ? null : Math.ceil((missing * found.overDays) / rows);
  const because =
    status === "not-enough-yet"
      ? `it takes ${needed} ${found.what}, there are ${rows}`
      : status === "enough"
        ? found.because
        : `${rows} ${found.what} do not speak against it clearly enough`;
  return {
    ...setting,
    proposed: status === "enough" ? proposed : setting.now,
    interval: status === "not-enough-yet" ? null : interval,
    because,
    evidence: { rows, needed, times: rows === 0 ? null : times, daysLeft },
    status,
  };
}

function roundTo(value: number): number {
  return Math.round(value * 100) / 100;
}
