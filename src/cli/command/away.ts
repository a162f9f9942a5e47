/** `away` and `back`: who is asked while somebody is not there; without a day, who is away now. */
import type { Command } from "commander";
import {
  type Absence,
  absenceDeclare,
  absenceEnd,
  absenceList,
  caseDelegate,
} from "../../operation/absence.ts";
import { InterlockError } from "../../std/errors.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function awayCommand(): Command {
  return workspaceCommand(
    "away",
    "somebody is away until a day and a deputy is asked instead; without --until, who is away now",
    async (call, output, _args, options) => {
      const { until, to, department } = options;
      if (until === undefined) {
        const away = await call(absenceList, {});
        output.result(away, () => (away.length === 0 ? "Nobody is away." : toTable(away)));
        return;
      }
      const declared = await call(absenceDeclare, {
        person: personOf(options),
        until,
        ...(to === undefined ? {} : { to }),
        ...(department === undefined ? {} : { department }),
      });
      output.result(declared, () => `${toTable(declared)}\nBoth sides are told.`);
    },
  )
    .option("--until <day>", "the day on which they are back, 2026-12-05")
    .option("--person <email>", "who is away, as in the charter")
    .option("--to <email>", "the deputy; may be left out where the charter names one only")
    .option("--department <name>", "that side alone, for who has seats on several");
}

export function backCommand(): Command {
  return workspaceCommand("back", absenceEnd.summary, async (call, output, _args, options) => {
    const ended = await call(absenceEnd, { person: personOf(options) });
    output.result(ended, () => "They are asked again; both sides are told.");
  }).option("--person <email>", "who is back, as in the charter");
}

export function delegateCommand(): Command {
  return workspaceCommand(
    "delegate <case>",
    caseDelegate.summary,
    async (call, output, [id = ""], options) => {
      const { to } = options;
      const person = personOf(options);
      const handed = await call(caseDelegate, { id, person, ...(to === undefined ? {} : { to }) });
      output.result(
        handed,
        () => `${handed.to} is asked until ${handed.until}; both sides are told.`,
      );
    },
  )
    .option("--person <email>", "who was asked")
    .option("--to <email>", "the deputy; may be left out where the charter names one only");
}

function personOf({ person }: { readonly [name: string]: string | undefined }): string {
  if (person !== undefined) return person;
  throw new InterlockError("cli/usage", "it does not say who", {
    help: "name them by the address in the charter: --person head@example.com",
  });
}

function toTable(away: ReadonlyArray<Absence>): string {
  return table([
    ["PERSON", "DEPARTMENT", "LOOP", "SINCE", "UNTIL", "ASKED INSTEAD"],
    ...away.map(({ person, department, loop, since, until, standIn }) => [
      ...[person, department, loop, since, until, standIn],
    ]),
  ]);
}
