/** What a loop has learned, for the head of a department: the answer first, then what it rests on. */
import pc from "picocolors";
import type { OutcomeReport, ProposalWithPaper } from "../operation/show-outcomes.ts";
import type { OptionLesson } from "../stats/outcome/lesson.ts";
import { moneyToText } from "../std/money.ts";
import { table } from "./output.ts";

export function lessonToScreen(report: OutcomeReport): string {
  const { loop, since, until, signals, acted, actions, options, proposals } = report;
  const waits = acted - actions;
  return [
    pc.bold(`${loop}, ${since.slice(0, 10)} to ${until.slice(0, 10)}`),
    `  ${count(signals)} signals, ${count(acted)} actions, ${count(actions)} of them measured` +
      (waits > 0 ? `; ${count(waits)} not mature yet.` : "."),
    "",
    pc.bold("What it did"),
    ...(options.length === 0 ? ["  Nothing is measured yet."] : []),
    ...options.flatMap((option) => optionToLines(option, report.currency)),
    ...holdoutToLines(report),
    "",
    pc.bold("How honest it was"),
    ...honestyToLines(report),
    ...options.flatMap(foretoldToLines),
    "",
    pc.bold("What might change (nothing changes by itself)"),
    ...proposals.flatMap(proposalToLines),
    ...autonomyToLines(report),
    "",
    pc.dim(
      "Effects of an option are observational: against untouched places, not by lot. Prices are of returns\n" +
        "that did not happen; orders not won, ad spend saved and what an action costs are not in them.",
    ),
  ].join("\n");
}

function optionToLines(lesson: OptionLesson, currency: string): ReadonlyArray<string> {
  const { option, verdicts, pooled, avoided, worth, waiting } = lesson;
  const said = Object.entries(verdicts).flatMap(([verdict, n]) =>
    n > 0 ? [`${n} ${verdict}`] : [],
  );
  const rupees = (amountMinor: number) => moneyToText({ amountMinor, currency });
  const lines = [`  ${pc.bold(option)}: ${said.join(", ")}.`];
  if (pooled !== null) {
    const [low, high] = pooled.interval;
    lines.push(
      `    Failed deliveries per 100 ordinary attempts: ${points(pooled.mean)} (90% ${points(low)} to ` +
        `${points(high)}); ${Math.round(100 * pooled.shareOfSpread)}% of the scatter is real difference.`,
    );
  } else {
    lines.push("    One action has no common effect; two or more do.");
  }
  if (avoided !== null) {
    const [low, high] = avoided.interval;
    lines.push(
      `    Failed deliveries avoided: ${count(avoided.count)} (90% ${count(low)} to ${count(high)})` +
        (worth === null
          ? "."
          : `, returns worth ${rupees(worth.amountMinor)} (${rupees(worth.interval[0])} to ` +
            `${rupees(worth.interval[1])}).`),
    );
  }
  if (waiting !== null) {
    lines.push(
      `    Waiting 5 to 14 days for a hand-over would have forgone ${count(waiting.days5)} to ` +
        `${count(waiting.days14)} of them.`,
    );
  }
  return lines;
}

function holdoutToLines({ holdout }: OutcomeReport): ReadonlyArray<string> {
  if (holdout === null) return [];
  const { now, later, waiting, effect } = holdout;
  const drawn =
    `  By lot: ${count(now)} acted on and ${count(later)} that waited` +
    (waiting > 0 ? `, ${count(waiting)} not measured yet.` : ".");
  if ("missing" in effect) return [drawn, `    Nothing can be said yet: ${effect.missing}.`];
  const { estimate, interval, pValue } = effect;
  return [
    drawn,
    `    Acting changed failed deliveries per 100 ordinary attempts by ${points(estimate)} (90% ` +
      `${points(interval[0])} to ${points(interval[1])}, p = ${pValue.toPrecision(2)}); nothing but the lot ` +
      "told the two apart.",
  ];
}

function honestyToLines({ confidence }: OutcomeReport): ReadonlyArray<string> {
  const { scored, bands, shift } = confidence;
  if (scored === 0)
    return ["  Confidence: no signal can be scored yet; it takes places left alone."];
  const sense =
    shift.low > 0 ? "too modest" : shift.high < 0 ? "too sure" : "nothing speaks against it";
  return [
    `  Confidence, on ${count(scored)} signals that were left alone: ${sense}.`,
    table([
      ["    SAID", "SIGNALS", "CAME TRUE", "95%", "IF HONEST"],
      ...bands.map((band) => [
        `    ${percent(band.confidence)}`,
        count(band.count),
        percent(band.share),
        `${percent(band.low)} to ${percent(band.high)}`,
        percent(band.expected),
      ]),
    ]),
    "    A count of two weeks is noisy, so even an honest confidence is not always seen to come true.",
  ];
}

function foretoldToLines({ option, foretold }: OptionLesson): ReadonlyArray<string> {
  if (foretold === null) return [];
  const [low, high] = foretold.interval;
  return [
    `  ${option}: ${percent(foretold.ratio)} of the effect foretold was seen (90% ${percent(low)} to ` +
      `${percent(high)}; ${count(foretold.actions)} actions).`,
    table([
      ["    FORETOLD", "SEEN", "ACTIONS"],
      ...foretold.bands.map((band) => [
        `    ${points(band.foretold)}`,
        points(band.seen),
        count(band.count),
      ]),
    ]),
  ];
}

function proposalToLines(proposal: ProposalWithPaper): ReadonlyArray<string> {
  const { about, now, proposed, because, evidence, status, interval, paper } = proposal;
  if (status === "not-enough-yet") {
    const when =
      evidence.daysLeft === null ? "" : `, at this pace in ${count(evidence.daysLeft)} days`;
    return [`  ${about} stays ${now}: not enough yet; ${because}${when}.`];
  }
  if (status === "stands") return [`  ${about} stays ${now}: ${because}.`];
  const between = interval === null ? "" : ` (95% ${interval.join(" to ")})`;
  return [
    `  ${pc.yellow(`${about}: ${now} -> ${proposed}`)}${between}: ${because}.`,
    ...(paper === null ? [] : [`    ${paper.command}`]),
  ];
}

function autonomyToLines({ autonomy, loop }: OutcomeReport): ReadonlyArray<string> {
  const { level, proposed, missing } = autonomy;
  if (proposed !== null) {
    return [
      `  autonomy: ${level} -> ${proposed.to_level} is proposed: interlock loop promote ${loop}`,
    ];
  }
  return [`  autonomy stays ${level}${missing.length === 0 ? "" : `: ${missing.join("; ")}`}.`];
}

const INDIAN = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });

function count(value: number): string {
  return INDIAN.format(Math.round(value) + 0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function points(share: number): string {
  const value = (100 * share).toFixed(1);
  return Number(value) > 0 ? `+${value}` : value;
}
