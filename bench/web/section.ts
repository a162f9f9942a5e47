/** The dashboard and its server under what a company puts on them. */
import { table } from "../../src/cli/output.ts";
import { openDriver } from "../../src/store/driver/driver.ts";
import { type Machine, readMachine } from "../machine.ts";
import { quantile } from "../sample.ts";
import type { BenchContext, Section } from "../section.ts";
import { type CompanySize, openCompany } from "./company.ts";
import { measurePages, type PageRow } from "./pages.ts";
import { measureRequests, type RequestRow } from "./requests.ts";
import { measureWatchers, type WatchRow } from "./watchers.ts";

type Settings = {
  readonly size: CompanySize;
  readonly visits: number;
  readonly requestSeconds: number;
  readonly watchers: number;
  readonly watchSeconds: number;
};

const FULL: Settings = {
  size: { places: 20_000, days: 90, cases: 10_000 },
  visits: 5,
  requestSeconds: 20,
  watchers: 2_000,
  watchSeconds: 20,
};
const QUICK: Settings = {
  size: { places: 500, days: 20, cases: 300 },
  visits: 1,
  requestSeconds: 2,
  watchers: 50,
  watchSeconds: 2,
};

type Figures = Settings & {
  readonly machine: Machine;
  readonly ingestSeconds: number;
  readonly pages: ReadonlyArray<PageRow>;
  readonly requests: ReadonlyArray<RequestRow>;
  readonly watching: ReadonlyArray<WatchRow>;
};

export const web: Section = {
  name: "web",
  words: "pages in a browser, requests, and 2,000 watchers, in a company of 10,000 cases",
  async run(context) {
    const figures = await measure(context);
    return { json: figures, text: toText(figures) };
  },
};

async function measure({ quick, directory, report }: BenchContext): Promise<Figures> {
  const settings = quick ? QUICK : FULL;
  const machine = readMachine(directory);
  const driver = await openDriver({ directory: `${directory}/company` });
  try {
    const company = await openCompany(driver, settings.size, report("company"));
    const pages = await measurePages(company, settings.visits, report("pages"));
    const requests = await measureRequests(company, settings.requestSeconds);
    const step = report("watchers");
    const watching: WatchRow[] = [];
    for (const polls of [false, true]) {
      const { watchers, watchSeconds: seconds } = settings;
      watching.push(await measureWatchers(company.world.engine, { watchers, seconds, polls }));
      step(watching.length, 2);
    }
    const { ingestSeconds } = company;
    return { ...settings, machine, ingestSeconds, pages, requests, watching };
  } finally {
    await driver.close();
  }
}

function toText({ size, machine, ingestSeconds, pages, requests, watching }: Figures): string {
  const { places, days, cases } = size;
  const count = (value: number): string => value.toLocaleString("en-US");
  return [
    `${count(cases)} cases, ${count(places)} places counted on ${days} days ` +
      `(taken in ${ingestSeconds.toFixed(0)} s), PGlite on disk`,
    `${machine.cpu}, ${machine.cores} cores, node ${machine.versions["node"]}, ` +
      `load before ${machine.loadBefore.toFixed(1)}`,
    "",
    "Pages in Chromium, ms from the visit on, nothing kept from an earlier one: median (slowest)",
    table([
      ["", "largest paint", "nothing loads any more"],
      ...pages.map(({ name, painted, loaded }) => [`  ${name}`, spread(painted), spread(loaded)]),
    ]),
    "",
    "Requests, 50 a second, ms",
    table([
      ["", "count", "refused", "p50", "p99", "slowest", "kB"],
      ...requests.map((row) => [
        `  ${row.name}`,
        count(row.count),
        count(row.refused),
        row.p50Ms.toFixed(1),
        row.p99Ms.toFixed(1),
        row.slowestMs.toFixed(1),
        (row.bytes / 1_000).toFixed(1),
      ]),
    ]),
    "",
    "People watching while 100 cases a second change",
    table([
      ["", "people", "seen", "missed", "twice", "came back", "late p50, ms", "p99", "CPU", "MB"],
      ...watching.map((row) => [
        `  ${row.name}`,
        count(row.watchers),
        count(row.delivered),
        count(row.missed),
        count(row.repeated),
        count(row.reconnects),
        row.lagP50Ms.toFixed(0),
        row.lagP99Ms.toFixed(0),
        `${(100 * row.serverCpuShare).toFixed(0)}%`,
        `${row.idleMb.toFixed(0)}, open ${row.openMb.toFixed(0)}, peak ${row.peakMb.toFixed(0)}`,
      ]),
    ]),
    "",
    "Server, database and, for the pages, the browser share the cores. Memory is the whole process.",
  ].join("\n");
}

function spread(ms: ReadonlyArray<number>): string {
  const sorted = [...ms].sort((a, b) => a - b);
  return `${quantile(sorted, 0.5).toFixed(0)} (${(sorted.at(-1) ?? NaN).toFixed(0)})`;
}
