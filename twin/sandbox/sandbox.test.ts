import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { addDays, instantOn, type Day, type Instant } from "../../src/std/time.ts";
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import type { Subject } from "../../src/core/port/types.ts";
import { JOURNAL_FILE } from "./journal.ts";
import { startSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";

const SUBJECTS: ReadonlyArray<Subject> = [
  { id: "IN", kind: "geo", level: "nation", name: "India", parent: null },
  { id: "IN-S-bihar", kind: "geo", level: "state", name: "Bihar", parent: "IN" },
  { id: "IN-D-patna", kind: "geo", level: "district", name: "Patna", parent: "IN-S-bihar" },
  { id: "IN-800001", kind: "geo", level: "pincode", name: "Patna GPO", parent: "IN-D-patna" },
  { id: "IN-800002", kind: "geo", level: "pincode", name: "Anisabad", parent: "IN-D-patna" },
];
const NOON = "2026-01-05T06:30:00.000Z";

async function withSandbox<T>(
  options: Partial<SandboxOptions>,
  body: (sandbox: Sandbox) => T | Promise<T>,
): Promise<T> {
  const sandbox = await startSandbox({ subjects: SUBJECTS, now: () => NOON, ...options });
  try {
    return await body(sandbox);
  } finally {
    await sandbox.close();
  }
}

async function withDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
  try {
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A raw call to the ads platform, as no connector of ours would make it. */
async function ads(
  sandbox: Sandbox,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly code: string; readonly body: unknown }> {
  const response = await fetch(`${sandbox.ads.baseUrl}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${sandbox.ads.accessToken}`,
      "developer-token": sandbox.ads.developerToken,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    readonly error?: {
      readonly details?: ReadonlyArray<{
        readonly errors: ReadonlyArray<{ readonly errorCode: Record<string, string> }>;
      }>;
    };
  };
  const errorCode = answer.error?.details?.[0]?.errors[0]?.errorCode ?? {};
  const code = Object.entries(errorCode)
    .map(([family, name]) => `${family}.${name}`)
    .join();
  return { status: response.status, code, body: answer };
}

const mutate = (sandbox: Sandbox, ...operations: unknown[]) =>
  ads(sandbox, "/customers/1234567890/campaignCriteria:mutate", { operations });
const search = (sandbox: Sandbox, query: string) =>
  ads(sandbox, "/customers/1234567890/googleAds:searchStream", { query });
const create = (campaign: string, geo: string, rest: object = { negative: true }) => ({
  create: {
    campaign: `customers/1234567890/campaigns/${campaign}`,
    location: { geoTargetConstant: `geoTargetConstants/${geo}` },
    ...rest,
  },
});
const nameOf = (campaign: string, geo: string) =>
  `customers/1234567890/campaignCriteria/${campaign}~${geo}`;

test("the ads platform refuses what the real one refuses, with its codes, and then nothing changed", () =>
  withSandbox({}, async (sandbox) => {
    sandbox.editCriterion("IN-800002", "21001", { negative: true });
    sandbox.editCriterion("IN-800002", "21002", { negative: false, bidModifier: 0.5 });
    const geo = "9800001";
    const other = "9800002";
    const cases: ReadonlyArray<readonly [string, ...unknown[]]> = [
      ["mutateError.RESOURCE_NOT_FOUND", create("99", geo)],
      ["mutateError.RESOURCE_NOT_FOUND", create("21001", "404")],
      ["mutateError.RESOURCE_NOT_FOUND", { remove: nameOf("21001", geo) }],
      ["mutateError.RESOURCE_ALREADY_EXISTS", create("21001", other)],
      ["mutateError.ID_EXISTS_IN_MULTIPLE_MUTATES", create("21001", geo), create("21001", geo)],
      ["campaignCriterionError.CANNOT_TARGET_AND_EXCLUDE", create("21002", other)],
      ["campaignCriterionError.CANNOT_TARGET_AND_EXCLUDE", create("21001", "2356")],
      [
        "campaignCriterionError.CANNOT_BID_MODIFY_NEGATIVE_CRITERION",
        create("21001", geo, { negative: true, bidModifier: 0.5 }),
      ],
      [
        "campaignCriterionError.CANNOT_UPDATE_NEGATIVE_CRITERION",
        {
          update: { resourceName: nameOf("21001", other), bidModifier: 1 },
          updateMask: "bid_modifier",
        },
      ],
      ["rangeError.TOO_LOW", create("21001", geo, { bidModifier: 0.05 })],
      ["rangeError.TOO_HIGH", create("21001", geo, { bidModifier: 11 })],
      [
        "fieldMaskError.FIELD_MASK_MISSING",
        { update: { resourceName: nameOf("21002", other), bidModifier: 1 } },
      ],
      ["requestError.UNKNOWN_FIELD", create("21001", geo, { bid_modifier: 1 })],
      ["requestError.BAD_RESOURCE_ID", { remove: "customers/7/campaignCriteria/21001~9800002" }],
      ["criterionError.CANNOT_EXCLUDE_ALL_TARGETS", { remove: nameOf("21001", "2356") }],
      ["requestError.REQUIRED_FIELD_MISSING"],
      // One bad operation spoils the good one before it.
      ["mutateError.RESOURCE_NOT_FOUND", create("21001", geo), { remove: nameOf("21002", geo) }],
    ];
    const before = sandbox.mutations().length;
    for (const [code, ...operations] of cases) {
      const answer = await mutate(sandbox, ...operations);
      assert.deepEqual([answer.status, answer.code], [400, code], JSON.stringify(operations));
    }
    assert.equal(sandbox.mutations().length, before);
    assert.equal((await mutate(sandbox, create("21001", geo))).status, 200);
  }));

test("questions that the sandbox cannot answer are refused, not answered with nothing", () =>
  withSandbox({}, async (sandbox) => {
    const criteria = "SELECT campaign.id FROM campaign_criterion";
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["queryError.UNEXPECTED_INPUT", "DELETE everything"],
      ["queryError.UNEXPECTED_INPUT", `${criteria} ORDER BY campaign.id`],
      ["queryError.UNEXPECTED_INPUT", `${criteria} WHERE campaign.id > 3`],
      ["queryError.UNEXPECTED_INPUT", `${criteria} WHERE campaign.id = 'x\\'y'`],
      ["queryError.UNEXPECTED_END_OF_QUERY", "SELECT campaign.id,"],
      ["queryError.BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", "SELECT campaign.id FROM ad_group"],
      ["queryError.UNRECOGNIZED_FIELD", "SELECT campaign.name FROM campaign_criterion"],
      ["queryError.UNRECOGNIZED_FIELD", `${criteria} WHERE campaign.status = 'ENABLED'`],
      ["queryError.INVALID_VALUE_WITH_EQUALITY_OPERATOR", criteria],
      ["queryError.MISSING_DATE_RANGE", "SELECT metrics.cost_micros FROM customer"],
      [
        "queryError.EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
        "SELECT metrics.cost_micros FROM geographic_view WHERE segments.date " +
          "BETWEEN '2026-01-01' AND '2026-01-02' " +
          "AND segments.geo_target_state = 'geoTargetConstants/1007001'",
      ],
    ];
    for (const [code, query] of cases) {
      const answer = await search(sandbox, query);
      assert.deepEqual([answer.status, answer.code], [400, code], query);
    }
  }));

test("wrong credentials and another customer are told apart", () =>
  withSandbox({}, async (sandbox) => {
    const path = "/customers/1234567890/campaignCriteria:mutate";
    const forged = await ads(sandbox, path, {}, { authorization: "Bearer forged" });
    assert.deepEqual(
      [forged.status, forged.code],
      [401, "authenticationError.OAUTH_TOKEN_INVALID"],
    );
    const token = await ads(sandbox, path, {}, { "developer-token": "forged" });
    assert.equal(token.code, "authorizationError.DEVELOPER_TOKEN_NOT_APPROVED");
    const other = await ads(sandbox, "/customers/7/campaignCriteria:mutate", {});
    assert.equal(other.code, "authorizationError.USER_PERMISSION_DENIED");
  }));

test("everything that was agreed to is there after a restart over the same journal", () =>
  withDirectory(async (directory) => {
    const key = { "x-interlock-key": "case-1/1", "x-interlock-fence": "7" };
    const put = (sandbox: Sandbox) =>
      fetch(`${sandbox.shop.baseUrl}/admin/cod-rules/IN-800001`, {
        method: "PUT",
        headers: {
          ...key,
          authorization: `Bearer ${sandbox.shop.accessToken}`,
          "idempotency-key": "case-1/1",
          "if-none-match": "*",
        },
        body: '{"cod":"off"}',
      });
    const told = await withSandbox({ directory }, async (sandbox) => {
      await mutate(sandbox, create("21001", "9800001"), create("21002", "9800001"));
      const first = await put(sandbox);
      assert.equal(first.status, 201);
      return { mutations: [...sandbox.mutations()], etag: first.headers.get("etag") };
    });
    assert.equal(told.mutations.length, 2);
    assert.deepEqual(
      [told.mutations[1]?.key, told.mutations[1]?.fence, told.mutations[1]?.at],
      ["case-1/1", 7, NOON],
    );
    await withSandbox({ directory }, async (sandbox) => {
      assert.deepEqual(sandbox.mutations(), told.mutations);
      assert.deepEqual(
        sandbox.inForce("IN-800001", "2026-01-06").map(({ option }) => option),
        ["exclude_geo", "prepaid_only"],
      );
      const again = await put(sandbox);
      assert.deepEqual([again.status, again.headers.get("etag")], [201, told.etag]);
      assert.equal(sandbox.mutations().length, 2);
      const answer = await mutate(sandbox, create("21001", "9800001"));
      assert.equal(answer.code, "mutateError.RESOURCE_ALREADY_EXISTS");
    });
  }));

test("a torn last line of the journal is cut off and written over; damage before it stops the start", () =>
  withDirectory(async (directory) => {
    const path = join(directory, JOURNAL_FILE);
    const exclude = (sandbox: Sandbox, subject: string): void =>
      sandbox.editCriterion(subject, "21001", { negative: true });
    await withSandbox({ directory }, (sandbox) => exclude(sandbox, "IN-800001"));
    const whole = readFileSync(path, "utf8");
    appendFileSync(path, whole.slice(0, 40));
    await withSandbox({ directory }, (sandbox) => {
      assert.equal(sandbox.mutations().length, 1);
      exclude(sandbox, "IN-800002");
    });
    await withSandbox({ directory }, (sandbox) => {
      assert.deepEqual(
        sandbox.mutations().map(({ seq, subjects }) => [seq, ...subjects]),
        [
          [1, "IN-800001"],
          [2, "IN-800002"],
        ],
      );
    });
    writeFileSync(path, `{"torn\n${whole}`);
    await assert.rejects(
      withSandbox({ directory }, () => undefined),
      /journal is damaged/,
    );
  }));

test("what stands on a day is what stood when the day began, and says since when", async () => {
  let now: Instant = NOON;
  await withSandbox({ now: () => now }, (sandbox) => {
    const exclude = (negative: boolean): void => {
      for (const id of ["21001", "21002"]) {
        sandbox.editCriterion("IN-800001", id, negative ? { negative } : null);
      }
    };
    // 23:30 on the 5th in India is 18:00 UTC; half an hour later it is the 6th there.
    now = "2026-01-05T18:00:00.000Z";
    exclude(true);
    now = "2026-01-07T18:31:00.000Z";
    exclude(false);
    const daysUnder = ["04", "05", "06", "07", "08", "09"].filter(
      (day) => sandbox.inForce("IN-800001", `2026-01-${day}`).length > 0,
    );
    assert.deepEqual(daysUnder, ["06", "07", "08"]);
    assert.deepEqual(sandbox.inForce("IN-800001", "2026-01-07"), [
      { option: "exclude_geo", parameters: { probeShare: 0.05 }, since: "2026-01-06" },
    ]);
    assert.deepEqual(sandbox.inForce("IN-D-patna", "2026-01-07"), []);
    assert.deepEqual(sandbox.inForce("IN-800002", "2026-01-07"), []);
  });
});

test("criteria in some campaigns only count as a lowered bid, and the probe's modifier as its share", () =>
  withSandbox({}, (sandbox) => {
    const standing = () =>
      sandbox.inForce("IN-800001", "2026-01-06").map(({ option, parameters }) => ({
        option,
        ...parameters,
      }));
    sandbox.editCriterion("IN-800001", "21001", { negative: true });
    assert.deepEqual(standing(), [{ option: "lower_bid", bidModifier: 0.5 }]);
    sandbox.editCriterion("IN-800001", "21002", { negative: false, bidModifier: 0.6 });
    assert.deepEqual(standing(), [{ option: "lower_bid", bidModifier: 0.3 }]);
    sandbox.editCriterion("IN-800001", "21002", { negative: true });
    sandbox.editCriterion("IN-800001", "21009", { negative: false, bidModifier: 4 });
    assert.deepEqual(standing(), [{ option: "exclude_geo", probeShare: 0.2 }]);
    sandbox.editCriterion("IN-800001", "21009", { negative: true });
    assert.deepEqual(standing(), [{ option: "exclude_geo", probeShare: 0 }]);
    sandbox.editCodRule("IN-800001", { cod: "off" });
    assert.deepEqual(standing(), [
      { option: "exclude_geo", probeShare: 0 },
      { option: "prepaid_only" },
    ]);
    sandbox.editCodRule("IN-800001", { cod: "on" });
    assert.equal(standing().length, 1);
  }));

test("the index of days agrees with a reading of the whole journal, for random histories", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = randomFrom(seed, "history");
    let day: Day = "2026-01-01";
    await withSandbox({ now: () => instantOn(day, 600, 330) }, (sandbox) => {
      const ids = ["IN-800001", "IN-800002", "IN-D-patna"];
      for (let step = 0; step < 60; step++) {
        if (random.next() < 0.5) day = addDays(day, integerBetween(random, 0, 4));
        const id = ids[integerBetween(random, 0, ids.length)] ?? "";
        sandbox.editCodRule(id, random.next() < 0.5 ? { cod: "off" } : null);
      }
      for (const id of ids) {
        for (let asked = "2026-01-01"; asked <= addDays(day, 2); asked = addDays(asked, 1)) {
          const last = sandbox
            .mutations()
            .filter(({ at, subjects }) => subjects.includes(id) && at < instantOn(asked, 0, 330))
            .at(-1)?.request as { readonly rule: { readonly cod: string } | null } | undefined;
          const expected = last?.rule?.cod === "off" ? ["prepaid_only"] : [];
          const actual = sandbox.inForce(id, asked).map(({ option }) => option);
          assert.deepEqual(actual, expected, `seed ${seed}, ${id} on ${asked}`);
        }
      }
    });
  }
});

