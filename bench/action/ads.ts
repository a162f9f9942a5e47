/** The bench's ads platform from the engine's side: started, connected, and stopped. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createHttpClient } from "../../src/connector/kit/http.ts";
import type { Call, Connector } from "../../src/core/port/types.ts";

export type AdsCounts = {
  readonly reads: number;
  readonly checks: number;
  readonly changes: number;
};

export type Ads = {
  /** Read, dry run, change, read back: four calls for each action of the engine. */
  readonly connector: Connector;
  /** The one call of the naive loop, over the same HTTP client. */
  change(subject: string, modifier: number): Promise<void>;
  readCounts(): Promise<AdsCounts>;
  stop(): Promise<void>;
};

const OPTION = "lower_bid";
export const ADS_RESOURCE = "ads:bench/geo";

export async function startAds(): Promise<Ads> {
  const child = fork(new URL("./ads-server.ts", import.meta.url), { stdio: "inherit" });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const client = createHttpClient({ system: "bench ads", baseUrl: `http://127.0.0.1:${port}` });

  async function ask(
    method: "GET" | "POST" | "PUT",
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<unknown> {
    const answer = await client.send({
      kind: method === "PUT" ? "mutation" : "read",
      method,
      path,
      headers: { "content-type": "application/json" },
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status !== 200) throw new Error(`the bench's ads platform said ${answer.status}`);
    return JSON.parse(answer.text);
  }

  return {
    connector: createConnector(ask),
    async change(subject, modifier) {
      await ask("PUT", `/geo/${subject}`, AbortSignal.timeout(10_000), { modifier });
    },
    readCounts: async () => (await ask("GET", "/counts", AbortSignal.timeout(10_000))) as AdsCounts,
    async stop() {
      await client.close();
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

type Ask = (
  method: "GET" | "POST" | "PUT",
  path: string,
  signal: AbortSignal,
  body?: unknown,
) => Promise<unknown>;

function createConnector(ask: Ask): Connector {
  const stateOf = async (subject: string, { signal }: Call) =>
    (await ask("GET", `/geo/${subject}`, signal)) as { modifier: number };
  return {
    name: "bench-ads",
    class: "readable",
    options: [OPTION],
    read: ({ subject }, call) => stateOf(subject, call),
    plan({ subject, parameters }, before) {
      const after = { modifier: parameters["bidModifier"] ?? 1 };
      return { before, after, request: { subject, ...after } };
    },
    async dryRun({ request }, { signal }) {
      const { subject, modifier } = request as { subject: string; modifier: number };
      await ask("POST", `/geo/${subject}?check`, signal, { modifier });
    },
    async apply({ request }, { signal }) {
      const { subject, modifier } = request as { subject: string; modifier: number };
      await ask("PUT", `/geo/${subject}`, signal, { modifier });
      return { receipt: { modifier } };
    },
    isApplied: ({ after }, current) => current["modifier"] === after["modifier"],
    planUndo: (plan) => ({
      kind: "undo",
      plan: { before: plan.after, after: plan.before, request: plan.request },
    }),
  };
}
