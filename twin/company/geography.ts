/**
 * Where the company ships: pincodes in districts in states, with what is steadily true of each.
 *
 * States and their first districts carry real names; PINs begin as in the state's region and are
 * otherwise invented. Volumes are log-normal, so a few pincodes order most of everything.
 */
import { normal, randomFrom } from "../../src/std/random.ts";
import type { Subject } from "../../src/core/port/types.ts";
import { logit } from "./draw.ts";
import { COURIERS, type CompanySettings } from "./settings.ts";

export type Pincode = {
  readonly index: number;
  readonly id: string;
  readonly district: string;
  readonly state: string;
  /** Orders on an ordinary day. */
  readonly ordersPerDay: number;
  readonly codShare: number;
  readonly courierShares: ReadonlyArray<number>;
  /** Logit of the first-attempt failure rate of a COD and of a prepaid order. */
  readonly codLogit: number;
  readonly prepaidLogit: number;
  readonly courierLogits: ReadonlyArray<number>;
  /** Slow drift: amplitude in logits, period in days, phase. */
  readonly drift: {
    readonly amplitude: number;
    readonly periodDays: number;
    readonly phase: number;
  };
};

export type Geography = {
  readonly subjects: ReadonlyArray<Subject>;
  readonly pincodes: ReadonlyArray<Pincode>;
  /** Pincodes under any subject, itself included. */
  readonly pincodesOf: ReadonlyMap<string, ReadonlyArray<Pincode>>;
};

/** Name, first two digits of its PINs, weight by orders, districts. */
const STATES: ReadonlyArray<readonly [string, number, number, ReadonlyArray<string>]> = [
  [
    "Maharashtra",
    40,
    14,
    ["Mumbai", "Pune", "Nagpur", "Nashik", "Thane", "Aurangabad", "Solapur", "Kolhapur"],
  ],
  ["Karnataka", 56, 11, ["Bengaluru", "Mysuru", "Belagavi", "Hubballi", "Mangaluru", "Tumakuru"]],
  [
    "Tamil Nadu",
    60,
    9,
    ["Chennai", "Coimbatore", "Madurai", "Tiruchirappalli", "Salem", "Vellore"],
  ],
  ["Telangana", 50, 8, ["Hyderabad", "Warangal", "Nizamabad", "Karimnagar", "Khammam"]],
  [
    "Uttar Pradesh",
    20,
    11,
    ["Lucknow", "Kanpur", "Ghaziabad", "Agra", "Varanasi", "Meerut", "Prayagraj", "Bareilly"],
  ],
  ["Delhi", 11, 7, ["New Delhi", "South Delhi", "North Delhi", "East Delhi"]],
  ["West Bengal", 70, 6, ["Kolkata", "Howrah", "Siliguri", "Asansol", "Durgapur"]],
  ["Gujarat", 36, 6, ["Ahmedabad", "Surat", "Vadodara", "Rajkot", "Bhavnagar"]],
  ["Rajasthan", 30, 5, ["Jaipur", "Jodhpur", "Udaipur", "Kota", "Ajmer", "Bikaner"]],
  ["Haryana", 12, 5, ["Gurugram", "Faridabad", "Panipat", "Ambala", "Hisar"]],
  ["Andhra Pradesh", 52, 5, ["Visakhapatnam", "Vijayawada", "Guntur", "Tirupati", "Nellore"]],
  ["Kerala", 68, 5, ["Kochi", "Thiruvananthapuram", "Kozhikode", "Thrissur", "Kollam"]],
  ["Bihar", 80, 5, ["Patna", "Gaya", "Muzaffarpur", "Bhagalpur", "Darbhanga", "Purnia"]],
  ["Madhya Pradesh", 46, 4, ["Bhopal", "Indore", "Gwalior", "Jabalpur", "Ujjain"]],
  ["Punjab", 14, 4, ["Ludhiana", "Amritsar", "Jalandhar", "Patiala", "Mohali"]],
  ["Odisha", 75, 3, ["Bhubaneswar", "Cuttack", "Rourkela", "Sambalpur"]],
  ["Assam", 78, 3, ["Guwahati", "Dibrugarh", "Silchar", "Jorhat"]],
  ["Jharkhand", 83, 3, ["Ranchi", "Jamshedpur", "Dhanbad", "Bokaro"]],
  ["Chhattisgarh", 49, 2, ["Raipur", "Bhilai", "Bilaspur"]],
  ["Uttarakhand", 24, 2, ["Dehradun", "Haridwar", "Nainital"]],
  ["Himachal Pradesh", 17, 1, ["Shimla", "Solan", "Mandi"]],
  ["Goa", 43, 1, ["North Goa", "South Goa"]],
  ["Jammu and Kashmir", 18, 1, ["Jammu", "Srinagar"]],
  ["Tripura", 79, 1, ["Agartala"]],
];

