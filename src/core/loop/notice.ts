/**
 * What both owners are told of a loop as a whole: once, however many signals wait behind it.
 */
import type { Instant } from "../../std/time.ts";
import type { Delegation } from "../charter/delegation.ts";
import type { AutonomyLevel, Charter, StopFact } from "../charter/types.ts";
import type { Gate } from "./gate.ts";
import { describeScope } from "./halt.ts";

export type LoopNews =
  | { readonly topic: "suspended"; readonly unmet: ReadonlyArray<Gate>; readonly parked: number }
  | { readonly topic: "resumed"; readonly parked: number }
  | { readonly topic: "void"; readonly state: string; readonly why: string }
  | { readonly topic: "charter-proposed"; readonly version: number; readonly person: string }
  | {
      readonly topic: "charter-in-force";
      readonly version: number;
      readonly openCases: Charter["openCases"];
    }
  | {
      readonly topic: "conflict" | "cycle";
      readonly case: string;
      /** The loop whose case it is. */
      readonly loop: string;
      readonly resource: string;
      /** It waits for the other to let go; else it was given up. */
      readonly waits: boolean;
      readonly reasons: ReadonlyArray<string>;
    }
  | {
      readonly topic: "key-changed";
      readonly person: string;
      readonly key: string;
      readonly by: string;
      readonly what: "registered" | "revoked";
    }
  | {
      readonly topic: "glass-broken";
      readonly person: string;
      readonly reason: string;
      readonly until: Instant;
      readonly lifts: ReadonlyArray<string>;
    }
  | {
      readonly topic: "promotion-proposed";
      readonly from: AutonomyLevel;
      readonly to: AutonomyLevel;
      readonly words: ReadonlyArray<string>;
    }
  | { readonly topic: "promoted"; readonly from: AutonomyLevel; readonly to: AutonomyLevel }
  | {
      readonly topic: "demoted";
      readonly from: AutonomyLevel;
      readonly to: AutonomyLevel;
      readonly why: string;
    }
  | { readonly topic: "glass-closed"; readonly person: string }
  | ({ readonly topic: "person-away" } & Delegation)
  | { readonly topic: "person-back"; readonly party: string; readonly person: string }
  | ({ readonly topic: "vote-delegated"; readonly case: string } & Delegation)
  | ({ readonly topic: "stopped"; readonly undo: boolean } & StopFact)
  | ({ readonly topic: "released"; readonly person: string } & Pick<StopFact, "scope" | "name">)
  | {
      readonly topic: "charter-withdrawn";
      readonly party: string;
      readonly person: string;
      readonly reason: string;
    };

export type LoopLetter = {
  readonly department: string;
  readonly address: string;
  readonly subject: string;
  readonly text: string;
};

/** One letter to each owner, and to who is concerned besides, in the same words. */
export function renderLoopNews(charter: Charter, news: LoopNews): ReadonlyArray<LoopLetter> {
  const { subject, lines } = say(charter.loop, news);
  const text = lines.join("\n");
  const owners = charter.parties.map(({ department, owner }) => ({
    department,
    address: owner.email,
  }));
  return [...owners, ...listConcerned(news)]
    .filter(({ address }, index, all) => all.findIndex((one) => one.address === address) === index)
    .map((letter) => ({ ...letter, subject, text }));
}

/** Besides the owners: whoever is away or back, and whoever stands in. */
function listConcerned(
  news: LoopNews,
): ReadonlyArray<{ readonly department: string; readonly address: string }> {
  switch (news.topic) {
    case "person-away":
    case "vote-delegated":
      return [news.person, news.to].map((address) => ({ department: news.party, address }));
    case "person-back":
      return [{ department: news.party, address: news.person }];
    default:
      return [];
  }
}

type Said = { readonly subject: string; readonly lines: ReadonlyArray<string> };

