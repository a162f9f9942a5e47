/**
 * A process on the embedded store, to be killed: it opens the store as the product does, says what it finds
 * there, and then takes signals in and acts on them, saying each number once it is acknowledged.
 *
 *   open N ENTRIES    the store is open; N signals are in it, and so many entries of the ledger verify
 *   ack N             signals 0 to N-1 are acknowledged
 */
import { acceptSignals } from "../../../src/engine/intake.ts";
import { assert } from "../../../src/std/assert.ts";
import { type Driver, openDriver } from "../../../src/store/driver/driver.ts";
import { verifyLedger } from "../../../src/store/table/ledger-verify.ts";
import { makeSignal, openEngine, wallNow, wireLoop } from "../loop.ts";
import { endWithParent } from "../orphan.ts";
import type { OutsideAddress } from "../outside.ts";
import { createPorts } from "../ports.ts";
import { note } from "./recorder.ts";

export type EmbeddedOptions = {
  readonly directory: string;
  readonly outside: OutsideAddress;
  /** Signals after which it closes the store and ends; without, it goes on until it is killed. */
  readonly signals?: number;
  readonly checkpointAfterBytes?: number;
};

const BATCHES = [1, 3, 1, 10];
const CALL_MS = 5_000;
const MIX = { readable: 60, idempotent: 40 };

endWithParent();
const options = JSON.parse(process.argv[2] ?? "") as EmbeddedOptions;
const { directory, checkpointAfterBytes } = options;
const driver = await openDriver({
  directory,
  ...(checkpointAfterBytes === undefined ? {} : { embedded: { checkpointAfterBytes } }),
});
const ports = await createPorts(options.outside, "http");
const wiring = wireLoop(ports, MIX);
const limits = { callMs: CALL_MS, leaseMs: 3 * CALL_MS, backoffMs: 1, claimsMax: 1_000 };
const engine = openEngine({ driver, wiring, limits });
await engine.recover();
let next = await countSignals(driver);
const ledger = await verifyLedger(driver);
assert("head" in ledger, `the ledger verifies: ${JSON.stringify(ledger)}`);
process.send?.(`open ${next} ${ledger.head.n}`);
for (let round = 0; options.signals === undefined || next < options.signals; round++) {
  const size = BATCHES[round % BATCHES.length] ?? 1;
  const now = wallNow();
  const signals = Array.from({ length: size }, (_, index) => makeSignal(next + index, now));
  const answers = await driver.transaction((tx) =>
    acceptSignals(tx, engine.context, wiring, signals, (subject) => subject),
  );
  assert(
    answers.every(({ kind }) => kind === "accepted"),
    "a new signal is accepted",
  );
  next += size;
  note({ op: "ack", n: next });
  process.send?.(`ack ${next}`);
  await engine.settle();
}
await driver.close();
process.exit(0);

/** Numbers are given without a gap, so a count that is not the last number plus one is a loss. */
async function countSignals(from: Driver): Promise<number> {
  const [row] = await from.query<{ n: number; last: number }>(
    `select count(*)::int as n, coalesce(max(substring(id from 7)::int), -1) as last
     from signal where id like 'chaos-%'`,
  );
  assert(row !== undefined && row.n === row.last + 1, "no signal is missing in the middle");
  return row.n;
}