const PINCODES_PER_DISTRICT = 12;
const VOLUME_SIGMA = 1.5;

export function createGeography(settings: CompanySettings): Geography {
  const { seed, geographies } = settings;
  const totalWeight = STATES.reduce((sum, [, , weight]) => sum + weight, 0);
  const subjects: Subject[] = [
    { id: "IN", kind: "geography", level: "nation", name: "India", parent: null },
  ];
  const pincodes: Pincode[] = [];
  let weightSoFar = 0;
  for (const [stateName, digits, weight, districtNames] of STATES) {
    const first = Math.round((weightSoFar / totalWeight) * geographies);
    weightSoFar += weight;
    const last = Math.round((weightSoFar / totalWeight) * geographies);
    if (last === first) continue;
    const state = `IN-S-${slug(stateName)}`;
    const stateSubject = {
      id: state,
      kind: "geography",
      level: "state",
      name: stateName,
      parent: "IN",
    };
    subjects.push(stateSubject as Subject);
    const districts = Math.max(1, Math.round((last - first) / PINCODES_PER_DISTRICT));
    const stateLogit = 0.35 * normal(randomFrom(seed, "state", stateName));
    for (let d = 0; d < districts; d++) {
      const name = districtName(districtNames, d);
      const district = `IN-D-${slug(`${name}-${stateName}`)}`;
      const label = `${name}, ${stateName}`;
      subjects.push({
        id: district,
        kind: "geography",
        level: "district",
        name: label,
        parent: state,
      });
      const from = first + Math.round((d / districts) * (last - first));
      const until = first + Math.round(((d + 1) / districts) * (last - first));
      for (let index = from; index < until; index++) {
        const pin = `${digits}${String(1 + d).padStart(2, "0")}${String(1 + index - from).padStart(2, "0")}`;
        const id = `IN-${pin}`;
        const place = `${pin} ${label}`;
        subjects.push({ id, kind: "geography", level: "pincode", name: place, parent: district });
        pincodes.push(createPincode(settings, { index, id, district, state, stateLogit, rank: d }));
      }
    }
  }
  return {
    subjects,
    pincodes: scaleVolumes(pincodes, settings),
    pincodesOf: groupPincodes(pincodes),
  };
}

function createPincode(
  { seed }: CompanySettings,
  place: Pick<Pincode, "index" | "id" | "district" | "state"> & {
    stateLogit: number;
    rank: number;
  },
): Pincode {
  const { stateLogit, rank, ...names } = place;
  const random = randomFrom(seed, "pincode", place.index);
  // The first districts of a state are its metros: more orders, less cash.
  const metro = rank === 0 ? 1 : 0;
  const local = 0.3 * normal(random);
  const shares = COURIERS.map(() => 0.4 + random.next());
  const total = shares.reduce((sum, share) => sum + share, 0);
  return {
    ...names,
    ordersPerDay: Math.exp(VOLUME_SIGMA * normal(random) + metro),
    codShare: Math.min(0.9, Math.max(0.25, 0.64 - 0.12 * metro + 0.08 * normal(random))),
    courierShares: shares.map((share) => share / total),
    codLogit: logit(0.235) + stateLogit + local,
    prepaidLogit: logit(0.08) + 0.6 * (stateLogit + local),
    courierLogits: COURIERS.map((_, c) => 0.12 * (c - 1) + 0.1 * normal(random)),
    drift: {
      amplitude: 0.06 * Math.abs(normal(random)),
      periodDays: 70 + 130 * random.next(),
      phase: 2 * Math.PI * random.next(),
    },
  };
}

/** Volumes are relative until here; the whole company then orders what the settings say. */
function scaleVolumes(pincodes: Pincode[], settings: CompanySettings): ReadonlyArray<Pincode> {
  const total = pincodes.reduce((sum, { ordersPerDay }) => sum + ordersPerDay, 0);
  pincodes.forEach((pincode, at) => {
    const ordersPerDay = (pincode.ordersPerDay / total) * settings.ordersPerDay;
    pincodes[at] = { ...pincode, ordersPerDay };
  });
  return pincodes;
}

function groupPincodes(
  pincodes: ReadonlyArray<Pincode>,
): ReadonlyMap<string, ReadonlyArray<Pincode>> {
  const groups = new Map<string, Pincode[]>([["IN", [...pincodes]]]);
  for (const pincode of pincodes) {
    for (const id of [pincode.id, pincode.district, pincode.state]) {
      const group = groups.get(id) ?? [];
      group.push(pincode);
      groups.set(id, group);
    }
  }
  return groups;
}

function districtName(names: ReadonlyArray<string>, at: number): string {
  const name = names[at % names.length] ?? "Central";
  const round = Math.floor(at / names.length);
  return round === 0
    ? name
    : `${name} ${["Rural", "East", "West", "North", "South"][(round - 1) % 5] ?? ""}${round > 5 ? ` ${round}` : ""}`;
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
