/** The product's detector, fed a world day by day. */
import type { Count } from "../../src/stats/detect/day-counts.ts";
import { Detector } from "../../src/stats/detect/detector.ts";
import type { DetectorSettings } from "../../src/stats/detect/settings.ts";
import type { Alarm } from "./judge.ts";
import type { World } from "./world.ts";

export const FIRST_DAY = 20_000;

export function runProduct(world: World, settings: Partial<DetectorSettings> = {}): Alarm[] {
  const detector = new Detector(settings);
  const bySubject = new Map(world.subjects.map((subject) => [subject.id, subject]));
  const lookup = (id: string) => bySubject.get(id);
  const alarms: Alarm[] = [];
  const nobody = new Set<string>();
  for (let day = 0; day < world.allDays; day++) {
    const counts = countsOf(world, day);
    const { findings } = detector.fold({ day: FIRST_DAY + day, counts, lookup, acted: nobody });
    if (day < world.settings.historyDays) continue;
    for (const { subject } of findings) alarms.push({ unit: world.bySubject.get(subject)!, day });
  }
  return alarms;
}

/** The rows of one day: what a source delivers. */
export function countsOf(world: World, day: number): Count[] {
  const counts: Count[] = [];
  for (let leaf = 0; leaf < world.leaves; leaf++) {
    const at = day * world.leaves + leaf;
    const subject = world.subjects[leaf]!.id;
    const [cash, prepaid] = [world.cashTrials[at]!, world.prepaidTrials[at]!];
    if (cash > 0) counts.push({ subject, n: cash, k: world.cashEvents[at]!, stratum: CASH });
    if (prepaid > 0) {
      counts.push({ subject, n: prepaid, k: world.prepaidEvents[at]!, stratum: PREPAID });
    }
  }
  return counts;
}

const CASH = "payment=cod";
const PREPAID = "payment=prepaid";
