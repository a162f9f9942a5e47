import assert from "node:assert/strict";
import { test } from "node:test";
import { openCase } from "../core/case/open.ts";
import type { Case } from "../core/case/types.ts";
import type { Proposal } from "../core/contract/types.ts";
import { openDriver } from "../store/driver/driver.ts";
import type { Driver, Row } from "../store/driver/driver.ts";
import { migrate } from "../store/migrate.ts";
import { insertCases } from "../store/table/signal-case.ts";
import {
  goodProposal,
  goodSignal,
  NOW,
  referenceCharter,
  referenceContract,
} from "../../test/kit/reference-loop.ts";
import { contractHash } from "../core/contract/parse.ts";
import { charterHash } from "../core/charter/parse.ts";
import { insertContract } from "../store/table/contract.ts";
import { insertCharter } from "../store/table/charter.ts";
import { insertLoop } from "../store/table/loop.ts";
import { FactsReader } from "./facts.ts";

const LOOP = "logistics-marketing";

async function setup() {
  const store = await openDriver({});
  await migrate(store);
  const contract = referenceContract();
  const charter = referenceCharter();
  const terms = {
    contract,
    contractHash: contractHash(contract),
    charter,
    charterHash: charterHash(charter),
  };
  await insertContract(store, terms.contractHash, contract, NOW);
  await insertCharter(store, terms.charterHash, charter, NOW);
  await insertLoop(store, {
    name: LOOP,
    autonomy: "act",
    contract_hash: terms.contractHash,
    charter_hash: terms.charterHash,
    changed_at: NOW,
  });
  const makeCase = (id: string, change: Partial<Case> = {}): Case => ({
    ...openCase(
      {
        id,
        loop: LOOP,
        signal: goodSignal({ id, subject: `IN-56000${id}` }),
        subjectName: id,
        contractHash: terms.contractHash,
        charterHash: terms.charterHash,
      },
      NOW,
    ),
    state: "governed",
    proposal: proposalFor(`ads:${id}`),
    ...change,
  });
  const queries: string[] = [];
  const driver: Driver = {
    ...store,
    kind: store.kind,
    query: <R extends Row>(sql: string, params?: ReadonlyArray<unknown>) => {
      queries.push(sql);
      return store.query<R>(sql, params);
    },
  };
  const readerFor = (cases: ReadonlyArray<Case>) =>
    new FactsReader(
      driver,
      NOW,
      cases.map((of) => ({ case: of, letters: [], isNew: false })),
    );
  return { store, terms, makeCase, queries, readerFor };
}

function proposalFor(resource: string): Proposal {
  return goodProposal({ resource });
}

test("a batch sees who holds a resource, in the store and among its own earlier cases", async () => {
  const { store, terms, makeCase, readerFor } = await setup();
  await insertCases(store, [makeCase("1", { state: "held", proposal: proposalFor("ads:taken") })]);
  const second = makeCase("2", { proposal: proposalFor("ads:taken") });
  const third = makeCase("3", { proposal: proposalFor("ads:free") });
  const fourth = makeCase("4", { proposal: proposalFor("ads:free") });
  const facts = readerFor([second, third, fourth]);
  assert.equal((await facts.gather(second, terms)).claims[0]?.case, "1");
  assert.deepEqual((await facts.gather(third, terms)).claims, []);
  facts.note(third, { ...third, state: "executing" });
  const seen = await facts.gather(fourth, terms);
  assert.equal(seen.claims[0]?.case, "3");
  assert.equal(seen.usedToday.actions, 1);
  await store.close();
});

test("a resource that no letter named beforehand is still looked up", async () => {
  const { store, terms, makeCase, readerFor } = await setup();
  await insertCases(store, [makeCase("1", { state: "held", proposal: proposalFor("ads:taken") })]);
  const { proposal: _, ...unproposed } = makeCase("2");
  const facts = readerFor([unproposed]);
  const proposed = makeCase("2", { proposal: proposalFor("ads:taken") });
  assert.equal((await facts.gather(proposed, terms)).claims[0]?.case, "1");
  await store.close();
});

test("each case of a batch is told the newest action on its own subject", async () => {
  const { store, terms, makeCase, readerFor } = await setup();
  const actedAt = "2026-02-20T06:00:00.000Z";
  const action = { at: actedAt } as NonNullable<Case["action"]>;
  await insertCases(store, [
    makeCase("1", { state: "closed", closeReason: "helped", closedAt: NOW, action }),
  ]);
  const again = { ...makeCase("5"), signal: goodSignal({ id: "5", subject: "IN-560001" }) };
  const other = makeCase("6");
  const facts = readerFor([again, other]);
  assert.equal((await facts.gather(again, terms)).lastActionOnSubjectAt, actedAt);
  assert.equal((await facts.gather(other, terms)).lastActionOnSubjectAt, undefined);
  await store.close();
});

test("the facts of fifty cases cost no more queries than those of one", async () => {
  const { store, terms, makeCase, queries, readerFor } = await setup();
  const cases = Array.from({ length: 50 }, (_, index) => makeCase(String(index)));
  const one = readerFor(cases.slice(0, 1));
  await one.gather(cases[0]!, terms);
  const forOne = queries.length;
  assert.ok(forOne > 0);
  const fifty = readerFor(cases);
  for (const of of cases) await fifty.gather(of, terms);
  assert.equal(queries.length - forOne, forOne);
  await store.close();
});
