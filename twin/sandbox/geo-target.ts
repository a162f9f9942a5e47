/**
 * The ads platform's gazetteer: an id for every place of the simulated company, and back.
 *
 * Ids depend on the set of places alone: a pincode's are its digits behind a 9, the others are
 * numbered in the order of their subject ids. Two places may share a name, as in the real one.
 */
import type { Subject } from "../../src/core/port/types.ts";

export const COUNTRY_ID = "2356";
const FIRST_REGION_ID = 1_007_000;

const TARGET_TYPES = {
  pincode: "Postal Code",
  district: "District",
  state: "State",
  nation: "Country",
} as const;

export type Place = {
  readonly id: string;
  readonly subject: string;
  readonly name: string;
  readonly canonicalName: string;
  readonly targetType: (typeof TARGET_TYPES)[keyof typeof TARGET_TYPES];
};

export type Gazetteer = {
  readonly byId: ReadonlyMap<string, Place>;
  readonly bySubject: ReadonlyMap<string, Place>;
  findByName(name: string): ReadonlyArray<Place>;
};

export function createGazetteer(subjects: Iterable<Subject>): Gazetteer {
  const known = new Map<string, Subject>();
  for (const subject of subjects) known.set(subject.id, subject);
  const byId = new Map<string, Place>();
  const bySubject = new Map<string, Place>();
  const byName = new Map<string, Place[]>();
  let nextId = FIRST_REGION_ID;

  for (const subject of [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const pin = /^IN-(\d{6})$/.exec(subject.id)?.[1];
    const id =
      subject.level === "nation" ? COUNTRY_ID : pin === undefined ? String(nextId++) : `9${pin}`;
    const place: Place = {
      id,
      subject: subject.id,
      name: placeNameOf(subject),
      canonicalName: canonicalNameOf(subject, known),
      targetType: TARGET_TYPES[subject.level],
    };
    byId.set(id, place);
    bySubject.set(subject.id, place);
    byName.set(place.name, [...(byName.get(place.name) ?? []), place]);
  }
  if (!byId.has(COUNTRY_ID)) {
    const country: Place = {
      id: COUNTRY_ID,
      subject: "IN",
      name: "India",
      canonicalName: "India",
      targetType: "Country",
    };
    byId.set(COUNTRY_ID, country);
    bySubject.set("IN", country);
  }
  return { byId, bySubject, findByName: (name) => byName.get(name) ?? [] };
}

/** What the platform calls the place: a pincode by its digits, the rest by name. */
export function placeNameOf(subject: Subject): string {
  return subject.level === "pincode" ? subject.id.replace(/^IN-/, "") : subject.name;
}

function canonicalNameOf(subject: Subject, known: ReadonlyMap<string, Subject>): string {
  const names = [placeNameOf(subject)];
  let parent = subject.parent === null ? undefined : known.get(subject.parent);
  while (parent !== undefined && parent.level !== "nation" && names.length < 4) {
    names.push(parent.name);
    parent = parent.parent === null ? undefined : known.get(parent.parent);
  }
  if (subject.level !== "nation") names.push("India");
  return names.join(",");
}
