import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observation } from "../../src/core/port/types.ts";
import { addDays, type Day, dayToNumber, weekdayOf } from "../../src/std/time.ts";
import { SPECIAL_DAYS } from "./calendar.ts";
import { type Company, createCompany } from "./company.ts";
import { type InForce, NOTHING_IN_FORCE } from "./response.ts";
import { COMPANY_DEFAULTS, type CompanySettings, COURIERS } from "./settings.ts";
import { isBroken } from "./truth.ts";

const START = COMPANY_DEFAULTS.startDay;
/** Without anything that only happens now and then. */
const CALM: Partial<CompanySettings> = {
  breaksPerMonth: 0,
  districtBreaksPerMonth: 0,
  breaksMin: 0,
  spikesPerMonth: 0,
  districtSpikesPerMonth: 0,
  silentPincodeShare: 0,
  silentStateShare: 0,
};

function setup(settings: Partial<CompanySettings> = {}): Company {
  return createCompany({
    seed: 7,
    geographies: 60,
    days: 40,
    historyDays: 20,
    ordersPerDay: 3_000,
    ...settings,
  });
}

const dayOf = (offset: number): Day => addDays(START, offset);

/** One thing in force at one place from one day on. */
function standing(
  option: string,
  parameters: { [name: string]: number },
  at: string,
  from = START,
): InForce {
  return (subject, day) => (subject === at && day >= from ? [{ option, parameters }] : []);
}

function observe(
  company: Company,
  from: number,
  until: number,
  keep: (observation: Observation) => boolean = () => true,
  inForce = NOTHING_IN_FORCE,
): { n: number; k: number } {
  const sum = { n: 0, k: 0 };
  for (let offset = from; offset < until; offset++) {
    for (const observation of company.batchFor(dayOf(offset), inForce).observations) {
      if (!keep(observation)) continue;
      sum.n += observation.n;
      sum.k += observation.k;
    }
  }
  return sum;
}

const rateOf = ({ n, k }: { n: number; k: number }): number => k / n;

function under(company: Company, subject: string): ReadonlySet<string> {
  const parents = new Map(company.subjects.map(({ id, parent }) => [id, parent]));
  const isUnder = (id: string): boolean => {
    for (let at: string | null = id; at !== null; at = parents.get(at) ?? null) {
      if (at === subject) return true;
    }
    return false;
  };
  return new Set(company.subjects.map(({ id }) => id).filter(isUnder));
}

