/** `outcome show` and `outcome propose`: what a loop has learned, and the paper that would change it. */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { outcomeShow } from "../../operation/show-outcomes.ts";
import { InterlockError } from "../../std/errors.ts";
import { lessonToScreen } from "../lesson-screen.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function outcomeShowCommand(): Command {
  return workspaceCommand(
    "show <loop>",
    outcomeShow.summary,
    async (call, output, [loop = ""], { since }) => {
      const report = await call(outcomeShow, { loop, ...(since === undefined ? {} : { since }) });
      output.result(report, () => lessonToScreen(report));
    },
  ).option("--since <instant>", "only signals from here on");
}

export function outcomeProposeCommand(): Command {
  return workspaceCommand(
    "propose <loop>",
    "Writes the charter's next version with one proposed number; nobody has signed it.",
    async (call, output, [loop = ""], { about = "", out = "" }) => {
      const { proposals } = await call(outcomeShow, { loop });
      const found = proposals.find((proposal) => proposal.about === about);
      if (found?.paper?.kind !== "charter") {
        const known = proposals.map((proposal) => proposal.about).join(", ");
        throw new InterlockError(
          "outcome/nothing-proposed",
          found === undefined
            ? `\`${about}\` is no setting of ${loop}`
            : found.paper === null
              ? `\`${about}\` stays ${found.now}: ${found.because}`
              : `\`${about}\` is not of the charter: ${found.paper.command}`,
          { help: `outcome show ${loop} tells of ${known}` },
        );
      }
      const { document } = found.paper;
      writeFileSync(out, `${JSON.stringify(document, null, 2)}\n`);
      const next = [
        `interlock charter diff OLD ${out}`,
        `interlock charter propose ${loop} ${out} --person EMAIL`,
        `interlock charter sign ${loop} --party DEPARTMENT`,
      ];
      const { now, proposed } = found;
      output.result({ about, now, proposed, file: out, version: document.version, next }, () =>
        [
          `${about}: ${now} -> ${proposed}, as version ${document.version} in ${out}.`,
          "Nothing has changed. It comes into force when both heads have signed:",
          ...next.map((command) => `  ${command}`),
        ].join("\n"),
      );
    },
  )
    .requiredOption("--about <setting>", "which setting, as outcome show names it")
    .requiredOption("--out <file>", "where the draft goes");
}
