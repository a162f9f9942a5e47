/** Contracts: nobody publishes one alone, and an old version lives until nothing uses it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contract, JsonSchema, Migration, Signal } from "../../../src/core/contract/types.ts";
import { contractHash } from "../../../src/core/contract/parse.ts";
import { registerLoop } from "../../../src/engine/loops.ts";
import { isContractInForce, listMissingAcceptances } from "../../../src/engine/registry.ts";
import { operations } from "../../../src/operation/index.ts";
import { addMs, DAY_MS } from "../../../src/std/time.ts";
import {
  acceptOn,
  ELSEWHERE,
  type EngineWorld,
  HEAD_OF,
  HERE,
  LOOP,
  PLACES,
  type Side,
  THERE,
} from "../../kit/engine-world.ts";
import { goodSignal, referenceContract } from "../../kit/reference-loop.ts";
import type { Setup } from "./setup.ts";

const NAME = "logistics.geo-risk";

export function exerciseRegistry(setup: Setup): void {
  const open = () => setup({ loop: "registered" });

  test("a loop's contract is a draft until both departments accepted it", async () => {
    const world = await open();
    const hash = contractHash(world.wiring.contract);
    assert.equal(await isContractInForce(world.driver, hash), false);
    assert.deepEqual(await listMissingAcceptances(world.driver, hash), ["logistics", "marketing"]);
    await accept(world, "1.0.0", "marketing");
    assert.equal(await isContractInForce(world.driver, hash), false);
    assert.deepEqual(await listMissingAcceptances(world.driver, hash), ["logistics"]);
    const view = await accept(world, "1.0.0", "logistics");
    assert.equal(view.state, "in-force");
    assert.equal(await isContractInForce(world.driver, hash), true);
    assert.deepEqual(
      view.acceptances.map(({ department, person }) => [department, person]).sort(),
      Object.entries(HEAD_OF),
    );
  });

  test("one party accepting twice, as two people, does not stand for the other party", async () => {
    const world = await open();
    await accept(world, "1.0.0", "marketing");
    const view = await accept(world, "1.0.0", "marketing", "deputy@marketing.example.com");
    assert.equal(view.state, "draft");
    assert.deepEqual(view.missing, ["logistics"]);
    assert.deepEqual(
      view.acceptances.map(({ person }) => person),
      [HEAD_OF.marketing],
    );
  });

  test("accepting again what is in force changes neither state nor ledger", async () => {
    const world = await open();
    await publish(world, "1.0.0");
    const before = await ledgerKinds(world);
    await publish(world, "1.0.0");
    assert.deepEqual(await ledgerKinds(world), before);
    assert.deepEqual(
      before.filter((kind) => kind.startsWith("contract.")),
      ["contract.accepted", "contract.accepted", "contract.moved"],
    );
  });

  test("both parties accepting in the same moment bring a version into force once", async () => {
    const world = await open();
    const people = [
      ["logistics", HEAD_OF.logistics],
      ["marketing", HEAD_OF.marketing],
      ["logistics", "deputy@logistics.example.com"],
      ["marketing", "deputy@marketing.example.com"],
    ] as const;
    await Promise.all(
      people.map(([department, person]) => accept(world, "1.0.0", department, person)),
    );
    assert.deepEqual(
      (await ledgerKinds(world)).filter((kind) => kind.startsWith("contract.")),
      ["contract.accepted", "contract.accepted", "contract.moved"],
    );
    assert.deepEqual(await states(world), { "1.0.0": "in-force" });
  });

  test("one version proposed with two contents in the same moment is taken by one of them", async () => {
    const world = await open();
    const contents = ["one", "two", "three"].map((title) => ({ ...nextContract("1.1.0"), title }));
    const outcomes = await Promise.allSettled(contents.map((content) => propose(world, content)));
    const codes = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? "taken" : (outcome.reason as { code: string }).code,
    );
    assert.deepEqual(codes.sort(), ["contract/version-taken", "contract/version-taken", "taken"]);
  });

  test("only the two parties accept, and of each only its owner and deputies", async () => {
    const world = await open();
    const by = { name: NAME, version: "1.0.0" };
    await refused("contract/not-entitled", () =>
      operations.contractAccept.handler(world, {
        ...by,
        department: "finance",
        person: "head@finance.example.com",
      }),
    );
    await refused("contract/not-entitled", () =>
      accept(world, "1.0.0", "logistics", HEAD_OF.marketing),
    );
    await refused("contract/not-found", () => accept(world, "1.0.7", "logistics"));
    assert.deepEqual((await entries(world))[0]?.acceptances, []);
  });

  test("a party that no charter names is spoken for by anybody", async () => {
    const world = await open();
    const document = {
      ...referenceContract(),
      sender: { department: "returns" },
      name: "returns.x",
    };
    const who = { department: "returns", person: "someone@returns.example.com" };
    const view = await operations.contractPropose.handler(world, { document, ...who });
    assert.equal(view.proposedBy, who.person);
    const accepted = await operations.contractAccept.handler(world, {
      name: view.name,
      version: view.version,
      ...who,
    });
    assert.deepEqual(accepted.missing, ["marketing"]);
  });

  test("a version with other content is taken, whoever comes with it", async () => {
    const world = await open();
    const changed = { ...referenceContract(), title: "Something else has risen" };
    await refused("contract/version-taken", () => propose(world, changed));
    await propose(world, referenceContract());
    assert.equal((await entries(world)).length, 1);
    const other = world.openEngine({}, { ...world.wiring, contract: changed });
    await refused("contract/version-taken", () =>
      registerLoop(other.context, { ...world.wiring, contract: changed }),
    );
  });

  test("a newer version deprecates the one in force only when both accepted it", async () => {
    const world = await open();
    await publish(world, "1.0.0");
    await propose(world, nextContract("1.1.0"));
    await accept(world, "1.1.0", "logistics");
    assert.deepEqual(await states(world), { "1.0.0": "in-force", "1.1.0": "draft" });
    await accept(world, "1.1.0", "marketing");
    assert.deepEqual(await states(world), { "1.0.0": "deprecated", "1.1.0": "in-force" });
    assert.equal(
      await isContractInForce(world.driver, contractHash(world.wiring.contract)),
      true,
      "a deprecated version is still spoken",
    );
  });

  test("a draft that is older than what came into force meanwhile is refused", async () => {
    const world = await open();
    await publish(world, "1.0.0");
    await propose(world, nextContract("1.1.0"));
    await propose(world, nextContract("1.2.0"));
    await publish(world, "1.2.0");
    await refused("contract/release-refused", () => accept(world, "1.1.0", "logistics"));
    await refused("contract/release-refused", () => propose(world, nextContract("1.1.5")));
    assert.deepEqual(await states(world), {
      "1.0.0": "deprecated",
      "1.1.0": "draft",
      "1.2.0": "in-force",
    });
  });

  test("a deprecated version is retired when no loop and no open case uses it any more", async () => {
    const world = await open();
    await publish(world, "1.0.0");
    await refused("contract/wrong-state", () => retire(world, "1.0.0"));
    await world.signalOn(HERE);
    await propose(world, nextContract("1.1.0"));
    await publish(world, "1.1.0");
    await refused("contract/in-use", () => retire(world, "1.0.0"), /1 open case and the loop/);

    await rewire(world, nextContract("1.1.0"));
    await refused("contract/in-use", () => retire(world, "1.0.0"), /1 open case still uses it/);
    assert.equal((await entries(world))[0]?.openCases, 1);

    await world.runUntil(addMs(world.clock.now(), 10 * DAY_MS));
    const view = await retire(world, "1.0.0");
    assert.equal(view.state, "retired");
    await refused("contract/wrong-state", () => accept(world, "1.0.0", "logistics"));
    assert.deepEqual((await retire(world, "1.0.0")).state, "retired");
  });

  test("a deprecated version's signals are taken under their own version until it is retired", async () => {
    const world = await setup();
    const old = contractHash(world.wiring.contract);
    const next = nextContract("1.1.0");
    await propose(world, next);
    await publish(world, "1.1.0");
    const later = await rewire(world, next);
    await later.send(later.signal(HERE), later.signal(THERE, { version: "1.1.0" }));
    const [under, over] = await later.cases();
    assert.deepEqual(
      [under?.signal.version, under?.contractHash, over?.signal.version, over?.contractHash],
      ["1.0.0", old, "1.1.0", contractHash(next)],
    );
    const spoken: string[] = [];
    world.receiver.answer = (signal, contract) => {
      spoken.push(`${signal.version} asked under ${contract.version}`);
      return acceptOn(signal);
    };
    await later.settle();
    assert.deepEqual(spoken.sort(), ["1.0.0 asked under 1.0.0", "1.1.0 asked under 1.1.0"]);
    assert.equal(later.outside.effects.length, 2, "both are carried through to their action");

    await refused("contract/in-use", () => retire(later, "1.0.0"), /1 open case still uses it/);
    await later.runUntil(addMs(later.clock.now(), 60 * DAY_MS));
    await retire(later, "1.0.0");
    await later.send(later.signal(ELSEWHERE));
    const last = (await later.cases()).at(-1);
    assert.equal(last?.state, "quarantined");
    assert.match(last.problems[0]?.message ?? "", /version `1.0.0` is not 1.1.0/);
  });

  test("a breaking version is refused without a migration, and in a major step runs beside the old", async () => {
    const world = await open();
    await publish(world, "1.0.0");
    const broken = renamed("1.1.0", { without: "migration" });
    await refused("contract/release-refused", () => propose(world, broken), /migration from 1.0.0/);
    // Its golden payload was never valid: a maturity of 1.5.
    const wrong = renamed("1.1.0", { factor: 50, share: 1.5 });
    await refused("contract/release-refused", () => propose(world, wrong), /does not hold/);
    await propose(world, renamed("2.0.0", { without: "migration" }));
    await propose(world, renamed("1.1.0"));
    await publish(world, "1.1.0");
    assert.deepEqual(await states(world), {
      "1.0.0": "deprecated",
      "1.1.0": "in-force",
      "2.0.0": "draft",
    });
  });

  test("where the newer version declares a migration, an old signal's case opens under the newer one", async () => {
    const world = await setup();
    const next = renamed("1.1.0");
    await propose(world, next);
    await publish(world, "1.1.0");
    const later = await rewire(world, next);
    const asked: Signal[] = [];
    world.receiver.answer = (signal, contract) => {
      asked.push(signal);
      assert.equal(contract.version, "1.1.0");
      return acceptOn(signal);
    };
    const sent = later.signal(HERE);
    const id = await later.signalOn(HERE, sent);
    await later.settle();
    const of = await later.case(id);
    assert.equal(of.contractHash, contractHash(next));
    assert.equal(of.signal.version, "1.1.0");
    assert.equal(of.signal.payload["maturityPercent"], 93);
    assert.equal("maturity" in of.signal.payload, false);
    assert.deepEqual(asked, [of.signal]);
    assert.equal(later.outside.effects.length, 1);

    const [kept] = await later.driver.query<{ body: string }>(
      "select body from signal where id = $1",
      [sent.id],
    );
    assert.deepEqual(JSON.parse(kept?.body ?? ""), sent, "kept as it was received");
    const [entry] = await later.driver.query<{ from: string }>(
      `select text::jsonb #>> '{body,event,migratedFrom}' as from
       from ledger where text::jsonb ->> 'case' = $1 order by n limit 1`,
      [id],
    );
    assert.equal(entry?.from, "1.0.0");
    assert.equal((await later.send(sent))[0]?.kind, "repeated");
    await retire(later, "1.0.0");
  });

  test("an old signal that its migration cannot carry over keeps its own version", async () => {
    const world = await setup();
    const next = renamed("1.1.0");
    const strict = { ...next, expiry: { afterHours: 48 } };
    const version = "2.0.0";
    await propose(world, { ...strict, version });
    await publish(world, version);
    const later = await rewire(world, { ...strict, version });
    const short = addMs(later.clock.now(), DAY_MS);
    await later.send(
      later.signal(HERE),
      later.signal(THERE, { expiresAt: short, sentAt: later.clock.now() }),
    );
    assert.deepEqual(
      (await later.cases()).map(({ signal, state }) => [signal.subject, signal.version, state]),
      [
        [HERE, "1.0.0", "evaluating"],
        [THERE, "2.0.0", "evaluating"],
      ],
    );
  });

  test("no signal is migrated to a version that only one side accepted", async () => {
    const world = await setup();
    const next = renamed("1.1.0");
    await propose(world, next);
    await accept(world, "1.1.0", "logistics");
    const later = await rewire(world, next);
    await later.engine.review(LOOP);
    await later.send(later.signal(HERE));
    const [only] = await later.cases();
    assert.deepEqual(
      [only?.state, only?.signal.version, only?.contractHash],
      ["parked", "1.0.0", contractHash(world.wiring.contract)],
    );
  });

  test("a signal of a version that nobody accepted, or newer than the loop's, is set aside", async () => {
    const world = await setup();
    await publish(world, "1.0.0");
    for (const version of ["1.1.0", "1.2.0", "1.3.0"]) await propose(world, nextContract(version));
    await publish(world, "1.2.0");
    const later = await rewire(world, nextContract("1.2.0"));
    await publish(later, "1.3.0");
    await later.send(
      later.signal(PLACES[0] ?? "", { version: "1.1.0" }),
      later.signal(PLACES[1] ?? "", { version: "1.3.0" }),
      later.signal(PLACES[2] ?? "", { version: "1.0.7" }),
      later.signal(PLACES[3] ?? "", { version: "1.2.0" }),
    );
    assert.deepEqual(
      (await later.cases()).map(({ signal, state }) => [signal.version, state]).sort(),
      [
        ["1.0.7", "quarantined"],
        ["1.1.0", "quarantined"],
        ["1.2.0", "evaluating"],
        ["1.3.0", "quarantined"],
      ],
      "the loop itself goes on under a version that was deprecated meanwhile",
    );
  });

  test("the map shows the whole company, and its dead ends come and go with the facts", async () => {
    const world = await setup();
    const read = () => operations.loopMap.handler(world, {});
    const alone = await read();
    assert.deepEqual(alone.deadEnds, []);
    assert.deepEqual(
      alone.edges.map(({ from, to, loop, loopState }) => [from, to, loop, loopState]),
      [["logistics/ndr-watch", "marketing/budget-keeper", LOOP, "live"]],
    );
    const orphan = { ...referenceContract(), name: "logistics.returns" };
    await propose(world, orphan);
    await world.makeReceiverRemote();
    assert.deepEqual(
      (await read()).deadEnds.map(({ what }) => what),
      ["logistics.returns 1.0.0"],
    );
    await world.silenceReceiver();
    assert.deepEqual(
      (await read()).deadEnds.map(({ what, words }) => `${what}: ${words}`.slice(0, 60)),
      [
        "logistics.geo-risk 1.0.0: its receiver marketing/budget-keep",
        "logistics.returns 1.0.0: no loop carries it: logistics may s",
      ],
    );
  });

  test("a draft can be withdrawn, and what is in force can be deprecated without a successor", async () => {
    const world = await open();
    await publish(world, "1.0.0");
    await propose(world, nextContract("1.1.0"));
    assert.equal((await retire(world, "1.1.0")).state, "retired");
    const by = { department: "logistics", person: HEAD_OF.logistics };
    const version = { name: NAME, version: "1.0.0" };
    const view = await operations.contractDeprecate.handler(world, { ...version, ...by });
    assert.equal(view.state, "deprecated");
    await refused("contract/release-refused", () =>
      propose(world, renamed("1.2.0", { without: "migration" })),
    );
    await propose(world, nextContract("1.2.0"));
    await publish(world, "1.2.0");
    assert.deepEqual(await states(world), {
      "1.0.0": "deprecated",
      "1.1.0": "retired",
      "1.2.0": "in-force",
    });
  });

  test("a contract with an error that lint finds is not registered", async () => {
    const world = await open();
    const contract = nextContract("1.1.0");
    const unitless = { type: "integer", minimum: 0, maximum: 9, description: "Couriers seen" };
    const properties = { ...(contract.payload["properties"] as JsonSchema), couriers: unitless };
    const broken = { ...contract, payload: { ...contract.payload, properties } };
    await refused("contract/release-refused", () => propose(world, broken), /no unit/);
    assert.equal((await entries(world)).length, 1);
  });
}

/** The reference contract under another version, with another title so that its hash differs too. */
export function nextContract(version: string): Contract {
  return { ...referenceContract(), version, title: `Non-delivery has risen for good (${version})` };
}

