/**
 * Throws hostile payloads at a running server and holds it to what it promises of each: an answer below
 * 500, and for every rejection a code, a place and a reason.
 */
import assert from "node:assert/strict";
import { request } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PROBLEM_KINDS } from "../../src/core/problem.ts";
import { ERROR_CODES } from "../../src/std/error-codes.ts";
import { randomFrom } from "../../src/std/random.ts";
import { openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { toEvent } from "./cloud-event.ts";
import { LOOP } from "./engine-world.ts";
import { hostileRequest, type HostileRequest, TRICK_NAMES } from "./hostile.ts";
import { type HttpWorld, openHttpWorld } from "./http-world.ts";

/** Payloads that are on their way at one time. */
const SIDE_BY_SIDE = 8;

type FuzzReport = {
  readonly payloads: number;
  readonly seconds: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byTrick: Readonly<Record<string, number>>;
  /** Heap in use after a collection, at the start of the last nine tenths and at the end. */
  readonly heapBytes: readonly [after: number, end: number];
  readonly rssBytesMax: number;
  /** Cases that the answers spoke of. */
  readonly cases: ReadonlySet<string>;
};

export type FuzzOptions = {
  readonly payloads: number;
  readonly seed: number;
  /** Where the store is kept; in memory without one, and then the process grows with its cases. */
  readonly directory?: string;
};

const MB = 1024 * 1024;
/** The heap may differ by this between the first tenth of the payloads and the last. */
const HEAP_GROWTH_MAX = 48 * MB;

/** A fresh world, hostile payloads, and what must be true afterwards. Returns the report in words. */
export async function exerciseHostileIntake(options: FuzzOptions): Promise<string> {
  const { directory } = options;
  const driver = await openDriver(directory === undefined ? {} : { directory });
  try {
    await migrate(driver);
    const http = await openHttpWorld(driver);
    try {
      const report = await fuzzIntake(http, options);
      const [after, end] = report.heapBytes;
      assert.deepEqual(http.log, [], "nothing unexpected happened on our side");
      assert.deepEqual(Object.keys(report.byTrick).sort(), [...TRICK_NAMES].sort());
      assert.ok(end - after < HEAP_GROWTH_MAX, "memory is bounded");
      // Conservation: what was answered with a case has one, and nothing else has.
      const rows = await driver.query<{ id: string }>("select id from signal_case");
      assert.deepEqual(rows.map(({ id }) => id).sort(), [...report.cases].sort());
      assert.equal((await http.ask("GET", "/v1/health", { key: "" })).status, 200);
      assert.equal(({} as { isAdmin?: unknown }).isAdmin, undefined);
      return reportToText(report, options.seed);
    } finally {
      await http.server.close();
    }
  } finally {
    await driver.close();
  }
}

function reportToText(report: FuzzReport, seed: number): string {
  const [after, end] = report.heapBytes.map((bytes) => `${(bytes / MB).toFixed(0)} MB`);
  const statuses = Object.entries(report.byStatus).map(([status, count]) => `${count} x ${status}`);
  return [
    `${report.payloads} hostile payloads (seed ${seed}) in ${report.seconds.toFixed(0)} s, ` +
      `${(report.payloads / report.seconds).toFixed(0)} a second`,
    `answers: ${statuses.join(", ")}; ${report.cases.size} cases`,
    `heap: ${after} after a tenth, ${end} at the end; ` +
      `resident: ${(report.rssBytesMax / MB).toFixed(0)} MB at most`,
  ].join("\n");
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function fuzzIntake(http: HttpWorld, { payloads, seed }: FuzzOptions): Promise<FuzzReport> {
  const byStatus: Record<string, number> = {};
  const byTrick: Record<string, number> = {};
  const cases = new Set<string>();
  let next = 0;
  let rssBytesMax = 0;
  const good = http.world.signal("IN-560001");

  const work = async (until: number) => {
    while (next < until) {
      const n = next++;
      const random = randomFrom(seed, n);
      const event = toEvent({ ...good, id: `fuzz-${n}`, subject: `IN-${100_000 + (n % 800_000)}` });
      const hostile = hostileRequest(random, event);
      const told = `payload ${n} of seed ${seed} (${hostile.trick})`;
      const { status, text } = await send(http, hostile).catch((cause: unknown) => {
        throw new Error(`${told}: no answer came`, { cause });
      });
      for (const id of checkAnswer(told, status, text)) cases.add(id);
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      byTrick[hostile.trick] = (byTrick[hostile.trick] ?? 0) + 1;
      if (n % 256 === 0) rssBytesMax = Math.max(rssBytesMax, process.memoryUsage.rss());
    }
  };
  const all = (until: number) =>
    Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => work(until)));

  const begun = performance.now();
  await all(Math.floor(payloads / 10));
  const after = heapInUse();
  await all(payloads);
  const seconds = (performance.now() - begun) / 1_000;
  return {
    payloads,
    seconds,
    byStatus,
    byTrick,
    heapBytes: [after, heapInUse()],
    rssBytesMax,
    cases,
  };
}

