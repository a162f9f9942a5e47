import { openEnvelope, signEnvelope } from "../../core/sign/envelope.ts";
import { loopPromote } from "../../operation/promote-loop.ts";
import { InterlockError } from "../../std/errors.ts";
import { readKeyFile } from "../key-file.ts";
import { Command } from "commander";
import pc from "picocolors";
import { describeHalts } from "../../core/loop/halt.ts";
import { mapToText } from "../../core/loop/map-text.ts";
import { loopList } from "../../operation/list-loops.ts";
import { loopMap } from "../../operation/map-loops.ts";
import { loopActivate, loopPause } from "../../operation/move-loop.ts";
import { type LoopView, loopShow } from "../../operation/show-loop.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function loopCommand(): Command {
  return new Command("loop")
    .description("loops and their gates")
    .addCommand(
      workspaceCommand("list", loopList.summary, async (call, output) => {
        const loops = await call(loopList, {});
        output.result(loops, () =>
          table([
            ["LOOP", "STATE", "AUTONOMY", "ACCEPTED", "OPEN", "WHY"],
            ...loops.map((loop) => [
              loop.name,
              loop.state,
              loop.autonomy,
              `${loop.cases.accepted}`,
              `${loop.cases.open}`,
              [...describeHalts(loop), loop.why].join("; "),
            ]),
          ]),
        );
      }),
    )
    .addCommand(
      workspaceCommand("map", loopMap.summary, async (call, output) => {
        const map = await call(loopMap, {});
        output.result(map, () => mapToText(map));
      }),
    )
    .addCommand(
      workspaceCommand("show <loop>", loopShow.summary, async (call, output, [loop = ""]) => {
        const view = await call(loopShow, { loop });
        output.result(view, () => viewToText(view));
      }),
    )
    .addCommand(
      workspaceCommand(
        "activate <loop>",
        loopActivate.summary,
        async (call, output, [loop = ""]) => {
          const moved = await call(loopActivate, { loop });
          output.result(moved, () => `${moved.loop} is ${moved.state}: ${moved.why}.`);
        },
      ),
    )
    .addCommand(promoteCommand())
    .addCommand(
      workspaceCommand("pause <loop>", loopPause.summary, async (call, output, [loop = ""]) => {
        const moved = await call(loopPause, { loop });
        output.result(moved, () => `${moved.loop} is ${moved.state}: ${moved.why}.`);
      }),
    );
}

function autonomyLines({ loop, autonomy }: LoopView): ReadonlyArray<string> {
  const { level, since, missing, proposed, signedBy } = autonomy;
  const lines = [`  autonomy: ${level} since ${since}`];
  if (proposed !== null) {
    lines.push(
      `    a step to ${proposed.to_level} is proposed: ${proposed.evidence.words.join("; ")}`,
      `    signed by ${signedBy.join(" and ") || "nobody"}: interlock loop promote ${loop.name} --party DEPARTMENT`,
    );
  } else if (missing.length > 0) lines.push(`    the next step lacks: ${missing.join("; ")}`);
  return lines;
}

function promoteCommand(): Command {
  return workspaceCommand(
    "promote <loop>",
    loopPromote.summary,
    async (call, output, [loop = ""], { data = "", party = "", person = "", key }) => {
      const { autonomy } = await call(loopShow, { loop });
      const { proposed } = autonomy;
      if (proposed === null) {
        throw new InterlockError("autonomy/nothing-proposed", `no step of ${loop} is proposed`, {
          help: autonomy.missing.join("\n"),
        });
      }
      const { charter_hash: charter, from_level: from, to_level: to } = proposed;
      const said = { loop, charter, from, to, evidence: proposed.evidence_hash, party, person };
      const { secret } = readKeyFile(key, data, person);
      const envelope = signEnvelope(openEnvelope("promotion", said), secret);
      const after = await call(loopPromote, { loop, envelope });
      output.result(after, () =>
        after.proposed === null
          ? `Every owner signed: ${loop} may now ${after.level}.`
          : `Signed. It waits for the other owner; signed by ${after.signedBy.join(" and ")}.`,
      );
    },
  )
    .requiredOption("--party <department>", "the department you head")
    .requiredOption("--person <email>", "who you are")
    .option("--key <file>", "your private key");
}

function viewToText(view: LoopView): string {
  const { loop, cases } = view;
  const closed = Object.entries(cases.closed).map(([reason, count]) => `${count} ${reason}`);
  const open = Object.entries(cases.openByState).map(([state, count]) => `${count} ${state}`);
  return [
    `${pc.bold(loop.name)}  ${loop.state} (${loop.why})`,
    "",
    `  ${view.sender}  ──[ ${view.contract} ]──>  ${view.receiver}`,
    `  charter: ${view.charter}`,
    ...autonomyLines(view),
    ...describeHalts(view).map((words) => `  ${pc.red("!")} ${words}`),
    "",
    ...view.gates.flatMap((gate) => [
      `  ${gate.holds ? pc.green("holds") : pc.red("open ")}  ${gate.name}: ${gate.evidence}`,
      ...(gate.holds ? [] : [`         to make it hold: ${gate.toHold}`]),
      ...gate.commands.map((command) => `           interlock ${command}`),
    ]),
    "",
    `  ${cases.accepted} signals accepted = ${cases.open} open (${open.join(", ") || "none"})` +
      ` + ${cases.accepted - cases.open} closed (${closed.join(", ") || "none"})`,
  ].join("\n");
}
