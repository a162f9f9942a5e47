/** Commands that ask something of a data directory, or of the server that has it open. */
import { Command } from "commander";
import { type CallOperation, DEFAULT_DIRECTORY, openWorkspace } from "../app/workspace.ts";
import { createOutput, type Output } from "./output.ts";

type Options = { readonly data: string; readonly json?: boolean };

/** A command with `--data` and `--json`, whose work gets a way to call operations. */
export function workspaceCommand(
  nameAndArguments: string,
  description: string,
  work: (
    call: CallOperation,
    output: Output,
    args: ReadonlyArray<string>,
    options: { readonly [name: string]: string | undefined },
  ) => Promise<void>,
): Command {
  const command = new Command(nameAndArguments.split(" ")[0])
    .description(description)
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--json", "print JSON");
  for (const argument of nameAndArguments.split(" ").slice(1)) command.argument(argument);
  return command.action(async () => {
    const options = command.opts<Options & { readonly [name: string]: string | undefined }>();
    const output = createOutput(options.json === true);
    const workspace = await openWorkspace(options.data);
    try {
      await work(workspace.call, output, command.args, options);
    } finally {
      await workspace.close();
    }
  });
}
