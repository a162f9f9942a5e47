/** A small shipment file and its mapping for the tests of this folder. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseMapping } from "./mapping.ts";
import { readShipments, type ReadOptions } from "./read-shipments.ts";
import type { Mapping, ShipmentImport } from "./types.ts";

export const HEADER = "Order,Date,Status,Fulfilment,Qty,currency,Amount,City,State,PIN";

export const MAPPING_DOCUMENT = {
  interlock: "shipment-mapping/1",
  name: "test",
  metric: "ndr_rate",
  currency: "INR",
  maturityDays: 2,
  columns: {
    orderDate: "Date",
    status: "Status",
    postalCode: "PIN",
    state: "State",
    city: "City",
    amount: "Amount",
    currency: "currency",
    quantity: "Qty",
  },
  dates: { formats: ["MM-DD-YY", "YYYY-MM-DD"], earliest: "2022-01-01", latest: "2022-12-31" },
  statuses: {
    Delivered: "delivered",
    Returned: "returned",
    Refused: { outcome: "returned", reason: "refused" },
    Cancelled: "cancelled",
    Shipped: "unknown",
  },
  filters: [{ column: "Fulfilment", keep: ["Merchant"], reason: "not-merchant-fulfilled" }],
  states: { Karnataka: ["KA"], Delhi: ["New Delhi"], Punjab: ["PB"], Chandigarh: [] },
} as const;

export const MAPPING: Mapping = parseMapping(MAPPING_DOCUMENT);

export function goodRow(order: number, changes: Partial<Record<string, string>> = {}): string {
  const cells: Record<string, string> = {
    Order: `O-${order}`,
    Date: "04-30-22",
    Status: order % 4 === 0 ? "Returned" : "Delivered",
    Fulfilment: "Merchant",
    Qty: "1",
    currency: "INR",
    Amount: "406.50",
    City: order % 3 === 0 ? '"BENGALURU, ""B"" BLOCK"' : "BENGALURU",
    State: "KARNATAKA",
    PIN: `5600${String(order % 50).padStart(2, "0")}`,
  };
  return HEADER.split(",")
    .map((name) => changes[name] ?? cells[name] ?? "")
    .join(",");
}

/** Writes `bytes` as a file, reads it, removes it. */
export async function readBytes(
  bytes: Uint8Array | string,
  options: ReadOptions & { readonly mapping?: Mapping; readonly name?: string } = {},
): Promise<ShipmentImport> {
  const folder = await mkdtemp(join(tmpdir(), "interlock-shipments-"));
  try {
    const file = join(folder, options.name ?? "shipments.csv");
    await writeFile(file, bytes);
    return await readShipments(file, options.mapping ?? MAPPING, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
