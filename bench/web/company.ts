/**
 * A company as it is after months: twenty thousand places that were counted every day, ten thousand cases.
 *
 * A few cases are led through the engine to each kind of end; the others are these again, on places of their
 * own. So every page has what it has in a real company, and as much of it.
 */
import type { Case } from "../../src/core/case/types.ts";
import type { Observation, Subject } from "../../src/core/port/types.ts";
import { randomFrom } from "../../src/std/random.ts";
import { addDays, addMs, DAY_MS, MINUTE_MS } from "../../src/std/time.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { appendLedger } from "../../src/store/table/ledger.ts";
import { insertCases } from "../../src/store/table/signal-case.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  HERE,
  LOOP,
  NOW,
  openWorld,
  PLACES,
  resourceOf,
  THERE,
} from "../../test/kit/engine-world.ts";

export type CompanySize = {
  readonly places: number;
  readonly days: number;
  readonly cases: number;
};

export type Company = {
  readonly world: EngineWorld;
  readonly size: CompanySize;
  /** One of each, for pages about one. */
  readonly held: string;
  readonly acted: string;
  readonly state: string;
  readonly district: string;
  readonly ingestSeconds: number;
};

const STATES: ReadonlyArray<string> = [
  "andhra-pradesh",
  "arunachal-pradesh",
  "assam",
  "bihar",
  "chhattisgarh",
  "delhi",
  "goa",
  "gujarat",
  "haryana",
  "himachal-pradesh",
  "jharkhand",
  "karnataka",
  "kerala",
  "madhya-pradesh",
  "maharashtra",
  "odisha",
  "punjab",
  "rajasthan",
  "tamil-nadu",
  "telangana",
  "uttar-pradesh",
  "uttarakhand",
  "west-bengal",
];
const PLACES_PER_DISTRICT = 28;
const COURIERS = 2;
/** Of a hundred cases. */
const HELD = 3;
const STANDING = 25;

export async function openCompany(
  driver: Driver,
  size: CompanySize,
  report: (done: number, total: number) => void,
): Promise<Company> {
  await migrate(driver);
  const world = await openWorld(driver);
  const steps = size.days + 2;
  const subjects = makeSubjects(size.places);
  const pins = subjects.filter(({ level }) => level === "pincode").map(({ id }) => id);
  const from = performance.now();
  const newest = NOW.slice(0, 10);
  for (let back = size.days; back > 0; back--) {
    const day = addDays(newest, -back);
    await world.engine.receive({
      source: "bench-feed",
      id: `bench-${day}`,
      metric: world.wiring.metric,
      completeDays: [day],
      subjects: back === size.days ? subjects : [],
      observations: countDay(pins, day, world.wiring.metric),
    });
    report(size.days - back + 1, steps);
  }
  const ingestSeconds = (performance.now() - from) / 1_000;

  const acted = await world.signalOn(HERE);
  await world.settle();
  world.receiver.propose(() => BY_VERDICT.both);
  const held = await world.signalOn(THERE);
  await world.settle();
  const undone = await world.signalOn(PLACES[3] ?? "");
  await world.settle();
  await world.vote(undone, "logistics");
  await world.vote(undone, "marketing");
  await world.settle();
  await world.undo(undone);
  await world.settle();
  world.receiver.propose(() => BY_VERDICT.forbid);
  const forbidden = await world.signalOn(PLACES[4] ?? "");
  await world.settle();
  report(size.days + 1, steps);

  const patterns = {
    held: await world.case(held),
    acted: await world.case(acted),
    closed: [await world.case(undone), await world.case(forbidden)],
  };
  await multiply(world, patterns, pins, size.cases);
  await driver.query("analyze");
  report(steps, steps);
  const [district = ""] = subjects.filter(({ level }) => level === "district").map(({ id }) => id);
  return { world, size, held, acted, state: "IN-S-bihar", district, ingestSeconds };
}

