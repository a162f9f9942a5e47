import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../../../src/core/case/types.ts";
import type { CaseEvidence } from "../../../src/operation/show-evidence.ts";
import { tellEvidence, toEvidence } from "./evidence.model.ts";

function caseWith(payload: unknown): Case {
  return { signal: { payload } } as unknown as Case;
}

const DAYS = Array.from({ length: 10 }, (_, index) => ({
  day: `2026-03-${String(index + 1).padStart(2, "0")}`,
  n: index === 4 ? 0 : 10,
  k: index === 4 ? 0 : index < 5 ? 1 : 4,
}));

const EVIDENCE: CaseEvidence = {
  id: "case-1",
  metric: "ndr_rate",
  days: DAYS,
  changedOn: "2026-03-06",
  saidOn: "2026-03-09",
  actedOn: "2026-03-10",
  places: 1,
};

test("seven days are pooled by what was tried, and a day without orders draws nothing", () => {
  const { days, smooth } = toEvidence(caseWith({}), EVIDENCE);
  assert.equal(days.length, 9);
  assert.equal(smooth.length, 4);
  assert.deepEqual(smooth[0], { day: "2026-03-07", rate: (4 + 8) / 60 });
  assert.deepEqual(smooth.at(-1), { day: "2026-03-10", rate: (1 + 5 * 4) / 60 });
});

test("a band is drawn for what the signal says with an interval, and for nothing else", () => {
  const payload = { baseline: { low: 0.1, rate: 0.14, high: 0.17 }, change: { size: 0.13 } };
  const { baseline, change } = toEvidence(caseWith(payload), EVIDENCE);
  assert.deepEqual(baseline, { low: 0.1, rate: 0.14, high: 0.17 });
  assert.equal(change, undefined);
});

test("the picture is told in words, with one mark for signal and action of a day", () => {
  const payload = {
    baseline: { low: 0.1, rate: 0.14, high: 0.17 },
    change: { low: 0.04, size: 0.13, high: 0.22 },
  };
  const told = tellEvidence(
    toEvidence(caseWith(payload), { ...EVIDENCE, actedOn: EVIDENCE.saidOn }),
  );
  assert.equal(
    told,
    "Usually 14% (10% to 17%). Lasting change of +13.0 points (+4.0 to +22.0). " +
      "Changed on Fri, 6 Mar 2026, signal and action on Mon, 9 Mar 2026.",
  );
});
