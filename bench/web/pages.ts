/**
 * How long a person waits for each page, in a real browser: from the click on a link until the largest thing
 * is painted, and until nothing on the page says that it is loading. A page without data stands beside.
 */
import type { Browser } from "playwright-core";
import { startServer } from "../../src/server/http/server.ts";
import { readWebFiles } from "../../src/server/http/web-files.ts";
import { LOOP } from "../../test/kit/engine-world.ts";
import { openBrowser, openWindow, SCREENS } from "../../test/kit/browser.ts";
import type { Company } from "./company.ts";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const WEB = fileURLToPath(new URL("../../web", import.meta.url));
const TOKEN = "token-of-the-bench-of-pages";

export type PageRow = {
  readonly name: string;
  /** Milliseconds, each of as many fresh visits. */
  readonly painted: ReadonlyArray<number>;
  readonly loaded: ReadonlyArray<number>;
};

const READ_PAINT = `new Promise((resolve) => {
  let last = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) last = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => resolve(last), 100);
})`;

/** Resolves with the time since the visit began, once a heading is there and nothing loads. */
const WAIT_LOADED = `new Promise((resolve) => {
  const look = () => {
    const isThere = document.querySelector("h1") !== null || document.querySelector(".empty") !== null;
    if (isThere && document.querySelector(".waiting") === null) {
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    } else setTimeout(look, 4);
  };
  look();
})`;

export async function measurePages(
  { world, held, acted, state, district }: Company,
  visits: number,
  report: (done: number, total: number) => void,
): Promise<ReadonlyArray<PageRow>> {
  await build({ root: WEB, configFile: `${WEB}/vite.config.ts`, logLevel: "error" });
  const server = await startServer({
    engine: world.engine,
    operatorToken: TOKEN,
    web: readWebFiles(`${WEB}/dist`),
  });
  const browser = await openBrowser();
  const pages: ReadonlyArray<readonly [name: string, hash: string]> = [
    ["a page without data", "#/nowhere"],
    ["Today", "#/today"],
    ["Loop", `#/loop/${LOOP}`],
    ["Cases", `#/cases/${LOOP}`],
    ["Case, waiting for votes", `#/case/${held}`],
    ["Case, acted on", `#/case/${acted}`],
    ["Map, the country", `#/map/${LOOP}`],
    ["Map, a state", `#/map/${LOOP}/${state}`],
    ["Map, a district", `#/map/${LOOP}/${district}`],
    ["Outcomes", `#/outcomes/${LOOP}`],
    ["Charter", `#/charter/${LOOP}`],
    ["Ledger", "#/ledger"],
  ];
  try {
    const rows: PageRow[] = [];
    for (const [name, hash] of pages) {
      const row = { name, painted: [] as number[], loaded: [] as number[] };
      for (let visit = 0; visit < visits; visit++) {
        const { painted, loaded } = await visitPage(browser, server.url, hash);
        row.painted.push(painted);
        row.loaded.push(loaded);
      }
      rows.push(row);
      report(rows.length, pages.length);
    }
    return rows;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** With a tab that is signed in and nothing else: no file, no answer is kept from an earlier visit. */
async function visitPage(
  browser: Browser,
  url: string,
  hash: string,
): Promise<{ readonly painted: number; readonly loaded: number }> {
  const [screen] = SCREENS;
  if (screen === undefined) throw new Error("there is a screen");
  const { page } = await openWindow(browser, screen);
  page.setDefaultTimeout(60_000);
  try {
    await page.goto(`${url}/#token=${TOKEN}`);
    await page.locator("header.frame").waitFor();
    await page.evaluate(WAIT_LOADED);
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await page.reload({ waitUntil: "commit" });
    const loaded = await page.evaluate<number>(WAIT_LOADED);
    return { painted: await page.evaluate<number>(READ_PAINT), loaded };
  } finally {
    await page.context().close();
  }
}
