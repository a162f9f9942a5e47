/** A small order report in the columns of the bundled `amazon-india` mapping, with one lasting rise. */
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import { addDays, type Day } from "../../src/std/time.ts";

const FIRST_DAY: Day = "2022-03-31";
const DAYS = 90;
const STATES: ReadonlyArray<readonly [string, number]> = [
  ["BIHAR", 800_001],
  ["KARNATAKA", 560_001],
  ["KERALA", 682_001],
  ["GUJARAT", 380_001],
];
const PINCODES_PER_STATE = 6;
const ORDERS_PER_STATE_AND_DAY = 40;
const USUAL_RATE = 0.07;
const RISE = { state: "BIHAR", fromDay: 50, rate: 0.34 };

export function writeShipmentFile(seed = 1): string {
  const random = randomFrom(seed, "shipment-file");
  const lines = [
    "Order ID,Date,Status,Fulfilment,Qty,currency,Amount,ship-city,ship-state,ship-postal-code",
  ];
  for (let index = 0; index < DAYS; index++) {
    const [year = "", month = "", day = ""] = addDays(FIRST_DAY, index).split("-");
    const date = `${month}-${day}-${year.slice(2)}`;
    for (const [state, firstPin] of STATES) {
      const rate = state === RISE.state && index >= RISE.fromDay ? RISE.rate : USUAL_RATE;
      for (let order = 0; order < ORDERS_PER_STATE_AND_DAY; order++) {
        const failed = random.next() < rate;
        const status = failed ? "Shipped - Returned to Seller" : "Shipped - Delivered to Buyer";
        const pin = firstPin + integerBetween(random, 0, PINCODES_PER_STATE);
        const id = `${index}-${state}-${order}`;
        lines.push(`${id},${date},${status},Merchant,1,INR,799.00,TOWN,${state},${pin}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}
