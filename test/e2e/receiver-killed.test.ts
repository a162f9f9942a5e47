/**
 * The receiving agent's process dies while two hundred signals are under way.
 *
 * Nothing here is played: a Python program stands at marketing's end over HTTP, another department's key
 * posts CloudEvents, the sandbox's ads platform and mail server answer on real sockets, and the loop was
 * taken live through its gates. The charter is the loop's own but for its caps, which would forbid most of
 * two hundred actions on one day.
 */
import { signAsOwner } from "../../src/app/simulated-owners.ts";
import { getLoopTerms } from "../../src/engine/terms.ts";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { hashOfEnd } from "../../src/core/loop/about.ts";
import { contractHash } from "../../src/core/contract/parse.ts";
import { signalToCloudEvent } from "../../src/core/contract/cloud-event.ts";
import { addMs, HOUR_MS, SECOND_MS } from "../../src/std/time.ts";
import { findAgent } from "../../src/store/table/agent.ts";
import { writeEvidence } from "../../src/store/table/evidence.ts";
import { listLedger } from "../../src/store/table/ledger.ts";
import { AgentProcess, findPython, PYTHON_AGENT } from "../kit/agent-process.ts";
import { HEAD_OF } from "../kit/engine-world.ts";
import { openPractice, type Practice } from "../kit/practice.ts";
import { goodSignal } from "../kit/reference-loop.ts";

const NO_LIMIT = { actions: 1_000, subjects: 1_000, value: "INR 9999999999" };
const SIGNALS = 200;
const HEARTBEAT_SECONDS = 5;
const SENT_AT_ONCE = 8;

const python = findPython();
const root = mkdtempSync(join(tmpdir(), "interlock-receiver-killed-"));
const closing: Array<() => Promise<void>> = [];
after(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(root, { recursive: true, force: true });
});

test(
  `of ${SIGNALS} signals under way when the receiver is killed, each is executed or parked, both owners ` +
    "are told once, and all proceed in order when it is back",
  { skip: python === undefined ? "python3 (3.9 or later) is not installed" : false },
  async () => {
    const practice = await openPractice(join(root, "data"), {
      charter: (charter) => ({
        ...charter,
        guardrails: {
          ...charter.guardrails,
          perDay: NO_LIMIT,
          perWeek: NO_LIMIT,
          freezes: [],
        },
      }),
    });
    closing.push(() => practice.close());
    const sender = await openSender(practice);
    const startReceiver = await prepareReceiver(practice);
    // Called at an address it is through its tests sooner; live, it fetches its questions.
    const tested = await startReceiver("--serve", "0");
    await passTests(practice);
    await tested.stop();
    const first = await startReceiver();
    await goLive(practice);

    const { pincodes } = practice;
    await sender.send(pincodes.slice(0, 80));
    await waitFor(practice, ({ cases }) => (cases.openByState["watching"] ?? 0) >= 40);
    // Now under load: some are asked, some answered, some executing, some still on their way.
    const sending = sender.send(pincodes.slice(80, 160));
    await first.until(60 * SECOND_MS, (lines) => countAnswers(lines) >= 100);
    await first.killHard();
    const killedAt = performance.now();
    await sending;
    const suspended = await waitFor(practice, ({ loop }) => loop.state === "suspended");
    const noticedMs = performance.now() - killedAt;
    // Half an interval's grace, and what a busy machine takes to look.
    assert.ok(noticedMs < (1.5 * HEARTBEAT_SECONDS + 5) * SECOND_MS, `${Math.round(noticedMs)} ms`);
    // What comes while nobody is there waits as well.
    await sender.send(pincodes.slice(160, SIGNALS));
    const still = await waitFor(practice, ({ cases }) => isStill(cases.openByState));
    const { watching = 0, parked = 0 } = still.cases.openByState;
    assert.equal(watching + parked, SIGNALS, JSON.stringify(still.cases));
    assert.equal(still.cases.accepted, SIGNALS);
    assert.ok(watching >= 40 && parked >= 40, JSON.stringify(still.cases.openByState));
    assert.match(suspended.loop.why, /was last heard at/);
    assert.deepEqual(countNews(practice), { "suspended logistics": 1, "suspended marketing": 1 });

    const second = await startReceiver();
    await waitFor(practice, ({ cases }) => cases.openByState["watching"] === SIGNALS);
    assert.deepEqual(countNews(practice), {
      "suspended logistics": 1,
      "suspended marketing": 1,
      "resumed logistics": 1,
      "resumed marketing": 1,
    });
    const ledger = await readLedger(practice);
    const accepted = ledger.filter(
      ({ kind }) => kind === "signal.admitted" || kind === "signal.parked",
    );
    const resumed = ledger.filter(({ kind }) => kind === "loop.resumed").map((entry) => entry.case);
    const waited = new Set(resumed);
    assert.equal(accepted.length, SIGNALS);
    assert.equal(waited.size, parked);
    assert.deepEqual(
      resumed,
      accepted.map((entry) => entry.case).filter((id) => waited.has(id)),
      "they proceed in the order in which they came, each once",
    );
    const actions = listActions(practice.directory);
    assert.deepEqual([...actions.keys()].sort(), pincodes.slice(0, SIGNALS).sort());
    assert.deepEqual(
      [...actions].filter(([, keys]) => keys.length !== 1),
      [],
      "none twice",
    );
    assert.deepEqual(practice.errors, []);
    await second.stop();
  },
);

