/** A fresh loop is taken live by doing what it says is missing; and the tutorial does just that. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Command, EXIT_DOES_NOT_HOLD, interlock } from "../kit/command.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const GUIDE = join(PROJECT, "docs/guides/first-loop.md");

const root = mkdtempSync(join(tmpdir(), "interlock-first-loop-"));
after(() => rmSync(root, { recursive: true, force: true }));

type Refusal = { readonly error: { readonly code: string; readonly help: string } };

/** The commands that a refusal advises, in its order. */
function listAdvice(refused: Command): ReadonlyArray<string> {
  const { error } = JSON.parse(refused.err) as Refusal;
  assert.equal(error.code, "loop/gates-unmet");
  return error.help
    .split("\n")
    .filter((line) => line.startsWith("  interlock "))
    .map((line) => line.trim().slice("interlock ".length));
}

/** The commands of the tutorial, without the directory that they are for. */
const TUTORIAL: ReadonlyArray<string> = [
  ...readFileSync(GUIDE, "utf8").matchAll(/^npm run -s interlock -- (.*) --data \.practice$/gm),
].map((match) => match[1] ?? "");

test("a fresh loop says all that is missing; doing it command by command, as the tutorial does, makes it live", async () => {
  const data = join(root, "practice");
  const activations: Command[] = [];
  for (const command of TUTORIAL) {
    const json = command.startsWith("loop activate") ? ["--json"] : [];
    const ended = await interlock(...command.split(" "), ...json, "--data", data);
    if (json.length > 0) activations.push(ended);
    else assert.equal(ended.code, 0, `${command}\n${ended.out}\n${ended.err}`);
  }
  const [refused, activated] = activations;
  assert.ok(refused && activated && activations.length === 2, "it is asked for twice");
  assert.equal(refused.code, EXIT_DOES_NOT_HOLD);
  const from = TUTORIAL.findIndex((command) => command.startsWith("loop activate")) + 1;
  const advice = listAdvice(refused);
  assert.ok(advice.length >= 9, advice.join("\n"));
  assert.deepEqual(TUTORIAL.slice(from, from + advice.length), advice);
  assert.equal(activated.code, 0, activated.err);
  assert.equal((JSON.parse(activated.out) as { readonly state: string }).state, "live");
  // Gates looked at, both ends tested, a drill walked: the outside's own record has no change in it, only
  // the letters that tell both owners of their new keys.
  const record = readFileSync(join(data, "outside/sandbox.jsonl"), "utf8").split("\n");
  const changes = record.filter((line) => line !== "" && !line.includes('"system":"mail"'));
  assert.deepEqual(changes, []);
});
