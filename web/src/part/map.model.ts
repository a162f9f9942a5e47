/** What the map says of each place on a day, from its daily counts. */
import type { PlaceDays } from "../../../src/operation/list-places.ts";
import {
  compareRates,
  type Counted,
  type RateChange,
  sumWindow,
} from "../../../src/stats/rate-change.ts";
import { type Tile, tileOf } from "./india.ts";

/** The days that end with the chosen one, and those before them. */
export const NOW_DAYS = 14;
export const USUAL_DAYS = 56;

export type Mapped = {
  readonly place: PlaceDays;
  readonly now: Counted;
  readonly usual: Counted;
  readonly change: RateChange | undefined;
  /** How dark it is drawn, from -3, much better, to 3, much worse; 0 where the change is within its noise. */
  readonly step: number;
};

/** Points from which a clear change is drawn one step darker. */
const STEPS = [0.03, 0.08];

export function mapPlaces(places: ReadonlyArray<PlaceDays>, day: number): ReadonlyArray<Mapped> {
  return places.map((place) => {
    const now = sumWindow(place, day + 1 - NOW_DAYS, day + 1);
    const usual = sumWindow(place, day + 1 - NOW_DAYS - USUAL_DAYS, day + 1 - NOW_DAYS);
    const change = compareRates(now, usual);
    return { place, now, usual, change, step: stepOf(change) };
  });
}

function stepOf(change: RateChange | undefined): number {
  if (change === undefined || (change.low <= 0 && change.high >= 0)) return 0;
  const size = 1 + STEPS.filter((from) => Math.abs(change.points) >= from).length;
  return change.points > 0 ? size : -size;
}

/** The clearest worsening first, then what is as ever, then what got better; the busiest first of equals. */
export function sortMapped(mapped: ReadonlyArray<Mapped>): ReadonlyArray<Mapped> {
  return mapped.toSorted((a, b) => b.step - a.step || b.now.n - a.now.n);
}

/** Every place on a tile of its own, or undefined where one has none or two would share one. */
export function placeTiles(
  places: ReadonlyArray<PlaceDays>,
): ReadonlyMap<string, Tile> | undefined {
  const tiles = new Map<string, Tile>();
  const taken = new Set<Tile>();
  for (const { id } of places) {
    const tile = tileOf(id);
    if (tile === undefined || taken.has(tile)) return undefined;
    taken.add(tile);
    tiles.set(id, tile);
  }
  return tiles.size === 0 ? undefined : tiles;
}
