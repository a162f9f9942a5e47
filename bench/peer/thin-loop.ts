/**
 * The loop that every peer carries, without anything that makes it hold: pure checks, one table, and one
 * call. What a peer adds to it is what is compared.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { Pool } from "undici";
import { loadPapers } from "../../loops/logistics-marketing/loop.ts";
import type { Signal } from "../../src/core/contract/types.ts";

export type Decision = {
  readonly option: string;
  readonly modifier: number;
  readonly rule: string;
};

/** Sockets to the ads platform, for every peer. */
export const CALLS_MAX = 64;

/** The charter as a table: the first row that holds says who decides. */
const TABLE = [
  { option: "lower_bid", confidence: 0.5, rule: "auto" },
  { option: "lower_bid", confidence: 0, rule: "approve" },
  { option: "do_nothing", confidence: 0, rule: "auto" },
] as const;

const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats.default(ajv);
const isPayload = ajv.compile(loadPapers().contract.payload);

/** Throws where the schema is broken or the table says no: no signal of the bench does either. */
export function decide(signal: Signal): Decision {
  if (!isPayload(signal.payload)) throw new Error(`signal ${signal.id} breaks its schema`);
  const isOffered = signal.options.includes("lower_bid");
  const option = isOffered && signal.confidence >= 0.5 ? "lower_bid" : "do_nothing";
  const row = TABLE.find((one) => one.option === option && signal.confidence >= one.confidence);
  if (row?.rule !== "auto") throw new Error(`signal ${signal.id} may not be acted on`);
  return { option, modifier: 0.5, rule: row.rule };
}

export type AdsCaller = {
  /** The signal's id is the key: the platform knows a call that it has seen. */
  act(signal: Pick<Signal, "id" | "subject">, decision: Decision): Promise<void>;
  close(): Promise<void>;
};

export function createAdsCaller(adsUrl: string): AdsCaller {
  const pool = new Pool(adsUrl, { connections: CALLS_MAX });
  return {
    async act({ id, subject }, { modifier }) {
      const { statusCode, body } = await pool.request({
        method: "PUT",
        path: `/geo/${subject}`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ key: id, modifier }),
      });
      await body.text();
      if (statusCode !== 200) throw new Error(`the ads platform said ${statusCode}`);
    },
    close: () => pool.close(),
  };
}

/** Runs `work` on every item, at most `limit` at a time. */
export async function inParallel<T>(
  items: ReadonlyArray<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
