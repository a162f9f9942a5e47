/**
 * One measurement of memory in a process of its own: `node --expose-gc memory-child.ts WAY PINCODES DAYS`
 * prints one JSON line. Growth is counted from after the country itself was made, so what is counted is
 * what a way keeps, not the rows that pass through it.
 */
import { createLogisticsAgent } from "../../src/agent/logistics/agent.ts";
import { createDay, createSubjects, FIRST_DAY } from "../network.ts";
import { createAgentFold } from "./fold.ts";
import { NaiveRates } from "./naive-rates.ts";

const [, , way = "agent", pincodesText = "1000", daysText = "30"] = process.argv;
const [pincodes, days] = [Number(pincodesText), Number(daysText)];

function readMemory(): { rss: number; held: number } {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss, held: heapUsed + arrayBuffers };
}

const subjects = createSubjects(pincodes);
createDay(pincodes, FIRST_DAY - 1);
const before = readMemory();
const agent = createLogisticsAgent();
const naive = new NaiveRates();
const fold =
  way === "agent"
    ? createAgentFold(agent)
    : (...day: Parameters<NaiveRates["fold"]>) => naive.fold(...day);
for (let i = 0; i < days; i++) fold(FIRST_DAY + i, createDay(pincodes, FIRST_DAY + i), subjects);
const after = readMemory();
// Used again, so that the way is alive, state and all, when its memory is read.
fold(FIRST_DAY + days, [], subjects);
const savedBytes = way === "agent" ? agent.save().byteLength : 0;
process.stdout.write(
  `${JSON.stringify({
    units: subjects.size,
    rssBytes: after.rss - before.rss,
    heldBytes: after.held - before.held,
    savedBytes,
  })}\n`,
);
