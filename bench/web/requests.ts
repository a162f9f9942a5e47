/**
 * What an answer takes at fifty requests a second, in the mix that open pages ask for; beside it, a bare
 * server of the same framework that gives the same bytes without having to know anything.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { startServer } from "../../src/server/http/server.ts";
import { LOOP } from "../../test/kit/engine-world.ts";
import { quantile } from "../sample.ts";
import type { AskerOrder, Asked } from "./asker-child.ts";
import type { Company } from "./company.ts";

const CHILD = fileURLToPath(new URL("./asker-child.ts", import.meta.url));
const TOKEN = "token-of-the-bench-of-requests";
const A_SECOND = 50;

export type RequestRow = {
  readonly name: string;
  readonly count: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  readonly bytes: number;
};

export async function measureRequests(
  { world, held, acted, state }: Company,
  seconds: number,
): Promise<ReadonlyArray<RequestRow>> {
  const asked: AskerOrder["requests"] = [
    { name: "today.show", body: {} },
    { name: "loop.show", body: { loop: LOOP } },
    { name: "case.list", body: { loop: LOOP, limit: 100 } },
    { name: "case.show", body: { id: held } },
    { name: "case.evidence", body: { id: acted } },
    { name: "place.list", body: { loop: LOOP } },
    { name: "place.list of a state", body: { loop: LOOP, place: state } },
    { name: "ledger.list", body: { limit: 200 } },
  ];
  // Who watches is not slowed down by a limit that is meant for whoever asks too much.
  const server = await startServer({
    engine: world.engine,
    operatorToken: TOKEN,
    rateLimits: { person: A_SECOND * 60 * 4, department: A_SECOND * 60 * 4 },
  });
  try {
    const answers = new Map<string, string>();
    for (const { name, body } of asked) answers.set(name, await askOnce(server.url, name, body));
    const ours = await ask({
      url: server.url,
      token: TOKEN,
      requests: asked,
      aSecond: A_SECOND,
      seconds,
    });
    const bare = await askBare(answers, { requests: asked, seconds });
    const rows = asked.map(({ name }) =>
      toRow(
        name,
        ours.filter((one) => one.name === name),
        answers.get(name) ?? "",
      ),
    );
    const all = [...answers.values()].join("");
    return [
      ...rows,
      toRow("all of them", ours, all),
      toRow("a bare server, the same answers", bare, all),
    ];
  } finally {
    await server.close();
  }
}

function nameOf(name: string): string {
  return name.split(" ")[0] ?? name;
}

async function askOnce(url: string, name: string, body: object): Promise<string> {
  const response = await fetch(`${url}/v1/operations/${nameOf(name)}`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${name}: ${text}`);
  return text;
}

async function askBare(
  answers: ReadonlyMap<string, string>,
  { requests, seconds }: Pick<AskerOrder, "requests" | "seconds">,
): Promise<ReadonlyArray<Asked>> {
  const app = new Hono();
  for (const [index, { name }] of requests.entries()) {
    const parsed = JSON.parse(answers.get(name) ?? "null") as object;
    app.post(`/v1/operations/bare-${index}`, async (c) => {
      await c.req.json();
      return c.json(parsed);
    });
  }
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    return await ask({
      url: `http://127.0.0.1:${port}`,
      token: TOKEN,
      requests: requests.map(({ body }, index) => ({ name: `bare-${index}`, body })),
      aSecond: A_SECOND,
      seconds,
    });
  } finally {
    server.close();
  }
}

/** From a process of its own, so that asking does not stand in the way of answering. */
async function ask(order: AskerOrder): Promise<ReadonlyArray<Asked>> {
  const child = fork(CHILD, { execArgv: [] });
  try {
    child.send(order);
    const [told] = (await once(child, "message")) as [ReadonlyArray<Asked>];
    return told;
  } finally {
    child.kill();
  }
}

function toRow(name: string, asked: ReadonlyArray<Asked>, answer: string): RequestRow {
  const ms = asked.map((one) => one.ms).sort((a, b) => a - b);
  return {
    name,
    count: asked.length,
    refused: asked.filter(({ status }) => status !== 200).length,
    p50Ms: quantile(ms, 0.5),
    p99Ms: quantile(ms, 0.99),
    slowestMs: ms.at(-1) ?? NaN,
    bytes: Buffer.byteLength(answer),
  };
}
