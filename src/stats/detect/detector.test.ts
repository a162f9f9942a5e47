import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Detector } from "./detector.ts";
import type { DetectorReading } from "./detector.ts";
import { createCounts, createNetwork } from "./network.fixture.ts";
import type { Network, Pin } from "./network.fixture.ts";
import type { DetectorSettings } from "./settings.ts";

const START = 20_000;
const BREAK = START + 70;
const NOBODY: ReadonlySet<string> = new Set();

function setup(
  pinOf: (index: number) => Omit<Pin, "id">,
  size = { pins: 24, districts: 6, states: 2 },
) {
  return createNetwork(size, pinOf);
}

/** Folds days from START on; `rateOf` bends rates, `acted` names subjects under an action. */
function run(
  network: Network,
  days: number,
  rateOf: (pin: Pin, day: number) => number = (pin) => pin.rate,
  options: {
    readonly seed?: number;
    readonly acted?: (day: number) => ReadonlySet<string>;
    readonly detector?: Detector;
    readonly from?: number;
    readonly settings?: Partial<DetectorSettings>;
  } = {},
) {
  const detector = options.detector ?? new Detector(options.settings);
  const readings: Array<DetectorReading & { readonly day: number }> = [];
  for (let day = START + (options.from ?? 0); day < START + days; day++) {
    const counts = createCounts(network, options.seed ?? 1, day, (pin) => rateOf(pin, day));
    const acted = options.acted?.(day) ?? NOBODY;
    const lookup = (id: string) => network.subjects.get(id);
    readings.push({ ...detector.fold({ day, counts, lookup, acted }), day });
  }
  const findings = readings.flatMap(({ findings: found }) => found);
  return { detector, readings, findings };
}

const steady = () => ({ ordersPerDay: 40, rate: 0.18 });

test("a lasting rise of 12 points at 40 orders a day is found, once, at its pincode", () => {
  for (const seed of [1, 2, 3]) {
    const { findings } = run(
      setup(steady),
      110,
      (pin, day) => pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.12 : 0),
      { seed },
    );
    assert.deepEqual(
      findings.map(({ subject }) => subject),
      ["IN-100005"],
    );
    const finding = findings[0]!;
    assert.ok(finding.day >= BREAK + 3 && finding.day <= BREAK + 25, `found on ${finding.day}`);
    assert.ok(Math.abs(finding.changeDay - BREAK) <= 5, `dated ${finding.changeDay}`);
    assert.ok(finding.size.low < 0.12 && finding.size.high > 0.12);
    assert.ok(finding.confidence > 0.8 && finding.confidence <= 1);
    assert.ok(finding.evidence >= finding.bar);
  }
});

test("a spike of 50 points for one or two days is not found", () => {
  for (const seed of [1, 2, 3]) {
    for (const length of [1, 2]) {
      const { findings } = run(
        setup(steady),
        100,
        (pin, day) =>
          pin.rate + (pin.id === "IN-100005" && day >= BREAK && day < BREAK + length ? 0.5 : 0),
        { seed },
      );
      assert.deepEqual(findings, []);
    }
  }
});

test("a festival that lifts every rate for four days is nobody's fault", () => {
  const { findings } = run(
    setup(steady),
    100,
    (pin, day) => pin.rate + (day >= BREAK && day < BREAK + 4 ? 0.15 : 0),
  );
  assert.deepEqual(
    findings.filter(({ level }) => level !== "nation"),
    [],
  );
});

test("a rise of a whole district is said once, of the district", () => {
  const inDistrict = (pin: Pin) => (Number(pin.id.slice(3)) - 100_000) % 6 === 2;
  const { findings } = run(
    setup(steady),
    110,
    (pin, day) => pin.rate + (inDistrict(pin) && day >= BREAK ? 0.15 : 0),
  );
  assert.deepEqual(
    findings.map(({ subject }) => subject),
    ["IN-D-2"],
  );
});

test("a big pincode's rise is said of the pincode, not of the district that it lifts", () => {
  const { findings } = run(
    setup((index) => ({ ordersPerDay: index === 5 ? 150 : 10, rate: 0.18 })),
    110,
    (pin, day) => pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.15 : 0),
  );
  assert.deepEqual(
    findings.map(({ subject }) => subject),
    ["IN-100005"],
  );
});

