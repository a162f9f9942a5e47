/** `stop press`, `release`, `list`: buttons for a loop, a department, a connector, everything. */
import { Command } from "commander";
import { stopList, stopPress, stopRelease } from "../../operation/press-stop.ts";
import { InterlockError } from "../../std/errors.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

type Options = { readonly [name: string]: string | undefined };
type Scope = {
  readonly scope: "loop" | "department" | "connector" | "everything";
  readonly name: string;
};

export function stopCommand(): Command {
  return new Command("stop")
    .description("stop buttons: no new action leaves the building until they are released")
    .addCommand(pressCommand())
    .addCommand(releaseCommand())
    .addCommand(listCommand());
}

function readScope({ loop, department, connector, everything }: Options): Scope {
  const named = (["loop", "department", "connector"] as const).flatMap((scope): Scope[] => {
    const name = { loop, department, connector }[scope];
    return name === undefined ? [] : [{ scope, name }];
  });
  const scopes: Scope[] =
    everything === undefined ? named : [...named, { scope: "everything", name: "" }];
  const [scope, ...others] = scopes;
  if (scope !== undefined && others.length === 0) return scope;
  throw new InterlockError("cli/usage", "say what: exactly one of these", {
    help: "--loop LOOP, --department D, --connector C, --everything",
  });
}

function scoped(command: Command): Command {
  return command
    .option("--loop <name>", "one loop")
    .option("--department <name>", "every loop of a department")
    .option("--connector <name>", "every action through a connector")
    .option("--everything", "every loop");
}

function pressCommand(): Command {
  return scoped(
    workspaceCommand("press", stopPress.summary, async (call, output, _args, options) => {
      const { person = "", reason = "", undo } = options;
      const scope = readScope(options);
      const pressed = await call(stopPress, { ...scope, person, reason, undo: undo !== undefined });
      output.result(pressed, () =>
        [
          `Stopped by ${pressed.stop.person} since ${pressed.stop.pressed_at}: ${pressed.loops.join(", ")}.`,
          "No new action starts. A call that is under way is finished and recorded.",
          undo === undefined
            ? "What stands stays; --undo takes it back."
            : undoingToText(pressed.undoing, scope.scope),
        ].join("\n"),
      );
    }),
  )
    .requiredOption("--person <email>", "who you are")
    .requiredOption("--reason <words>", "why, for both departments")
    .option("--undo", "also undo what stands");
}

/** Through a connector that is stopped nothing goes, not even what takes an action back. */
function undoingToText(count: number, scope: Scope["scope"]): string {
  const [what, is] =
    count === 1 ? ["1 standing action", "is"] : [`${count} standing actions`, "are"];
  return scope === "connector"
    ? `${what} will be undone once the connector is released.`
    : `${what} ${is} being undone.`;
}

function releaseCommand(): Command {
  return scoped(
    workspaceCommand("release", stopRelease.summary, async (call, output, _args, options) => {
      const { person = "" } = options;
      const released = await call(stopRelease, { ...readScope(options), person });
      output.result(
        released,
        () => `Released by ${person}; it was pressed by ${released.person}: ${released.reason}`,
      );
    }),
  ).requiredOption("--person <email>", "the owner who releases it");
}

function listCommand(): Command {
  return workspaceCommand("list", stopList.summary, async (call, output, _args, { all }) => {
    const stops = await call(stopList, { all: all !== undefined });
    output.result(stops, () =>
      stops.length === 0
        ? "Nothing is stopped."
        : table([
            ["SCOPE", "NAME", "PRESSED", "BY", "WHY", "RELEASED"],
            ...stops.map((stop) => [
              stop.scope,
              stop.name,
              stop.pressed_at,
              stop.person,
              stop.reason,
              stop.released_at === null ? "" : `${stop.released_at} by ${stop.released_by ?? ""}`,
            ]),
          ]),
    );
  }).option("--all", "released ones too");
}
