/** The questions about a charter as a whole: its gaps, its page of tiers, its difference to another. */
import { readFile, writeFile } from "node:fs/promises";
import { Command } from "commander";
import { matrixToSvg } from "../../core/charter/space/matrix-svg.ts";
import { matrixToText } from "../../core/charter/space/matrix-text.ts";
import type { MatrixPoint } from "../../core/charter/space/matrix.ts";
import { parseMinuteOfWeek } from "../../core/charter/space/week.ts";
import { charterMatrix } from "../../operation/charter-matrix.ts";
import type { NamedText } from "../../operation/charter-text.ts";
import { charterDiff } from "../../operation/diff-charter.ts";
import { charterGaps } from "../../operation/find-gaps.ts";
import { InterlockError } from "../../std/errors.ts";
import { charterDiffToScreen, gapsToScreen, paintMatrix } from "../charter-screen.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { readText } from "../lint.ts";
import { createOutput } from "../output.ts";

export function charterSpaceCommands(): ReadonlyArray<Command> {
  return [gapsCommand(), matrixCommand(), diffCommand()];
}

async function readNamed(name: string): Promise<NamedText> {
  return { name, text: await readText(name, readFile) };
}

function gapsCommand(): Command {
  const gaps = new Command("gaps")
    .description(charterGaps.summary)
    .argument("<file>", "charter, YAML or JSON")
    .option("--contract <file>", "narrow to what this contract lets happen")
    .option("--json", "print JSON");
  gaps.action(async (file: string) => {
    const { json, contract } = gaps.opts<{ json?: boolean; contract?: string }>();
    const output = createOutput(json === true);
    const against = contract === undefined ? undefined : await readNamed(contract);
    const result = charterGaps.find(await readNamed(file), against);
    output.result(result, () => gapsToScreen(file, result));
    if (!result.holds) process.exitCode = EXIT_DOES_NOT_HOLD;
  });
  return gaps;
}

type MatrixOptions = {
  readonly json?: boolean;
  readonly contract?: string;
  readonly svg?: string;
  readonly confidence?: string;
  readonly subjects?: string;
  readonly shareOfOrders?: string;
  readonly shareOfSpend?: string;
  readonly time?: string;
  readonly irreversible?: boolean;
};

function matrixCommand(): Command {
  const matrix = new Command("matrix")
    .description(charterMatrix.summary)
    .argument("<file>", "charter, YAML or JSON")
    .option("--contract <file>", "what can be undone is as this contract says")
    .option("--confidence <number>", "0 to 1; 1 if left out")
    .option("--subjects <count>", "places touched; 1 if left out")
    .option("--share-of-orders <share>", "0 to 1; 0 if left out")
    .option("--share-of-spend <share>", "0 to 1; 0 if left out")
    .option("--time <time>", "of the week in the charter's zone, such as `mon 09:30`; Monday noon")
    .option("--irreversible", "for what cannot be undone")
    .option("--svg <file>", "write a picture there as well")
    .option("--json", "print JSON");
  matrix.action(async (file: string) => {
    const options = matrix.opts<MatrixOptions>();
    const output = createOutput(options.json === true);
    const { contract, svg } = options;
    const against = contract === undefined ? undefined : await readNamed(contract);
    const result = charterMatrix.compute(await readNamed(file), readPoint(options), against);
    if (svg !== undefined) await writeFile(svg, matrixToSvg(result));
    output.result(result, () => paintMatrix(matrixToText(result)));
  });
  return matrix;
}

function readPoint(options: MatrixOptions): Partial<MatrixPoint> {
  const { confidence, subjects, shareOfOrders, shareOfSpend, time, irreversible } = options;
  return {
    ...readNumber("confidence", confidence, 1),
    ...readNumber("subjects", subjects, Infinity),
    ...readNumber("shareOfOrders", shareOfOrders, 1),
    ...readNumber("shareOfSpend", shareOfSpend, 1),
    ...(time === undefined ? {} : { time: readTime(time) }),
    ...(irreversible === true ? { reversible: false } : {}),
  };
}

function readNumber<Name extends string>(
  name: Name,
  text: string | undefined,
  most: number,
): { readonly [name in Name]?: number } {
  if (text === undefined) return {};
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= most) {
    return { [name]: value } as { readonly [name in Name]: number };
  }
  const range = most === Infinity ? "a number" : "a number from 0 to 1";
  throw new InterlockError("cli/usage", `\`${text}\` is not ${range}`);
}

function readTime(text: string): number {
  const minute = parseMinuteOfWeek(text);
  if (minute !== undefined) return minute;
  throw new InterlockError("cli/usage", `\`${text}\` is not a time of the week`, {
    help: "write a day and an hour, such as `mon 09:30`",
  });
}

function diffCommand(): Command {
  const diff = new Command("diff")
    .description(charterDiff.summary)
    .argument("<before>", "the older version, YAML or JSON")
    .argument("<after>", "the newer version, YAML or JSON")
    .option("--json", "print JSON");
  diff.action(async (before: string, after: string) => {
    const output = createOutput(diff.opts<{ json?: boolean }>().json === true);
    const result = charterDiff.compare(await readNamed(before), await readNamed(after));
    output.result(result, () => charterDiffToScreen(result));
  });
  return diff;
}
