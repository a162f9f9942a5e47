/**
 * The access table, held against the running server in both directions: every operation, as every role, in
 * its own department, in another and everywhere. What the table opens is not refused for the role; what
 * it does not open is; and whatever is sent, nothing breaks.
 *
 * What is sent is drawn from each operation's own schema, and beside it things that no schema allows.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  isOpenTo,
  type Role,
  type RoleGrant,
  ROLE_OPENS,
  ROLES,
} from "../../src/core/people/role.ts";
import { operations } from "../../src/operation/index.ts";
import type { Operation } from "../../src/operation/operation.ts";
import { assertGolden } from "../golden/golden.ts";
import { HERE, LOOP } from "../kit/engine-world.ts";
import { type HttpWorld, useHttpWorlds } from "../kit/http-world.ts";
import { arbitraryOf, type Known } from "../kit/schema-arbitrary.ts";
import { type Browser, forgetPeople, signInAs } from "../kit/signed-in.ts";

const OPERATIONS = Object.values(operations) as ReadonlyArray<Operation<unknown, unknown>>;
const PLACES = ["logistics", "elsewhere", ""] as const;
/** Draws per operation and caller. */
const LIKELY = 1;
const WILD = 1;
/** They test or replay for seconds when they are let in: one call shows whether they are. */
const SLOW = new Set(["contract.conform", "agent.calibrate", "loop.drill", "charter.simulate"]);
/** What needs everything in place; sent as nobody's likely input, it may end people or the loop for the rest. */
const ENDING = new Set(["person.disable", "role.revoke"]);

let http: HttpWorld;
let known: Known;
const callers: Array<{ readonly grant: RoleGrant; readonly browser: Browser }> = [];

useHttpWorlds(async (opened) => {
  http = opened;
  await forgetPeople(http);
  callers.length = 0;
  for (const role of ROLES) {
    for (const department of PLACES) {
      const email = `${role}.${department === "" ? "all" : department}@example.com`;
      const grant = { role, department };
      callers.push({ grant, browser: await signInAs(http, email, [grant]) });
    }
  }
  const id = await http.world.signalOn(HERE);
  await http.world.settle();
  known = { loop: [LOOP], id: [id], department: ["logistics", "marketing"] };
});

test("docs/reference/access.md is the table that the server goes by", () => {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`;
  const rows = [...OPERATIONS]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, access }) =>
      line([
        `\`${name}\``,
        access,
        ...ROLES.map((role) => (ROLE_OPENS[role].includes(access) ? "yes" : "")),
      ]),
    );
  assertGolden("../../docs/reference/access.md", [
    "# Who may ask for what",
    "",
    "Written from the operations and the roles; a test asks a running server for each, as each role, and",
    "fails where the two differ. A role is held in one department or in all. An operation about a loop or a",
    "case concerns the loop's two departments; one that is about nothing in particular and changes something",
    "takes the role in every department. Reading such takes it in any. The operator's token opens everything.",
    "",
    line(["operation", "access", ...ROLES]),
    line(["---", "---", ...ROLES.map(() => "---")]),
    ...rows,
  ]);
});

/** Written down here once more, from the table's own words, so that code is held against words. */
function isMeant(grant: RoleGrant, operation: Operation<unknown, unknown>, input: Fields): boolean {
  if (!ROLE_OPENS[grant.role].includes(operation.access)) return false;
  if (grant.department === "" || grant.role === "auditor") return true;
  const named = input["department"];
  if (typeof named === "string") return named === grant.department;
  const isOfLoop =
    input["loop"] === LOOP ||
    (input["scope"] === "loop" && input["name"] === LOOP) ||
    (input["id"] === known.id?.[0] && operation.name.startsWith("case."));
  if (isOfLoop) return grant.department === "logistics";
  if (input["scope"] === "department") return input["name"] === grant.department;
  return operation.access === "viewer";
}

type Fields = { readonly [name: string]: unknown };

function isRefusedForRole(status: number, code: unknown): boolean {
  return status === 403 && code === "server/forbidden";
}

test("every operation, as every role everywhere, opens exactly as the table says and never breaks", async (t) => {
  let calls = 0;
  let opened = 0;
  const broken: string[] = [];
  for (const [index, operation] of OPERATIONS.entries()) {
    for (const [of, { grant, browser }] of callers.entries()) {
      const seed = 1_000 * index + of;
      const draw = <T>(from: fc.Arbitrary<T>, count: number): ReadonlyArray<T> =>
        fc.sample(from, { numRuns: count, seed });
      const isSlow = SLOW.has(operation.name);
      const likely = ENDING.has(operation.name)
        ? []
        : draw(arbitraryOf(operation.input, known), isSlow ? 1 : LIKELY);
      for (const input of likely as ReadonlyArray<Fields>) {
        // Nobody is who they are not: the field of who does it is the server's to fill.
        const { person: _person, by: _by, ...rest } = input;
        const asked = operation.name === "signer.add" ? { ...rest, person: "x@example.com" } : rest;
        const { status, body } = await browser.call(operation.name, asked);
        calls += 1;
        const what = `${operation.name} as ${grant.role}@${grant.department}: ${JSON.stringify(asked)}`;
        if (status >= 500) {
          broken.push(what);
          continue;
        }
        const isClosed = isRefusedForRole(status, body.at("error", "code"));
        // What cannot be read opens nothing to anybody.
        if (status === 400) continue;
        assert.equal(!isClosed, isMeant(grant, operation, asked), `${what} -> ${status}`);
        if (!isClosed) opened += 1;
      }
      for (const input of draw(fc.jsonValue({ maxDepth: 3 }), WILD)) {
        const { status } = await browser.call(operation.name, input);
        calls += 1;
        if (status >= 500) broken.push(`${operation.name}: ${JSON.stringify(input)}`);
        if (!ROLE_OPENS[grant.role].includes(operation.access)) assert([400, 403].includes(status));
      }
    }
  }
  t.diagnostic(`${calls} calls, ${opened} let in`);
  assert.deepEqual(broken, []);
  assert(calls > 1_500 && opened > 250);
  assert.deepEqual(http.log, [], "nothing unexpected was logged");
});

test("who has no role, a department's key, a cookie that is none: nothing opens", async () => {
  const nobody = await signInAs(http, "norole@example.com", []);
  for (const { name } of OPERATIONS) {
    assert.equal((await nobody.call(name, {})).status, 403, name);
    const key = await http.ask("POST", `/v1/operations/${name}`, { body: {} });
    assert.equal(key.status, 403, name);
    const headers = {
      cookie: `interlock_session=${"x".repeat(43)}`,
      "sec-fetch-site": "same-origin",
    };
    const stale = await http.ask("POST", `/v1/operations/${name}`, { key: "", body: {}, headers });
    assert.equal(stale.status, 401, name);
  }
});

test("a grant opens for its department, everywhere for all, and reading alone where nothing is named", () => {
  const grant = (role: Role, department: string): ReadonlyArray<RoleGrant> => [
    { role, department },
  ];
  assert(isOpenTo(grant("owner", "a"), "owner", ["a", "b"]));
  assert(!isOpenTo(grant("owner", "c"), "owner", ["a", "b"]));
  assert(!isOpenTo(grant("owner", "a"), "owner", undefined));
  assert(isOpenTo(grant("owner", ""), "owner", undefined));
  assert(isOpenTo(grant("viewer", "a"), "viewer", undefined));
  assert(isOpenTo(grant("auditor", "a"), "viewer", ["b"]));
  assert(!isOpenTo(grant("admin", ""), "approver", ["a"]));
  assert(!isOpenTo([], "viewer", undefined));
});
