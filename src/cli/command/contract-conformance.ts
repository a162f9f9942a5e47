import type { Command } from "commander";
import { CASES_LEAST } from "../../core/contract/suite/receiver-suite.ts";
import { contractConform } from "../../operation/check-conformance.ts";
import { InterlockError } from "../../std/errors.ts";
import { reportToScreen } from "../conformance-screen.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { workspaceCommand } from "../workspace-command.ts";

const SIDES = ["sender", "receiver", "both"] as const;

export function conformanceCommand(): Command {
  return workspaceCommand(
    "conformance <loop>",
    contractConform.summary,
    async (call, output, [loop = ""], { side, seed, cases, within }) => {
      const input = {
        loop,
        side: readSide(side),
        ...readNumber("seed", seed),
        ...readCases(cases),
        ...readNumber("withinSeconds", within),
      };
      const result = await call(contractConform, input, (label, done, total) => {
        output.progress.report(label, done, total);
      }).finally(() => output.progress.end());
      output.result(result, () => result.reports.map(reportToScreen).join("\n\n"));
      if (!result.passed) process.exitCode = EXIT_DOES_NOT_HOLD;
    },
  )
    .option("--side <side>", "sender, receiver or both", "both")
    .option("--seed <number>", "the same seed gives the same suite")
    .option("--cases <number>", "cases for each end, at the least 500")
    .option("--within <seconds>", "time that the receiver has for one answer");
}

function readSide(text: string | undefined): (typeof SIDES)[number] {
  const side = SIDES.find((one) => one === text);
  if (side !== undefined) return side;
  throw new InterlockError("cli/usage", `\`${text ?? ""}\` is not a side of a loop`, {
    help: `the sides are ${SIDES.join(", ")}`,
  });
}

/** Fewer cases would be no evidence, and would stand in the place of better. */
function readCases(text: string | undefined): { readonly cases?: number } {
  const read = readNumber("cases", text);
  if (read.cases === undefined || read.cases >= CASES_LEAST) return read;
  throw new InterlockError("cli/usage", `\`${text ?? ""}\` cases are too few to be evidence`, {
    help: `each end is tested with at least ${CASES_LEAST}`,
  });
}

function readNumber<Name extends string>(
  name: Name,
  text: string | undefined,
): { readonly [N in Name]?: number } {
  if (text === undefined) return {};
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InterlockError("cli/usage", `\`${text}\` is not a number`);
  }
  return { [name]: value } as { readonly [N in Name]: number };
}
