import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { HERE, LOOP, NOW, PLACES, acceptOn } from "../../../test/kit/engine-world.ts";
import type { HttpWorld } from "../../../test/kit/http-world.ts";
import { useHttpWorlds } from "../../../test/kit/http-world.ts";
import type { Signal } from "../../core/contract/types.ts";
import { ANSWER_WITHIN_MS } from "../../agent/remote/receiver.ts";
import { TAKEN_MS } from "../../engine/question-desk.ts";
import { HOUR_MS, addMs, DAY_MS, SECOND_MS } from "../../std/time.ts";

let http: HttpWorld;

const reopen = useHttpWorlds(
  async (opened) => {
    http = opened;
    await http.asMarketing("PUT", RECEIVER, { name: "py-agent", version: "1.0.0" });
  },
  { limits: { callMs: 400, failuresMax: 3 } },
);

const RECEIVER = `/v1/loops/${LOOP}/receiver`;
const QUESTIONS = `${RECEIVER}/questions`;

type Question = {
  readonly id: string;
  readonly dueAt: string;
  readonly request: { readonly caseId: string; readonly signal: Signal; readonly now: string };
};

async function take(query = "wait=0"): Promise<ReadonlyArray<Question>> {
  const said = await http.asMarketing("POST", `${QUESTIONS}?${query}`);
  assert.equal(said.status, 200);
  return said.body.at("questions") as ReadonlyArray<Question>;
}

function answer(id: string, body: unknown) {
  return http.asMarketing("PUT", `${QUESTIONS}/${id}/answer`, body);
}

const stateOf = async (id: string) => (await http.world.case(id)).state;

test("an agent that waits for questions gets one as it is put, answers, and the case goes on", async () => {
  const id = await http.world.signalOn(HERE);
  const taking = take("wait=20");
  const settling = http.engine.settle();
  const [question] = await taking;
  assert.ok(question);
  assert.equal(question.request.caseId, id);
  assert.deepEqual(question.request.signal, (await http.world.case(id)).signal);
  assert.equal(question.dueAt, addMs(NOW, ANSWER_WITHIN_MS));
  const said = await answer(question.id, acceptOn(question.request.signal));
  assert.deepEqual([said.status, said.body.at("kind")], [200, "recorded"]);
  await settling;
  assert.equal(await stateOf(id), "watching");
});

test("a wait without a question ends with an empty list, and a closing server ends it at once", async () => {
  assert.deepEqual(await take("wait=0"), []);
  const waiting = take("wait=60").catch(() => "closed");
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await http.server.close();
  await waiting;
  assert.ok(performance.now() - begun < 2_000);
});

test("questions are handed out oldest first, each once, and again only when nobody answered", async () => {
  const ids: string[] = [];
  for (const place of PLACES.slice(0, 3)) ids.push(await http.world.signalOn(place));
  const settling = http.engine.settle();
  await new Promise((resolve) => setTimeout(resolve, 150));
  const first = await take("wait=0&max=2");
  const second = await take("wait=0&max=2");
  assert.equal(first.length, 2);
  assert.equal(second.length, 1);
  assert.deepEqual(await take(), []);
  const asked = [...first, ...second].map(({ request }) => request.caseId);
  assert.deepEqual(asked.sort(), ids.sort());
  await settling;
  http.world.clock.moveTo(addMs(NOW, TAKEN_MS));
  assert.equal((await take("max=10")).length, 3);
});

test("an answer that comes while nobody waits is used by the next try, which comes at once", async () => {
  const id = await http.world.signalOn(HERE);
  await http.engine.settle();
  const [question] = await take();
  assert.ok(question);
  http.world.clock.moveTo(addMs(NOW, 2 * SECOND_MS));
  assert.equal((await answer(question.id, acceptOn(question.request.signal))).status, 200);
  // The wait after a failed try would have been longer.
  await http.engine.settle();
  assert.equal(await stateOf(id), "watching");
});

test("the same answer again is answered alike, another one is a conflict, and neither changes anything", async () => {
  await http.world.signalOn(HERE);
  await http.engine.settle();
  const [question] = await take();
  assert.ok(question);
  const reply = acceptOn(question.request.signal);
  assert.equal((await answer(question.id, reply)).body.at("kind"), "recorded");
  assert.equal((await answer(question.id, reply)).body.at("kind"), "repeated");
  const other = { kind: "decline", reason: "changed my mind", scored: [] };
  const said = await answer(question.id, other);
  assert.deepEqual([said.status, said.body.at("error", "code")], [409, "agent/answer-conflict"]);
  await http.engine.settle();
  assert.equal((await answer(question.id, reply)).body.at("kind"), "repeated");
});

test("a late answer is gone, and says until when it was wanted", async () => {
  await http.world.signalOn(HERE);
  await http.engine.settle();
  const [question] = await take();
  assert.ok(question);
  http.world.clock.moveTo(addMs(question.dueAt, SECOND_MS));
  const said = await answer(question.id, acceptOn(question.request.signal));
  assert.deepEqual([said.status, said.body.at("error", "code")], [410, "agent/question-closed"]);
  assert.match(said.body.text("error", "message"), new RegExp(question.dueAt));
});

test("an answer to what was never asked is not found, and neither is another loop's question", async () => {
  const said = await answer("q-0123", { kind: "decline", reason: "no", scored: [] });
  assert.deepEqual([said.status, said.body.at("error", "code")], [404, "agent/question-not-found"]);
});

