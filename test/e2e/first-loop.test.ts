/** A fresh loop is taken live by doing what it says is missing; and the tutorial does just that. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = join(PROJECT, "src/cli/main.ts");
const GUIDE = join(PROJECT, "docs/guides/first-loop.md");
const LOOP = "logistics-marketing";
const EXIT_DOES_NOT_HOLD = 3;

const root = mkdtempSync(join(tmpdir(), "interlock-first-loop-"));
after(() => rmSync(root, { recursive: true, force: true }));

type Ended = { readonly code: number; readonly out: string; readonly err: string };

function interlock(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: PROJECT }, (error, out, err) => {
      const code = typeof error?.code === "number" ? error.code : error === null ? 0 : 1;
      resolve({ code, out, err });
    });
  });
}

type Refusal = { readonly error: { readonly code: string; readonly help: string } };

/** The commands that a refusal advises, in its order. */
function listAdvice(refused: Ended): ReadonlyArray<string> {
  const { error } = JSON.parse(refused.err) as Refusal;
  assert.equal(error.code, "loop/gates-unmet");
  return error.help
    .split("\n")
    .filter((line) => line.startsWith("  interlock "))
    .map((line) => line.trim().slice("interlock ".length));
}

test("a fresh loop says all that is missing, and doing it command by command makes it live", async () => {
  const data = join(root, "advice");
  assert.equal((await interlock("init", "--sample", "--data", data)).code, 0);
  assert.equal((await interlock("import", "sample", "--data", data)).code, 0);
  const refused = await interlock("loop", "activate", LOOP, "--json", "--data", data);
  assert.equal(refused.code, EXIT_DOES_NOT_HOLD);
  const advice = listAdvice(refused);
  assert.ok(advice.length >= 9, advice.join("\n"));
  for (const command of advice) {
    const ended = await interlock(...command.split(" "), "--data", data);
    assert.equal(ended.code, 0, `${command}\n${ended.out}\n${ended.err}`);
  }
  const activated = await interlock("loop", "activate", LOOP, "--json", "--data", data);
  assert.equal(activated.code, 0, activated.err);
  assert.equal((JSON.parse(activated.out) as { readonly state: string }).state, "live");
});

test("the commands of the tutorial, run one after the other, do what it says", async () => {
  const data = join(root, "guide");
  const text = readFileSync(GUIDE, "utf8");
  const commands = [...text.matchAll(/^npm run -s interlock -- (.*--data \.practice.*)$/gm)].map(
    (match) => (match[1] ?? "").replaceAll(".practice", data),
  );
  assert.ok(commands.length >= 12, `${commands.length} commands`);
  const codes: string[] = [];
  for (const command of commands) {
    const { code, out, err } = await interlock(...command.split(" "));
    codes.push(`${code} ${command.split(" ").slice(0, 2).join(" ")}`);
    if (!command.startsWith("loop activate")) assert.equal(code, 0, `${command}\n${out}\n${err}`);
  }
  const activations = codes.filter((line) => line.includes("loop activate"));
  assert.deepEqual(activations, [`${EXIT_DOES_NOT_HOLD} loop activate`, "0 loop activate"]);
});
