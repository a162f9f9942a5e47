/** The end of a run: faults are over, everything comes to rest, and everything is looked up. */
import { MINUTE_MS, SECOND_MS } from "../../../src/std/time.ts";
import { checkAtRest, settle } from "../check.ts";
import { figuresToRows, type Report } from "../report.ts";
import type { Stage } from "../stage.ts";

const STILL_MS = MINUTE_MS;

export async function conclude(
  stage: Stage,
  { scenario, seed, from }: Pick<Report, "scenario" | "seed"> & { readonly from: number },
  figures: Report["figures"],
): Promise<Report> {
  const isSettled = await settle(stage, STILL_MS);
  const seconds = (performance.now() - from) / SECOND_MS;
  const { checks, figures: found } = await checkAtRest(stage, isSettled);
  return {
    scenario,
    seed,
    holds: checks.every(({ holds }) => holds),
    tookSeconds: seconds,
    checks,
    figures: {
      ...figures,
      "workers killed": stage.workers.deaths.length,
      "HTTP doors killed": stage.intake.deaths.length,
      "PostgreSQL killed": stage.postgresKills,
      "starts that PostgreSQL refused": stage.postgresRefusals,
      "requests sent again by the client": stage.client.retries,
      ...figuresToRows(found),
      "cases a second, to rest": (found.accepted / seconds).toFixed(1),
    },
  };
}