test("no two days of any counts alarm a fresh state", () => {
  const day = fc.array(
    fc.record({
      pin: fc.integer({ min: 0, max: 11 }),
      n: fc.integer({ min: 1, max: 3_000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(day, day, (first, second) => {
      const network = setup(steady, { pins: 12, districts: 4, states: 2 });
      // No history but the shortest that may be read at all; no evidence yet.
      const { detector } = run(network, 8, (pin) => pin.rate, {
        settings: { lagDays: 7, warmupDays: 8, visibleWithinDays: 10_000 },
      });
      const readings = [first, second].map((rows, at) =>
        detector.fold({
          day: START + 8 + at,
          counts: rows.map(({ pin, n, share }) => ({
            subject: `IN-${100_000 + pin}`,
            n,
            k: Math.round(n * share),
          })),
          lookup: (id) => network.subjects.get(id),
          acted: NOBODY,
        }),
      );
      assert.ok(
        readings.every(({ monitored }) => monitored > 0),
        "nothing was monitored",
      );
      assert.ok(readings.every(({ findings }) => findings.length === 0));
    }),
    { numRuns: 150 },
  );
});

test("the same days give the same bits, in one run and in another", () => {
  const rise = (pin: Pin, day: number) =>
    pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.2 : 0);
  const [one, other] = [0, 1].map(() => run(setup(steady), 90, rise));
  assert.deepEqual(one!.detector.save(), other!.detector.save());
  assert.deepEqual(one!.readings, other!.readings);
});

test("restoring on any day and folding on equals never having stopped", () => {
  const rise = (pin: Pin, day: number) =>
    pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.2 : 0);
  const acted = (day: number) => new Set(day > BREAK + 12 && day < BREAK + 18 ? ["IN-100005"] : []);
  const network = setup(steady);
  const whole = run(network, 100, rise, { acted });
  assert.ok(whole.findings.length > 0);
  for (const stop of [1, 20, 50, 74, 84, 90]) {
    const before = run(network, stop, rise, { acted });
    const detector = new Detector();
    detector.restore(before.detector.save());
    const after = run(network, 100, rise, { acted, detector, from: stop });
    assert.deepEqual(after.readings, whole.readings.slice(stop));
    assert.deepEqual(detector.save(), whole.detector.save());
  }
});

test("a state saved with another lag is refused, and the detector keeps what it had", () => {
  const { detector } = run(setup(steady), 30);
  const other = new Detector({ lagDays: 14 });
  assert.throws(() => other.restore(detector.save()), { code: "agent/failed" });
  assert.equal(other.lastDay, -1);
  assert.throws(() => other.restore(detector.save().subarray(0, 99)), { code: "agent/failed" });
});

test("a unit under an action is not signalled, enters no baseline and starts afresh afterwards", () => {
  const rise = (pin: Pin, day: number) =>
    pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.25 : 0);
  const until = BREAK + 28;
  const { findings, readings, detector } = run(setup(steady), 140, rise, {
    acted: (day) => new Set(day >= BREAK && day < until ? ["IN-100005"] : []),
  });
  // Still high when the action ends: seen again against the baseline of before.
  assert.deepEqual(
    findings.map(({ subject }) => subject),
    ["IN-100005"],
  );
  assert.ok(findings[0]!.day >= until + 3 && findings[0]!.day < until + 20);
  assert.ok(findings[0]!.baseline.mean < 0.22, "the acted days have lifted the baseline");
  const during = readings.find(({ day }) => day === BREAK + 5)!;
  assert.equal(during.statuses["under-action"], 1);
  assert.deepEqual(readings.find(({ day }) => day === until)!.ended, [
    { subject: "IN-100005", end: "released" },
  ]);
  assert.equal(detector.statusOf("IN-100005"), "standing");
});

test("everything below a subject under an action is under it, and what is above goes on without it", () => {
  const { detector, readings } = run(setup(steady), 60, (pin) => pin.rate, {
    acted: (day) => new Set(day === START + 59 ? ["IN-D-2"] : []),
  });
  assert.equal(readings.at(-1)!.statuses["under-action"], 5);
  assert.equal(detector.statusOf("IN-100002"), "under-action");
  assert.equal(detector.statusOf("IN-S-0"), "not-fired");
});

test("an alarm that recovers is confirmed and re-armed, and a second rise is said again", () => {
  const rise = (pin: Pin, day: number) => {
    const risen = (day >= BREAK && day < BREAK + 25) || day >= BREAK + 60;
    return pin.rate + (pin.id === "IN-100005" && risen ? 0.25 : 0);
  };
  const { findings, readings } = run(setup(steady), 165, rise);
  assert.deepEqual(
    findings.map(({ subject }) => subject),
    ["IN-100005", "IN-100005"],
  );
  const ended = readings.flatMap(({ ended: over, day }) => over.map((each) => ({ ...each, day })));
  assert.equal(ended[0]!.end, "recovered");
  assert.ok(ended[0]!.day >= BREAK + 26 && ended[0]!.day < BREAK + 40);
});

test("each unit and day is read or says why not", () => {
  const network = setup((i) => ({ ordersPerDay: i === 0 ? 0.05 : 40, rate: 0.18 }));
  const { detector, readings } = run(network, 60);
  for (const { statuses } of readings) {
    const units = Object.values(statuses).reduce((sum, count) => sum + count, 0);
    assert.ok(units >= 32 && units <= 33);
  }
  assert.equal(readings[44]!.statuses["not-fired"], 0);
  assert.ok(readings[45]!.statuses["not-fired"] > 0);
  assert.notEqual(detector.statusOf("IN-100000"), "not-fired");
  const counts = createCounts(network, 1, START + 60).filter(
    ({ subject }) => subject !== "IN-100007",
  );
  detector.fold({
    day: START + 60,
    counts,
    lookup: (id) => network.subjects.get(id),
    acted: NOBODY,
    immature: new Set(["IN-100008"]),
  });
  assert.equal(detector.statusOf("IN-100007"), "no-data");
  assert.equal(detector.statusOf("IN-100008"), "immature");
  assert.equal(detector.statusOf("IN-999999"), undefined);
});

test("evidence that comes close is a near miss with the bar in words", () => {
  const { readings } = run(
    setup(steady),
    110,
    (pin, day) => pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.12 : 0),
  );
  const before = readings.filter(({ nearMisses }) => nearMisses.length > 0);
  assert.ok(before.length > 0);
  assert.equal(before[0]!.nearMisses[0]!.subject, "IN-100005");
  assert.match(before[0]!.nearMisses[0]!.reason, /^evidence of 10\^\d\.\d is short of the 10\^\d/);
});

