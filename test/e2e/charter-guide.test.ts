/** Every command of the guide to charters, in its order, in a fresh directory. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { MAIN, NODE_FLAGS } from "../kit/command.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const GUIDE = readFileSync(join(PROJECT, "docs/guides/charter.md"), "utf8");

const root = mkdtempSync(join(tmpdir(), "interlock-charter-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** The lines of every block that is marked as shell. */
const COMMANDS: ReadonlyArray<string> = [...GUIDE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(
  ([, block = ""]) => block.split("\n").filter((line) => line !== ""),
);

function run(line: string): Promise<string> {
  const command = line
    .replaceAll(
      "npm run -s interlock --",
      `"${process.execPath}" ${NODE_FLAGS.join(" ")} "${MAIN}"`,
    )
    .replaceAll(".practice", root);
  return new Promise((resolve, reject) => {
    execFile(
      "sh",
      ["-c", command],
      { cwd: PROJECT, env: { ...process.env, NO_COLOR: "1" } },
      (error, out, err) => {
        // prettier-ignore
        if (error === null) resolve(out);
      else reject(new Error(`${line}\n${out}\n${err}`));
      },
    );
  });
}

test("the guide to charters does what it says, from the page to the withdrawal", async () => {
  assert.ok(COMMANDS.length >= 20, `${COMMANDS.length} commands`);
  const said = new Map<string, string>();
  for (const command of COMMANDS) said.set(command, await run(command));
  const outputOf = (part: string) =>
    [...said].find(([command]) => command.includes(part))?.[1] ?? "not run";
  assert.match(outputOf("charter explain"), /approve by rule `marketing-decides`/);
  assert.match(outputOf("charter verify"), /binds:/);
  assert.match(outputOf("charter diff"), /harder/i);
  assert.match(outputOf("charter withdraw"), /has stopped/);
});
