import assert from "node:assert/strict";
import { test } from "node:test";
import { addMs } from "../../std/time.ts";
import { HERE, LOOP } from "../../../test/kit/engine-world.ts";
import {
  type HttpWorld,
  MONITOR_TOKEN,
  OPERATOR_TOKEN,
  useHttpWorlds,
} from "../../../test/kit/http-world.ts";

let http: HttpWorld;

useHttpWorlds((opened) => {
  http = opened;
});

async function readMetrics(token = MONITOR_TOKEN): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(new URL("/v1/metrics", http.server.url), {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
  const lines = (await response.text()).split("\n").filter((line) => /^\w/.test(line));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test("a monitor sees loops, gates, cases and actions as they are, and each answer once", async () => {
  const before = await readMetrics();
  assert.equal(before.get(`interlock_loop_state{loop="${LOOP}",state="live"}`), 1);
  assert.equal(before.get(`interlock_cases_open{loop="${LOOP}",state="watching"}`), 0);
  await http.world.signalOn(HERE);
  await http.world.settle();
  await http.ask("GET", "/v1/health");
  const after = await readMetrics(OPERATOR_TOKEN);
  assert.equal(after.get(`interlock_cases_open{loop="${LOOP}",state="watching"}`), 1);
  assert.equal(after.get(`interlock_actions{loop="${LOOP}"}`), 1);
  assert.equal(after.get(`interlock_actions_within_24h{loop="${LOOP}"}`), 1);
  assert.equal(after.get(`interlock_effects{kind="act",state="done"}`), 1);
  assert.equal(after.get("interlock_overdue_seconds"), 0);
  const answers = 'interlock_http_request_duration_seconds_count{route="health.get",status="200"}';
  assert.equal(after.get(answers), 1);
  const grown = after.get("interlock_ledger_entries") ?? 0;
  assert(grown > (before.get("interlock_ledger_entries") ?? 0));
  assert((after.get("process_resident_memory_bytes") ?? 0) > 1e6);
});

test("letters that nobody reads are told as lateness", async () => {
  await http.world.signalOn(HERE);
  http.world.clock.moveTo(addMs(http.world.clock.now(), 90_000));
  const late = (await readMetrics()).get("interlock_overdue_seconds") ?? 0;
  assert(late >= 90, `${late}`);
});

test("a monitor's token reads metrics and nothing else; a department's key reads none", async () => {
  const asMonitor = (path: string) => http.ask("POST", path, { key: MONITOR_TOKEN, body: {} });
  assert.equal((await asMonitor("/v1/operations/loop.list")).status, 403);
  const department = await http.ask("GET", "/v1/metrics", { key: http.keys.logistics });
  assert.equal(department.status, 403);
  assert.equal((await http.ask("GET", "/v1/metrics", { key: "" })).status, 401);
  assert.equal((await http.ask("GET", "/v1/metrics", { key: "guess" })).status, 401);
});

test("a server whose store lacks a migration is healthy and not ready, and says which it lacks", async () => {
  const ready = await http.ask("GET", "/v1/ready", { key: "" });
  assert.deepEqual([ready.status, ready.body.at("ready")], [200, true]);
  const { driver } = http.world;
  const [last] = await driver.query<{ n: number; name: string }>(
    "delete from schema_migration where n = (select max(n) from schema_migration) returning n, name",
  );
  assert(last);
  try {
    const not = await http.ask("GET", "/v1/ready", { key: "" });
    assert.equal(not.status, 503);
    assert.equal(not.body.at("error", "code"), "server/not-ready");
    assert.match(not.body.text("error", "message"), new RegExp(last.name));
    assert.equal((await http.ask("GET", "/v1/health", { key: "" })).status, 200);
  } finally {
    await driver.query(
      "insert into schema_migration (n, name, is_breaking) values ($1, $2, false)",
      [last.n, last.name],
    );
  }
});