describe("the simulated company", () => {
  it("is the same for the same seed and another for another seed", () => {
    const [one, same, other] = [setup(), setup(), setup({ seed: 8 })];
    assert.deepEqual(
      one.batchFor(dayOf(9), NOTHING_IN_FORCE),
      same.batchFor(dayOf(9), NOTHING_IN_FORCE),
    );
    assert.deepEqual(one.truth, same.truth);
    assert.notDeepEqual(
      one.batchFor(dayOf(9), NOTHING_IN_FORCE).observations,
      other.batchFor(dayOf(9), NOTHING_IN_FORCE).observations,
    );
    assert.notDeepEqual(one.truth.breaks, other.truth.breaks);
  });

  it("tells a day alike whether or not the days before it were asked for", () => {
    const lived = setup();
    const inForce = standing("exclude_geo", { probeShare: 0.1 }, "IN-S-bihar", dayOf(5));
    for (let offset = 0; offset < 30; offset++) lived.batchFor(dayOf(offset), inForce);
    assert.deepEqual(lived.batchFor(dayOf(30), inForce), setup().batchFor(dayOf(30), inForce));
  });

  it("never has more failures than attempts, and a reason for each failure", () => {
    const company = setup({ spikesPerMonth: 1, breaksPerMonth: 0.5 });
    let rows = 0;
    for (const offset of [0, 12, 25, 39]) {
      for (const { n, k, reasons } of company.batchFor(dayOf(offset), NOTHING_IN_FORCE)
        .observations) {
        rows += 1;
        assert.ok(Number.isInteger(n) && Number.isInteger(k) && n > 0 && k >= 0 && k <= n);
        assert.equal(
          Object.values(reasons ?? {}).reduce((sum, count) => sum + count, 0),
          k,
        );
      }
    }
    assert.ok(rows > 500, `${rows} rows`);
  });

  it("has unique subjects, each under a parent, with PINs of six digits", () => {
    for (const geographies of [20, 2_400]) {
      const { subjects } = setup({ geographies });
      const ids = new Set(subjects.map(({ id }) => id));
      assert.equal(ids.size, subjects.length);
      assert.ok(subjects.every(({ parent }) => parent === null || ids.has(parent)));
      const pincodes = subjects.filter(({ level }) => level === "pincode");
      assert.equal(pincodes.length, geographies);
      assert.ok(pincodes.every(({ id }) => /^IN-[1-8]\d{5}$/.test(id)));
    }
  });

  it("names the subjects in the first batch only, and keeps a batch's id", () => {
    const company = setup();
    const first = company.batchFor(START, NOTHING_IN_FORCE);
    const second = company.batchFor(dayOf(1), NOTHING_IN_FORCE);
    assert.equal(first.subjects.length, company.subjects.length);
    assert.equal(second.subjects.length, 0);
    assert.equal(second.id, `company-7-${dayOf(1)}`);
    assert.deepEqual(second.completeDays, [dayOf(1)]);
  });

  it("has a heavy tail of volumes and the rates that Indian companies publish", () => {
    const company = setup({ geographies: 2_400, ordersPerDay: 20_000 });
    const volumes = company.subjects
      .filter(({ level }) => level === "pincode")
      .map(({ id }) => company.truth.ordersPerDay.get(id) ?? 0);
    assert.ok(volumes.filter((orders) => orders > 100).length >= 10);
    assert.ok(volumes.filter((orders) => orders < 10).length > 1_600);
    const isPayment = (payment: string) => (of: Observation) =>
      of.stratum.endsWith(`payment=${payment}`);
    const cod = observe(company, 1, 4, isPayment("cod"));
    const prepaid = observe(company, 1, 4, isPayment("prepaid"));
    const codShare = cod.n / (cod.n + prepaid.n);
    assert.ok(codShare > 0.55 && codShare < 0.68, `COD share ${codShare}`);
    assert.ok(rateOf(cod) > 0.22 && rateOf(cod) < 0.34, `COD ${rateOf(cod)}`);
    assert.ok(rateOf(prepaid) > 0.06 && rateOf(prepaid) < 0.13, `prepaid ${rateOf(prepaid)}`);
  });

  it("shows weekdays, festivals of one region, and sales", () => {
    const company = setup({ ...CALM, geographies: 300, ordersPerDay: 30_000, days: 60 });
    const firstOf = (at: number) => Math.floor(at * 60);
    const isUsual = (offset: number) =>
      SPECIAL_DAYS.every(({ at, days }) => offset < firstOf(at) || offset >= firstOf(at) + days);
    const onWeekday = (weekday: number) => {
      const sum = { n: 0, k: 0 };
      for (let offset = 0; offset < 60; offset++) {
        if (weekdayOf(dayOf(offset)) !== weekday || !isUsual(offset)) continue;
        const { n, k } = observe(company, offset, offset + 1);
        sum.n += n;
        sum.k += k;
      }
      return rateOf(sum);
    };
    assert.ok(onWeekday(6) - onWeekday(2) > 0.015, "Sunday above Wednesday");

    const south = under(company, "IN-S-karnataka");
    const west = under(company, "IN-S-maharashtra");
    const inSouth = ({ subject }: Observation) => south.has(subject);
    const inWest = ({ subject }: Observation) => west.has(subject);
    // The southern festival begins at a tenth of the run; the week after is compared.
    const rise = (keep: (of: Observation) => boolean) =>
      rateOf(observe(company, 6, 9, keep)) - rateOf(observe(company, 13, 16, keep));
    assert.ok(rise(inSouth) - rise(inWest) > 0.025, `${rise(inSouth)} ${rise(inWest)}`);

    const sale = firstOf(0.3);
    const before = observe(company, sale - 3, sale - 1).n;
    const after = observe(company, sale + 2, sale + 4).n;
    assert.ok(after > 1.7 * before, `${after} after ${before}`);
  });

  it("varies from day to day by more than a binomial", () => {
    const company = setup({ ...CALM, geographies: 40, ordersPerDay: 16_000 });
    let chiSquare = 0;
    let terms = 0;
    const largest = new Map<string, Array<{ n: number; k: number }>>();
    for (let offset = 20; offset < 39; offset++) {
      const ofDay = new Map<string, { n: number; k: number }>();
      for (const { subject, n, k } of company.batchFor(dayOf(offset), NOTHING_IN_FORCE)
        .observations) {
        const sum = ofDay.get(subject) ?? { n: 0, k: 0 };
        ofDay.set(subject, { n: sum.n + n, k: sum.k + k });
      }
      for (const [subject, counts] of ofDay) {
        if (counts.n >= 300) largest.set(subject, [...(largest.get(subject) ?? []), counts]);
      }
    }
    for (const days of largest.values()) {
      const n = days.reduce((sum, day) => sum + day.n, 0);
      const p = days.reduce((sum, day) => sum + day.k, 0) / n;
      for (const day of days) chiSquare += (day.k - day.n * p) ** 2 / (day.n * p * (1 - p));
      terms += days.length - 1;
    }
    assert.ok(terms > 50, `${terms} terms`);
    assert.ok(chiSquare / terms > 1.5, `${chiSquare / terms}`);
  });

  it("has a shop that counts whole orders with a Poisson's luck around what is expected", () => {
    const company = setup({ ...CALM, geographies: 40, ordersPerDay: 2_000 });
    let chiSquare = 0;
    let terms = 0;
    for (const { id, level } of company.subjects) {
      if (level !== "pincode") continue;
      const [from, until] = [dayOf(0), dayOf(40)];
      const expected = company.ordersPerDay(id, from, until, NOTHING_IN_FORCE);
      const counted = company.countedOrdersPerDay(id, from, until, NOTHING_IN_FORCE);
      for (const [day, { orders, codOrders }] of counted.entries()) {
        assert.ok(Number.isInteger(orders) && codOrders >= 0 && codOrders <= orders);
        const mean = expected[day]?.orders ?? 0;
        if (mean < 10) continue;
        chiSquare += (orders - mean) ** 2 / mean;
        terms += 1;
      }
      // Another window has the same days.
      assert.deepEqual(
        company.countedOrdersPerDay(id, dayOf(20), until, NOTHING_IN_FORCE),
        counted.slice(20),
      );
    }
    assert.ok(terms > 500, `${terms} terms`);
    assert.ok(Math.abs(chiSquare / terms - 1) < 0.1, `${chiSquare / terms}`);
  });

  it("leaves some pincode-days and some state-days out of the feed, as absent rows", () => {
    const settings = { ...CALM, geographies: 200, ordersPerDay: 20_000 };
    const silent = setup({ ...settings, silentPincodeShare: 0.05, silentStateShare: 0.02 });
    const whole = setup(settings);
    const seen = (company: Company, offset: number) =>
      new Set(
        company.batchFor(dayOf(offset), NOTHING_IN_FORCE).observations.map((of) => of.subject),
      );
    let missing = 0;
    let all = 0;
    for (let offset = 0; offset < 20; offset++) {
      missing += seen(whole, offset).size - seen(silent, offset).size;
      all += seen(whole, offset).size;
    }
    const share = missing / all;
    assert.ok(share > 0.03 && share < 0.13, `${share} missing`);
  });
});

