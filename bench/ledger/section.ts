/** The ledger: how fast writers write it side by side, how long a large one takes to verify and to prove. */
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import { openInterlock } from "../../src/app/interlock.ts";
import { table } from "../../src/cli/output.ts";
import type { CallOperation } from "../../src/operation/operation.ts";
import { startPostgres } from "../../test/kit/postgres.ts";
import { type Machine, readMachine } from "../machine.ts";
import type { BenchContext, Section } from "../section.ts";
import { type AppendRow, measureAppends } from "./append.ts";
import { measureVerifying, type VerifyFigures } from "./verify.ts";

const SHAPES: ReadonlyArray<readonly [writers: number, batch: number]> = [
  [1, 2],
  [8, 2],
  [1, 500],
  [4, 500],
];
const FULL = { rounds: 3, seconds: 3, entries: 1_000_000 };
const QUICK = { rounds: 1, seconds: 1, entries: 20_000 };

type Figures = {
  readonly machine: Machine;
  readonly appends: ReadonlyArray<AppendRow>;
  readonly large: VerifyFigures;
};

export const ledger: Section = {
  name: "ledger",
  words: "writers side by side; a million entries verified, exported and proved, on PostgreSQL",
  async run(context) {
    const figures = await measure(context);
    return { json: figures, text: toText(figures) };
  },
};

async function measure({ quick, directory, report }: BenchContext): Promise<Figures> {
  const { rounds, seconds, entries } = quick ? QUICK : FULL;
  const server = await startPostgres();
  try {
    const secret = simulatedSecretOf("ledger");
    const clock = { now: () => new Date().toISOString() };
    const open = async (name: string) =>
      openInterlock({
        store: { url: await server.createDatabase(name) },
        ...{ clock, loops: [], ledgerSecret: () => secret },
      });
    const side = await open("side");
    await side.close();
    const appends = await measureAppends(
      server.url.replace(/\/[^/]*$/, "/side"),
      ...([SHAPES, rounds, seconds, report("writers")] as const),
    );
    const { driver, engine, close } = await open("large");
    try {
      const call: CallOperation = (operation, input) => operation.handler({ engine }, input);
      const large = await measureVerifying(
        ...([driver, call, engine.heads.key, entries] as const),
        ...([`${directory}/ledger.jsonl`, report("entries")] as const),
      );
      return { machine: readMachine(directory), appends, large };
    } finally {
      await close();
    }
  } finally {
    await server.stop();
  }
}

function toText({ appends, large }: Figures): string {
  const whole = (value: number) => Math.round(value).toLocaleString("en");
  return [
    table([
      ["WRITERS", "ENTRIES EACH", "WAY", "ENTRIES/S (range)", "CPU ms per 1,000"],
      ...appends.map(({ writers, batch, way, perSecond, cpuMs }) => [
        ...[`${writers}`, `${batch}`, way],
        `${whole(perSecond.median)} (${whole(perSecond.min)} to ${whole(perSecond.max)})`,
        cpuMs.median.toFixed(1),
      ]),
    ]),
    "",
    table([
      [`${whole(large.entries)} entries, ${whole(large.megabytes)} MB`, "SECONDS"],
      ["appended, 5,000 in a transaction", large.appendSeconds.toFixed(1)],
      ["verified in the database, every text, hash and top", large.verifySeconds.toFixed(1)],
      ["exported", large.exportSeconds.toFixed(1)],
      ["verified from the export", large.exportVerifySeconds.toFixed(1)],
      ["the same file through sha256sum", large.sha256sumSeconds.toFixed(1)],
      ["the same texts along a chain, in memory", large.chainSeconds.toFixed(1)],
    ]),
    "",
    `An inclusion and a consistency proof together: p50 ${large.proofMs.p50.toFixed(1)} ms, ` +
      `p99 ${large.proofMs.p99.toFixed(1)} ms.`,
  ].join("\n");
}
