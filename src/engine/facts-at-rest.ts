/** The facts of a loop that no case brings along: signatures, stops, autonomy, caps used, glass. */
import type { Terms } from "../core/case/types.ts";
import type { VerdictFacts } from "../core/charter/types.ts";
import { addDays, type Instant } from "../std/time.ts";
import { dayIn, startOfDay } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findGlass } from "../store/table/broken-glass.ts";
import type { LoopRow } from "../store/table/loop.ts";
import { readUsage } from "../store/table/signal-case.ts";
import { listStops } from "../store/table/stop.ts";
import { readStanding } from "./standing.ts";
import { stopsCovering } from "./stops.ts";

export async function readFactsAtRest(
  tx: Tx,
  { charter, charterHash, contract, row }: Terms & { readonly row: LoopRow },
  now: Instant,
): Promise<Omit<VerdictFacts, "confidence" | "reversible" | "claims">> {
  const { timeZone } = charter;
  const today = dayIn(now, timeZone);
  const used = await readUsage(
    tx,
    row.name,
    startOfDay(today, timeZone),
    startOfDay(addDays(today, -6), timeZone),
  );
  const { isSigned, withdrawn } = await readStanding(tx, charter, charterHash);
  const glass = await findGlass(tx, row.name, now);
  return {
    now,
    charterSigned: isSigned,
    ...(withdrawn === undefined ? {} : { withdrawn }),
    stops: stopsCovering(await listStops(tx), { loop: row.name, charter, connector: undefined }),
    autonomy: row.autonomy,
    confidenceToAct: contract.confidence.thresholds.act,
    usedToday: used.today,
    usedThisWeek: used.thisWeek,
    ...(glass === undefined
      ? {}
      : { glass: { person: glass.person, reason: glass.reason, until: glass.until } }),
  };
}