describe("the truth", () => {
  it("has as many breaks and spikes as the settings ask for, none of them in the history", () => {
    const { truth } = createCompany({ seed: 3 });
    const liveFrom = addDays(START, COMPANY_DEFAULTS.historyDays);
    const pincodeBreaks = truth.breaks.filter(({ level }) => level === "pincode").length;
    const months = (COMPANY_DEFAULTS.days - COMPANY_DEFAULTS.historyDays) / 30;
    const perMonth = pincodeBreaks / (COMPANY_DEFAULTS.geographies * months);
    assert.ok(perMonth > 0.01 && perMonth < 0.025, `${perMonth} of pincodes a month`);
    assert.ok(truth.breaks.filter(({ level }) => level === "district").length >= 3);
    assert.ok(truth.breaks.every(({ startDay }) => startDay >= liveFrom));
    assert.ok(truth.breaks.every(({ size }) => size > 0.02 && size <= 0.25));
    assert.ok(new Set(truth.breaks.map(({ cause }) => cause)).size >= 3);
    const spikesPerMonth = truth.spikes.length / (COMPANY_DEFAULTS.geographies * 4);
    assert.ok(spikesPerMonth > 0.05 && spikesPerMonth < 0.1, `${spikesPerMonth}`);
    assert.ok(truth.spikes.every(({ days }) => days === 1 || days === 2));
  });

  it("shows each cause in the strata and reasons that it is about", () => {
    const settings = { ...CALM, geographies: 400, ordersPerDay: 80_000, recoveryShare: 0 };
    const company = setup({ ...settings, breaksPerMonth: 0.8 });
    // The same seed without breaks has the same luck, so the difference is the break.
    const unbroken = setup(settings);
    const rowsOf = (of: Company) =>
      Array.from({ length: 10 }, (_, i) => of.batchFor(dayOf(30 + i), NOTHING_IN_FORCE)).flatMap(
        ({ observations }) => observations,
      );
    const [rows, unbrokenRows] = [rowsOf(company), rowsOf(unbroken)];
    const typical = [
      ["demand", "refused"],
      ["courier", "courier_no_attempt"],
      ["address", "address_issue"],
    ] as const;
    for (const [cause, reason] of typical) {
      const large = company.truth.breaks
        .filter((of) => of.cause === cause && of.startDay < dayOf(30))
        .sort((a, b) => b.size * b.ordersPerDay - a.size * a.ordersPerDay)[0];
      assert.ok(large !== undefined);
      const isConcerned = ({ stratum }: Observation) =>
        (cause !== "demand" || stratum.endsWith("payment=cod")) &&
        (cause !== "courier" || stratum.startsWith(`courier=${COURIERS[large.courier] ?? ""}|`));
      const shareOf = (
        all: ReadonlyArray<Observation>,
        count: (of: Observation) => number,
        isKept: (of: Observation) => boolean,
      ) => {
        const kept = all.filter((of) => of.subject === large.subject && isKept(of));
        return (
          kept.reduce((sum, of) => sum + count(of), 0) / kept.reduce((sum, { n }) => sum + n, 0)
        );
      };
      const riseOf = (count: (of: Observation) => number, isKept: (of: Observation) => boolean) =>
        shareOf(rows, count, isKept) - shareOf(unbrokenRows, count, isKept);

      const rise = riseOf(({ k }) => k, isConcerned);
      assert.ok(Math.abs(rise - large.rise) < 0.03, `${cause}: ${rise} for ${large.rise}`);
      const others = riseOf(
        ({ k }) => k,
        (of) => !isConcerned(of),
      );
      assert.ok(cause === "address" || others === 0, `${cause}: others rose by ${others}`);
      const more = riseOf(
        ({ reasons }) => reasons?.[reason] ?? 0,
        () => true,
      );
      assert.ok(more > large.size / 2, `${cause}: ${reason} rose ${more} of ${large.size}`);
    }
  });

  it("raises a district by the size of its break, in every pincode", () => {
    const company = setup({
      ...CALM,
      geographies: 400,
      ordersPerDay: 60_000,
      districtBreaksPerMonth: 0.5,
      recoveryShare: 0,
    });
    const large = company.truth.breaks
      .filter(({ startDay, cause }) => startDay < dayOf(28) && cause !== "mix")
      .sort((a, b) => b.ordersPerDay - a.ordersPerDay)[0];
    assert.ok(large !== undefined);
    const places = under(company, large.subject);
    const keep = ({ subject }: Observation) => places.has(subject);
    const from = dayToNumber(large.startDay) - dayToNumber(START);
    const rise = rateOf(observe(company, from, 40, keep)) - rateOf(observe(company, 0, 20, keep));
    assert.ok(Math.abs(rise - large.size) < 0.04, `rise ${rise}, size ${large.size}`);
  });

  it("ends a spike after its one or two days", () => {
    const company = setup({ ...CALM, ordersPerDay: 30_000, spikesPerMonth: 0.5 });
    const spike = company.truth.spikes
      .filter(({ size, startDay }) => size > 0.3 && startDay > dayOf(5))
      .sort((a, b) => b.ordersPerDay - a.ordersPerDay)[0];
    assert.ok(spike !== undefined);
    const keep = ({ subject }: Observation) => subject === spike.subject;
    const from = dayToNumber(spike.startDay) - dayToNumber(START);
    const rate = (at: number) => rateOf(observe(company, at, at + 1, keep));
    assert.ok(rate(from) - rate(from - 1) > 0.2);
    assert.ok(rate(from + spike.days - 1) - rate(from + spike.days) > 0.2);
  });

  it("ends those breaks that recover", () => {
    const company = setup({
      days: 90,
      geographies: 200,
      ordersPerDay: 30_000,
      breaksPerMonth: 0.2,
      recoveryShare: 1,
      spikesPerMonth: 0,
    });
    const over = company.truth.breaks
      .filter(({ untilDay, cause }) => untilDay !== null && cause !== "mix")
      .sort((a, b) => b.ordersPerDay * b.size - a.ordersPerDay * a.size)[0];
    assert.ok(over !== undefined && over.untilDay !== null);
    assert.ok(!isBroken(over, over.untilDay) && isBroken(over, addDays(over.untilDay, -1)));
    const keep = ({ subject }: Observation) => subject === over.subject;
    const from = dayToNumber(over.startDay) - dayToNumber(START);
    const until = dayToNumber(over.untilDay) - dayToNumber(START);
    const during = rateOf(observe(company, from, until, keep));
    const after = rateOf(observe(company, until, 90, keep));
    assert.ok(during - after > over.size / 2, `${during} then ${after}`);
  });

  it("gives even a small and short company a break that can be seen", () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { truth } = setup({ seed, ordersPerDay: 500 });
      const visible = truth.breaks.filter(
        ({ size, ordersPerDay, startDay }) => size * ordersPerDay >= 3 && startDay <= dayOf(30),
      );
      assert.ok(visible.length > 0, `seed ${seed}`);
    }
  });
});

