/** Two checks that everything passes through, each beside the least that it could cost. */
import { hash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { loadPapers } from "../loops/logistics-marketing/loop.ts";
import { createReceiverSuite } from "../src/core/contract/suite/receiver-suite.ts";
import { createSignalValidator } from "../src/core/contract/signal.ts";
import { appendToTree, computeRoot, EMPTY_TREE } from "../src/core/ledger/tree.ts";
import { verifyEntries } from "../src/core/ledger/verify.ts";
import { NATIVE_HASHER } from "../src/store/tree-hasher.ts";
import type { Contract } from "../src/core/contract/types.ts";
import { type Instant, instantFromMs } from "../src/std/time.ts";
import { makeSignal } from "./action/papers.ts";
import { type Row, summarise } from "./sample.ts";
import type { BenchSettings } from "./settings.ts";

type Check = {
  readonly name: string;
  readonly unit: string;
  readonly count: number;
  readonly note: string;
  run(): void;
};

export function benchProof(
  settings: BenchSettings,
  report: (done: number, total: number) => void,
): ReadonlyArray<Row> {
  const checks = [...listLedgerChecks(settings), ...listSignalChecks(settings)];
  const perSecond = checks.map(() => [] as number[]);
  // A first turn that is not counted: the compiler has its say in it.
  for (let round = -1; round < settings.rounds; round++) {
    for (const [index, { count, run }] of checks.entries()) {
      const from = performance.now();
      run();
      const seconds = (performance.now() - from) / 1_000;
      if (round >= 0) perSecond[index]?.push(count / seconds);
    }
    report(round + 2, settings.rounds + 1);
  }
  return checks.map(({ name, unit, note }, index) => ({
    name,
    unit,
    perSecond: summarise(perSecond[index] ?? []),
    beside: { note },
  }));
}

/** Entries as a case's first one is written, its signal in it. */
function listLedgerChecks({ proof: { entries: count } }: BenchSettings): ReadonlyArray<Check> {
  const now = instantFromMs(Date.now());
  const drafts = Array.from({ length: count }, (_, index) => ({
    at: now,
    kind: "signal.admitted",
    loop: "logistics-marketing",
    case: `case-${index}`,
    actor: "engine",
    body: { from: "received", to: "evaluating", signal: { ...makeSignal(index, now) } },
  }));
  const { tree, entries } = appendToTree(EMPTY_TREE, drafts, NATIVE_HASHER);
  const root = computeRoot(tree);
  const texts = entries.map(({ text }) => ({ text, hash: hash("sha256", text, "hex") }));
  const bytes = Math.round(entries.reduce((sum, entry) => sum + entry.text.length, 0) / count);
  return [
    {
      name: "ledger verified, in memory",
      unit: "entries",
      count,
      note: `${bytes} bytes an entry; hash, number and place in the tree of each`,
      run() {
        const checked = verifyEntries(EMPTY_TREE, entries, new Map(), NATIVE_HASHER);
        if (!("tree" in checked) || computeRoot(checked.tree) !== root) throw new Error("bad tree");
      },
    },
    {
      name: "native SHA-256 of the same texts",
      unit: "entries",
      count,
      note: "the least it could cost: no numbers, no tree",
      run() {
        for (const { text, hash: noted } of texts) {
          if (hash("sha256", text, "hex") !== noted) throw new Error("bad hash");
        }
      },
    },
  ];
}

/** What the conformance suite throws at a receiver, over and over. */
function listHostile(contract: Contract, now: Instant, count: number): ReadonlyArray<unknown> {
  const { cases } = createReceiverSuite(contract, { seed: 1, cases: 600, now });
  const hostile = cases.filter(({ kind }) => kind === "hostile").map(({ signal }) => signal);
  return Array.from({ length: count }, (_, index) => hostile[index % hostile.length]);
}

function listSignalChecks({ proof: { signals: count } }: BenchSettings): ReadonlyArray<Check> {
  const { contract } = loadPapers();
  const now = instantFromMs(Date.now());
  const signals = Array.from({ length: count }, (_, index) => makeSignal(index, now));
  const validate = createSignalValidator(contract);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const plain = ajv.compile({ ...contract.payload });
  const hostile = listHostile(contract, now, count);
  return [
    {
      name: "hostile signals refused",
      unit: "signals",
      count,
      note: "each with code, place and reason; a megabyte of text and depth 1,000 among them",
      run() {
        for (const signal of hostile) {
          if (validate(signal, { now }).ok) throw new Error("a hostile signal passed");
        }
      },
    },
    {
      name: "plain Ajv on the hostile payloads",
      unit: "signals",
      count,
      note: "some pass: what is wrong with them is not in the payload",
      run() {
        for (const signal of hostile) {
          plain((signal as { readonly payload?: unknown } | null)?.payload);
        }
      },
    },
    {
      name: "signals validated",
      unit: "signals",
      count,
      note: "copied as plain data within limits, envelope, times, options, payload, evidence",
      run() {
        for (const signal of signals) {
          if (!validate(signal, { now }).ok) throw new Error("bad signal");
        }
      },
    },
    {
      name: "plain Ajv on their payloads",
      unit: "signals",
      count,
      note: "the payload's schema and nothing else",
      run() {
        for (const { payload } of signals) if (!plain(payload)) throw new Error("bad payload");
      },
    },
  ];
}
