/** A comparison for people: the changes in groups, each with what it breaks, then who moves first. */
import pc from "picocolors";
import type {
  Change,
  Channel,
  Comparison,
  CounterExample,
  PartyOrder,
} from "../core/contract/compare/types.ts";
import type { ContractDiff } from "../operation/diff-contract.ts";
import type { Json } from "../std/canonical-json.ts";

const GROUPS: ReadonlyArray<readonly [Channel, string]> = [
  ["signal", "Signals: the sender says them, the receiver reads them"],
  ["reply", "Replies: the receiver says them; the sender's side, charter and connectors read them"],
  ["meaning", "Meaning: the same words for something else"],
  ["words", "Words for readers"],
];

export function comparisonToScreen(comparison: ContractDiff): string {
  const { contract, from, to, verdict, declared, words, changes, parties, release } = comparison;
  const lines = [pc.bold(`${contract} ${from} -> ${to}`)];
  for (const [channel, title] of GROUPS) {
    const own = changes.filter((change) => change.channel === channel);
    if (own.length === 0) continue;
    lines.push("", pc.dim(title), ...own.flatMap(changeToLines));
  }
  if (changes.length === 0) lines.push("", "nothing that is said under it has changed");
  const step =
    declared.bump === "backwards" ? "a step backwards" : `a step of kind ${declared.bump}`;
  lines.push(
    "",
    `${pc.bold("verdict")}   ${paint(verdict)(verdict)}: ${words}`,
    `${pc.bold("version")}   ${from} -> ${to} is ${step}; ${sayNeed(comparison)}`,
    `${pc.bold("release")}   ${release.allowed ? "may follow" : pc.red("may not follow")}: ${release.why}`,
    ...release.problems
      .slice(0, REASONS_SHOWN)
      .flatMap(({ path, message, help }) => [
        `            ${path}: ${message}`,
        ...(help === undefined ? [] : [`            ${pc.green("help")} ${help}`]),
      ]),
    ...partyToLines("sender", parties.sender),
    ...partyToLines("receiver", parties.receiver),
  );
  return lines.join("\n");
}

function sayNeed({ bump, declared, release }: ContractDiff): string {
  if (declared.enough) return `${bump} is needed, so it is enough`;
  if (release.allowed) return `${bump} would be needed but for the declared migration`;
  return pc.red(`${bump} is needed, so it is not enough`);
}

function changeToLines(change: Change): string[] {
  return [
    `${markOf(change)} ${pc.dim(change.path === "" ? "/" : change.path)}`,
    `    ${change.words}`,
    ...(change.counterExample === undefined ? [] : exampleToLines(change.counterExample)),
  ];
}

function markOf({ channel, effect, party }: Change): string {
  if (channel === "words") return pc.dim("  ·");
  if (effect.backward === "yes" && effect.forward === "yes") return pc.green("  =");
  return party === "both" ? pc.red("  ✗") : pc.yellow(party === "sender" ? "  <" : "  >");
}

function exampleToLines({ of, place, oldRefusedByNew, newRefusedByOld }: CounterExample): string[] {
  const line = (title: string, value: Json | undefined): string[] =>
    value === undefined ? [] : [`    ${pc.dim(`${title} (${of})`)} ${fragmentOf(value, place)}`];
  return [
    ...line("old, refused by new", oldRefusedByNew),
    ...line("new, refused by old", newRefusedByOld),
  ];
}

const FRAGMENT_MAX = 160;

/** The value at the place, or the nearest around it that is there. */
function fragmentOf(value: Json, place: ReadonlyArray<string>): string {
  let at: Json = value;
  const path: string[] = [];
  for (const [i, step] of place.entries()) {
    const token = step === "*" && Array.isArray(at) && at.length === 1 ? "0" : step;
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, token)) break;
    const next = (at as { readonly [key: string]: Json | undefined })[token];
    // The last step is left out where it leads to an empty list or object, which says nothing alone.
    if (next === undefined || (i === place.length - 1 && isEmpty(next))) break;
    at = next;
    path.push(token);
  }
  const list = Array.isArray(at) ? (at as ReadonlyArray<Json>) : [];
  const text =
    list.length > 3
      ? `a list of ${list.length}: [${JSON.stringify(list[0])}, ...]`
      : JSON.stringify(at);
  const shown =
    text.length > FRAGMENT_MAX ? `${text.slice(0, FRAGMENT_MAX).toWellFormed()}...` : text;
  return path.length === 0 ? shown : `/${path.join("/")} = ${shown}`;
}

function isEmpty(value: Json): boolean {
  return value !== null && typeof value === "object" && Object.keys(value).length === 0;
}

function paint(verdict: Comparison["verdict"]): (text: string) => string {
  if (verdict === "full") return pc.green;
  return verdict === "breaking" ? pc.red : pc.yellow;
}

const REASONS_SHOWN = 3;

function partyToLines(name: string, { mustChange, order, why }: PartyOrder): string[] {
  const duty = mustChange
    ? order === "together"
      ? "must change together with the other"
      : `must change ${order}`
    : order === "any"
      ? "may change at any time"
      : "may stay on the old version; if it changes, then second";
  const shown = mustChange ? why.slice(0, REASONS_SHOWN) : [];
  const rest = mustChange ? why.length - shown.length : 0;
  return [
    `${pc.bold(name.padEnd(8))}  ${duty}${shown.length > 0 ? ", because" : ""}`,
    ...shown.map((reason) => `            ${reason}`),
    ...(rest > 0 ? [`            and ${rest} more`] : []),
  ];
}
