/** `INTERLOCK_ARCHIVE`: the directory that months go to; `INTERLOCK_ARCHIVE_MONTHS`: how many stay. */
import { MONTHS_KEPT_LEAST } from "../engine/archive.ts";
import { InterlockError } from "../std/errors.ts";
import type { WorkerOptions } from "./worker.ts";

export function readArchive({
  INTERLOCK_ARCHIVE: to,
  INTERLOCK_ARCHIVE_MONTHS: months,
}: NodeJS.ProcessEnv): Pick<WorkerOptions, "archive"> {
  if (to === undefined || to === "") return {};
  if (months === undefined) return { archive: { to } };
  if (/^\d{1,4}$/.test(months) && Number(months) >= MONTHS_KEPT_LEAST) {
    return { archive: { to, months: Number(months) } };
  }
  throw new InterlockError("cli/usage", `\`${months}\` months cannot be what stays`, {
    help: `INTERLOCK_ARCHIVE_MONTHS is a whole number from ${MONTHS_KEPT_LEAST} on`,
  });
}
