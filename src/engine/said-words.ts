/**
 * What somebody said in Slack or in a reply, carried out: they are away, they are back, a deputy is asked.
 * Who said it was proved by whoever took the words in. The answer is a sentence for that person.
 */
import type { DelegationWords } from "../core/charter/delegation-words.ts";
import { InterlockError } from "../std/errors.ts";
import { type Instant } from "../std/time.ts";
import { instantToText } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  type Absence,
  declareAbsenceIn,
  delegateVoteIn,
  endAbsenceIn,
  type SaidVia,
} from "./absences.ts";
import type { EngineContext } from "./wiring.ts";

export const WORDS_HELP =
  "say `away until 2026-12-05 deputy@example.com`, `back`, or `delegate CASE to deputy@example.com`";

export type Saying = {
  readonly person: string;
  readonly words: DelegationWords;
  /** The case that is spoken of where the words name none. */
  readonly about?: string;
  readonly via: SaidVia;
};

/** Throws the code of whatever keeps it from standing. */
export async function carryOut(
  tx: Tx,
  context: EngineContext,
  { person, words, about, via }: Saying,
): Promise<string> {
  switch (words.kind) {
    case "away": {
      const { until, to } = words;
      const away = { person, until, ...(to === undefined ? {} : { to }) };
      return (await declareAbsenceIn(tx, context, away, via)).map(awayToText).join(" ");
    }
    case "back":
      await endAbsenceIn(tx, context, person, via);
      return "You are back: you are asked again from now on.";
    case "delegate": {
      const id = words.case ?? about;
      if (id === undefined) {
        throw new InterlockError("delegation/unclear", "it does not say which case", {
          help: WORDS_HELP,
        });
      }
      const { to: named } = words;
      const handover = { case: id, person, ...(named === undefined ? {} : { to: named }) };
      const { to, until } = await delegateVoteIn(tx, context, handover, via);
      return `${to} is asked about ${id} instead of you, until ${until}.`;
    }
    case "vote":
      throw new InterlockError("delegation/unclear", "words do not vote", {
        help: "use the link or the button of the message that asked; it shows exactly what changes",
      });
    case "unclear":
      throw new InterlockError("delegation/unclear", `\`${words.said}\` is not understood`, {
        help: WORDS_HELP,
      });
  }
}

export function awayToText({
  department,
  standIn,
  until,
}: Pick<Absence, "department" | "standIn" | "until">): string {
  return `You are away for ${department} until ${toText(until)}; until then ${standIn} is asked.`;
}

function toText(at: Instant): string {
  return instantToText(at, "UTC");
}
