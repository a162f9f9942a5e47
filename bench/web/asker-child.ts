/** Asks at an even pace, whether or not earlier answers have come: a slow server does not slow its clients. */
import { setTimeout as delay } from "node:timers/promises";

export type AskerOrder = {
  readonly url: string;
  readonly token: string;
  /** `name` up to its first space is the operation. */
  readonly requests: ReadonlyArray<{ readonly name: string; readonly body: object }>;
  readonly aSecond: number;
  readonly seconds: number;
};

export type Asked = { readonly name: string; readonly status: number; readonly ms: number };

async function run({ url, token, requests, aSecond, seconds }: AskerOrder): Promise<void> {
  const asked: Promise<Asked>[] = [];
  const since = performance.now();
  for (let at = 0; at < aSecond * seconds; at++) {
    const request = requests[at % requests.length];
    if (request === undefined) break;
    // From the moment it was due: time in which this process was late is a client's waiting, too.
    const due = since + (at * 1_000) / aSecond;
    await delay(Math.max(0, due - performance.now()));
    asked.push(ask(url, token, request, due));
  }
  process.send?.(await Promise.all(asked));
}

async function ask(
  url: string,
  token: string,
  { name, body }: AskerOrder["requests"][number],
  due: number,
): Promise<Asked> {
  const response = await fetch(`${url}/v1/operations/${name.split(" ")[0]}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return { name, status: response.status, ms: performance.now() - due };
}

process.on("message", (order: AskerOrder) => void run(order));
