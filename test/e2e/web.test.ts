/** The dashboard as people have it: built, served, in a real browser, changing before their eyes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { readWebFiles } from "../../src/server/http/web-files.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import {
  findBarriers,
  measureOverflow,
  openBrowser,
  openWindow,
  PICTURES_PLACE,
  type Screen,
  SCREENS,
  takePicture,
} from "../kit/browser.ts";
import {
  BY_VERDICT,
  dayBatch,
  ELSEWHERE,
  type EngineWorld,
  HERE,
  LOOP,
  openWorld,
  THERE,
} from "../kit/engine-world.ts";
import { addDays } from "../../src/std/time.ts";

const WEB = fileURLToPath(new URL("../../web", import.meta.url));
const TOKEN = "token-of-the-dashboard-tests";
const DESK: Screen = SCREENS[0] ?? { name: "desk", width: 1440, height: 900, scheme: "light" };

let driver: Driver;
let world: EngineWorld;
let server: RunningServer;
let browser: Browser;
let link: string;
/** A case that waits for votes, and one that was acted on. */
let held: string;
let acted: string;

before(async () => {
  await build({ root: WEB, configFile: `${WEB}/vite.config.ts`, logLevel: "error" });
  driver = await openDriver({});
  await migrate(driver);
  world = await openWorld(driver);
  for (let day = "2026-02-10"; day < "2026-02-28"; day = addDays(day, 1)) {
    await world.engine.receive(
      dayBatch(day, { id: `web-${day}` }, () => ({ n: 20, k: day < "2026-02-20" ? 2 : 7 })),
    );
  }
  acted = await world.signalOn(HERE);
  await world.settle();
  world.receiver.propose(() => BY_VERDICT.both);
  held = await world.signalOn(THERE);
  await world.settle();
  server = await startServer({
    engine: world.engine,
    operatorToken: TOKEN,
    web: readWebFiles(`${WEB}/dist`),
  });
  link = `${server.url}/#token=${TOKEN}`;
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await driver?.close();
});

async function waitUntilLoaded(page: Page): Promise<void> {
  const waiting = page.locator(".waiting");
  while ((await waiting.count()) > 0) await waiting.first().waitFor({ state: "detached" });
}

