/**
 * From a subject of ours to the platform's id of the place, verified and remembered.
 *
 * The platform does not check that an id is the place you meant, so a wrong one silently excludes a
 * stranger. A suggestion therefore counts only if name, country, kind of place and status all agree.
 */
import type { GoogleAdsClient } from "./client.ts";

export type PlaceName = {
  readonly name: string;
  /** The platform's kind of place, e.g. `Postal Code`, `District`, `State`. */
  readonly targetType: string;
  /** The place around it; tells the Aurangabad of Bihar from that of Maharashtra. */
  readonly within?: string;
};

export type GeoTargets = {
  /** Digits, or undefined when the platform does not know the place. */
  findId(subject: string, signal: AbortSignal): Promise<string | undefined>;
};

/** A table that a person keeps, for places that cannot be told apart by name. */
export function geoTargetsFromTable(table: ReadonlyMap<string, string>): GeoTargets {
  return { findId: (subject) => Promise.resolve(table.get(subject)) };
}

export function geoTargetsBySuggestion(
  client: Pick<GoogleAdsClient, "suggestGeoTargets">,
  placeOf: (subject: string) => PlaceName | undefined,
): GeoTargets {
  const known = new Map<string, string>();

  return {
    async findId(subject, signal) {
      const remembered = known.get(subject);
      if (remembered !== undefined) return remembered;
      const place = placeOf(subject);
      if (place === undefined) return undefined;
      const suggestions = await client.suggestGeoTargets([place.name], { signal });
      const fitting = suggestions.filter(
        (constant) =>
          constant.searchTerm === place.name &&
          constant.name === place.name &&
          constant.countryCode === "IN" &&
          constant.targetType === place.targetType &&
          (place.within === undefined || constant.canonicalName.split(",")[1] === place.within) &&
          constant.status === "ENABLED",
      );
      // Two places of one name and kind: guessing would act on a stranger in half the cases.
      const id = fitting.length === 1 ? fitting[0]?.id : undefined;
      if (id !== undefined) known.set(subject, id);
      return id;
    },
  };
}
