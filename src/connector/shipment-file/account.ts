/**
 * The reading's books: every row is entered once, and days, places and counts come out.
 *
 * Each used row is counted in exactly one observation, at the finest place it names: its PIN code,
 * else its state, else the country. Sums for coarser places are the reader's: add up over `parent`.
 */
import type { Observation, ObservationBatch, Subject } from "../../core/port/types.ts";
import { addDays, type Day } from "../../std/time.ts";
import { add, compare, sorted } from "./count.ts";
import { titleCase } from "./fold-text.ts";
import { settlePlaces, type CodeVotes, type Place } from "./places.ts";
import type { Judged, SoundRow } from "./row.ts";
import type { Mapping, Reject, RejectCode, ShipmentCohort } from "./types.ts";

const CITIES_KEPT_PER_CODE = 64;
const UNKNOWN_STATES_KEPT = 1000;

type Count = { n: number; k: number; reasons: Map<string, number> };
type DayCounts = { rows: number; readonly counts: Map<string, Count> };

export type Account = ReturnType<typeof createAccount>;

export function createAccount(mapping: Mapping, rejectsMax: number) {
  const skipped = new Map<string, number>();
  const byCode = new Map<string, number>();
  const dateFormats = new Map<string, number>();
  const rejects: Reject[] = [];
  const votes = new Map<string, CodeVotes>();
  const days = new Map<Day, DayCounts>();
  const stateSpellings = new Set<string>();
  const unknownStates = new Map<string, number>();
  const totals = {
    read: 0,
    used: 0,
    failed: 0,
    passedFilters: 0,
    blankLines: 0,
    rowsWithoutPostalCode: 0,
    amountMinor: 0,
    amountRows: 0,
  };

  function reject(broken: Omit<Reject, "row">, rows = 1): void {
    const row = totals.read + 1;
    totals.read += rows;
    add(skipped, broken.code, rows);
    add(byCode, broken.code, rows);
    if (rejects.length < rejectsMax) rejects.push({ row, ...broken });
  }

  function enter(judged: Judged, line: number | null, excerpt: () => string): void {
    if (judged.kind === "rejected") {
      const { code, column, message } = judged;
      const kept = rejects.length < rejectsMax ? excerpt() : "";
      return reject({ line, column, code, message, excerpt: kept });
    }
    totals.read += 1;
    const { row } = judged;
    survey(row);
    if (judged.kind === "skipped") {
      add(skipped, judged.reason, 1);
      if (judged.passedFilters) totals.passedFilters += 1;
      return;
    }
    totals.used += 1;
    totals.passedFilters += 1;
    if (row.amountMinor !== null) {
      totals.amountMinor += row.amountMinor;
      totals.amountRows += 1;
    }
    const day = dayCounts(row.day);
    day.rows += 1;
    const place =
      row.postalCode !== "" ? `P${row.postalCode}` : row.state !== "" ? `S${row.state}` : "N";
    const key = `${place}\n${row.stratum}`;
    let count = day.counts.get(key);
    if (count === undefined) day.counts.set(key, (count = { n: 0, k: 0, reasons: new Map() }));
    count.n += 1;
    if (!judged.failed) return;
    totals.failed += 1;
    count.k += 1;
    add(count.reasons, judged.reason === "" ? "unknown" : judged.reason, 1);
  }

  /** What every sound row tells about places and days, used or not. */
  function survey(row: SoundRow): void {
    add(dateFormats, row.dateFormat, 1);
    dayCounts(row.day);
    if (row.stateText !== "") {
      if (stateSpellings.size < UNKNOWN_STATES_KEPT) stateSpellings.add(row.stateText);
      if (row.state === "" && unknownStates.size < UNKNOWN_STATES_KEPT) {
        add(unknownStates, row.stateText, 1);
      }
    }
    if (row.postalCode === "") {
      totals.rowsWithoutPostalCode += 1;
      return;
    }
    let vote = votes.get(row.postalCode);
    if (vote === undefined) {
      votes.set(row.postalCode, (vote = { states: new Map(), cities: new Map() }));
    }
    if (row.state !== "") add(vote.states, row.state, 1);
    if (row.city === "") return;
    const city = titleCase(row.city);
    if (vote.cities.has(city) || vote.cities.size < CITIES_KEPT_PER_CODE) add(vote.cities, city, 1);
  }

  function dayCounts(day: Day): DayCounts {
    let counts = days.get(day);
    if (counts === undefined) days.set(day, (counts = { rows: 0, counts: new Map() }));
    return counts;
  }

  /** Settles the places and lays the counts out as one batch per mature day. */
  function close(source: string, batchIdPrefix: string, isWhole: boolean) {
    const places = settlePlaces(mapping, votes);
    const ordered = [...days.keys()].sort();
    const snapshotDay = ordered.at(-1) ?? null;
    const isMature = (day: Day): boolean =>
      snapshotDay !== null && addDays(day, mapping.maturityDays) <= snapshotDay;
    const immature = ordered.filter((day) => !isMature(day));
    const used = new Map<string, Place>();
    const cohorts: ShipmentCohort[] = [];
    for (const day of ordered) {
      const { rows, counts } = days.get(day) ?? { rows: 0, counts: new Map<string, Count>() };
      const here = new Map<string, Subject>();
      const observations: Observation[] = [];
      for (const [key, count] of counts) {
        const [placeKey = "N", stratum = ""] = key.split("\n");
        const place = places(placeKey);
        used.set(place.subject.id, place);
        for (const subject of [...place.above, place.subject]) here.set(subject.id, subject);
        observations.push(observationOf(mapping.metric, place.subject.id, day, stratum, count));
      }
      if (!isMature(day)) continue;
      observations.sort((a, b) => compare(a.subject, b.subject) || compare(a.stratum, b.stratum));
      const batch: ObservationBatch = {
        source,
        id: `${batchIdPrefix}/${day}`,
        metric: mapping.metric,
        completeDays: isWhole ? [day] : [],
        subjects: coarsestFirst([...here.values()]),
        observations,
      };
      cohorts.push({ day, dueDay: addDays(day, mapping.maturityDays), rows, batch });
    }
    const all = new Map<string, Subject>();
    for (const place of used.values()) {
      for (const subject of [...place.above, place.subject]) all.set(subject.id, subject);
    }
    const [first] = ordered;
    return {
      cohorts,
      subjects: coarsestFirst([...all.values()]),
      snapshotDay,
      days: first === undefined || snapshotDay === null ? null : { first, last: snapshotDay },
      immature: {
        days: immature,
        rows: immature.reduce((sum, day) => sum + (days.get(day)?.rows ?? 0), 0),
      },
    };
  }

  return {
    enter,
    reject,
    blank: () => void (totals.blankLines += 1),
    close,
    totals: totals as Readonly<typeof totals>,
    rejects: rejects as ReadonlyArray<Reject>,
    counts: () => ({
      skipped: sorted(skipped),
      byCode: sorted(byCode) as Readonly<Partial<Record<RejectCode, number>>>,
      dateFormats: sorted(dateFormats),
      stateSpellings: stateSpellings.size,
      unknownStates: [...unknownStates]
        .map(([text, rows]) => ({ text, rows }))
        .sort((a, b) => b.rows - a.rows || compare(a.text, b.text)),
    }),
  };
}

function observationOf(
  metric: string,
  subject: string,
  day: Day,
  stratum: string,
  count: Count,
): Observation {
  const { n, k, reasons } = count;
  // Where no row named a reason there is no split to tell of.
  const isSplit = [...reasons.keys()].some((reason) => reason !== "unknown");
  return { metric, subject, day, stratum, n, k, ...(isSplit ? { reasons: sorted(reasons) } : {}) };
}

const LEVELS = ["nation", "state", "district", "pincode"] as const;

function coarsestFirst(subjects: ReadonlyArray<Subject>): ReadonlyArray<Subject> {
  return [...subjects].sort(
    (a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || compare(a.id, b.id),
  );
}
