/**
 * The outside, in a process of its own, and the only judge of what was really done.
 *
 * It keeps one setting per place and takes every change that it is sent: it knows no keys, so a change
 * that is sent twice is two effects, and both are in its book. Only under `/keyed/` it behaves as platforms
 * with idempotency keys do. Every request is in the book before it is answered, in memory and on disk;
 * nothing of the engine can reach that book. Letters come by HTTP or by SMTP and are counted alike.
 *
 *   GET  /plain/ID  /keyed/ID  /opaque/ID         the setting of a place
 *   POST .../ID?check                             would this change be taken
 *   PUT  .../ID                                   take it
 *   POST /notices                                 a letter
 *
 * What goes wrong on the way is `twin/sandbox/fault.ts`'s. The parent ends it by hanging up.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createFaults, type Faults } from "../../twin/sandbox/fault.ts";
import {
  type Platform,
  type SandboxAnswer,
  type SandboxRequest,
  servePlatform,
} from "../../twin/sandbox/http-server.ts";
import { serveMailbox } from "../../twin/sandbox/mailbox.ts";
import {
  type Heard,
  MAIL_PASS,
  MAIL_USER,
  type Order,
  type OutsideAddress,
  type OutsideOptions,
  type Standing,
} from "./outside.ts";
import { endWithParent } from "./orphan.ts";

const UNTOUCHED = "untouched";

await open(JSON.parse(process.argv[2] ?? "") as OutsideOptions);

async function open(options: OutsideOptions): Promise<void> {
  const seeded = createFaults(options.faults);
  let isCalm = true;
  const faults: Faults = {
    ...seeded,
    pick: (...call) => (isCalm ? undefined : seeded.pick(...call)),
  };
  const file = openSync(options.book, "w");
  const settings = new Map<string, string>();
  const effectsOf = new Map<string, number>();
  const letters = new Set<string>();
  const duplicates: string[] = [];
  let [requests, effects, repeats] = [0, 0, 0];

  /** INVARIANT: in the book before it is done, and done before it is answered. */
  function write(what: Heard["what"], key: string): void {
    writeSync(file, `${Date.now()} ${what} ${key}\n`);
  }

  function take(request: SandboxRequest): SandboxAnswer {
    const key = request.key ?? "";
    const times = effectsOf.get(key) ?? 0;
    if (request.path.startsWith("/keyed/") && times > 0) {
      write("repeat", key);
      repeats += 1;
      return show(request.path);
    }
    write("effect", key);
    effects += 1;
    effectsOf.set(key, times + 1);
    if (times > 0) duplicates.push(key);
    settings.set(request.path, (JSON.parse(request.body) as { setting: string }).setting);
    return show(request.path);
  }

  function show(path: string): SandboxAnswer {
    return { status: 200, body: { setting: settings.get(path) ?? UNTOUCHED } };
  }

  /** By mail the id stands in a Message-ID: `<id@domain>`. */
  function keep(name: string): void {
    const id = name.replace(/^<|@[^@]*>$/g, "");
    write("letter", id);
    letters.add(id);
  }

  const platform: Platform = {
    name: "ads",
    // Whatever becomes of a request, it comes by here first.
    kindOf({ method, query, key }) {
      requests += 1;
      if (method === "GET") return "read";
      if (query.has("check")) return "dryRun";
      if (method === "PUT") write("request", key ?? "");
      return "mutation";
    },
    answer(request) {
      if (request.path === "/notices") {
        keep((JSON.parse(request.body) as { id: string }).id);
        return { status: 200, body: { kept: true } };
      }
      if (request.method !== "PUT") return show(request.path);
      return take(request);
    },
    refuse: (why) => ({
      status: why === "rate-limit" ? 429 : 503,
      body: { nothingHappened: true },
    }),
  };
  const http = await servePlatform(platform, faults, () => undefined);
  const mail = await serveMailbox({
    user: MAIL_USER,
    pass: MAIL_PASS,
    mailboxes: undefined,
    faults,
    count: () => (requests += 1),
    isKnown: () => false,
    commit: ({ messageId }) => keep(messageId),
  });
  const judge = createServer((request, response) => {
    const answer = (body: unknown) => void response.end(JSON.stringify(body));
    if (request.url === "/standing") {
      const standing = { requests, effects, duplicates, repeats, letters: letters.size };
      answer(standing satisfies Standing);
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const order = JSON.parse(Buffer.concat(chunks).toString()) as Order;
      if (order === "begin") isCalm = false;
      else seeded.order("ads", "mutation", order.kind, order.times);
      answer({ ordered: order });
    });
  });
  await new Promise<void>((resolve) => judge.listen(0, "127.0.0.1", resolve));
  endWithParent(() => {
    closeSync(file);
    process.exit(0);
  });
  const { port } = judge.address() as AddressInfo;
  process.send?.({
    baseUrl: http.origin,
    mail: { host: mail.host, port: mail.port },
    judgeUrl: `http://127.0.0.1:${port}`,
  } satisfies OutsideAddress);
}