test("state is about 432 bytes per unit and does not grow with history", () => {
  const network = setup(steady);
  const short = run(network, 30).detector;
  const long = run(network, 90).detector;
  assert.equal(short.units.rowBytes, 432);
  assert.ok(Math.abs(long.save().byteLength - short.save().byteLength) < 200);
});

test("a recovery under an action of ours is seen in what traffic is left", () => {
  const rise = (pin: Pin, day: number) =>
    pin.rate + (pin.id === "IN-100005" && day >= BREAK && day < BREAK + 20 ? 0.25 : 0);
  const { readings } = run(setup(steady), 130, rise, {
    acted: (day) => new Set(day >= BREAK + 15 && day < BREAK + 45 ? ["IN-100005"] : []),
  });
  const ended = readings.flatMap(({ ended: over, day }) => over.map((each) => ({ ...each, day })));
  assert.deepEqual(
    ended.map(({ end }) => end),
    ["recovered", "released"],
  );
  assert.ok(ended[0]!.day > BREAK + 20 && ended[0]!.day < BREAK + 35);
});

test("a rise that nobody acts on is said once and in the end becomes the baseline", () => {
  const { findings, readings } = run(
    setup(steady, { pins: 8, districts: 2, states: 1 }),
    900,
    (pin, day) => pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.12 : 0),
  );
  assert.deepEqual(
    findings.map(({ subject }) => subject),
    ["IN-100005"],
  );
  const ended = readings.flatMap(({ ended: over }) => over.map(({ end }) => end));
  assert.deepEqual(ended, ["absorbed"]);
});

test("a district waits for the child that has its excess, but not for ever", () => {
  const network = setup((index) => ({ ordersPerDay: index === 5 ? 150 : 10, rate: 0.18 }));
  const rise = (pin: Pin, day: number) =>
    pin.rate + (pin.id === "IN-100005" && day >= BREAK ? 0.15 : 0);
  // Almost no budget for pincodes: the child's own evidence stays short of its bar.
  const budget = { pincode: 1e-40, district: 0.6, state: 0.3, nation: 0.1 };
  const waiting = run(network, 100, rise, { settings: { budget, holdDays: 7 } });
  assert.deepEqual(
    waiting.findings.map(({ subject }) => subject),
    ["IN-D-5"],
  );
  const held = waiting.readings.filter(({ nearMisses }) =>
    nearMisses.some(({ reason }) => reason.endsWith("IN-100005, whose own evidence is awaited")),
  );
  assert.equal(new Set(held.map(({ day }) => day)).size, 7);
});

test("when a child's alarm is over, its district does not inherit it", () => {
  const rise = (pin: Pin, day: number) =>
    pin.rate + (pin.id === "IN-100005" && day >= BREAK && day < BREAK + 20 ? 0.3 : 0);
  for (const acted of [
    () => NOBODY,
    (day: number) => new Set(day >= BREAK + 10 && day < BREAK + 30 ? ["IN-100005"] : []),
  ]) {
    const { findings, readings } = run(setup(steady), 130, rise, { acted });
    assert.ok(readings.some(({ ended }) => ended.length > 0));
    assert.deepEqual(
      findings.map(({ subject }) => subject),
      ["IN-100005"],
    );
  }
});
