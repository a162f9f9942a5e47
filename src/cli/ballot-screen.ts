/** What a person is about to vote on, in a terminal: the action, the rule that asks, each change. */
import { listChanges } from "../core/case/change.ts";
import type { Case } from "../core/case/types.ts";
import { moneyToText } from "../std/money.ts";

export function ballotToScreen({ id, subjectName, proposal, verdict, target }: Case): string {
  const changes = target === undefined ? [] : listChanges(target.before, target.after);
  const lines = [
    `Case ${id}: ${subjectName}`,
    ...(proposal === undefined
      ? []
      : [
          `${proposal.option} on ${proposal.resource}, for ${proposal.standingDays} days; ` +
            `at stake ${moneyToText(proposal.valueAtStake)}`,
        ]),
    ...(verdict === undefined ? [] : [`Rule ${verdict.rule}: ${verdict.reasons.join("; ")}`]),
    target === undefined
      ? "The target could not be read when this was decided."
      : `What exactly would change, in ${target.connector}:`,
    ...changes.map((line) => `  ${line}`),
  ];
  return lines.map(toPrintable).join("\n");
}

/** Names come from outside systems, and none of them may move the cursor or turn the line around. */
function toPrintable(line: string): string {
  return line.replaceAll(/\p{C}/gu, "\u{FFFD}");
}