test("only the receiver's department fetches and answers", async () => {
  const { logistics } = http.keys;
  assert.equal((await http.ask("POST", `${QUESTIONS}?wait=0`, { key: logistics })).status, 403);
  const body = { kind: "decline", reason: "no", scored: [] };
  assert.equal(
    (await http.ask("PUT", `${QUESTIONS}/q-1/answer`, { key: logistics, body })).status,
    403,
  );
});

test("an answer that breaks the contract is refused with the place, and the question is put again", async () => {
  const id = await http.world.signalOn(HERE);
  await http.engine.settle();
  const [question] = await take();
  assert.ok(question);
  const good = acceptOn(question.request.signal);
  assert.ok(good.kind === "accept");
  const bad = { ...good, proposal: { ...good.proposal, option: "fire_everybody" } };
  const said = await answer(question.id, bad);
  assert.equal(said.status, 422);
  assert.equal(said.body.at("error", "code"), "agent/invalid-reply");
  assert.equal(said.body.at("problems", 0, "code"), "contract/unknown-option");
  assert.equal(said.body.at("error", "path"), "/proposal/option");
  await http.engine.settle();
  http.world.clock.moveTo(addMs(NOW, 30 * SECOND_MS));
  const settling = http.engine.settle();
  const [again] = await take("wait=5");
  assert.equal(again?.id, question.id);
  await answer(question.id, good);
  await settling;
  assert.equal(await stateOf(id), "watching");
});

test("silent agents use up the tries, and the case waits in sight with both departments told", async () => {
  const id = await http.world.signalOn(HERE);
  for (let minute = 0; minute < 3; minute++) {
    await http.engine.settle();
    http.world.clock.moveTo(addMs(NOW, (minute + 1) * HOUR_MS));
  }
  await http.engine.settle();
  const waiting = await http.world.case(id);
  assert.equal(waiting.state, "evaluating");
  assert.match(waiting.awaitingPerson?.why ?? "", /gave up after 3 tries.*did not answer in time/);
  const told = await http.world.told(id);
  assert.deepEqual(told, ["logistics: person-needed", "marketing: person-needed"]);
  await http.world.runUntil(addMs(NOW, 4 * DAY_MS));
  assert.equal((await http.world.case(id)).closeReason, "expired");
});

test("with nobody at the receiving end the case says so, and what to do", async () => {
  await http.world.driver.query("delete from agent where loop = $1 and side = 'receiver'", [LOOP]);
  const id = await http.world.signalOn(HERE);
  await http.engine.settle();
  const [ask] = await http.world.effects(id);
  assert.match(JSON.stringify(ask), /no agent of marketing stands at/);
  assert.equal(await stateOf(id), "evaluating");
});

test("a refusal in the agent's own words leaves the case with a person, under the agent's code", async () => {
  const id = await http.world.signalOn(HERE);
  await http.engine.settle();
  const [question] = await take();
  assert.ok(question);
  const error = { code: "contract/out-of-range", path: "/payload/measure", message: "too odd" };
  assert.equal((await answer(question.id, { error })).status, 200);
  await http.engine.settle();
  const { awaitingPerson } = await http.world.case(id);
  assert.match(
    awaitingPerson?.why ?? "",
    /contract\/invalid-signal: .*py-agent.* refused .*too odd/,
  );
});

test("an agent that registered an address is asked there, and what it answers is acted on", async () => {
  const asked: string[] = [];
  const agent = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const { request: asking } = JSON.parse(body) as Question;
      asked.push(asking.caseId);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(acceptOn(asking.signal)));
    });
  });
  await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/evaluate`;
    const said = await http.asMarketing("PUT", RECEIVER, { name: "called", version: "1", url });
    assert.equal(said.status, 200);
    const id = await http.world.signalOn(HERE);
    await http.engine.settle();
    assert.equal(await stateOf(id), "watching");
    assert.deepEqual(asked, [id]);
    assert.deepEqual(await take(), []);
  } finally {
    agent.close();
    agent.closeAllConnections();
  }
});

test("two hundred questions at once are all answered, by agents that fetch side by side", async () => {
  http = await reopen({ limits: { callMs: 10_000 } });
  await http.asMarketing("PUT", RECEIVER, { name: "py-agent", version: "1.0.0" });
  const signals = Array.from({ length: 200 }, (_, n) =>
    http.world.signal(`IN-${100_000 + n}`, { id: `many-${n}` }),
  );
  await http.world.send(...signals);
  const begun = performance.now();
  let answered = 0;
  const work = async () => {
    while (answered < signals.length) {
      for (const { id, request } of await take("wait=1&max=25")) {
        const { status } = await answer(id, acceptOn(request.signal));
        assert.equal(status, 200);
        answered += 1;
      }
    }
  };
  await Promise.all([http.engine.settle(), work(), work(), work(), work()]);
  const seconds = (performance.now() - begun) / 1_000;
  assert.equal(answered, 200);
  const states = await http.world.driver.query<{ state: string; n: number }>(
    "select state, count(*)::int as n from signal_case group by 1",
  );
  assert.deepEqual(
    states.filter(({ state }) => state === "evaluating"),
    [],
  );
  console.log(`      200 questions asked, fetched and answered in ${seconds.toFixed(1)} s`);
});
