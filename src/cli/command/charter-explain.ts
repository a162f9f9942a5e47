/** `charter explain`: the verdict on a what-if, under a file or under a loop's facts of this moment. */
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import pc from "picocolors";
import { DEFAULT_DIRECTORY, openWorkspace } from "../../app/workspace.ts";
import type { Verdict } from "../../core/charter/types.ts";
import type { WhatIf } from "../../core/charter/what-if.ts";
import { charterExplain, explainCharterText } from "../../operation/explain-charter.ts";
import { InterlockError } from "../../std/errors.ts";
import { readText } from "../lint.ts";
import { createOutput } from "../output.ts";

type Options = {
  readonly charter?: string;
  readonly data: string;
  readonly option: string;
  readonly value: string;
  readonly confidence?: string;
  readonly subjects?: string;
  readonly shareOfOrders?: string;
  readonly shareOfSpend?: string;
  readonly standingDays?: string;
  readonly irreversible?: boolean;
  readonly at?: string;
  readonly json?: boolean;
};

export function charterExplainCommand(): Command {
  const command = new Command("explain")
    .description("The verdict on a what-if, with the rule, who votes, and every reason.")
    .argument("[loop]", "a loop, with its facts of this moment")
    .option("--charter <file>", "a charter, YAML or JSON, instead of a loop")
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .requiredOption("--option <name>", "what would be done, such as exclude_geo")
    .requiredOption("--value <money>", 'value at stake, such as "INR 40000"')
    .option("--confidence <share>", "of the signal (default: 1)")
    .option("--subjects <n>", "subjects touched (default: 1)")
    .option("--share-of-orders <share>", "of all orders (default: 0)")
    .option("--share-of-spend <share>", "of all ad spend (default: 0)")
    .option("--standing-days <n>", "days it stands (default: 14)")
    .option("--irreversible", "it cannot be undone")
    .option("--at <instant>", "when (default: now)")
    .option("--json", "print JSON");
  return command.action(async (loop?: string) => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    const said = readWhatIf(options);
    if ((loop === undefined) === (options.charter === undefined)) {
      throw new InterlockError("cli/usage", "name a loop, or a file with --charter");
    }
    const verdict =
      options.charter === undefined
        ? await askLoop(loop ?? "", options.data, said)
        : explainCharterText(await readText(options.charter, readFile), options.charter, said);
    output.result(verdict, () => verdictToText(verdict));
  });
}

async function askLoop(loop: string, data: string, said: WhatIf): Promise<Verdict> {
  const workspace = await openWorkspace(data);
  try {
    return await workspace.call(charterExplain, { loop, ...said });
  } finally {
    await workspace.close();
  }
}

function readWhatIf(options: Options): WhatIf {
  const { option, value, irreversible, at } = options;
  if (!/^[A-Z]{3} \d+(\.\d\d)?$/.test(value)) {
    throw new InterlockError("cli/usage", `\`${value}\` is no money`, {
      help: 'write "INR 40000"',
    });
  }
  const numbers = Object.fromEntries(
    (["confidence", "subjects", "shareOfOrders", "shareOfSpend", "standingDays"] as const).flatMap(
      (name) => {
        const text = options[name];
        if (text === undefined) return [];
        const figure = Number(text);
        if (Number.isFinite(figure) && figure >= 0) return [[name, figure]];
        throw new InterlockError("cli/usage", `\`${text}\` is no figure for ${name}`);
      },
    ),
  );
  return {
    option,
    value,
    ...numbers,
    irreversible: irreversible === true,
    at: at ?? new Date().toISOString(),
  };
}

export function verdictToText(verdict: Verdict): string {
  const colour = { auto: pc.green, approve: pc.yellow, forbid: pc.red }[verdict.kind];
  return [
    `${colour(verdict.kind)} by ${verdict.decidedBy} \`${verdict.rule}\`` +
      (verdict.accountable === undefined ? "" : `; ${verdict.accountable} answers for it`),
    "",
    ...verdict.reasons.map((reason) => `  ${reason}`),
  ].join("\n");
}
