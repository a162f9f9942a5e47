/** `person`: who signs in to the dashboard, and what each may do where. */
import { Command, Option } from "commander";
import { type Role, ROLES } from "../../core/people/role.ts";
import { roleGrant, roleRevoke } from "../../operation/grant-role.ts";
import { personDisable, personEnable, personInvite } from "../../operation/invite-person.ts";
import { personList } from "../../operation/list-people.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

const BY = ["--by <email>", "who you are"] as const;
const DEPARTMENT = [
  "--department <name>",
  "where they may; every department when left out",
] as const;

/** `new` each time: a command owns its options. */
function roleOption(): Option {
  return new Option("--role <role>", "what they may do").choices(ROLES);
}

export function personCommand(): Command {
  const command = new Command("person").description("people who sign in, and their roles");
  for (const child of [listCommand(), inviteCommand(), ...roleCommands(), ...doorCommands()]) {
    command.addCommand(child);
  }
  return command;
}

function listCommand(): Command {
  return workspaceCommand("list", personList.summary, async (call, output) => {
    const people = await call(personList, {});
    output.result(people, () =>
      people.length === 0
        ? "Nobody signs in here yet. The first start of `serve` prints a link for the first admin."
        : table([
            ["EMAIL", "NAME", "ROLES", "PASSKEYS", "SIGNED IN", "DISABLED"],
            ...people.map(({ email, name, roles, passkeys, signed_in_at, disabled_at }) => [
              email,
              name,
              roles
                .map(({ role, department }) => (department === "" ? role : `${role}@${department}`))
                .join(" "),
              `${passkeys}`,
              signed_in_at ?? "never",
              disabled_at ?? "",
            ]),
          ]),
    );
  });
}

function inviteCommand(): Command {
  return workspaceCommand(
    "invite <email>",
    personInvite.summary,
    async (call, output, [email = ""], { name = email, role, department = "", by = "" }) => {
      const grant = role === undefined ? {} : { role: role as Role, department };
      const invited = await call(personInvite, { email, name, by, ...grant });
      output.result(invited, () =>
        [
          invited.link,
          "",
          `Send it to ${invited.email}. It opens once, until ${invited.expiresAt}, and is shown only now.`,
        ].join("\n"),
      );
    },
  )
    .option("--name <text>", "how they are called")
    .addOption(roleOption())
    .option(...DEPARTMENT)
    .requiredOption(...BY);
}

function roleCommands(): ReadonlyArray<Command> {
  return (
    [
      ["grant", roleGrant, "has"],
      ["revoke", roleRevoke, "no longer has"],
    ] as const
  ).map(([verb, operation, has]) =>
    workspaceCommand(
      `${verb} <email>`,
      operation.summary,
      async (call, output, [email = ""], { role = "", department = "", by = "" }) => {
        const done = await call(operation, { email, role: role as Role, department, by });
        const where = department === "" ? "every department" : department;
        output.result(done, () => `${done.email} ${has} the role ${role} in ${where}.`);
      },
    )
      .addOption(roleOption().makeOptionMandatory())
      .option(...DEPARTMENT)
      .requiredOption(...BY),
  );
}

function doorCommands(): ReadonlyArray<Command> {
  return (
    [
      ["disable", personDisable, "is let in no more"],
      ["enable", personEnable, "is let in"],
    ] as const
  ).map(([verb, operation, words]) =>
    workspaceCommand(
      `${verb} <email>`,
      operation.summary,
      async (call, output, [email = ""], { by = "" }) => {
        const done = await call(operation, { email, by });
        output.result(done, () => `${done.email} ${words}.`);
      },
    ).requiredOption(...BY),
  );
}