type LoopView = {
  readonly loop: { readonly state: string; readonly why: string };
  readonly gates: ReadonlyArray<{ readonly name: string; readonly holds: boolean }>;
  readonly cases: {
    readonly accepted: number;
    readonly openByState: { readonly [state: string]: number };
  };
};

/** Looks again and again, as an operator would; fails with what it saw last. */
async function waitFor(practice: Practice, isSo: (view: LoopView) => boolean): Promise<LoopView> {
  const until = performance.now() + 60 * SECOND_MS;
  for (;;) {
    const view = (await practice.ask("loop.show", { loop: practice.loop })) as LoopView;
    if (isSo(view)) return view;
    if (performance.now() > until) {
      const { loop, cases, gates } = view;
      const unmet = gates.filter(({ holds }) => !holds).map(({ name }) => name);
      throw new Error(`not so after a minute: ${JSON.stringify({ loop, cases, unmet })}`);
    }
    await delay(200);
  }
}

/** Nothing is between waiting and done. */
function isStill(openByState: LoopView["cases"]["openByState"]): boolean {
  return Object.keys(openByState).every((state) => state === "watching" || state === "parked");
}

function countAnswers(lines: ReadonlyArray<string>): number {
  return lines.filter((line) => / (accept|modify) /.test(line)).length;
}

/** Logistics' agent: it registers, shows its record and posts signals, as a program elsewhere would. */
async function openSender(practice: Practice) {
  const key = await practice.createKey("logistics");
  const at = `${practice.url}/v1/loops/${practice.loop}`;
  const say = async (method: string, path: string, body: unknown, type = "application/json") => {
    const response = await fetch(`${at}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": type },
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${answer}`);
    return answer;
  };
  const name = "ndr-watch";
  await say("PUT", "/sender", { name, version: "1.0.0", heartbeatSeconds: 600 });
  const now = new Date().toISOString();
  await say("POST", "/sender/heartbeat", {
    name,
    dataCompleteTo: now,
    calibration: { predictions: 100, covered: 81, nominal: 0.8, asOf: now },
  });
  const sendOne = async (subject: string) => {
    const sentAt = new Date().toISOString();
    const signal = goodSignal({
      id: `ndr-${subject}`,
      subject,
      sentAt,
      asOf: now,
      expiresAt: addMs(sentAt, 72 * HOUR_MS),
      confidence: 0.9,
      payload: {
        ...goodSignal().payload,
        change: { onDay: "2026-02-18", size: 0.2, low: 0.15, high: 0.25 },
        exposure: { ordersPerDay: 10, codShare: 0.6, subjects: 1 },
      },
    });
    await say("POST", "/signals", signalToCloudEvent(signal), "application/cloudevents+json");
  };
  return {
    async send(subjects: ReadonlyArray<string>): Promise<void> {
      const waiting = [...subjects];
      const work = async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await sendOne(next);
        }
      };
      await Promise.all(Array.from({ length: SENT_AT_ONCE }, work));
    },
  };
}

