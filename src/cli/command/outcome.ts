import { Command, InvalidArgumentError, Option } from "commander";
import { estimateOutcome } from "../../app/estimate-outcome.ts";
import { outcomeToScreen } from "../outcome-screen.ts";
import { createOutput } from "../output.ts";
import { outcomeProposeCommand, outcomeShowCommand } from "./outcome-lesson.ts";

type Options = {
  readonly unit: string;
  readonly time: string;
  readonly value: string;
  readonly treated: ReadonlyArray<string>;
  readonly from: string;
  readonly until?: string;
  readonly better: "higher" | "lower";
  readonly margin: number;
  readonly json?: boolean;
};

/** Relative effects within plus and minus this count as none, unless --margin says otherwise. */
const MARGIN = 0.025;

export function outcomeCommand(): Command {
  return new Command("outcome")
    .description("what actions did, and what a loop has learned from it")
    .addCommand(estimateCommand())
    .addCommand(outcomeShowCommand())
    .addCommand(outcomeProposeCommand());
}

function estimateCommand(): Command {
  const command = new Command("estimate")
    .description("the effect on some units of a table, against all the others")
    .argument(
      "<file>",
      "CSV or CSV.gz: one row per unit and time, the first line names the columns",
    )
    .requiredOption("--unit <column>", "which unit (city, PIN, campaign)")
    .requiredOption("--time <column>", "when: YYYY-MM-DD, YYYYMMDD, YYYY-Www, YYYY-MM or numbers")
    .requiredOption("--value <column>", "what was counted or measured")
    .requiredOption("--treated <units>", "the units acted on, as A,B; may be given again", collect)
    .requiredOption("--from <time>", "first time of the action")
    .option("--until <time>", "last time that is looked at (the last in the file)")
    .addOption(
      new Option("--better <way>", "which way is good")
        .choices(["higher", "lower"])
        .default("higher"),
    )
    .option("--margin <share>", "a share that counts as no effect", parseMargin, MARGIN)
    .option("--json", "print JSON");
  return command.action(async (file: string) => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    const report = await estimateOutcome({
      file,
      columns: { unit: options.unit, time: options.time, value: options.value },
      treated: options.treated,
      from: options.from,
      until: options.until,
      betterWhen: options.better,
      margin: options.margin,
    });
    output.result(report, () => outcomeToScreen(report));
  });
}

function collect(text: string, earlier: ReadonlyArray<string> = []): ReadonlyArray<string> {
  const names = text.split(",").map((name) => name.trim());
  return [...earlier, ...names.filter((name) => name !== "")];
}

function parseMargin(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("Write a share from 0 to below 1, such as 0.025.");
}
