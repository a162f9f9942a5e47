#!/usr/bin/env node
/** The command line: each command is an operation or a run of the composition root. */
import { Command, CommanderError } from "commander";
import { InterlockError } from "../std/errors.ts";
import { agentCommand } from "./command/agent.ts";
import { awayCommand, backCommand } from "./command/away.ts";
import { caseCommand } from "./command/case.ts";
import { charterCommand } from "./command/charter.ts";
import { contractCommand } from "./command/contract.ts";
import { demoCommand } from "./command/demo.ts";
import { detectCommand } from "./command/detect.ts";
import { doctorCommand } from "./command/doctor.ts";
import { drillCommand } from "./command/drill.ts";
import { effectCommand } from "./command/effect.ts";
import { importCommand } from "./command/import.ts";
import { glassCommand } from "./command/glass.ts";
import { initCommand } from "./command/init.ts";
import { ledgerCommand } from "./command/ledger.ts";
import { loopCommand } from "./command/loop.ts";
import { outcomeCommand } from "./command/outcome.ts";
import { personCommand } from "./command/person.ts";
import { webhookCommand } from "./command/webhook.ts";
import { replayCommand } from "./command/replay.ts";
import { stopCommand } from "./command/stop.ts";
import { serveCommand } from "./command/serve.ts";
import { workCommand } from "./command/work.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, exitCodeOf } from "./errors.ts";
import { errorToScreen } from "./output.ts";

const program = new Command("interlock")
  .description("Cross-department AI coordination that closes the loop.")
  .version("0.1.0")
  .showHelpAfterError("(add --help to see how this command is called)")
  .showSuggestionAfterError()
  .exitOverride();

for (const command of [
  demoCommand(),
  replayCommand(),
  detectCommand(),
  initCommand(),
  importCommand(),
  serveCommand(),
  workCommand(),
  loopCommand(),
  drillCommand(),
  caseCommand(),
  awayCommand(),
  backCommand(),
  effectCommand(),
  agentCommand(),
  personCommand(),
  webhookCommand(),
  ledgerCommand(),
  doctorCommand(),
  contractCommand(),
  charterCommand(),
  stopCommand(),
  glassCommand(),
  outcomeCommand(),
]) {
  program.addCommand(inheritSettings(command));
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
