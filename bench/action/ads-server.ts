/**
 * The cheapest honest ads platform: one number per place, over real HTTP on loopback, in a process of
 * its own, so that its work is not counted as the engine's.
 *
 *   GET  /geo/:id          the state of a place
 *   POST /geo/:id?check    would this change be taken
 *   PUT  /geo/:id          take it
 *
 * It counts what it is asked, so that a run can show that each action reached it, and reached it once.
 * The parent tells it to end by hanging up.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const modifiers = new Map<string, number>();
const counts = { reads: 0, checks: 0, changes: 0 };

const server = createServer((request, response) => {
  const { method = "GET", url = "/" } = request;
  const [path = "/", query] = url.split("?");
  const answer = (body: unknown): void => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  };
  if (path === "/counts") return answer(counts);
  const place = path.slice("/geo/".length);
  if (method === "GET") {
    counts.reads += 1;
    return answer({ modifier: modifiers.get(place) ?? 1 });
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { modifier } = JSON.parse(Buffer.concat(chunks).toString()) as { modifier: number };
    if (query === "check") counts.checks += 1;
    else {
      counts.changes += 1;
      modifiers.set(place, modifier);
    }
    answer({ modifier });
  });
});

server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.once("disconnect", () => process.exit(0));