/** The reference contract with `maturity` as a percentage of another name: breaking, with its migration. */
function renamed(
  version: string,
  change: {
    readonly without?: "migration";
    readonly factor?: number;
    readonly share?: number;
  } = {},
): Contract {
  const contract = nextContract(version);
  const { maturity, ...fields } = contract.payload["properties"] as Record<string, JsonSchema>;
  const required = contract.payload["required"] as ReadonlyArray<string>;
  const { factor = 100, share = 0.93 } = change;
  const { maturity: _, ...rest } = goodSignal().payload;
  const from = "/maturity";
  const path = "/maturityPercent";
  const changed = {
    ...contract,
    evidence: {
      required: contract.evidence.required.map((item) =>
        item.path === from ? { ...item, path } : item,
      ),
    },
    payload: {
      ...contract.payload,
      required: required.map((name) => (name === "maturity" ? "maturityPercent" : name)),
      properties: { ...fields, maturityPercent: { ...maturity, maximum: 100, unit: "percent" } },
    },
  };
  if (change.without === "migration") return changed;
  const migration: Migration = {
    from: "1.0.0",
    up: [
      { op: "move", from, path },
      { op: "scale", path, by: factor },
    ],
    down: [
      { op: "scale", path, by: 1 / factor },
      { op: "move", from: path, path: from },
    ],
    golden: [
      { old: { ...rest, maturity: share }, new: { ...rest, maturityPercent: share * factor } },
    ],
  };
  return { ...changed, migrations: [migration] };
}

