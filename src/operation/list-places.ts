import { InterlockError } from "../std/errors.ts";
import { addDays, type Day } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findNewestCompleteDay } from "../store/table/observation.ts";
import {
  type HoldingCase,
  type HoldingLine,
  listHoldingCases,
  listHoldingLines,
} from "../store/table/signal-case.ts";
import { listAround, listPlacesIn, type Place } from "../store/table/subject.ts";
import { listPlaceDays } from "../store/table/within-day.ts";
import { getWiring, inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";

const DAYS_BACK = 180;
/** Cases that are told one by one; beyond, they are counted. */
const LINES_MAX = 100;

export type PlaceDays = {
  readonly id: string;
  readonly name: string;
  readonly level: Place["level"];
  /** How many places lie directly in it. */
  readonly finer: number;
  /** Trials and events of everything in it, one for each of `days`; 0 where nothing came. */
  readonly n: ReadonlyArray<number>;
  readonly k: ReadonlyArray<number>;
  /** Cases on it or in it that wait for votes, and those whose action runs, stands or waits by lot. */
  readonly waiting: number;
  readonly standing: number;
  /** Of the standing ones, those that take the place out altogether, but for a probe. */
  readonly excluded: number;
};

export type PlaceList = {
  readonly loop: string;
  readonly metric: string;
  /** What was asked about, with what it lies in, the widest first; empty when nothing holds them all. */
  readonly trail: ReadonlyArray<{ readonly id: string; readonly name: string }>;
  /** Without a gap; the last is the newest complete one. */
  readonly days: ReadonlyArray<Day>;
  readonly places: ReadonlyArray<PlaceDays>;
  readonly cases: { readonly count: number; readonly lines: ReadonlyArray<HoldingLine> };
};

export const placeList: Operation<{ readonly loop: string; readonly place?: string }, PlaceList> = {
  name: "place.list",
  summary:
    "What lies in a place: the daily counts of each, and the cases that wait or stand there.",
  access: "viewer",
  errors: ["loop/not-found", "place/not-found"],
  input: inputSchema(
    {
      loop: LOOP_FIELD,
      place: nameField("a place's id, such as IN-S-karnataka; the widest there is if left out"),
    },
    ["place"],
  ),
  async handler(context, { loop, place: asked }) {
    const { metric } = getWiring(context, loop);
    const { driver } = context.engine.context;
    const trail = await readTrail(driver, asked);
    const within = await listPlacesIn(driver, trail.at(-1)?.id ?? null);
    const days = await listDays(driver, metric);
    const counts = await readCounts(driver, metric, within, days);
    const cases = await listHoldingCases(driver, {
      loop,
      places: within.map(({ id }) => id),
      around: trail.map(({ id }) => id),
    });
    const newest = cases.slice(0, LINES_MAX).map(({ id }) => id);
    return {
      loop,
      metric,
      trail,
      days,
      places: within.map(({ id, name, level, finer }) => {
        const here = cases.filter(({ place }) => place === id);
        const waiting = here.filter(({ state }) => state === "held").length;
        const { n, k } = counts.get(id) ?? { n: [], k: [] };
        const standing = here.length - waiting;
        const excluded = here.filter(isExclusion).length;
        return { id, name, level, finer, n, k, waiting, standing, excluded };
      }),
      cases: { count: cases.length, lines: await listHoldingLines(driver, newest) },
    };
  },
};

/** By the name that a contract gives to an option that leaves a place out. */
function isExclusion({ state, option }: HoldingCase): boolean {
  return state === "watching" && option?.startsWith("exclude_") === true;
}

async function readTrail(tx: Tx, asked: string | undefined): Promise<PlaceList["trail"]> {
  if (asked === undefined) {
    const widest = await listPlacesIn(tx, null);
    return widest.length === 1 ? widest.map(({ id, name }) => ({ id, name })) : [];
  }
  const around = await listAround(tx, asked);
  if (around.length === 0) {
    throw new InterlockError("place/not-found", `no place has the id \`${asked}\``, {
      help: "leave `place` out to begin with the widest",
    });
  }
  return around.map(({ id, name }) => ({ id, name })).toReversed();
}

async function listDays(tx: Tx, metric: string): Promise<ReadonlyArray<Day>> {
  const newest = await findNewestCompleteDay(tx, metric);
  if (newest === undefined) return [];
  return Array.from({ length: DAYS_BACK }, (_, at) => addDays(newest, at + 1 - DAYS_BACK));
}

async function readCounts(
  tx: Tx,
  metric: string,
  places: ReadonlyArray<Place>,
  days: ReadonlyArray<Day>,
): Promise<ReadonlyMap<string, Pick<PlaceDays, "n" | "k">>> {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const columns = new Map(
    places.map(({ id }) => [id, { n: days.map(() => 0), k: days.map(() => 0) }]),
  );
  const indexOf = new Map(days.map((day, at) => [day, at]));
  const window = { from: first, until: addDays(last, 1) };
  for (const { subject, day, n, k } of await listPlaceDays(
    tx,
    metric,
    [...columns.keys()],
    window,
  )) {
    const at = indexOf.get(day);
    const of = columns.get(subject);
    if (at === undefined || of === undefined) continue;
    of.n[at] = n;
    of.k[at] = k;
  }
  return columns;
}
