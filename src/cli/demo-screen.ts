/** The demo's report for the head of a department: what was seen, what was done, what it was worth. */
import pc from "picocolors";
import type { DemoReport } from "../app/demo.ts";
import type { RunReport } from "../app/run-report.ts";
import { moneyToText } from "../std/money.ts";
import { table } from "./output.ts";

export function demoToScreen(report: DemoReport, directory: string): string {
  const { value, detection, cases } = report;
  const rupees = (amountMinor: number) => moneyToText({ amountMinor, currency: value.currency });
  const liveDays = report.days - report.historyDays;
  return [
    heading(`Interlock, ${liveDays} days live after ${report.historyDays} days of learning`),
    "",
    heading("What was seen"),
    `  ${count(report.observations)} daily counts from ${count(report.subjects)} pincodes; ` +
      `${report.signals} signals sent.`,
    `  ${detection.detected} of ${detection.trueBreaks} lasting rises found, ` +
      `half of them within ${detection.medianDelayDays ?? "-"} days; ` +
      `${detection.falseSignals} false signals; ` +
      `${detection.spikesSignalled} of ${detection.spikes} passing spikes signalled.`,
    ...detection.byVolume.map(
      (band) =>
        `    ${band.ordersPerDay.padEnd(10)} orders a day: ${band.detected} of ${band.trueBreaks} found` +
        (band.medianDelayDays === null ? "" : `, half within ${band.medianDelayDays} days`),
    ),
    `  A rise shows only after enough orders: small places take long, or cannot be told from chance.`,
    "",
    heading("What was done, and why not more"),
    ...casesToLines(report),
    "",
    heading("How fast"),
    `  Signal to action: half within ${hours(report.hoursToAction.p50)}, ` +
      `99% within ${hours(report.hoursToAction.p99)}. Between people it takes 5 to 14 days.`,
    `  Notices delivered: ${Object.entries(report.notices)
      .map(([department, sent]) => `${sent} to ${department}`)
      .join(", ")}; ${report.noticesFailed} failed.`,
    "",
    heading("What it was worth (this company is simulated, so the truth is known)"),
    `  ${pc.bold(rupees(value.savedMinor))} against doing nothing.`,
    `  ${pc.bold(rupees(value.versusHumanMinor))} against the same actions handed over by people in 5 to 14 days.`,
    "",
    heading("What it did, as measured from the data alone"),
    outcomesToLine(report),
    "",
    ...(report.example === null
      ? []
      : [heading(`One case in full: ${report.example.id}`), indent(report.example.account), ""]),
    heading("On record"),
    `  ${count(report.ledger.entries)} ledger entries, ` +
      (report.ledger.verified ? "every one verified." : pc.red("BROKEN: run `ledger verify`.")),
    `  ${cases.accepted} accepted = ${cases.open} open + ${cases.accepted - cases.open} closed.`,
    "",
    ...waitingToLines(cases.openByState["held"] ?? 0),
    pc.dim(`Look further: npm run -s interlock -- case list --data ${directory}`),
  ].join("\n");
}

function waitingToLines(held: number): ReadonlyArray<string> {
  if (held === 0) return [];
  const who = held === 1 ? "One decision waits" : `${held} decisions wait`;
  return [`${who} for the two heads' votes: npm start opens the dashboard on them.`];
}

/** What became of every signal, in words; shared by the reports. */
export function casesToLines(report: RunReport): ReadonlyArray<string> {
  const options = Object.entries(report.actionsByOption).map(([option, n]) => `${n} ${option}`);
  const verdicts = Object.entries(report.verdicts).map(([verdict, n]) => `${n} ${verdict}`);
  const rows = [
    ...Object.entries(report.cases.closed).map(([reason, n]) => [
      `${n}`,
      reason,
      WORDS[reason] ?? "",
    ]),
    ...Object.entries(report.cases.openByState).map(([state, n]) => [
      `${n}`,
      state,
      WORDS[state] ?? "",
    ]),
  ];
  return [
    `  ${report.actions} actions executed and read back${options.length > 0 ? `: ${options.join(", ")}` : ""}.`,
    `  The charter said: ${verdicts.join(", ") || "nothing was asked of it"}.`,
    ...(rows.length === 0
      ? []
      : table(rows)
          .split("\n")
          .map((line) => `    ${line}`)),
  ];
}

const WORDS: { readonly [word: string]: string } = {
  declined: "marketing: no option is worth more than doing nothing",
  bounced: "marketing handed it back: the courier is at fault",
  forbidden: "the charter forbids it",
  rejected: "a head of department rejected it",
  expired: "nobody answered in time; silence never allows",
  failed: "could not be carried out",
  superseded: "a newer signal took its place",
  duplicate: "an action was already under way there",
  helped: "acted, measured: it helped",
  "no-effect": "acted, measured: no effect",
  "harmed-undone": "acted, measured: it harmed, undone",
  undetermined: "acted, measured: the data cannot tell",
  undone: "acted, undone by a person",
  "taken-over": "acted, then a person edited the same place: theirs stands",
  withheld: "might act, and waited by lot",
  watching: "acted; the effect is being watched, or the action still stands",
  held: "waiting for votes",
};

function outcomesToLine(report: RunReport): string {
  const measured = Object.entries(report.outcomes).map(([verdict, n]) => `${n} ${verdict}`);
  if (measured.length === 0) return "  No action is old enough to be measured.";
  return `  ${measured.join(", ")}. Undetermined means that the data cannot tell, not that nothing happened.`;
}

function heading(text: string): string {
  return pc.bold(pc.cyan(text));
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

function count(n: number): string {
  return new Intl.NumberFormat("en-IN").format(n);
}

function hours(value: number | null): string {
  if (value === null) return "-";
  return value < 1 ? `${Math.max(1, Math.round(value * 60))} min` : `${value.toFixed(1)} hours`;
}
