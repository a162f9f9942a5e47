/**
 * A witness's memory as a table of a second database: somebody else's, or it is no witness.
 * Nothing there is changed: each head is a row more.
 */
import type { Witnessed, WitnessMemory } from "../core/ledger/witness.ts";
import { type Driver, toJson } from "./driver/driver.ts";

export async function openDatabaseMemory(driver: Driver): Promise<WitnessMemory> {
  await driver.exec(`create table if not exists interlock_witness (
    id bigint generated always as identity primary key,
    envelope jsonb not null,
    key text not null,
    taken_at timestamptz not null default now()
  )`);
  return {
    async readLast() {
      const [row] = await driver.query<Witnessed>(
        "select envelope, key from interlock_witness order by id desc limit 1",
      );
      return row;
    },
    async add({ envelope, key }) {
      await driver.query("insert into interlock_witness (envelope, key) values ($1, $2)", [
        toJson(envelope),
        key,
      ]);
    },
  };
}
