/**
 * Remembers, per unit, how each courier, payment mode and reason did before and since its change.
 *
 * Two buckets per part: "since" fills while the detector suspects a change, and is poured into
 * "before" on the day the suspicion is gone. So the split is ready on the day of the alarm, and memory
 * does not grow with history: 16 bytes per unit and courier or payment mode, 8 per reason. Of the whole
 * it also keeps how many outcomes since the change are still open, for the signal's maturity.
 *
 * Parts are found in the data; a part without a name is left to the whole. A dimension keeps its first
 * `VALUES_MAX` values; later ones are `other`.
 * Only courier-like strata have trials of their own; a reason's trials are all of the unit's.
 */
import {
  growColumns,
  packColumns,
  packParts,
  unpackColumns,
  unpackParts,
  newStateError,
} from "../../stats/detect/columns.ts";
import type { Columns } from "../../stats/detect/columns.ts";

const VALUES_MAX = 16;
const DIMENSIONS_MAX = 4;
/** What the contract lets a signal say of a part. */
const DIMENSION_LENGTH_MAX = 60;
const VALUE_LENGTH_MAX = 120;
export const REASON = "reason";
/** The part that is the whole. */
const WHOLE = 0;

export type Part = { readonly dimension: string; readonly value: string };
export type PartCounts = Part & {
  readonly before: { readonly trials: number; readonly events: number };
  readonly since: { readonly trials: number; readonly events: number };
};

/** One part's columns. A reason's trials are the whole's. */
type Cells = {
  readonly beforeTrials: Float32Array;
  readonly beforeEvents: Float32Array;
  readonly sinceTrials: Float32Array;
  readonly sinceEvents: Float32Array;
};

export class StrataMemory {
  readonly #halfLifeDays: number;
  #parts: Part[] = [];
  #indexByPart = new Map<string, number>();
  #partsByStratum = new Map<string, ReadonlyArray<number>>();
  #partByReason = new Map<string, number>();
  #columns: Columns = {};
  #cells: Cells[] = [];
  #widths: Record<string, number> = {};
  #capacity = 0;

  constructor(halfLifeDays: number) {
    this.#halfLifeDays = halfLifeDays;
    this.#clear();
  }