function heapInUse(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** By the bare client, because `fetch` refuses to say half of what a hostile sender says. */
function send(
  http: HttpWorld,
  { method, headers, body }: HostileRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(`/v1/loops/${LOOP}/signals`, http.server.url);
    const sent = request(url, {
      method,
      headers: {
        ...headers,
        "content-length": body.byteLength,
        authorization: `Bearer ${http.keys.logistics}`,
      },
    });
    let answered = false;
    sent.on("response", (response) => {
      answered = true;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    // A body that is refused before it has all arrived may break off after the answer.
    sent.on("error", (error) => (answered ? undefined : reject(error)));
    sent.end(body);
  });
}

type Told = { readonly code?: unknown; readonly path?: unknown; readonly message?: unknown };
type Result = {
  readonly kind?: unknown;
  readonly case?: unknown;
  readonly state?: unknown;
  readonly problems?: ReadonlyArray<Told>;
};

/** Returns the cases that the answer names. */
function checkAnswer(told: string, status: number, text: string): ReadonlyArray<string> {
  assert.ok(status >= 200 && status < 500, `${told}: status ${status}: ${text}`);
  const body = JSON.parse(text) as {
    readonly error?: Told;
    readonly signals?: ReadonlyArray<Result>;
  };
  if (status >= 400) checkReason(told, body.error);
  else assert.ok(body.signals !== undefined && body.signals.length > 0, `${told}: ${text}`);
  for (const result of body.signals ?? []) {
    const isRejected =
      result.kind === "refused" || result.kind === "conflict" || result.state === "quarantined";
    if (!isRejected) continue;
    assert.notEqual(status, 202, `${told}: ${text}`);
    assert.ok((result.problems?.length ?? 0) > 0, `${told}: rejected without a reason: ${text}`);
    for (const problem of result.problems ?? []) checkReason(told, problem);
  }
  return (body.signals ?? []).flatMap((result) =>
    typeof result.case === "string" ? [result.case] : [],
  );
}

function checkReason(told: string, reason: Told | undefined): void {
  const { code, path, message } = reason ?? {};
  const said = JSON.stringify(reason)?.slice(0, 500);
  assert.ok(typeof code === "string" && isKnown(code), `${told}: code: ${said}`);
  assert.ok(typeof path === "string" && /^(?:\/.*)?$/s.test(path), `${told}: path: ${said}`);
  assert.ok(typeof message === "string" && message.length > 0, `${told}: reason: ${said}`);
  assert.ok(message.length < 2_000, `${told}: the reason repeats what was sent: ${said}`);
}

function isKnown(code: string): boolean {
  return Object.hasOwn(ERROR_CODES, code) || Object.hasOwn(PROBLEM_KINDS, code.split("/")[1] ?? "");
}
