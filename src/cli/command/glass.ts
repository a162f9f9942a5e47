/** `glass break`, `close`, `list`: guardrails lifted for a while, in sight of everybody. */
import { Command } from "commander";
import { glassBreak, glassClose, glassList } from "../../operation/break-glass.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function glassCommand(): Command {
  return new Command("glass")
    .description("break-glass: an owner lifts guardrails for a while; every party then votes")
    .addCommand(
      workspaceCommand(
        "break <loop>",
        glassBreak.summary,
        async (call, output, [loop = ""], { party = "", person = "", reason = "", hours = "" }) => {
          const said = { loop, party, person, reason, hours: Number(hours) };
          const row = await call(glassBreak, said);
          output.result(row, () =>
            [
              `Broken by ${row.person} until ${row.until}: ${row.reason}`,
              "What the charter lists is lifted; every action now needs a vote of every party.",
              `To end it sooner: interlock glass close ${loop} --party ${party} --person ${person}`,
            ].join("\n"),
          );
        },
      )
        .requiredOption("--party <department>", "the department you head")
        .requiredOption("--person <email>", "who you are")
        .requiredOption("--reason <words>", "why, for both departments")
        .requiredOption("--hours <n>", "for how long, up to what the charter allows"),
    )
    .addCommand(
      workspaceCommand(
        "close <loop>",
        glassClose.summary,
        async (call, output, [loop = ""], { party = "", person = "" }) => {
          const row = await call(glassClose, { loop, party, person });
          output.result(row, () => `Closed by ${person}; ${row.person} had broken it.`);
        },
      )
        .requiredOption("--party <department>", "the department you head")
        .requiredOption("--person <email>", "who you are"),
    )
    .addCommand(
      workspaceCommand("list", glassList.summary, async (call, output) => {
        const rows = await call(glassList, {});
        output.result(rows, () =>
          rows.length === 0
            ? "No glass was ever broken."
            : table([
                ["LOOP", "BROKEN", "BY", "WHY", "UNTIL", "CLOSED"],
                ...rows.map((row) => [
                  row.loop,
                  row.broken_at,
                  row.person,
                  row.reason,
                  row.until,
                  row.closed_at ?? "",
                ]),
              ]),
        );
      }),
    );
}