test("seeded faults strike the same calls whatever order they come in, and let every call through in the end", async () => {
  const faults = { seed: 5, rates: { "unavailable-before": 0.3, "rate-limit": 0.3 } } as const;
  const outcomesOf = (reverse: boolean): Promise<ReadonlyMap<string, string>> =>
    withSandbox({ faults }, async (sandbox) => {
      const keys = Array.from({ length: 30 }, (_, index) => `case-${index}/1`);
      const outcomes = new Map<string, string>();
      for (const key of reverse ? keys.reverse() : keys) {
        const statuses: number[] = [];
        const body = { locationNames: { names: ["Patna"] } };
        while (statuses.at(-1) !== 200 && statuses.length < 5) {
          const headers = { "x-interlock-key": key };
          statuses.push((await ads(sandbox, "/geoTargetConstants:suggest", body, headers)).status);
        }
        outcomes.set(key, statuses.join());
      }
      return outcomes;
    });
  const forwards = await outcomesOf(false);
  const backwards = await outcomesOf(true);
  assert.deepEqual(new Map([...forwards].sort()), new Map([...backwards].sort()));
  const seen = new Set(forwards.values());
  assert.ok(seen.has("200") && seen.size > 3, [...seen].join("; "));
  for (const outcome of seen) assert.match(outcome, /(^|,)200$/);
});

test("every call is counted by what it was, refused ones included", () =>
  withSandbox({}, async (sandbox) => {
    await mutate(sandbox, create("99", "9800001"));
    await ads(sandbox, "/customers/1234567890/campaignCriteria:mutate", {
      operations: [create("21001", "9800001")],
      validateOnly: true,
    });
    await search(sandbox, "nonsense");
    assert.deepEqual(sandbox.requests.ads, { read: 1, dryRun: 1, mutation: 1 });
    assert.equal(sandbox.requests.total, 3);
    assert.equal(sandbox.mutations().length, 0);
  }));
