#!/usr/bin/env node
/** The command line: each command is an operation or a run of the composition root. */
import { enableCompileCache } from "node:module";
import { Command, CommanderError } from "commander";
import { InterlockError } from "../std/errors.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, exitCodeOf } from "./errors.ts";
import { errorToScreen } from "./output.ts";

// What was compiled once is kept for the next call: half of a short one.
enableCompileCache();

const program = new Command("interlock")
  .description("Cross-department AI coordination that closes the loop.")
  .version("0.1.0")
  .showHelpAfterError("(add --help to see how this command is called)")
  .showSuggestionAfterError()
  // An option behind a sub-command is the sub-command's.
  .enablePositionalOptions()
  .exitOverride();

/** Only the command that is called is loaded; help, and a call that is none, load them all. */
const COMMANDS: { readonly [name: string]: () => Promise<Command> } = {
  demo: async () => (await import("./command/demo.ts")).demoCommand(),
  replay: async () => (await import("./command/replay.ts")).replayCommand(),
  detect: async () => (await import("./command/detect.ts")).detectCommand(),
  init: async () => (await import("./command/init.ts")).initCommand(),
  import: async () => (await import("./command/import.ts")).importCommand(),
  serve: async () => (await import("./command/serve.ts")).serveCommand(),
  work: async () => (await import("./command/work.ts")).workCommand(),
  loop: async () => (await import("./command/loop.ts")).loopCommand(),
  drill: async () => (await import("./command/drill.ts")).drillCommand(),
  case: async () => (await import("./command/case.ts")).caseCommand(),
  away: async () => (await import("./command/away.ts")).awayCommand(),
  back: async () => (await import("./command/away.ts")).backCommand(),
  effect: async () => (await import("./command/effect.ts")).effectCommand(),
  agent: async () => (await import("./command/agent.ts")).agentCommand(),
  person: async () => (await import("./command/person.ts")).personCommand(),
  webhook: async () => (await import("./command/webhook.ts")).webhookCommand(),
  ledger: async () => (await import("./command/ledger.ts")).ledgerCommand(),
  archive: async () => (await import("./command/archive.ts")).archiveCommand(),
  doctor: async () => (await import("./command/doctor.ts")).doctorCommand(),
  contract: async () => (await import("./command/contract.ts")).contractCommand(),
  charter: async () => (await import("./command/charter.ts")).charterCommand(),
  stop: async () => (await import("./command/stop.ts")).stopCommand(),
  glass: async () => (await import("./command/glass.ts")).glassCommand(),
  outcome: async () => (await import("./command/outcome.ts")).outcomeCommand(),
};

const [, , called = ""] = process.argv;
const isCommand = Object.hasOwn(COMMANDS, called);
for (const [name, load] of Object.entries(COMMANDS)) {
  if (isCommand && name !== called) continue;
  program.addCommand(inheritSettings(await load()));
}

/** Sub-commands report wrong calls the way the program does. */
function inheritSettings(command: Command): Command {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inheritSettings(child);
  return command;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  if (error instanceof InterlockError) {
    const asJson = process.argv.includes("--json");
    process.stderr.write(
      `${asJson ? JSON.stringify({ error: error.toJSON() }) : errorToScreen(error)}\n`,
    );
    return exitCodeOf(error.code);
  }
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT_FAILED;
}
