/**
 * The network: every unit that was ever seen, who its parent is, and what is remembered of it.
 *
 * A unit is a row. What a row holds does not grow with history: a lagged baseline, the ring of days
 * that still wait to enter it, evidence per rise, the counts since the change that the evidence points
 * to, and the alarm. Units may appear on any day and may move to another parent; they never leave.
 */
import type { Subject } from "../../core/port/types.ts";
import {
  computeRowBytes,
  growColumns,
  packColumns,
  unpackColumns,
  newStateError,
} from "./columns.ts";
import { LEVELS } from "./settings.ts";
import type { DetectorSettings, Level } from "./settings.ts";

/** No parent, or no day. */
export const NONE = -1;

/** Where a unit's subject is looked up when it is seen for the first time or has moved. */
export type SubjectLookup = (id: string) => Subject | undefined;

export class Units {
  readonly settings: DetectorSettings;
  readonly ids: string[] = [];
  readonly #indexById = new Map<string, number>();
  readonly #widths: Record<string, number>;
  #capacity = 0;
  /** Unit indices from the coarsest level to the finest, so that parents come first. */
  #topDown: Int32Array | undefined;
  #columns;

  constructor(settings: DetectorSettings) {
    this.settings = settings;
    const lag = settings.lagDays;
    const rises = settings.rises.length;
    this.#columns = {
      parent: new Int32Array(0),
      level: new Uint8Array(0),
      firstDay: new Int32Array(0),
      /** Discounted, deflated events and trials of the baseline. */
      baselineEvents: new Float64Array(0),
      baselineTrials: new Float64Array(0),
      ringEvents: new Float32Array(0),
      ringTrials: new Float32Array(0),
      volume: new Float64Array(0),
      volumeDays: new Float64Array(0),
      /** Shiryaev-Roberts evidence and CUSUM per rise, and the counts since its last reset. */
      evidence: new Float64Array(0),
      cusum: new Float64Array(0),
      /** The two days since the evidence was last at rest that raised it most, nats. */
      bestDay: new Float32Array(0),
      secondDay: new Float32Array(0),
      sinceDay: new Int32Array(0),
      sinceTrials: new Uint32Array(0),
      sinceEvents: new Uint32Array(0),
      sinceExpected: new Float64Array(0),
      alarm: new Uint8Array(0),
      alarmDay: new Int32Array(0),
      alarmRate: new Float64Array(0),
      alarmSize: new Float64Array(0),
      recovery: new Float64Array(0),
      heldSince: new Int32Array(0),
      acted: new Uint8Array(0),
      status: new Uint8Array(0),
    };
    this.#widths = Object.fromEntries(Object.keys(this.#columns).map((name) => [name, 1]));
    this.#widths["ringEvents"] = this.#widths["ringTrials"] = lag;
    for (const name of ["evidence", "cusum"]) this.#widths[name] = rises;
    for (const name of ["sinceDay", "sinceTrials", "sinceEvents", "sinceExpected"]) {
      this.#widths[name] = rises;
    }
  }

  get count(): number {
    return this.ids.length;
  }

  /** Re-read after `ensure` or `restore`: growing replaces the arrays. */
  get columns() {
    return this.#columns;
  }

  /** Bytes of state per unit, without its id. */
  get rowBytes(): number {
    return computeRowBytes(this.#columns, this.#widths);
  }

  indexOf(id: string): number | undefined {
    return this.#indexById.get(id);
  }

  levelOf(unit: number): Level {
    return LEVELS[this.#columns.level[unit]!]!;
  }

  /** The unit's row, made together with its ancestors' if it is new, moved if it has moved. */
  ensure(id: string, day: number, lookup: SubjectLookup): number | undefined {
    const known = this.#indexById.get(id);
    const subject = lookup(id);
    if (subject === undefined) return known;
    if (known !== undefined && this.#isUnder(known, subject.parent)) return known;
    const level = LEVELS.indexOf(subject.level);
    let parent = NONE;
    if (subject.parent !== null && level < LEVELS.length - 1) {
      const found = this.ensure(subject.parent, day, lookup);
      // A parent must be coarser: that is what rules out a ring of parents.
      if (found !== undefined && this.#columns.level[found]! > level) parent = found;
    }
    if (known !== undefined) {
      this.#columns.parent[known] = parent;
      return known;
    }
    return this.#append(id, level, parent, day);
  }

  /** Parents before children. */
  get topDown(): Int32Array {
    this.#topDown ??= Int32Array.from(
      Array.from({ length: this.count }, (_, unit) => unit).sort(
        (a, b) => this.#columns.level[b]! - this.#columns.level[a]! || a - b,
      ),
    );
    return this.#topDown;
  }

  save(header: unknown): Uint8Array {
    const shape = [this.settings.lagDays, this.settings.rises.length];
    return packColumns({ ids: this.ids, shape, header }, this.#columns, this.#widths, this.count);
  }

  restore(bytes: Uint8Array): unknown {
    const { rows, header } = unpackColumns(bytes, this.#columns, this.#widths);
    const saved = header as { ids: string[]; shape: number[]; header: unknown };
    if (saved.ids.length !== rows) throw newStateError("ids and rows differ in number");
    this.ids.length = 0;
    this.#indexById.clear();
    saved.ids.forEach((id, unit) => {
      this.ids.push(id);
      this.#indexById.set(id, unit);
    });
    this.#capacity = rows;
    this.#topDown = undefined;
    return saved.header;
  }

  #isUnder(unit: number, parentId: string | null): boolean {
    const parent = this.#columns.parent[unit]!;
    return parent === NONE ? parentId === null : this.ids[parent] === parentId;
  }

  #append(id: string, level: number, parent: number, day: number): number {
    const unit = this.count;
    if (unit >= this.#capacity) {
      this.#capacity = Math.max(64, this.#capacity * 2);
      growColumns(this.#columns, this.#widths, this.#capacity);
    }
    this.ids.push(id);
    this.#indexById.set(id, unit);
    const columns = this.#columns;
    columns.level[unit] = level;
    columns.parent[unit] = parent;
    columns.firstDay[unit] = day;
    columns.alarmDay[unit] = columns.heldSince[unit] = NONE;
    this.#topDown = undefined;
    return unit;
  }
}
