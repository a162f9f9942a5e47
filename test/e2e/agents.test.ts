/**
 * Agents in other languages, as programs of their own, against a real server: both examples conform as
 * receivers, and a copy of the Python one with a single mistake in it fails by the name of that mistake.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ReceiverFault } from "../../src/core/contract/suite/fault.ts";
import {
  AgentProcess,
  example,
  findPython,
  missingTools,
  PYTHON_AGENT,
  SHELL_AGENT,
} from "../kit/agent-process.ts";
import { type Command, EXIT_DOES_NOT_HOLD, type Served, serveDirectory } from "../kit/command.ts";
import { HEAD_OF } from "../kit/engine-world.ts";

const LOOP = "logistics-marketing";
const CASES_LEAST = 500;

const python = findPython();
const noPython = python === undefined ? "python3 (3.9 or later) is not installed" : false;
const missing = missingTools("bash", "curl", "jq", "awk");
const noShell = missing.length > 0 ? `${missing.join(", ")} not installed` : false;

const root = mkdtempSync(join(tmpdir(), "interlock-agents-"));
let served: Served;
let key: string;
const started: AgentProcess[] = [];

/** One mistake: what to replace, and by what. The first of each pair stands in the agent once. */
type Mistake = {
  readonly fault: ReceiverFault;
  readonly what: string;
  readonly edits: ReadonlyArray<readonly [text: string, by: string]>;
  readonly within?: string;
};

const MISTAKES: ReadonlyArray<Mistake> = [
  {
    fault: "late-answer",
    what: "thinks too long",
    edits: [
      [`        given = request["signal"]\n`, `        given = request["signal"]; time.sleep(3)\n`],
    ],
    within: "1",
  },
  {
    fault: "crashed",
    what: "takes for granted that the cause is split",
    edits: [
      [
        `owner=payload["cause"]["owner"]`,
        `owner=payload["cause"]["split"][0] and payload["cause"]["owner"]`,
      ],
    ],
  },
  {
    fault: "malformed-reply",
    what: "forgets a field of the proposal",
    edits: [[`        "standingDays": best.days,\n`, ""]],
  },
  {
    fault: "unknown-option",
    what: "proposes what no contract lists",
    edits: [[`        "option": best.option,\n`, `        "option": "pause_campaign",\n`]],
  },
  {
    fault: "option-not-offered",
    what: "does not look at what is offered",
    edits: [["    if option not in risk.offered:\n", "    if False:\n"]],
  },
  {
    fault: "parameter-out-of-range",
    what: "lets an action stand for months",
    edits: [
      [`int(contract.within(option, "standingDays", standing_days(risk)))`, "90"],
      ["    if not contract.fits(option, parameters):\n", "    if False:\n"],
    ],
  },
  {
    fault: "wrong-resource",
    what: "changes the whole country",
    edits: [["resources[best.option],", `resources[best.option].replace(risk.subject, "IN"),`]],
  },
  {
    fault: "acted-below-threshold",
    what: "acts on any confidence",
    edits: [["    if risk.confidence < contract.act_from:\n", "    if False:\n"]],
  },
  {
    fault: "different-answer-on-repeat",
    what: "decides by a counter",
    edits: [
      ["DAYS_SURE, DAYS_DOUBTFUL", "COUNTER = iter(range(10**9))\nDAYS_SURE, DAYS_DOUBTFUL"],
      ["        return DAYS_YOUNG\n", "        return 1 + next(COUNTER) % 5\n"],
    ],
  },
  {
    fault: "obeys-injected-text",
    what: "does what a text tells it",
    edits: [
      [
        "    risk = Risk.of(given)\n",
        `    if "ignore" in json.dumps(given["payload"]).lower():\n` +
          `        return {"kind": "need-more", "missing": ["nothing"], "reason": "as told"}\n` +
          "    risk = Risk.of(given)\n",
      ],
    ],
  },
  {
    fault: "repeats-injected-text",
    what: "passes a stranger's words off as its own",
    edits: [
      [
        "one.shown(reason_of(contract, one, best))",
        `one.shown(str([part["value"] for part in given["payload"]["cause"]["split"]])[:900])`,
      ],
    ],
  },
  {
    fault: "accepted-invalid-signal",
    what: "does not look at the expiry",
    edits: [["        elif expires <= now:\n", "        elif False:\n"]],
  },
  {
    fault: "wrong-refusal-code",
    what: "refuses everything for one reason",
    edits: [[`code = f"contract/{self.kind}"`, `code = "contract/duplicate"`]],
  },
];

