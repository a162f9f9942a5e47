/**
 * Node-RED, embedded as its documentation shows: one flow that acknowledges, decides, calls and counts. It keeps
 * what is under way in memory, so what it acknowledged is lost when it dies; that is what the row shows.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { decide } from "../thin-loop.ts";

/** Of its interface, what is used here; it ships no types. */
type NodeRed = {
  init(server: ReturnType<typeof createServer>, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpNode: Parameters<typeof createServer>[1];
  readonly events: { once(name: string, told: () => void): void };
};

export const open: OpenPeer = async ({ directory, adsUrl }) => {
  const tally = new Tally();
  let done = 0;
  const require = createRequire(new URL("../node-red/package.json", import.meta.url));
  const red = require("node-red") as NodeRed;
  const server = createServer((request, response) =>
    red.httpNode?.(request as never, response as never),
  );
  writeFileSync(path.join(directory, "flow.json"), JSON.stringify(FLOW));
  red.init(server, {
    userDir: directory,
    flowFile: "flow.json",
    httpAdminRoot: false,
    httpNodeRoot: "/",
    logging: { console: { level: "error", metrics: false, audit: false } },
    functionGlobalContext: {
      decide: (signal: Signal) => {
        const { modifier } = decide(signal);
        return { url: `${adsUrl}/geo/${signal.subject}`, payload: { key: signal.id, modifier } };
      },
      done: () => {
        done += 1;
        tally.add(1);
      },
    },
  });
  const started = new Promise<void>((resolve) => red.events.once("flows:started", resolve));
  await red.start();
  await started;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    async accept(signal) {
      const answer = await fetch(`${url}/signal`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(signal),
      });
      await answer.text();
      if (!answer.ok) throw new Error(`node-red said ${answer.status}`);
    },
    settled: (count) => tally.reached(count),
    countDone: () => Promise.resolve(done),
    door: { url, path: "/signal", body: "signal" },
    async close() {
      await red.stop();
      server.close();
    },
  };
};

const common = { z: "tab", x: 0, y: 0 };
const FLOW = [
  { id: "tab", type: "tab", label: "thin loop", disabled: false, info: "" },
  {
    ...common,
    ...{ id: "in", type: "http in", url: "/signal", method: "post", upload: false },
    wires: [["accepted", "decide"]],
  },
  { ...common, id: "accepted", type: "http response", statusCode: "202", headers: {}, wires: [] },
  {
    ...common,
    ...{ id: "decide", type: "function", outputs: 1, noerr: 0, initialize: "", finalize: "" },
    func: "const call = global.get('decide')(msg.payload);\nreturn { ...call, headers: { 'content-type': 'application/json' } };",
    libs: [],
    wires: [["call"]],
  },
  {
    ...common,
    ...{ id: "call", type: "http request", method: "PUT", ret: "txt", paytoqs: "ignore", url: "" },
    ...{
      tls: "",
      persist: true,
      proxy: "",
      insecureHTTPParser: false,
      authType: "",
      senderr: true,
    },
    headers: [],
    wires: [["done"]],
  },
  {
    ...common,
    ...{ id: "done", type: "function", outputs: 0, noerr: 0, initialize: "", finalize: "" },
    func: "if (msg.statusCode === 200) global.get('done')();",
    libs: [],
    wires: [],
  },
];
