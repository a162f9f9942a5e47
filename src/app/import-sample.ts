/** Delivers the simulated company's days, up to yesterday, to a practice directory. */
import { NOTHING_IN_FORCE } from "../../twin/company/response.ts";
import { InterlockError } from "../std/errors.ts";
import { addDays, type Day, dayOf } from "../std/time.ts";
import { findNote } from "./data-directory.ts";
import { DEFAULT_ZONE_OFFSET_MINUTES } from "./interlock.ts";
import { sampleCompanyOf } from "./live.ts";
import type { Workspace } from "./workspace.ts";

export type SampleReport = {
  readonly from: Day;
  readonly to: Day;
  readonly batches: { readonly new: number; readonly repeated: number };
};

export async function importSample(
  workspace: Workspace,
  options: {
    readonly directory: string;
    readonly now: string;
    onProgress?(label: string, done: number, total: number): void;
  },
): Promise<SampleReport> {
  const note = findNote(options.directory);
  if (note?.kind !== "live" || note.sample === null) {
    throw new InterlockError("cli/usage", `\`${options.directory}\` has no simulated company`, {
      help: "make one with `init --sample`, or import your own shipments with `import shipments`",
    });
  }
  const company = sampleCompanyOf(note.sample);
  const days = listDays(note.sample.startDay, dayOf(options.now, DEFAULT_ZONE_OFFSET_MINUTES));
  const batches = { new: 0, repeated: 0 };
  for (const [index, day] of days.entries()) {
    const receipt = await workspace.receive(company.batchFor(day, NOTHING_IN_FORCE));
    if (receipt === "conflicting") {
      throw new InterlockError("import/unreadable-file", `${day} was delivered otherwise before`);
    }
    batches[receipt] += 1;
    options.onProgress?.("days delivered", index + 1, days.length);
  }
  await workspace.tend();
  return { from: days[0] ?? "", to: days.at(-1) ?? "", batches };
}

/** Whole days before today. */
function listDays(from: Day, today: Day): ReadonlyArray<Day> {
  const days: Day[] = [];
  for (let day = from; day < today; day = addDays(day, 1)) days.push(day);
  return days;
}