function say(loop: string, news: LoopNews): Said {
  switch (news.topic) {
    case "suspended":
      return {
        subject: `${loop} is suspended: ${news.unmet.map(({ name }) => name).join(", ")}`,
        lines: [
          `The loop ${loop} suspended itself, because a gate no longer holds:`,
          "",
          ...news.unmet.flatMap((gate) => [
            `  ${gate.name}: ${gate.evidence}`,
            `    to make it hold: ${gate.toHold}`,
            ...gate.commands.map((command) => `    interlock ${command}`),
          ]),
          "",
          `${waiting(news.parked)} New signals wait too; none is lost and none is acted on.`,
          "Once every gate holds, the loop goes on by itself and they proceed in the order they came.",
          "You are told once, not for each signal.",
        ],
      };
    case "resumed":
      return {
        subject: `${loop} is live again`,
        lines: [
          `Every gate of the loop ${loop} holds again.`,
          `${waiting(news.parked)} They proceed now, in the order they came; expired ones are closed.`,
        ],
      };
    case "void":
      return {
        subject: `A signal waits: ${loop} is not live`,
        lines: [
          `A signal reached the loop ${loop}, which is ${news.state} (${news.why}).`,
          "It waits, and so will those after it, until the loop goes live or they expire.",
          `\`interlock loop show ${loop}\` lists what keeps it from going live.`,
          "You are told once, not for each signal.",
        ],
      };
    case "charter-proposed":
      return {
        subject: `${loop}: version ${news.version} of its charter is proposed`,
        lines: [
          `${news.person} proposed version ${news.version} of the charter of ${loop}.`,
          "What is in force stays in force until every owner has signed the new version.",
          `To see what it changes:  interlock charter diff ${loop} ${loop}@${news.version}`,
          `To sign it:              interlock charter sign ${loop} --party YOUR-DEPARTMENT`,
        ],
      };
    case "charter-in-force":
      return {
        subject: `${loop}: version ${news.version} of its charter is in force`,
        lines: [
          `Every owner signed version ${news.version}; new cases are opened under it.`,
          news.openCases === "finish"
            ? "Open cases end under the version they were opened under."
            : "Open cases that were not acted on are governed again under it; earlier votes are void.",
        ],
      };
    case "conflict":
    case "cycle":
      return {
        subject:
          news.topic === "cycle"
            ? `${loop}: loops answer each other on ${news.resource}`
            : `${loop}: two loops want ${news.resource}`,
        lines: [
          `Case ${news.case} of ${news.loop} wanted to change ${news.resource}.`,
          ...news.reasons.map((reason) => `  ${reason}`),
          news.waits
            ? "It waits until the other case has let go, at most until its signal expires."
            : "Nothing was changed for it; the case is closed.",
          "To settle it for good, say in both charters which loop comes first (`precedence`).",
          `To let the other go now: interlock case undo CASE --person YOUR-ADDRESS`,
        ],
      };
    case "key-changed":
      return {
        subject: `${loop}: a signing key of ${news.person} was ${news.what}`,
        lines: [
          `${news.by} ${news.what} the key ${news.key} of ${news.person}, who owns a side of ${loop}.`,
          news.what === "registered"
            ? "From now on it signs for that person. If they did not make it, revoke it and talk to each other:"
            : "What it signed stays signed; what follows does not count.",
          ...(news.what === "registered"
            ? [`  interlock charter key revoke ${news.key} --by YOUR-ADDRESS --reason "not mine"`]
            : []),
        ],
      };
    case "glass-broken":
      return {
        subject: `${loop}: ${news.person} broke the glass until ${news.until}`,
        lines: [
          `${news.person} lifted ${news.lifts.join(", ")} until ${news.until}: ${news.reason}`,
          "Until then every action needs a vote of every party; rules and signatures are not lifted.",
          `Any owner closes it: interlock glass close ${loop} --party YOUR-DEPARTMENT --person YOU`,
        ],
      };
    case "promotion-proposed":
      return {
        subject: `${loop} has earned a step: from ${news.from} to ${news.to}`,
        lines: [
          `By its charter the loop ${loop} may go from \`${news.from}\` to \`${news.to}\`:`,
          ...news.words.map((line) => `  ${line}`),
          "It goes once every owner has signed that evidence; until then nothing changes.",
          `To sign it: interlock loop promote ${loop} --party YOUR-DEPARTMENT`,
        ],
      };
    case "promoted":
      return {
        subject: `${loop} may now ${news.to}`,
        lines: [`Every owner signed: from \`${news.from}\` to \`${news.to}\`.`],
      };
    case "demoted":
      return {
        subject: `${loop} is taken down to ${news.to}`,
        lines: [
          `The loop ${loop} went from \`${news.from}\` to \`${news.to}\` by itself: ${news.why}.`,
          "What was decided and not yet done is decided anew. It goes up again on new evidence only,",
          "with every owner's signature.",
        ],
      };
    case "glass-closed":
      return {
        subject: `${loop}: the glass is whole again`,
        lines: [`${news.person} closed it; every guardrail holds again.`],
      };
    case "person-away":
      return {
        subject: `${loop}: ${news.person} is away until ${news.until}`,
        lines: [
          `${news.person} (${news.party}) is away until ${news.until}.`,
          `Until then ${news.to} is asked instead, as a deputy by the charter; it ends by itself.`,
          "Who may vote, and by when, stays as the charter says.",
          `If this is wrong: interlock back --person ${news.person}`,
        ],
      };
    case "person-back":
      return {
        subject: `${loop}: ${news.person} is back`,
        lines: [`${news.person} (${news.party}) is asked again.`],
      };
    case "vote-delegated":
      return {
        subject: `${loop}: ${news.to} is asked about case ${news.case} instead of ${news.person}`,
        lines: [
          `${news.person} (${news.party}) handed the question of case ${news.case} to ${news.to},`,
          `a deputy by the charter, until ${news.until}.`,
          "Who may vote, and by when, stays as the charter says.",
        ],
      };
    case "stopped":
      return {
        subject: `${loop} is stopped by ${news.person}`,
        lines: [
          `${news.person} stopped ${describeScope(news)}: ${news.reason}`,
          "No new action starts. Signals still come in, and are closed as forbidden by the stop.",
          standingUnder(news),
          `An owner releases it: interlock stop release ${optionsOf(news)} --person YOUR-ADDRESS`,
        ],
      };
    case "released":
      return {
        subject: `${loop} is released by ${news.person}`,
        lines: [
          `${news.person} released the stop of ${describeScope(news)}.`,
          "Actions start again under the charter; what was closed meanwhile stays closed.",
        ],
      };
    case "charter-withdrawn":
      return {
        subject: `${loop} has stopped: ${news.party} withdrew from its charter`,
        lines: [
          `${news.person} withdrew ${news.party} from the charter of ${loop}: ${news.reason}`,
          "No action starts any more. What stands is lifted at its time, or when one of you undoes it.",
          "Signals wait. To go on, propose a later version; every owner signs it.",
        ],
      };
  }
}

function optionsOf({ scope, name }: Pick<StopFact, "scope" | "name">): string {
  return scope === "everything" ? "--everything" : `--${scope} ${name}`;
}

/** A stopped connector carries nothing, not even what takes an action back. */
function standingUnder({ scope, undo }: Pick<StopFact, "scope"> & { readonly undo: boolean }) {
  if (scope === "connector") {
    return undo
      ? "What stands through it is undone once it is released."
      : "What stands through it stays; it can be taken back once the connector is released.";
  }
  return undo
    ? "What stands is being undone."
    : "What stands stays until its time, or until one of you undoes it.";
}

function waiting(parked: number): string {
  return parked === 1 ? "1 signal is waiting." : `${parked} signals are waiting.`;
}
