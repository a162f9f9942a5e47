/** Observations folded per second, in memory: the detector, the whole agent, and the naive way. */
import { createLogisticsAgent } from "../../src/agent/logistics/agent.ts";
import type { Observation, Subject } from "../../src/core/port/types.ts";
import { Detector } from "../../src/stats/detect/detector.ts";
import { addDays, dayFromNumber, instantOn } from "../../src/std/time.ts";
import { createDay, createSubjects, FIRST_DAY } from "../network.ts";
import { type Row, summarise } from "../sample.ts";
import type { BenchSettings } from "../settings.ts";
import { NaiveRates } from "./naive-rates.ts";

const NOBODY: ReadonlySet<string> = new Set();

type FoldDay = (
  dayNumber: number,
  rows: ReadonlyArray<Observation>,
  subjects: ReadonlyMap<string, Subject>,
) => void;

/** Each round folds the same days afresh; the three take turns day by day. */
const WAYS: Readonly<Record<string, () => FoldDay>> = {
  "detector alone": () => {
    const detector = new Detector({});
    return (day, rows, subjects) => {
      detector.fold({ day, counts: rows, lookup: (id) => subjects.get(id), acted: NOBODY });
    };
  },
  "logistics agent": () => createAgentFold(),
  "naive: add up all history each day": () => {
    const naive = new NaiveRates();
    return (day, rows, subjects) => naive.fold(day, rows, subjects);
  },
};

export function createAgentFold(agent = createLogisticsAgent()): FoldDay {
  return (dayNumber, observations, subjects) => {
    const day = dayFromNumber(dayNumber);
    const now = instantOn(addDays(day, 1), 6 * 60, 330);
    agent.foldDay({ day, now, subjects, observations, acted: NOBODY });
  };
}

export function benchFold(
  settings: BenchSettings,
  report: (done: number, total: number) => void,
): ReadonlyArray<Row> {
  const { subjects: pincodes, days } = settings.fold;
  const subjects = createSubjects(pincodes);
  const perSecond = new Map(Object.keys(WAYS).map((name) => [name, [] as number[]]));
  const lastDayMs = new Map(Object.keys(WAYS).map((name) => [name, [] as number[]]));
  let rowsInAll = 0;
  for (let round = 0; round < settings.rounds; round++) {
    const ways = Object.entries(WAYS).map(([name, create]) => ({
      name,
      fold: create(),
      seconds: 0,
    }));
    rowsInAll = 0;
    for (let i = 0; i < days; i++) {
      const rows = createDay(pincodes, FIRST_DAY + i);
      rowsInAll += rows.length;
      for (const way of ways) {
        const from = performance.now();
        way.fold(FIRST_DAY + i, rows, subjects);
        const ms = performance.now() - from;
        way.seconds += ms / 1_000;
        if (i === days - 1) lastDayMs.get(way.name)?.push(ms);
      }
      report(round * days + i + 1, settings.rounds * days);
    }
    for (const { name, seconds } of ways) perSecond.get(name)?.push(rowsInAll / seconds);
  }
  return Object.keys(WAYS).map((name) => ({
    name,
    unit: "observations",
    perSecond: summarise(perSecond.get(name) ?? []),
    beside: {
      subjects: pincodes,
      days,
      observations: rowsInAll,
      lastDayMs: summarise(lastDayMs.get(name) ?? []).median,
    },
  }));
}
