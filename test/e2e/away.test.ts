/** `away` and `back` as a person types them, in a directory of their own. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { addDays } from "../../src/std/time.ts";
import { interlock } from "../kit/command.ts";

const directory = mkdtempSync(join(tmpdir(), "interlock-away-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const PERSON = "head@marketing.example.com";
const run = (...args: ReadonlyArray<string>) => interlock(...args, "--data", directory);

test("away, who is away, and back by the command line, in words and as JSON", async () => {
  assert.equal((await interlock("init", "--data", directory)).code, 0);
  const until = addDays(new Date().toISOString().slice(0, 10), 5);
  const away = await run("away", "--until", until, "--person", PERSON);
  assert.equal(away.code, 0, away.err);
  assert.match(away.out, /head@marketing.*deputy@marketing[\s\S]*Both sides are told/);
  const listed = await run("away", "--json");
  const [row] = JSON.parse(listed.out) as ReadonlyArray<{ person: string; standIn: string }>;
  assert.deepEqual([row?.person, row?.standIn], [PERSON, "deputy@marketing.example.com"]);
  assert.equal((await run("back", "--person", PERSON)).code, 0);
  const again = await run("back", "--person", PERSON, "--json");
  assert.notEqual(again.code, 0);
  assert.match(again.err, /delegation\/not-away/);
});
