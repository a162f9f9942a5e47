/**
 * A practice company with its server open: real clock, store on disk, sandbox of the outside on real
 * sockets, and agents at both ends that register over HTTP. Programs are told its address and keys, as
 * anybody's would be.
 */
import { rmSync } from "node:fs";
import { NOTHING_IN_FORCE } from "../../twin/company/response.ts";
import { loadPapers, LOOP_NAME } from "../../loops/logistics-marketing/loop.ts";
import { type LiveNote, writeNote } from "../../src/app/data-directory.ts";
import { DEFAULT_ZONE_OFFSET_MINUTES, type Interlock } from "../../src/app/interlock.ts";
import { openLive, sampleCompanyOf } from "../../src/app/live.ts";
import { serve } from "../../src/app/serve.ts";
import { findServer } from "../../src/app/server-workspace.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import type { Contract } from "../../src/core/contract/types.ts";
import { assert } from "../../src/std/assert.ts";
import { addDays, dayOf } from "../../src/std/time.ts";
import { HEAD_OF, type Side } from "./engine-world.ts";

const SEED = 7;
const GEOGRAPHIES = 200;
/** Enough for the loop to know its places. */
const HISTORY_DAYS = 2;

export type Practice = {
  readonly loop: string;
  readonly directory: string;
  readonly url: string;
  readonly interlock: Interlock;
  readonly contract: Contract;
  readonly pincodes: ReadonlyArray<string>;
  /** What went wrong while the server tended its loops. */
  readonly errors: ReadonlyArray<string>;
  /** An operation, over HTTP, as whoever started the server; throws what the server refuses. */
  ask(operation: string, input: object): Promise<unknown>;
  createKey(department: Side): Promise<string>;
  close(): Promise<void>;
};

export async function openPractice(
  directory: string,
  options: { readonly charter?: (charter: Charter) => Charter } = {},
): Promise<Practice> {
  const papers = loadPapers();
  const charter = options.charter?.(papers.charter) ?? papers.charter;
  const today = dayOf(new Date().toISOString(), DEFAULT_ZONE_OFFSET_MINUTES);
  const sample = {
    seed: SEED,
    geographies: GEOGRAPHIES,
    startDay: addDays(today, -HISTORY_DAYS),
  };
  const note: LiveNote = { kind: "live", sender: "remote", receiver: "remote", sample };
  rmSync(directory, { recursive: true, force: true });
  writeNote(directory, note);
  const { interlock, close } = await openLive(
    directory,
    note,
    undefined,
    {},
    {
      ...papers,
      charter,
    },
  );
  const { engine } = interlock;
  const company = sampleCompanyOf(sample);
  for (let day = sample.startDay; day < today; day = addDays(day, 1)) {
    await engine.receive(company.batchFor(day, NOTHING_IN_FORCE));
  }
  const errors: string[] = [];
  const serving = await serve({
    directory,
    port: 0,
    engine,
    onError: (error) => errors.push(error),
  });
  const server = findServer(directory);
  assert(server, "a server that runs has left its note");
  const ask = async (operation: string, input: object): Promise<unknown> => {
    const response = await fetch(`${server.url}/v1/operations/${operation}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
      body: JSON.stringify(input),
    });
    const body: unknown = await response.json();
    assert(response.ok, `${operation} is answered ${response.status}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    loop: LOOP_NAME,
    directory,
    url: server.url,
    interlock,
    contract: papers.contract,
    pincodes: company.subjects.flatMap(({ id, level }) => (level === "pincode" ? [id] : [])),
    errors,
    ask,
    async createKey(department) {
      const said = { department, label: "tests", person: HEAD_OF[department] };
      return ((await ask("key.create", said)) as { readonly key: string }).key;
    },
    async close() {
      await serving.close();
      await close();
    },
  };
}
