/**
 * Restate: its server, and a virtual object per signal that keeps the decision in its state and acts in a
 * durable step. A signal is handed to the server's own ingress with `send`, which answers once it is kept.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createServiceServer } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as restate from "@restatedev/restate-sdk";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { createAdsCaller, decide } from "../thin-loop.ts";

/** Of 24 by default, which were slower on two cores. */
const PARTITIONS = 4;
const READY_MS = 60_000;
const LOOK_EVERY_MS = 50;

export const open: OpenPeer = async ({ directory, adsUrl }) => {
  const ads = createAdsCaller(adsUrl);
  const tally = new Tally();
  const loop = restate.object({
    name: "loop",
    handlers: {
      run: async (context: restate.ObjectContext, signal: Signal): Promise<void> => {
        const decision = decide(signal);
        context.set("decision", decision);
        await context.run("act", () => ads.act(signal, decision));
        context.set("state", "done");
        tally.add(1);
      },
    },
  });
  const [service = 0, ingress = 0, admin = 0, fabric = 0] = await findPorts(directory);
  const endpoint = createServiceServer(
    restate.createEndpointHandler({ services: [loop], logger: () => undefined }),
  );
  await new Promise<void>((resolve) => endpoint.listen(service, "127.0.0.1", resolve));
  const binary = createRequire(import.meta.url).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const server = spawn(binary, ["--no-logo"], {
    stdio: "inherit",
    env: {
      ...process.env,
      RESTATE_BASE_DIR: path.join(directory, "restate"),
      RESTATE_NODE_NAME: "bench",
      RESTATE_LISTEN_MODE: "tcp",
      RESTATE_BIND_IP: "127.0.0.1",
      RESTATE_BIND_PORT: String(fabric),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DEFAULT_NUM_PARTITIONS: String(PARTITIONS),
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "warn",
      RESTATE_ADMIN__DISABLE_WEB_UI: "true",
    },
  });
  process.once("exit", () => server.kill("SIGKILL"));
  await register(`http://127.0.0.1:${admin}`, `http://127.0.0.1:${service}`);
  const url = `http://127.0.0.1:${ingress}`;
  return {
    async accept(signal) {
      const answer = await fetch(`${url}/loop/${signal.id}/run/send`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(signal),
      });
      await answer.text();
      if (!answer.ok) throw new Error(`restate said ${answer.status}`);
    },
    settled: (count) => tally.reached(count),
    countDone: () => countCompleted(`http://127.0.0.1:${admin}`),
    door: { url, path: "/loop/{id}/run/send", body: "signal" },
    async close() {
      const gone = once(server, "exit");
      server.kill("SIGTERM");
      await gone;
      await ads.close();
    },
  };
};

/** Tells the server where the service is; a server that was started again knows, and takes it anew. */
async function register(admin: string, service: string): Promise<void> {
  const until = performance.now() + READY_MS;
  for (;;) {
    try {
      const answer = await fetch(`${admin}/deployments`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ uri: service, force: true }),
      });
      await answer.text();
      if (answer.ok) return;
    } catch {
      // It does not listen yet.
    }
    if (performance.now() > until) throw new Error("the restate server did not take the service");
    await delay(LOOK_EVERY_MS);
  }
}

async function countCompleted(admin: string): Promise<number> {
  const answer = await fetch(`${admin}/query`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      query: "select count(*) as n from state where key = 'state'",
    }),
  });
  const { rows } = (await answer.json()) as { rows: ReadonlyArray<{ n: number }> };
  return rows[0]?.n ?? 0;
}

/** What is under way is bound to the service's address: a process that starts again listens where it did. */
async function findPorts(directory: string): Promise<ReadonlyArray<number>> {
  const file = path.join(directory, "ports.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as number[];
  const ports = await Promise.all(Array.from({ length: 4 }, findFreePort));
  writeFileSync(file, JSON.stringify(ports));
  return ports;
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