describe("what interventions do to the company", () => {
  const busiest = (company: Company) =>
    [...company.truth.ordersPerDay]
      .filter(([id]) => /^IN-\d/.test(id))
      .sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
  const sumOf = (values: ReadonlyArray<{ orders: number; codOrders: number }>) =>
    values.reduce((sum, { orders }) => sum + orders, 0);

  it("keeps organic and probe orders where the place is excluded, and the spend of the probe", () => {
    const company = setup();
    const at = busiest(company);
    const excluded = standing("exclude_geo", { probeShare: 0.1 }, at);
    const [from, until] = [dayOf(3), dayOf(8)];
    const orders = (inForce: InForce) => sumOf(company.ordersPerDay(at, from, until, inForce));
    const spend = (inForce: InForce) =>
      company.spendPerDayMinor(at, from, until, inForce).reduce((sum, minor) => sum + minor, 0);
    assert.ok(Math.abs(orders(excluded) / orders(NOTHING_IN_FORCE) - (0.2 + 0.8 * 0.1)) < 1e-9);
    assert.ok(Math.abs(spend(excluded) / spend(NOTHING_IN_FORCE) - 0.1) < 1e-6);
  });

  it("shows the change in the feed from the day after, and only there", () => {
    const company = setup(CALM);
    const at = busiest(company);
    const excluded = standing("exclude_geo", { probeShare: 0 }, at, dayOf(10));
    const here = ({ subject }: Observation) => subject === at;
    const elsewhere = ({ subject }: Observation) => subject !== at;
    const both = (keep: (of: Observation) => boolean, from: number, until: number) => [
      observe(company, from, until, keep),
      observe(company, from, until, keep, excluded),
    ];
    const [usual, left] = both(here, 13, 30);
    assert.ok(usual !== undefined && left !== undefined);
    assert.ok(Math.abs(left.n / usual.n - 0.2) < 0.03, `${left.n} of ${usual.n}`);
    assert.deepEqual(...(both(here, 5, 11) as [unknown, unknown]));
    assert.deepEqual(...(both(elsewhere, 10, 20) as [unknown, unknown]));
  });

  it("turns some COD orders into prepaid ones and loses the others where COD is off", () => {
    const company = setup();
    const at = busiest(company);
    const off = standing("prepaid_only", {}, at);
    const [usual] = company.ordersPerDay(at, dayOf(3), dayOf(4), NOTHING_IN_FORCE);
    const [left] = company.ordersPerDay(at, dayOf(3), dayOf(4), off);
    assert.ok(usual !== undefined && left !== undefined);
    assert.equal(left.codOrders, 0);
    const expected = usual.orders - usual.codOrders + 0.3 * usual.codOrders;
    assert.ok(Math.abs(left.orders - expected) < 1e-9);
  });

  it("ships fewer COD orders where they are confirmed, of which fewer come back, and pays for asking", () => {
    const company = setup();
    const at = busiest(company);
    const confirm = standing("confirm_orders", {}, at);
    const [usual, left] = [NOTHING_IN_FORCE, confirm].map((inForce) =>
      company.totals(inForce, dayOf(3), dayOf(17), at),
    );
    assert.ok(usual !== undefined && left !== undefined);
    assert.ok(Math.abs(left.codOrders / usual.codOrders - 0.96) < 1e-9);
    assert.equal(left.spendMinor, usual.spendMinor);
    // Cancelled orders would have come back, and a fifth of the others is mended.
    const prepaid = company.totals(standing("prepaid_only", {}, at), dayOf(3), dayOf(17), at);
    const cod = ({ returns }: typeof usual) =>
      returns - (prepaid.returns * (usual.orders - usual.codOrders)) / prepaid.orders;
    const expected = cod(usual) * 0.8 - 0.04 * usual.codOrders;
    assert.ok(Math.abs(cod(left) - expected) < 0.05 * expected, `${cod(left)} ${expected}`);
    const gained = left.contributionMinor - usual.contributionMinor + 800 * usual.codOrders;
    const perReturn = gained / (cod(usual) - cod(left));
    assert.ok(perReturn > 18_500, "each return that is spared saves what it costs, at least");
    const counted = company.batchFor(dayOf(12), confirm).observations;
    const failed = (rows: typeof counted) =>
      rows.reduce((sum, { subject, k }) => sum + (subject === at ? k : 0), 0);
    assert.ok(failed(counted) < failed(company.batchFor(dayOf(12), NOTHING_IN_FORCE).observations));
  });

  it("loses by excluding a good place, and gains by excluding one that broke badly", () => {
    const company = setup({ ...CALM, ordersPerDay: 10_000, breaksMin: 6 });
    const worth = (inForce: InForce) => company.contributionMinor(inForce, dayOf(20), dayOf(40));
    const nothing = worth(NOTHING_IN_FORCE);
    const good = [...company.truth.ordersPerDay]
      .filter(([id]) => /^IN-\d/.test(id))
      .sort((a, b) => b[1] - a[1])
      .map(([id]) => id)
      .find((id) => company.truth.breaks.every(({ subject }) => subject !== id));
    assert.ok(good !== undefined);
    assert.ok(worth(standing("exclude_geo", { probeShare: 0.1 }, good, dayOf(20))) < nothing);

    const bad = company.truth.breaks.filter(
      ({ cause }) => cause === "demand" || cause === "address",
    );
    assert.ok(bad.length > 0);
    const best = Math.max(
      ...bad.map(
        ({ subject, startDay }) =>
          worth(standing("exclude_geo", { probeShare: 0.1 }, subject, startDay)) - nothing,
      ),
    );
    assert.ok(best > 0, `${best}`);
  });

  it("has totals that add up over places, and a return for no more than each failure", () => {
    const company = setup();
    const states = company.subjects.filter(({ level }) => level === "state");
    const whole = company.totals(NOTHING_IN_FORCE, dayOf(0), dayOf(10));
    const parts = states.map(({ id }) => company.totals(NOTHING_IN_FORCE, dayOf(0), dayOf(10), id));
    const sum = (name: "orders" | "returns" | "contributionMinor") =>
      parts.reduce((total, part) => total + part[name], 0);
    assert.ok(Math.abs(sum("orders") - whole.orders) < 1e-6);
    assert.ok(Math.abs(sum("returns") - whole.returns) < 1e-6);
    assert.ok(Math.abs(sum("contributionMinor") - whole.contributionMinor) <= states.length);
    assert.ok(whole.returns > 0 && whole.returns < whole.failures);
    assert.equal(
      company.contributionMinor(NOTHING_IN_FORCE, dayOf(0), dayOf(10)),
      whole.contributionMinor,
    );
    const orders = company.ordersPerDay("IN", dayOf(0), dayOf(10), NOTHING_IN_FORCE);
    assert.ok(Math.abs(sumOf(orders) - whole.orders) < 1e-6);
  });

  it("expects the failures that it draws", () => {
    const company = setup({ ...CALM, geographies: 300, ordersPerDay: 30_000 });
    const drawn = observe(company, 3, 40);
    const expected = company.totals(NOTHING_IN_FORCE, dayOf(1), dayOf(38));
    assert.ok(Math.abs(rateOf(drawn) - expected.failures / expected.orders) < 0.006);
  });
});
