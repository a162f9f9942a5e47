/** `case vote` as a person meets it: with their key or the token of their letter, through the server. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { PLAIN_LIVE, writeNote } from "../../src/app/data-directory.ts";
import { writeServer } from "../../src/app/server-workspace.ts";
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import { ballotToScreen } from "../../src/cli/ballot-screen.ts";
import { askYesNo } from "../../src/cli/confirm.ts";
import { writePrivateKey } from "../../src/core/sign/ssh-key.ts";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { interlock } from "../kit/command.ts";
import { BY_VERDICT, type EngineWorld, HEAD_OF, HERE, openWorld } from "../kit/engine-world.ts";

const directory = mkdtempSync(join(tmpdir(), "interlock-vote-"));
const keyFile = join(directory, "head.key");
let driver: Driver;
let world: EngineWorld;
let server: RunningServer;
let id: string;

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
  world = await openWorld(driver, {});
  server = await startServer({ engine: world.engine, port: 0, operatorToken: "operator" });
  writeNote(directory, PLAIN_LIVE);
  writeServer(directory, { url: server.url, token: "operator", pid: process.pid });
  const secret = simulatedSecretOf(HEAD_OF.marketing);
  writeFileSync(keyFile, writePrivateKey(secret, HEAD_OF.marketing, new Uint8Array(4)));
  world.receiver.propose(() => BY_VERDICT.both);
  id = await world.signalOn(HERE);
  await world.settle();
});
after(async () => {
  await server.close();
  await driver.close();
  rmSync(directory, { recursive: true, force: true });
});

const vote = (...said: ReadonlyArray<string>) =>
  interlock("case", "vote", id, ...said, "--data", directory, "--json");

test("an address alone does not vote; a key does, and the token of a letter does, each once", async () => {
  const who = ["--party", "marketing", "--person", HEAD_OF.marketing];
  const bare = await vote("--agree", "--token", "invented.token");
  assert.match(bare.err + bare.out, /vote\/bad-proof/);
  const other = await vote("--agree", ...who, "--person", HEAD_OF.logistics, "--key", keyFile);
  assert.match(other.err + other.out, /sign\/other-person/);
  const signed = await vote("--agree", "--reason", "seen", ...who, "--key", keyFile);
  assert.equal(signed.code, 0, signed.err);
  assert.equal((JSON.parse(signed.out) as { counted: boolean }).counted, true);
  await world.settle();

  const letter = world.post.delivered.find(({ address }) => address === HEAD_OF.logistics);
  // No server was known to the letters of this world: the command is the way.
  assert.match(letter?.text ?? "", /To answer: with the command below/);
  const token = /--token (\S+)/.exec(letter?.text ?? "")?.[1] ?? "";
  const counted = await vote("--agree", "--token", token);
  assert.equal(counted.code, 0, counted.err);
  await world.settle();
  const { state, votes } = await world.case(id);
  assert.equal(state, "watching");
  assert.deepEqual(
    votes.map(({ person, proof }) => [person, proof.kind]),
    [
      [HEAD_OF.marketing, "signature"],
      [HEAD_OF.logistics, "link"],
    ],
  );
  const late = await vote("--agree", "--token", token);
  assert.match(late.err + late.out, /vote\/too-late/);
});

test("a person at a terminal sees every place that would change, and only a yes is a yes", async () => {
  const of = await world.case(id);
  assert.match(ballotToScreen(of), /setting: "untouched" -> "exclude_geo/);
  assert.ok(of.target);
  const odd = { ...of.target.before, "\u001b[2Kname\u202e": "x" };
  const screen = ballotToScreen({ ...of, target: { ...of.target, before: odd } });
  assert.doesNotMatch(screen, /[\u001b\u202e]/);
  for (const [typed, isYes] of [
    ["y\n", true],
    [" Yes \n", true],
    ["\n", false],
    ["yesterday\n", false],
    ["", false],
  ] as const) {
    const input = new PassThrough();
    input.end(typed);
    const answer = await askYesNo("Agree?", { input, output: new PassThrough() });
    assert.equal(answer, isYes, JSON.stringify(typed));
  }
});
