/**
 * Where each state of India stands on a map of equal tiles, so that a small state is as readable as a large
 * one. Our own drawing: neighbours stay neighbours where a grid lets them.
 */
export type Tile = { readonly code: string; readonly column: number; readonly row: number };

const ROWS: ReadonlyArray<ReadonlyArray<string>> = [
  [".", ".", ".", "JK", "LA", ".", ".", ".", "."],
  [".", "CH", "PB", "HP", "UK", ".", "SK", ".", "AR"],
  [".", "RJ", "HR", "DL", "UP", "BR", "WB", "AS", "NL"],
  ["DH", "GJ", "MP", "CG", "JH", ".", "ML", "TR", "MN"],
  [".", ".", "MH", "TS", "OD", ".", ".", ".", "MZ"],
  [".", "GA", "KA", "AP", ".", ".", ".", ".", "."],
  ["LD", ".", "KL", "TN", "PY", ".", ".", "AN", "."],
];

/** By the last part of the id, `IN-S-tamil-nadu`, with other ways of writing it. */
const CODES: Record<string, string> = {
  "jammu-kashmir": "JK",
  ladakh: "LA",
  chandigarh: "CH",
  punjab: "PB",
  "himachal-pradesh": "HP",
  uttarakhand: "UK",
  uttaranchal: "UK",
  sikkim: "SK",
  "arunachal-pradesh": "AR",
  rajasthan: "RJ",
  haryana: "HR",
  delhi: "DL",
  "new-delhi": "DL",
  "nct-of-delhi": "DL",
  "uttar-pradesh": "UP",
  bihar: "BR",
  "west-bengal": "WB",
  assam: "AS",
  nagaland: "NL",
  "dadra-nagar-haveli-daman-diu": "DH",
  "dadra-nagar": "DH",
  "dadra-nagar-haveli": "DH",
  "daman-diu": "DH",
  gujarat: "GJ",
  "madhya-pradesh": "MP",
  chhattisgarh: "CG",
  jharkhand: "JH",
  meghalaya: "ML",
  tripura: "TR",
  manipur: "MN",
  maharashtra: "MH",
  telangana: "TS",
  odisha: "OD",
  orissa: "OD",
  mizoram: "MZ",
  goa: "GA",
  karnataka: "KA",
  "andhra-pradesh": "AP",
  lakshadweep: "LD",
  kerala: "KL",
  "tamil-nadu": "TN",
  puducherry: "PY",
  pondicherry: "PY",
  "andaman-nicobar": "AN",
  "andaman-nicobar-islands": "AN",
};

const TILES: ReadonlyMap<string, Tile> = new Map(
  ROWS.flatMap((codes, row) =>
    codes.flatMap((code, column) => (code === "." ? [] : [[code, { code, column, row }] as const])),
  ),
);

/** Undefined for what is no state of India. */
export function tileOf(id: string): Tile | undefined {
  const name = id.replace(/^IN-S-/, "").replaceAll("-and-", "-");
  return id.startsWith("IN-S-") ? TILES.get(CODES[name] ?? "") : undefined;
}