async function prepareReceiver(practice: Practice) {
  const key = await practice.createKey("marketing");
  return async (...more: ReadonlyArray<string>): Promise<AgentProcess> => {
    const agent = new AgentProcess({
      file: python ?? "",
      args: [PYTHON_AGENT, "--heartbeat", `${HEARTBEAT_SECONDS}`, ...more],
      env: { INTERLOCK_URL: practice.url, INTERLOCK_KEY: key },
    });
    closing.push(() => agent.stop());
    return agent.ready();
  };
}

type Passed = { readonly passed: boolean; readonly why?: string };

/** The papers, the receiver's tests and its record: all but the last gate. */
async function passTests(practice: Practice): Promise<void> {
  const { loop, contract, interlock, ask } = practice;
  const { name, version } = contract;
  for (const department of ["logistics", "marketing"] as const) {
    const person = HEAD_OF[department];
    await ask("contract.accept", { name, version, department, person });
    const { charterHash, charter } = await getLoopTerms(interlock.driver, loop);
    await signAsOwner(interlock.engine, loop, charter, charterHash, department);
  }
  const { passed } = (await ask("contract.conform", { loop, side: "receiver" })) as Passed;
  assert.ok(passed, "the Python agent conforms");
  await ask("agent.trust", { loop, person: HEAD_OF.marketing });
  // The one gate that is given: a sender elsewhere is tested on weeks of its signals with their
  // outcomes, and it is not what is looked at here.
  const sender = await findAgent(interlock.driver, loop, "sender");
  assert.ok(sender);
  await writeEvidence(interlock.driver, {
    loop,
    kind: "sender-conformance",
    about: hashOfEnd(contractHash(contract), sender),
    body: { cases: 500, failures: 0, first: "" },
    made_at: new Date().toISOString(),
  });
}

async function goLive({ loop, ask }: Practice): Promise<void> {
  const drill = (await ask("loop.drill", { loop })) as Passed;
  assert.ok(drill.passed, drill.why);
  await ask("loop.activate", { loop });
}

type Entry = { readonly kind: string; readonly case: string | null };

async function readLedger({ interlock }: Practice): Promise<ReadonlyArray<Entry>> {
  const entries = await listLedger(interlock.driver, 0, 100_000);
  return entries.map(({ text }) => JSON.parse(text) as Entry);
}

type Arrived = {
  readonly system: string;
  readonly key: string | null;
  readonly subjects: ReadonlyArray<string>;
  readonly change: { readonly to?: string; readonly subject?: string };
};

function readOutside(directory: string): ReadonlyArray<Arrived> {
  return readFileSync(join(directory, "outside", "sandbox.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Arrived);
}

/** The requests that changed something, by the subject that they changed. */
function listActions(directory: string): ReadonlyMap<string, ReadonlyArray<string | null>> {
  const actions = new Map<string, Array<string | null>>();
  for (const { system, key, subjects } of readOutside(directory)) {
    if (system === "mail") continue;
    for (const subject of subjects) actions.set(subject, [...(actions.get(subject) ?? []), key]);
  }
  return actions;
}

/** Letters in the two heads' own mailboxes; what is told of single cases goes elsewhere. */
function countNews({ directory }: Practice): { readonly [news: string]: number } {
  const counts: Record<string, number> = {};
  for (const { system, change } of readOutside(directory)) {
    const side = (["logistics", "marketing"] as const).find((one) => HEAD_OF[one] === change.to);
    if (system !== "mail" || side === undefined) continue;
    const subject = change.subject ?? "";
    // Their keys, when they signed, are news too, but not of this.
    if (/signing key/.test(subject)) continue;
    const topic = /is suspended/.test(subject) ? "suspended" : "resumed";
    const news = `${topic} ${side}`;
    counts[news] = (counts[news] ?? 0) + 1;
  }
  return counts;
}
