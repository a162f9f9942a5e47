import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Subject } from "../../src/core/port/types.ts";
import { gradeDetection, type SentSignal } from "./grade.ts";
import type { Break, Spike, Truth } from "./truth.ts";

const LEVELS: ReadonlyArray<readonly [string, Subject["level"], string | null]> = [
  ["IN", "nation", null],
  ["IN-S-bihar", "state", "IN"],
  ["IN-D-patna", "district", "IN-S-bihar"],
  ["IN-800001", "pincode", "IN-D-patna"],
  ["IN-800002", "pincode", "IN-D-patna"],
  ["IN-D-gaya", "district", "IN-S-bihar"],
  ["IN-823001", "pincode", "IN-D-gaya"],
];
const SUBJECTS: ReadonlyArray<Subject> = LEVELS.map(([id, level, parent]) => ({
  id,
  kind: "geography",
  level,
  name: id,
  parent,
}));
const ORDERS = new Map([
  ["IN", 10_000],
  ["IN-S-bihar", 400],
  ["IN-D-patna", 200],
  ["IN-800001", 150],
  ["IN-800002", 2],
  ["IN-D-gaya", 200],
  ["IN-823001", 200],
]);

function broken(subject: string, change: Partial<Break> = {}): Break {
  return {
    subject,
    level: subject.startsWith("IN-D-") ? "district" : "pincode",
    startDay: "2026-03-01",
    untilDay: null,
    size: 0.2,
    cause: "address",
    courier: 0,
    rise: 0.2,
    ordersPerDay: ORDERS.get(subject) ?? 0,
    ...change,
  };
}

const SPIKE: Spike = {
  subject: "IN-823001",
  level: "pincode",
  startDay: "2026-03-05",
  days: 2,
  untilDay: "2026-03-07",
  size: 0.4,
  ordersPerDay: 200,
};

function grade(signals: ReadonlyArray<SentSignal>, truth: Partial<Truth>) {
  return gradeDetection(
    signals,
    { breaks: [], spikes: [], ordersPerDay: ORDERS, ...truth },
    SUBJECTS,
    "2026-02-15",
  );
}

describe("grading detection", () => {
  it("finds a break by a signal on its subject, around it or within it, and once", () => {
    const breaks = [broken("IN-D-patna")];
    for (const subject of ["IN-D-patna", "IN-S-bihar", "IN-800002"]) {
      const { detected, falseSignals, medianDelayDays } = grade(
        [
          { subject, sentDay: "2026-03-12" },
          { subject, sentDay: "2026-03-09" },
        ],
        { breaks },
      );
      assert.deepEqual([detected, falseSignals, medianDelayDays], [1, 0, 8], subject);
    }
  });

  it("calls a signal false before the break, beside it, or where the break is too small to show", () => {
    const early = grade([{ subject: "IN-800001", sentDay: "2026-02-27" }], {
      breaks: [broken("IN-800001")],
    });
    const beside = grade([{ subject: "IN-D-gaya", sentDay: "2026-03-09" }], {
      breaks: [broken("IN-800001")],
    });
    const tooSmall = grade([{ subject: "IN-S-bihar", sentDay: "2026-03-09" }], {
      breaks: [broken("IN-800002")],
    });
    for (const { detected, falseSignals } of [early, beside, tooSmall]) {
      assert.deepEqual([detected, falseSignals], [0, 1]);
    }
  });

  it("does not let a break that is over explain a later change", () => {
    const breaks = [broken("IN-800001", { untilDay: "2026-03-20" })];
    const signal = { subject: "IN-800001", sentDay: "2026-03-30" };
    assert.equal(grade([{ ...signal, onDay: "2026-03-15" }], { breaks }).falseSignals, 0);
    assert.equal(grade([{ ...signal, onDay: "2026-03-24" }], { breaks }).falseSignals, 1);
  });

  it("holds a spike to have triggered a false signal only where it lies in its window", () => {
    const signalled = (signal: SentSignal) => grade([signal], { spikes: [SPIKE] });
    const near = signalled({ subject: "IN-823001", sentDay: "2026-03-10", onDay: "2026-03-05" });
    assert.deepEqual([near.falseSignals, near.spikes, near.spikesSignalled], [1, 1, 1]);
    const later = signalled({ subject: "IN-823001", sentDay: "2026-03-20", onDay: "2026-03-10" });
    assert.deepEqual([later.falseSignals, later.spikesSignalled], [1, 0]);
    const nation = signalled({ subject: "IN", sentDay: "2026-03-10", onDay: "2026-03-05" });
    assert.deepEqual([nation.falseSignals, nation.spikesSignalled], [1, 0]);
  });

  it("does not blame a spike for a signal that a break explains", () => {
    const { falseSignals, spikesSignalled } = grade(
      [{ subject: "IN-823001", sentDay: "2026-03-10" }],
      { breaks: [broken("IN-823001")], spikes: [SPIKE] },
    );
    assert.deepEqual([falseSignals, spikesSignalled], [0, 0]);
  });

  it("divides the breaks by volume without losing any", () => {
    const { byVolume, trueBreaks, detected } = grade(
      [{ subject: "IN-800001", sentDay: "2026-03-05" }],
      { breaks: [broken("IN-800001"), broken("IN-800002"), broken("IN-D-gaya")] },
    );
    assert.equal(
      byVolume.reduce((sum, of) => sum + of.trueBreaks, 0),
      trueBreaks,
    );
    assert.equal(
      byVolume.reduce((sum, of) => sum + of.detected, 0),
      detected,
    );
    assert.deepEqual(
      byVolume.map((of) => [of.trueBreaks, of.detected, of.medianDelayDays]),
      [
        [2, 1, 4],
        [0, 0, null],
        [1, 0, null],
      ],
    );
  });
});