function makeSubjects(places: number): ReadonlyArray<Subject> {
  const kind = "geography";
  const districts = Math.ceil(places / PLACES_PER_DISTRICT);
  const stateOf = (at: number): string => `IN-S-${STATES[at % STATES.length]}`;
  return [
    { id: "IN", kind, level: "nation", name: "India", parent: null },
    ...STATES.map((name): Subject => ({
      id: `IN-S-${name}`,
      kind,
      level: "state",
      name: name.replaceAll("-", " "),
      parent: "IN",
    })),
    ...Array.from({ length: districts }, (_, at): Subject => ({
      id: `IN-D-${at}`,
      kind,
      level: "district",
      name: `District ${at}`,
      parent: stateOf(at),
    })),
    ...Array.from({ length: places }, (_, at): Subject => ({
      id: `IN-${200_000 + at}`,
      kind,
      level: "pincode",
      name: `${200_000 + at}`,
      parent: `IN-D-${at % districts}`,
    })),
  ];
}

/** Some couriers at each place; a few orders a day, of which about a fifth fail. */
function countDay(
  pins: ReadonlyArray<string>,
  day: string,
  metric: string,
): ReadonlyArray<Observation> {
  const random = randomFrom("orders of a day", day);
  return pins.flatMap((subject) =>
    Array.from({ length: COURIERS }, (_, courier): Observation => {
      const n = Math.floor(8 * random.next());
      let k = 0;
      for (let order = 0; order < n; order++) k += random.next() < 0.2 ? 1 : 0;
      return { metric, subject, day, stratum: `courier=c${courier}`, n, k };
    }),
  );
}

const AT_ONCE = 250;
/** What a case leaves in the ledger on its way, as many as one that is governed and told leaves. */
const KINDS = ["signal.admitted", "case.evaluated", "case.governed", "letter.sent"];

async function multiply(
  { driver }: EngineWorld,
  patterns: {
    readonly held: Case;
    readonly acted: Case;
    readonly closed: ReadonlyArray<Case>;
  },
  pins: ReadonlyArray<string>,
  count: number,
): Promise<void> {
  for (let first = 0; first < count; first += AT_ONCE) {
    const cases = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => {
      const index = first + at;
      const lot = index % 100;
      const pattern =
        lot < HELD
          ? patterns.held
          : lot < HELD + STANDING
            ? patterns.acted
            : (patterns.closed[index % patterns.closed.length] ?? patterns.acted);
      return copyCase(pattern, index, pins[index % pins.length] ?? "");
    });
    await driver.transaction(async (tx) => {
      await insertCases(tx, cases);
      await appendLedger(
        tx,
        cases.flatMap((of) =>
          KINDS.map((kind) => ({
            at: of.openedAt,
            kind,
            loop: LOOP,
            case: of.id,
            actor: "bench",
            body: { subject: of.signal.subject },
          })),
        ),
      );
    });
  }
}

/** Opened some minutes before the one before it, on a place of its own, with its own claim. */
function copyCase(pattern: Case, index: number, subject: string): Case {
  const id = `case-${index.toString(16).padStart(16, "0")}`;
  const back = -Math.min(60 * DAY_MS, index * 7 * MINUTE_MS);
  return {
    ...pattern,
    id,
    subjectName: `${subject.slice(3)}, somewhere`,
    signal: { ...pattern.signal, id: `signal-${index}`, subject },
    ...(pattern.proposal === undefined
      ? {}
      : { proposal: { ...pattern.proposal, resource: `${resourceOf(subject)}/${index}` } }),
    openedAt: addMs(pattern.openedAt, back),
    ...(pattern.action === undefined
      ? {}
      : { action: { ...pattern.action, at: addMs(pattern.action.at, back) } }),
    ...(pattern.closedAt === undefined ? {} : { closedAt: addMs(pattern.closedAt, back) }),
  };
}
