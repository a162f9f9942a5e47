import { Command } from "commander";
import { DEFAULT_DIRECTORY } from "../../app/data-directory.ts";
import { initDirectory } from "../../app/init.ts";
import { createOutput } from "../output.ts";
import { parseWhole } from "../parse.ts";

type Options = {
  readonly data: string;
  readonly sample?: boolean;
  readonly seed: number;
  readonly remoteSender?: boolean;
  readonly remoteReceiver?: boolean;
  readonly json?: boolean;
};

export function initCommand(): Command {
  const command = new Command("init")
    .description("makes a data directory in which a loop can be taken live")
    .option("--data <directory>", "data directory, empty or new", DEFAULT_DIRECTORY)
    .option("--sample", "practice: a simulated company, and a sandbox of its ads, shop and mail")
    .option("--seed <number>", "seed of the simulated company", parseWhole, 1)
    .option("--remote-sender", "the sending agent runs elsewhere and registers over HTTP")
    .option("--remote-receiver", "the receiving agent runs elsewhere and registers over HTTP")
    .option("--json", "print JSON");
  return command.action(() => {
    const options = command.opts<Options>();
    const note = initDirectory({
      directory: options.data,
      sampleSeed: options.sample === true ? options.seed : null,
      sender: options.remoteSender === true ? "remote" : "here",
      receiver: options.remoteReceiver === true ? "remote" : "here",
      now: new Date().toISOString(),
    });
    createOutput(options.json === true).result(note, () =>
      [
        `Made \`${options.data}\`: sender ${note.sender}, receiver ${note.receiver}, ` +
          (note.sample === null ? "nothing connected outside." : "a simulated company outside."),
        `Next: interlock loop activate logistics-marketing --data ${options.data}`,
        "It is refused with the list of what is missing, and the command for each.",
      ].join("\n"),
    );
  });
}