test("what happens appears on an open page by itself", async () => {
  const { page, complaints } = await openWindow(browser, DESK);
  await page.goto(link);
  await page.getByRole("heading", { name: "Today" }).waitFor();
  assert(!page.url().includes(TOKEN), "the token does not stay in the address");
  await page.getByText("votes are asked for", { exact: true }).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.evaluate("window.stayed = true");

  await world.vote(held, "logistics");
  await world.settle();
  await page.getByText("vote is asked for", { exact: true }).waitFor();
  await world.vote(held, "marketing");
  await world.settle();
  await page.getByText("Nobody is waited for").waitFor();
  await page.getByText(/agreed by head@logistics\.example\.com, head@marketing/).waitFor();

  await page.locator(`a[href="#/case/${held}"]`).first().click();
  await page.getByRole("heading", { name: "What was seen" }).waitFor();
  await page.getByText("It lifts itself").waitFor();
  await world.undo(held);
  await world.settle();
  await page.getByText("It was lifted").waitFor();
  assert.equal(await page.evaluate("window.stayed"), true, "nothing was loaded anew");
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("every page fits its screen, keeps the content policy and has no serious barrier", async (t) => {
  t.diagnostic(`see each page on each screen in ${PICTURES_PLACE}`);
  world.receiver.propose(() => BY_VERDICT.marketing);
  const waiting = await world.signalOn(ELSEWHERE);
  await world.settle();
  const pages: ReadonlyArray<readonly [name: string, hash: string, heading: string]> = [
    ["today", "#/today", "Today"],
    ["case-acted", `#/case/${acted}`, "What was changed"],
    ["case-held", `#/case/${waiting}`, "It needs votes"],
    ["loop", `#/loop/${LOOP}`, "Gates"],
    ["cases", `#/cases/${LOOP}`, "Cases"],
    ["map", `#/map/${LOOP}`, "Place by place"],
    ["map-state", `#/map/${LOOP}/IN-S-karnataka`, "What waits or stands here"],
    ["outcomes", `#/outcomes/${LOOP}`, "By option"],
    ["charter", `#/charter/${LOOP}`, "Who decides what"],
    ["ledger", "#/ledger", "Entries"],
    ["contract", `#/contract/${LOOP}`, "What may be answered"],
    ["api", "#/api", "case.evidence"],
    ["people", "#/people", "Nobody is away"],
    ["webhooks", "#/webhooks", "Who is told"],
    ["nowhere", "#/nowhere", "There is no such page"],
  ];
  for (const screen of SCREENS) {
    const { page, complaints } = await openWindow(browser, screen);
    await page.goto(link);
    for (const [name, hash, words] of pages) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.locator("main").getByText(words, { exact: true }).first().waitFor();
      await waitUntilLoaded(page);
      const where = `${name}, ${screen.name}, ${screen.scheme}`;
      assert.equal(await measureOverflow(page), 0, `${where}: wider than the screen`);
      // Each layout and each set of colours once.
      if ((screen.name === "desk") === (screen.scheme === "light")) {
        assert.deepEqual(await findBarriers(page), [], where);
      }
      await takePicture(page, name, screen);
    }
    assert.deepEqual(complaints, [], `${screen.name}, ${screen.scheme}`);
    await page.context().close();
  }
});

test("a keyboard reaches the content, the pages, and a verified ledger", async () => {
  const { page } = await openWindow(browser, DESK);
  await page.goto(link);
  await page.getByRole("heading", { name: "Today" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate("document.activeElement.id"), "main");
  await page.getByRole("link", { name: "Ledger", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Ledger" }).waitFor();
  await page.getByRole("button", { name: "Verify every entry" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("verified", { exact: true }).waitFor();
  await page.context().close();
});

test("what was typed stays where an answer that the page waits for comes late", async () => {
  const { page } = await openWindow(browser, DESK);
  const typed = Promise.withResolvers<void>();
  await page.route("**/v1/operations/loop.list", async (route) => {
    await typed.promise;
    await route.continue();
  });
  await page.goto(link);
  await page.evaluate("location.hash = '#/ledger'");
  await page.getByLabel("Find").fill("signal.admitted");
  typed.resolve();
  await page.locator(`nav a[href="#/charter/${LOOP}"]`).waitFor();
  assert.equal(await page.getByLabel("Find").inputValue(), "signal.admitted");
  await page.context().close();
});

test("an operation is tried from the API's page, and what is refused says why", async () => {
  const { page } = await openWindow(browser, DESK);
  await page.goto(link);
  await page.evaluate("location.hash = '#/api'");
  await page.locator("summary", { hasText: "case.show" }).click();
  const input = page.getByLabel("Input of case.show");
  assert.deepEqual(JSON.parse(await input.inputValue()), { id: "" });
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByText("server/invalid-request").waitFor();
  await input.fill(JSON.stringify({ id: acted }));
  await page.getByRole("button", { name: "Ask" }).click();
  const answer = await page.getByLabel("The answer of case.show").textContent();
  assert.equal((JSON.parse(answer ?? "") as { case: { id: string } }).case.id, acted);
  assert.deepEqual(await findBarriers(page), []);
  await page.context().close();
});

test("who has no link, or an old one, is told where to find a good one", async () => {
  const { page } = await openWindow(browser, DESK);
  await page.goto(`${server.url}/`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
  await page.goto(`${server.url}/#token=${"x".repeat(40)}`);
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.context().close();
});

test("the check for barriers sees one, and the check of the policy sees what it forbids", async () => {
  const { page, complaints } = await openWindow(browser, DESK);
  await page.goto(`${server.url}/`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.evaluate("document.querySelector('main').append(document.createElement('img'))");
  const [barrier = ""] = await findBarriers(page);
  assert.match(barrier, /^image-alt/);
  assert.deepEqual(complaints, []);
  await page.evaluate(
    "document.head.append(Object.assign(document.createElement('style'), { textContent: 'p{}' }))",
  );
  assert.match(complaints.join(), /Content Security Policy/);
  await page.context().close();
});

// Nothing that verifies the ledger may come after this.
test("a search says how far back it looked, and looks further when asked", async () => {
  await driver.query(
    `with more as (
       insert into ledger (n, text, hash)
       select at, replace(text, '"n":' || n || '}', '"n":' || at || '}'), hash
       from ledger, generate_series(n + 1, n + 30000) as at
       where n = (select n from ledger_head)
     )
     update ledger_head set n = n + 30000`,
  );
  const { page, complaints } = await openWindow(browser, DESK);
  await page.goto(link);
  await page.evaluate("location.hash = '#/ledger'");
  await page.getByLabel("Find").fill("signal.admitted");
  await page.getByText("None of these entries has these words").waitFor();
  await page.getByText(/Looked at entries 10,\d\d\d to 30,\d\d\d/).waitFor();
  await page.getByRole("button", { name: "Look further back" }).click();
  await page.getByRole("cell", { name: "signal.admitted" }).first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Look further back" }).count(), 0);
  await page.getByLabel("Find").fill(acted);
  await page.getByRole("link", { name: acted }).first().waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("the dashboard's files are sent with their policy, and nothing beside them", async () => {
  const page = await fetch(`${server.url}/`);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  const html = await page.text();
  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? "";
  const file = await fetch(`${server.url}${script}`);
  assert.equal(file.status, 200);
  assert.match(file.headers.get("cache-control") ?? "", /immutable/);
  await file.arrayBuffer();
  for (const path of ["/../package.json", "/%2e%2e/package.json", "/assets/", "/index.html"]) {
    const refused = await fetch(`${server.url}${path}`);
    assert.equal(refused.status, 404, path);
    await refused.arrayBuffer();
  }
});
