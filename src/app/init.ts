/** Makes a new data directory, and says how it is wired. */
import { existsSync, readdirSync } from "node:fs";
import { InterlockError } from "../std/errors.ts";
import { addDays, dayOf } from "../std/time.ts";
import { type LiveNote, writeNote } from "./data-directory.ts";
import { DEFAULT_ZONE_OFFSET_MINUTES } from "./interlock.ts";

/** Days of history that a practice company has had when its directory is made. */
const SAMPLE_HISTORY_DAYS = 75;
export const SAMPLE_GEOGRAPHIES = 200;

export type InitOptions = Pick<LiveNote, "sender" | "receiver"> & {
  readonly directory: string;
  /** A practice directory, with a simulated company of this seed. */
  readonly sampleSeed: number | null;
  readonly now: string;
};

export function initDirectory(options: InitOptions): LiveNote {
  const { directory, sampleSeed } = options;
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new InterlockError("cli/usage", `\`${directory}\` is not empty`, {
      help: "choose an empty directory with --data; nothing in it was touched",
    });
  }
  const today = dayOf(options.now, DEFAULT_ZONE_OFFSET_MINUTES);
  const note: LiveNote = {
    kind: "live",
    sender: options.sender,
    receiver: options.receiver,
    sample:
      sampleSeed === null
        ? null
        : {
            seed: sampleSeed,
            geographies: SAMPLE_GEOGRAPHIES,
            startDay: addDays(today, -SAMPLE_HISTORY_DAYS),
          },
  };
  writeNote(directory, note);
  return note;
}