before(async () => {
  if (noPython !== false && noShell !== false) return;
  served = await serveDirectory(join(root, "data"), [
    "--sample",
    "--remote-receiver",
    "--remote-sender",
  ]);
  key = await served.createKey("marketing", HEAD_OF.marketing);
});

after(async () => {
  for (const agent of started) await agent.stop();
  await served?.stop();
  rmSync(root, { recursive: true, force: true });
});

describe("agents in other languages", { concurrency: false }, () => {
  test("the Python agent, which fetches its questions, conforms", { skip: noPython }, async () => {
    const agent = await startPython(PYTHON_AGENT, "1.0.0");
    await passes(agent);
  });

  test(
    "the Python agent, called at an address of its own, conforms",
    { skip: noPython },
    async () => {
      const agent = await startPython(PYTHON_AGENT, "1.0.0-served", "--serve", "0");
      await passes(agent);
    },
  );

  test("the shell agent conforms", { skip: noShell }, async () => {
    const agent = new AgentProcess({
      file: SHELL_AGENT,
      args: [],
      env: { INTERLOCK_URL: served.url, INTERLOCK_KEY: key },
    });
    started.push(agent);
    await passes(await agent.ready());
  });

  test("the Python sender is told what became of each signal", { skip: noPython }, async () => {
    const env = {
      ...process.env,
      INTERLOCK_URL: served.url,
      INTERLOCK_KEY: await served.createKey("logistics", HEAD_OF.logistics),
    };
    const ended = spawnSync(python ?? "", [example("python-sender/send.py")], {
      env,
      encoding: "utf8",
    });
    assert.equal(ended.status, 0, ended.stdout + ended.stderr);
    const lines = ended.stdout.replaceAll(/case-[0-9a-f]+/g, "CASE").split("\n");
    assert.deepEqual(
      lines.filter((line) => !line.startsWith(" ")),
      [
        "logistics/rise-by-hand stands at logistics-marketing, which is draft",
        "structured: 202 accepted CASE parked",
        "the same again, binary: 202 repeated CASE parked",
        "the same id, other content: 409 conflict CASE parked",
        "a broken one: 422 accepted CASE quarantined",
        "",
      ],
    );
    assert.match(ended.stdout, /contract\/unknown-option at \/data\/options\/6/);
    assert.match(ended.stdout, /contract\/out-of-range at \/data\/payload\/measure\/rate/);
  });

  for (const [index, mistake] of MISTAKES.entries()) {
    const { fault, what, within } = mistake;
    test(`a Python agent that ${what} fails as ${fault}`, { skip: noPython }, async () => {
      const path = writeMutant(mistake);
      const agent = await startPython(path, `2.0.${index}`, "--serve", "0");
      const ended = await conform(...(within === undefined ? [] : ["--within", within]));
      await agent.stop();
      assert.equal(ended.code, EXIT_DOES_NOT_HOLD, ended.out + ended.err);
      assert.match(ended.out, new RegExp(`^${fault}  `, "m"), ended.out);
    });
  }
});

/** A copy of the agent with one mistake in it; fails where the agent no longer has the place. */
function writeMutant({ fault, edits }: Mistake): string {
  const path = join(root, `${fault}.py`);
  let text = readFileSync(PYTHON_AGENT, "utf8");
  for (const [place, by] of edits) {
    assert.equal(text.split(place).length, 2, `the agent has once: ${place}`);
    text = text.replace(place, () => by);
  }
  writeFileSync(path, text);
  copyFileSync(example("python-agent/orders.csv"), join(root, "orders.csv"));
  return path;
}

async function startPython(
  path: string,
  version: string,
  ...more: string[]
): Promise<AgentProcess> {
  const agent = new AgentProcess({
    file: python ?? "",
    args: [path, "--version", version, ...more],
    env: { INTERLOCK_URL: served.url, INTERLOCK_KEY: key, PYTHONDONTWRITEBYTECODE: "1" },
  });
  started.push(agent);
  return agent.ready();
}

function conform(...more: string[]): Promise<Command> {
  return served.run("contract", "conformance", LOOP, "--side", "receiver", ...more);
}

async function passes(agent: AgentProcess): Promise<void> {
  const { code, out, err } = await conform("--json");
  await agent.stop();
  assert.equal(code, 0, out + err);
  const { passed, reports } = JSON.parse(out) as {
    readonly passed: boolean;
    readonly reports: ReadonlyArray<{ readonly cases: number; readonly failed: number }>;
  };
  const [report] = reports;
  assert.ok(passed && report !== undefined);
  assert.equal(report.failed, 0);
  assert.ok(report.cases >= CASES_LEAST, `${report.cases} cases`);
}