/** The same world, whose loop speaks `contract` from now on; its gates hold if they did. */
export async function rewire(world: EngineWorld, contract: Contract): Promise<EngineWorld> {
  const later = Object.create(world, {
    wiring: { value: { ...world.wiring, contract } },
    engine: { value: world.openEngine({}, { ...world.wiring, contract }) },
  }) as EngineWorld;
  await registerLoop(later.engine.context, later.wiring);
  await later.passTests();
  return later;
}

async function propose(world: EngineWorld, document: Contract, department: Side = "logistics") {
  return operations.contractPropose.handler(world, {
    document,
    department,
    person: HEAD_OF[department],
  });
}

async function accept(world: EngineWorld, version: string, department: Side, person?: string) {
  return operations.contractAccept.handler(world, {
    name: NAME,
    version,
    department,
    person: person ?? HEAD_OF[department],
  });
}

async function publish(world: EngineWorld, version: string): Promise<void> {
  await accept(world, version, "logistics");
  await accept(world, version, "marketing");
}

async function retire(world: EngineWorld, version: string) {
  return operations.contractRetire.handler(world, {
    name: NAME,
    version,
    department: "marketing",
    person: HEAD_OF.marketing,
  });
}

async function entries(world: EngineWorld) {
  return operations.contractList.handler(world, { name: NAME });
}

async function states(world: EngineWorld) {
  return Object.fromEntries((await entries(world)).map(({ version, state }) => [version, state]));
}

async function ledgerKinds(world: EngineWorld): Promise<ReadonlyArray<string>> {
  const rows = await world.driver.query<{ kind: string }>(
    "select text::jsonb ->> 'kind' as kind from ledger order by n",
  );
  return rows.map(({ kind }) => kind);
}

async function refused(
  code: string,
  work: () => Promise<unknown>,
  message: RegExp = /./,
): Promise<void> {
  await assert.rejects(work, (error: { code?: string; message?: string }) => {
    assert.equal(error.code, code);
    assert.match(error.message ?? "", message);
    return true;
  });
}