  /** Makes room for `units` units. */
  reserve(units: number): void {
    if (units <= this.#capacity) return;
    this.#capacity = Math.max(units, this.#capacity * 2);
    growColumns(this.#columns, this.#widths, this.#capacity);
    this.#listCells();
  }

  /** Indices of the parts that a stratum such as `courier=ekart|payment=cod` belongs to. */
  partsOf(stratum: string): ReadonlyArray<number> {
    const known = this.#partsByStratum.get(stratum);
    if (known !== undefined) return known;
    const parts = [WHOLE];
    for (const pair of stratum.split("|")) {
      const at = pair.indexOf("=");
      // Reasons are counted apart: their trials are the whole's, and would count twice.
      if (at <= 0 || pair.slice(0, at) === REASON) continue;
      const part = this.#ensure(pair.slice(0, at), pair.slice(at + 1));
      if (part !== undefined) parts.push(part);
    }
    this.#partsByStratum.set(stratum, parts);
    return parts;
  }

  partOfReason(reason: string): number | undefined {
    const known = this.#partByReason.get(reason);
    if (known !== undefined) return known;
    const part = this.#ensure(REASON, reason);
    if (part !== undefined) this.#partByReason.set(reason, part);
    return part;
  }

  addTrials(unit: number, part: number, n: number, k: number): void {
    const { sinceTrials, sinceEvents } = this.#cells[part]!;
    sinceTrials[unit]! += n;
    sinceEvents[unit]! += k;
  }

  /** Orders whose outcome is not known; a part of one where only a share is known. */
  addOpen(unit: number, open: number): void {
    this.#columns["sinceOpen"]![unit]! += open;
  }

  /** 0..1: share of the outcomes since the change that are known; 1 when there are none at all. */
  readMaturity(unit: number): number {
    const { trials } = this.readWhole(unit).since;
    const open = this.#columns["sinceOpen"]![unit]!;
    return trials + open === 0 ? 1 : trials / (trials + open);
  }

  addEvents(unit: number, part: number, k: number): void {
    this.#cells[part]!.sinceEvents[unit]! += k;
  }

  /** The suspicion is gone: what was kept apart belongs to the usual. */
  pour(unit: number, day: number): void {
    const pouredOn = this.#columns["pouredOn"]!;
    const keep = 2 ** (-(day - pouredOn[unit]!) / this.#halfLifeDays);
    this.#parts.forEach(({ dimension }, part) => {
      const cells = this.#cells[part]!;
      cells.beforeEvents[unit] = cells.beforeEvents[unit]! * keep + cells.sinceEvents[unit]!;
      cells.sinceEvents[unit] = 0;
      if (dimension === REASON) return;
      cells.beforeTrials[unit] = cells.beforeTrials[unit]! * keep + cells.sinceTrials[unit]!;
      cells.sinceTrials[unit] = 0;
    });
    this.#columns["sinceOpen"]![unit] = 0;
    pouredOn[unit] = day;
  }

  /** What was kept apart was an alarm: it never becomes the usual. */
  discard(unit: number): void {
    for (const { sinceTrials, sinceEvents } of this.#cells) {
      sinceTrials[unit] = sinceEvents[unit] = 0;
    }
    this.#columns["sinceOpen"]![unit] = 0;
  }

  readWhole(unit: number): PartCounts {
    return this.#read(unit, WHOLE);
  }

  /** Every part that the unit has counts of, then or now. */
  readParts(unit: number): PartCounts[] {
    return this.#parts
      .map((_, part) => part)
      .filter((part) => part !== WHOLE)
      .map((part) => this.#read(unit, part))
      .filter(({ dimension, before, since }) =>
        dimension === REASON ? before.events + since.events > 0 : before.trials + since.trials > 0,
      );
  }

  save(units: number): Uint8Array {
    this.reserve(units);
    return packParts([
      new TextEncoder().encode(JSON.stringify(this.#parts)),
      packColumns(null, this.#columns, this.#widths, units),
    ]);
  }

  restore(bytes: Uint8Array): void {
    const [parts, columns] = unpackParts(bytes);
    if (parts === undefined || columns === undefined) throw newStateError("strata are missing");
    this.#clear();
    for (const { dimension, value } of JSON.parse(new TextDecoder().decode(parts)) as Part[]) {
      if (dimension !== "") this.#append(dimension, value);
    }
    this.#capacity = unpackColumns(columns, this.#columns, this.#widths).rows;
    this.#listCells();
  }

  #clear(): void {
    this.#parts = [];
    this.#indexByPart = new Map();
    this.#partsByStratum = new Map();
    this.#partByReason = new Map();
    this.#columns = { pouredOn: new Int32Array(0), sinceOpen: new Float32Array(0) };
    this.#widths = { pouredOn: 1, sinceOpen: 1 };
    this.#capacity = 0;
    this.#append("", "");
  }

  #read(unit: number, part: number): PartCounts {
    const { dimension, value } = this.#parts[part]!;
    const { beforeTrials, beforeEvents, sinceTrials, sinceEvents } = this.#cells[part]!;
    return {
      dimension,
      value,
      before: { trials: beforeTrials[unit]!, events: beforeEvents[unit]! },
      since: { trials: sinceTrials[unit]!, events: sinceEvents[unit]! },
    };
  }

  /** Growing replaces the columns; this finds them again. */
  #listCells(): void {
    this.#cells = this.#parts.map(({ dimension }, part) => {
      const column = (name: string) => this.#columns[name] as Float32Array;
      const trialsOf = dimension === REASON ? WHOLE : part;
      return {
        beforeTrials: column(`beforeTrials${trialsOf}`),
        beforeEvents: column(`beforeEvents${part}`),
        sinceTrials: column(`sinceTrials${trialsOf}`),
        sinceEvents: column(`sinceEvents${part}`),
      };
    });
  }

  /** A name that says nothing is no part; one that is too long for a signal is cut. */
  #ensure(givenDimension: string, givenValue: string): number | undefined {
    const dimension = givenDimension.slice(0, DIMENSION_LENGTH_MAX).toWellFormed();
    const value = givenValue.slice(0, VALUE_LENGTH_MAX).toWellFormed();
    if (dimension === "" || value === "") return undefined;
    const known = this.#indexByPart.get(`${dimension}=${value}`);
    if (known !== undefined) return known;
    const dimensions = new Set(this.#parts.map((part) => part.dimension));
    if (!dimensions.has(dimension) && dimensions.size > DIMENSIONS_MAX) return undefined;
    const values = this.#parts.filter((part) => part.dimension === dimension).length;
    if (values < VALUES_MAX) return this.#append(dimension, value);
    return this.#indexByPart.get(`${dimension}=other`) ?? this.#append(dimension, "other");
  }

  #append(dimension: string, value: string): number {
    const part = this.#parts.length;
    this.#parts.push({ dimension, value });
    this.#indexByPart.set(`${dimension}=${value}`, part);
    const names = dimension === REASON ? ["Events"] : ["Trials", "Events"];
    for (const name of names.flatMap((name) => [`before${name}${part}`, `since${name}${part}`])) {
      this.#columns[name] = new Float32Array(this.#capacity);
      this.#widths[name] = 1;
    }
    this.#listCells();
    return part;
  }
}
