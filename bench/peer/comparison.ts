/**
 * The whole comparison: rounds in which every contender takes its turn, then how long one signal waits, then
 * what a kill does. Whoever does not install, start or get through is a row that says why.
 */
import { errorToText } from "../../src/std/errors.ts";
import { instantFromMs } from "../../src/std/time.ts";
import { makeSignal } from "../action/papers.ts";
import { type Machine, readMachine } from "../machine.ts";
import { quantile, type Sample, summarise } from "../sample.ts";
import { type Crash, measureCrash } from "./crash.ts";
import { type Goal, judgeGoals } from "./goals.ts";
import { type Limit, measureLimits } from "./limits.ts";
import { measureRun, measureWaits, type Run, type Waits } from "./measure.ts";
import { type Folder, installFolder, weigh } from "./package-folder.ts";
import { type ProductSize, weighProduct } from "./product-size.ts";
import type { Contender } from "./roster.ts";
import type { PeerSettings } from "./settings.ts";
import { openStage, type PostgresFacts, type Stage } from "./stage.ts";

export type PeerRow = Omit<Contender, "module" | "packages" | "folder"> & {
  /** Why it is not here, or where it stopped. */
  readonly trouble: string | null;
  readonly versions: { readonly [name: string]: string };
  /** Its packages and all that they need, without PostgreSQL. */
  readonly installMb: number | null;
  readonly signalsPerRun: number;
  readonly perSecond: Sample | null;
  /** CPU seconds for 1,000 signals, medians. */
  readonly engineCpu: number | null;
  readonly postgresCpu: number | null;
  readonly cpu: number | null;
  readonly peakMb: number | null;
  readonly foreignCores: Sample | null;
  readonly flushesPer1000: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly waits: Waits | null;
  readonly crash: Crash | null;
};

export type Comparison = {
  readonly machine: Machine;
  readonly postgres: PostgresFacts;
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly tookSeconds: number;
  readonly limits: ReadonlyArray<Limit>;
  readonly product: ProductSize | { readonly trouble: string };
  readonly rows: ReadonlyArray<PeerRow>;
  readonly goals: ReadonlyArray<Goal>;
};

/** What is gathered of a contender while the run goes on. */
type Gathered = {
  readonly contender: Contender;
  readonly runs: Run[];
  waits: ReadonlyArray<number> | null;
  crash: Crash | null;
  trouble: string | null;
};

export type Tell = {
  line(text: string): void;
  step(label: string): (done: number, total: number) => void;
};

export async function compare(
  contenders: ReadonlyArray<Contender>,
  settings: PeerSettings,
  { directory, isQuick, tell }: { directory: string; isQuick: boolean; tell: Tell },
): Promise<Comparison> {
  const from = performance.now();
  const machine = readMachine(directory);
  const troubles = await install(contenders, tell);
  const gathered = contenders.map((contender): Gathered => ({
    contender,
    runs: [],
    waits: null,
    crash: null,
    trouble: contender.folder === null ? null : (troubles.get(contender.folder) ?? null),
  }));
  const product = await weighProduct(directory).catch((error: unknown) => ({
    trouble: errorToText(error),
  }));
  const stage = await openStage(directory);
  try {
    const limits = await stage.perform("", ({ setting }) =>
      measureLimits(stage, setting.databaseUrl, setting.directory),
    );
    await turns(stage, gathered, settings, tell);
    const rows = gathered.map((one) => toRow(one, settings));
    return {
      machine,
      postgres: stage.postgres,
      rounds: settings.rounds,
      isQuick,
      tookSeconds: (performance.now() - from) / 1_000,
      limits,
      product,
      rows,
      goals: judgeGoals(rows, "mb" in product ? product.mb - product.postgresMb : null),
    };
  } finally {
    await stage.close();
  }
}

async function install(
  contenders: ReadonlyArray<Contender>,
  tell: Tell,
): Promise<ReadonlyMap<Folder, string>> {
  const troubles = new Map<Folder, string>();
  for (const folder of new Set(contenders.flatMap((one) => one.folder ?? []))) {
    try {
      await installFolder(folder, (line) => tell.line(line));
    } catch (error) {
      troubles.set(folder, errorToText(error));
    }
  }
  return troubles;
}

async function turns(
  stage: Stage,
  gathered: ReadonlyArray<Gathered>,
  settings: PeerSettings,
  tell: Tell,
): Promise<void> {
  const attempt = async (one: Gathered, work: () => Promise<void>): Promise<void> => {
    if (one.trouble !== null) return;
    await work().catch((error: unknown) => {
      one.trouble = errorToText(error);
      tell.line(`${one.contender.title}, ${one.contender.ingress}: ${one.trouble.split("\n")[0]}`);
    });
  };
  for (let round = 0; round < settings.rounds; round++) {
    const step = tell.step(`round ${round + 1} of ${settings.rounds}`);
    for (const [index, one] of gathered.entries()) {
      await attempt(one, async () => {
        one.runs.push(await measureRun(stage, one.contender, settings));
      });
      step(index + 1, gathered.length);
    }
  }
  // A signal on its own and a kill come through a door, whatever the row: one row of each module is enough.
  const single = gathered.filter(
    (one, index) =>
      gathered.findLastIndex((other) => other.contender.module === one.contender.module) === index,
  );
  const step = tell.step("one by one, and killed");
  for (const [index, one] of single.entries()) {
    await attempt(one, async () => {
      one.waits = await measureWaits(stage, one.contender, settings, subjectOf);
      step(2 * index + 1, 2 * single.length);
      one.crash = await measureCrash(stage, one.contender, settings, subjectOf);
    });
    step(2 * index + 2, 2 * single.length);
  }
}

const ANY_TIME = instantFromMs(0);

function subjectOf(index: number): string {
  return makeSignal(index, ANY_TIME).subject;
}

function toRow({ contender, runs, waits, crash, trouble }: Gathered, set: PeerSettings): PeerRow {
  const { module: _module, packages, folder, ...said } = contender;
  const weight =
    folder === null || trouble?.startsWith("npm ci") === true ? null : weigh(folder, packages);
  const median = (of: (run: Run) => number): number | null =>
    runs.length === 0 ? null : summarise(runs.map(of)).median;
  const sorted = waits === null ? null : [...waits].sort((a, b) => a - b);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => (sorted ? quantile(sorted, share) : null));
  return {
    ...said,
    trouble,
    versions: weight?.versions ?? {},
    installMb: weight?.mb ?? null,
    signalsPerRun: Math.round(contender.signals * set.share),
    perSecond: runs.length === 0 ? null : summarise(runs.map(({ perSecond }) => perSecond)),
    engineCpu: median(({ engineCpu }) => engineCpu),
    postgresCpu: median(({ postgresCpu }) => postgresCpu),
    cpu: median(({ engineCpu, postgresCpu }) => engineCpu + postgresCpu),
    peakMb: median(({ peakMb }) => peakMb),
    foreignCores:
      runs.length === 0 ? null : summarise(runs.map(({ foreignCores }) => foreignCores)),
    flushesPer1000: median(({ flushes }) => flushes),
    p50Ms: p50Ms ?? null,
    p99Ms: p99Ms ?? null,
    waits:
      sorted === null ? null : { signals: sorted.length, p50Ms: p50Ms ?? NaN, p99Ms: p99Ms ?? NaN },
    crash,
  };
}
