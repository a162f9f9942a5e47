/** `effect`: what was set aside, looked at, tried again, given up. */
import { Command } from "commander";
import { effectDiscard, effectList, effectRetry, effectShow } from "../../operation/effect.ts";
import { table } from "../output.ts";
import { parseWhole } from "../parse.ts";
import { workspaceCommand } from "../workspace-command.ts";

const PERSON = ["--person <email>", "who you are"] as const;

export function effectCommand(): Command {
  return new Command("effect")
    .description("what was set aside: nobody tries it until a person says so")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(retryCommand())
    .addCommand(discardCommand());
}

function listCommand(): Command {
  return workspaceCommand("list", effectList.summary, async (call, output, _, { loop }) => {
    const { effects } = await call(effectList, loop === undefined ? {} : { loop });
    output.result(effects, () =>
      effects.length === 0
        ? "Nothing was set aside."
        : table([
            ["CASE", "STEP", "KIND", "STATE", "SINCE", "WHY"],
            ...effects.map(({ case: of, step, kind, state, setAsideAt, why }) => [
              of,
              `${step}`,
              kind,
              state,
              setAsideAt ?? "",
              why ?? "",
            ]),
          ]),
    );
  }).option("--loop <name>", "only of this loop");
}

function showCommand(): Command {
  return workspaceCommand("show <case> <step>", effectShow.summary, async (call, output, args) => {
    const effect = await call(effectShow, nameOf(args));
    const { case: of, step, kind, state, claims, failures, why, intent, body } = effect;
    output.result(effect, () =>
      [
        `${kind}, step ${step} of ${of}: ${state}, ${failures} tries failed, ${claims} claims open`,
        `why       ${why ?? "nothing failed"}`,
        `ordered   ${JSON.stringify(body)}`,
        `intended  ${intent === null ? "nothing was about to be sent" : JSON.stringify(intent)}`,
      ].join("\n"),
    );
  });
}

function retryCommand(): Command {
  return workspaceCommand(
    "retry <case> <step>",
    effectRetry.summary,
    async (call, output, args, { person = "", undone }) => {
      const isUndone = undone !== undefined;
      const done = await call(effectRetry, { ...nameOf(args), person, isUndone });
      output.result(done, () => `Step ${done.step} of ${done.case} is tried again.`);
    },
  )
    .requiredOption(...PERSON)
    .option("--undone", "you looked, and the outside does not show it");
}

function discardCommand(): Command {
  return workspaceCommand(
    "discard <case> <step>",
    effectDiscard.summary,
    async (call, output, args, { person = "", reason = "" }) => {
      const done = await call(effectDiscard, { ...nameOf(args), person, reason });
      output.result(done, () => `Step ${done.step} of ${done.case} is given up.`);
    },
  )
    .requiredOption(...PERSON)
    .requiredOption("--reason <text>", "why, for both departments");
}

function nameOf([of = "", step = ""]: ReadonlyArray<string>): { case: string; step: number } {
  return { case: of, step: parseWhole(step) };
}
