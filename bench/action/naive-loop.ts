/**
 * What one writes first: a script that takes a signal, decides, calls, and keeps a row of each step in
 * a transaction of its own.
 *
 *   check the contract (the same validator) | insert the signal | ask the same receiver, check its
 *   reply, keep the decision | insert the action | ONE HTTP call | mark the action done
 *
 * It is given every advantage: the same validator, receiver, HTTP client, database and driver. It does
 * not do what the engine does: no duplicates or conflicts looked for, no charter, caps or arbitration,
 * no ledger, no lease, no intent, no second look before the call, no read, dry run or read back, no
 * notices, no timers. Killed between the call and its last row, it does not know what it did.
 */
import { createSignalValidator } from "../../src/core/contract/signal.ts";
import { validateReply } from "../../src/core/contract/proposal.ts";
import type { Signal } from "../../src/core/contract/types.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import type { Ads } from "./ads.ts";
import { wallNow } from "./engine-loop.ts";
import { createBenchReceiver, loadBenchPapers, makeSignal } from "./papers.ts";

const TABLES = `
  create table if not exists naive_signal (id text primary key, body jsonb not null, decision jsonb);
  create table if not exists naive_action (
    signal_id text primary key references naive_signal (id), state text not null, body jsonb not null
  );`;

export type NaiveLoop = {
  /** Takes signals one after another, `concurrency` of them at a time. */
  run(from: number, count: number, concurrency: number): Promise<void>;
  runOne(index: number): Promise<void>;
};

export async function openNaiveLoop(driver: Driver, ads: Ads): Promise<NaiveLoop> {
  await driver.exec(TABLES);
  const { contract } = loadBenchPapers();
  const validate = createSignalValidator(contract);
  const receiver = createBenchReceiver();

  async function take(signal: Signal): Promise<void> {
    const now = wallNow();
    if (!validate(signal, { now }).ok) throw new Error(`signal ${signal.id} breaks its contract`);
    const write = (sql: string, values: ReadonlyArray<unknown>) =>
      driver.transaction((tx) => tx.query(sql, values));
    await write("insert into naive_signal (id, body) values ($1, $2::jsonb)", [
      signal.id,
      JSON.stringify(signal),
    ]);
    const reply = await receiver.evaluate({ caseId: signal.id, signal, contract, now });
    if (validateReply(contract, signal, reply).length > 0 || reply.kind !== "accept") {
      throw new Error(`the reply to ${signal.id} breaks the contract`);
    }
    await write("update naive_signal set decision = $2::jsonb where id = $1", [
      signal.id,
      JSON.stringify(reply.proposal),
    ]);
    await write(
      "insert into naive_action (signal_id, state, body) values ($1, 'sending', $2::jsonb)",
      [signal.id, JSON.stringify(reply.proposal.parameters)],
    );
    await ads.change(signal.subject, Number(reply.proposal.parameters["bidModifier"]));
    await write("update naive_action set state = 'done' where signal_id = $1", [signal.id]);
  }

  const runOne = (index: number) => take(makeSignal(index, wallNow()));
  return {
    runOne,
    async run(from, count, concurrency) {
      let next = from;
      const work = async (): Promise<void> => {
        while (next < from + count) await runOne(next++);
      };
      await Promise.all(Array.from({ length: concurrency }, work));
    },
  };
}
