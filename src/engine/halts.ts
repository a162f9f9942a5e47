/** What holds or loosens a loop now: stops that cover it or a connector of it, and broken glass. */
import type { Halts } from "../core/loop/halt.ts";
import { findGlass } from "../store/table/broken-glass.ts";
import type { LoopRow } from "../store/table/loop.ts";
import { listStops } from "../store/table/stop.ts";
import { stopsCovering } from "./stops.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext } from "./wiring.ts";

/** For people to see; what decides is read in the transaction that decides. */
export async function readHalts(
  { driver, clock, loops }: EngineContext,
  row: LoopRow,
): Promise<Halts> {
  const { charter } = await getTerms(driver, row.contract_hash, row.charter_hash);
  const wired = loops.get(row.name)?.connectors.map(({ name }) => name) ?? [];
  const stops = (await listStops(driver)).flatMap((stop) => {
    const covering = [undefined, ...wired].map((connector) =>
      stopsCovering([stop], { loop: row.name, charter, connector }),
    );
    return covering.find(({ length }) => length > 0) ?? [];
  });
  const glass = await findGlass(driver, row.name, clock.now());
  return {
    stops,
    glass: glass ? { person: glass.person, reason: glass.reason, until: glass.until } : null,
  };
}
