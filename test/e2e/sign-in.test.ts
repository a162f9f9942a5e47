/** People in a real browser: invited, joined by passkey, voting on one case in two windows, undoing it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { readWebFiles } from "../../src/server/http/web-files.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { listAbsences } from "../../src/store/table/absence.ts";
import {
  findBarriers,
  givePasskeys,
  measureOverflow,
  openBrowser,
  openWindow,
  type Screen,
  SCREENS,
  takePicture,
} from "../kit/browser.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  HEAD_OF,
  HERE,
  openWorld,
  PLACES,
  THERE,
} from "../kit/engine-world.ts";

const WEB = fileURLToPath(new URL("../../web", import.meta.url));
const DEPUTY = "deputy@marketing.example.com";
const ENDS = ["logistics", "marketing"] as const;

let driver: Driver;
let world: EngineWorld;
let server: RunningServer;
let browser: Browser;
let home: string;
const complaints: string[] = [];
let beating: Promise<void> | undefined;
let isOver = false;

before(async () => {
  const outDir = `${WEB}/dist/of-sign-in-tests`;
  await build({
    root: WEB,
    configFile: `${WEB}/vite.config.ts`,
    logLevel: "error",
    build: { outDir },
  });
  driver = await openDriver({});
  await migrate(driver);
  world = await openWorld(driver);
  server = await startServer({ engine: world.engine, web: readWebFiles(outDir) });
  home = server.url.replace("127.0.0.1", "localhost");
  world.engine.context.publicUrl = home;
  browser = await openBrowser();
  beating = beat();
});

/** As `serve` does: what was asked for is carried out a moment later. */
async function beat(): Promise<void> {
  while (!isOver) {
    await world.settle();
    await delay(100);
  }
}

after(async () => {
  isOver = true;
  await beating;
  await browser?.close();
  await server?.close();
  await driver?.close();
});

/** A window of its own with an authenticator of its own, as on somebody's own machine. */
async function openOwn(screen: Screen, url: string): Promise<Page> {
  const window = await openWindow(browser, screen, complaints);
  await givePasskeys(window.page);
  await window.page.goto(url);
  return window.page;
}

async function checkPage(page: Page, name: string, screen: Screen): Promise<void> {
  assert.equal(await measureOverflow(page), 0, `${name}, ${screen.name}: wider than the screen`);
  assert.deepEqual(await findBarriers(page), [], `${name}, ${screen.name}, ${screen.scheme}`);
  await takePicture(page, name, screen);
}

/** The same page on each screen, in each scheme. */
async function checkEverywhere(page: Page, name: string): Promise<void> {
  for (const screen of SCREENS) {
    await page.setViewportSize({ width: screen.width, height: screen.height });
    await page.emulateMedia({ colorScheme: screen.scheme });
    await checkPage(page, name, screen);
  }
  const [desk] = SCREENS;
  assert(desk);
  await page.setViewportSize({ width: desk.width, height: desk.height });
}

async function join(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await page.getByRole("heading", { name: "Today" }).waitFor();
}

async function invite(
  admin: Page,
  email: string,
  name: string,
  department: string,
): Promise<string> {
  const form = admin.locator("section", { hasText: "Make a link" });
  await form.getByLabel("E-mail").fill(email);
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Role").selectOption("owner");
  await form.getByLabel("Department").selectOption(department);
  await form.getByRole("button", { name: "Make a link" }).click();
  await form.getByText(`Send this to ${email}`).waitFor();
  return (await form.locator(".secret").textContent()) ?? "";
}

test("from the first admin's link to an action that two heads agreed on and one took back", async () => {
  const desk = SCREENS[0];
  const phone = SCREENS.find(({ name }) => name === "phone");
  assert(desk && phone);
  const token = await world.engine.people.inviteFirstAdmin();
  const admin = await openOwn(desk, `${home}/#/join/${token}`);
  await admin.getByRole("heading", { name: "Become the first admin" }).waitFor();
  await checkPage(admin, "join", desk);
  await admin.getByLabel("E-mail").fill("Admin@example.com");
  await admin.getByLabel("Name").fill("Asha Admin");
  await join(admin);

  await admin.getByRole("link", { name: "People" }).click();
  await admin.getByText("Asha Admin").first().waitFor();
  const links = [];
  for (const end of ENDS) links.push(await invite(admin, HEAD_OF[end], `Head of ${end}`, end));
  await checkEverywhere(admin, "people");
  await admin.getByRole("link", { name: "Webhooks" }).click();
  await admin.getByText("Who is told").first().waitFor();
  await checkEverywhere(admin, "webhooks");

  // One at a desk, the other on a telephone.
  const [logistics, marketing] = [
    await openOwn(desk, links[0] ?? ""),
    await openOwn(phone, links[1] ?? ""),
  ];
  await join(logistics);
  await join(marketing);

  world.receiver.propose(() => BY_VERDICT.both);
  const id = await world.signalOn(HERE);
  await world.settle();
  for (const [page, party] of [
    [logistics, "Logistics"],
    [marketing, "Marketing"],
  ] as const) {
    await page.locator(`a[href="#/case/${id}"]`).first().click();
    await page.getByText(`Your vote for ${party}.`).waitFor();
  }
  await checkPage(marketing, "vote", phone);
  await logistics.evaluate("window.stayed = true");
  await logistics.getByRole("button", { name: "Agree" }).click();
  await logistics.getByText(/signed in here/).waitFor();
  await marketing.getByRole("button", { name: "Agree" }).click();
  await logistics.getByRole("button", { name: "Take it back" }).waitFor();
  assert.equal(await logistics.evaluate("window.stayed"), true, "nothing was loaded anew");

  await logistics.getByRole("button", { name: "Take it back" }).click();
  await logistics.getByLabel("Why, for both departments").fill("the courier is back");
  await logistics.getByRole("button", { name: "Undo it now" }).click();
  await marketing.getByText("It was lifted").waitFor();
  const { action, votes } = await world.case(id);
  assert(action?.liftedAt !== undefined);
  assert.deepEqual(
    votes.map(({ person, proof }) => [person, proof.kind]),
    ENDS.map((end) => [HEAD_OF[end], "session"]),
  );

  await marketing.getByRole("button", { name: "Menu" }).click();
  await marketing.getByRole("link", { name: "People" }).click();
  await marketing.getByLabel("Back for Marketing on").fill("2026-03-06");
  await marketing.getByRole("button", { name: "I am away" }).click();
  await marketing.getByRole("button", { name: "I am back" }).waitFor();
  await checkPage(marketing, "away", phone);
  await admin.getByRole("link", { name: "People" }).click();
  await admin.getByText(`${DEPUTY} is asked instead`).waitFor();
  assert.deepEqual(
    (await listAbsences(driver, world.clock.now())).map((row) => [row.person, row.stand_in]),
    [[HEAD_OF.marketing, DEPUTY]],
  );
  await marketing.getByRole("button", { name: "I am back" }).click();
  await admin.getByText("Nobody is away").waitFor();

  await marketing.goto(`${home}/#/case/${id}`);
  await marketing.getByRole("button", { name: "Menu" }).click();
  await marketing.getByRole("button", { name: "Sign out" }).click();
  await marketing.getByRole("heading", { name: "Sign in" }).waitFor();
  await checkPage(marketing, "sign-in", phone);
  await marketing.getByRole("button", { name: "Sign in with a passkey" }).click();
  await marketing.getByText("It was lifted").waitFor();
  assert.deepEqual(complaints, []);
  for (const page of [admin, logistics, marketing]) await page.context().close();
});

test("a rejection needs its reason, closes the case, and the words reach the other department", async () => {
  const phone = SCREENS.find(({ name, scheme }) => name === "phone" && scheme === "dark");
  assert(phone);
  const { people } = world.engine;
  const invited = await people.invite({ email: HEAD_OF.marketing, name: "Head" }, "tests");
  const page = await openOwn(phone, `${home}/#/join/${invited.token}`);
  await join(page);
  world.receiver.propose(() => BY_VERDICT.marketing);
  const id = await world.signalOn(THERE);
  await world.settle();
  await page.goto(`${home}/#/case/${id}`);
  await page.getByText("Somebody else should answer").click();
  await page.getByRole("button", { name: "Hand over" }).click();
  await page
    .getByText(`For Marketing, ${DEPUTY} is asked instead of ${HEAD_OF.marketing}`)
    .waitFor();
  // Whoever handed it over may still vote.
  await page.getByRole("button", { name: "Reject" }).click();
  await page.getByLabel("Kind of reason").selectOption("bad-moment");
  await page.getByRole("button", { name: "Reject it" }).click();
  assert.equal((await world.case(id)).state, "held", "without words nothing is sent");
  await page.getByLabel("In words, for both departments").fill("we launch on Friday");
  await checkPage(page, "reject", phone);
  await page.getByRole("button", { name: "Reject it" }).click();
  await page
    .getByText(/bad-moment|we launch on Friday/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Reject it" }).waitFor({ state: "detached" });
  assert.equal((await world.case(id)).closeReason, "rejected");
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("like decisions are answered together on a telephone, each under its own digest", async () => {
  const phone = SCREENS.find(({ name }) => name === "phone");
  assert(phone);
  const { people } = world.engine;
  const invited = await people.invite({ email: HEAD_OF.marketing, name: "Head" }, "tests");
  const page = await openOwn(phone, `${home}/#/join/${invited.token}`);
  await join(page);
  world.receiver.propose(() => BY_VERDICT.marketing);
  const ids = [await world.signalOn(PLACES[5] ?? ""), await world.signalOn(PLACES[6] ?? "")];
  await world.settle();
  await page.getByText("2 of 2 like decisions for Marketing").waitFor();
  await checkPage(page, "batch", phone);
  const [first] = ids;
  await page.getByRole("button", { name: "Agree to these 2" }).click();
  const counted = page.getByText("counted", { exact: true });
  await counted.nth(1).waitFor();
  // What was taken in is read at the next turn.
  await world.settle();
  for (const id of ids) {
    const { votes } = await world.case(id);
    assert.deepEqual(
      votes.map(({ person }) => person),
      [HEAD_OF.marketing],
      id,
    );
  }
  const [own, other] = await Promise.all(ids.map((id) => world.case(id)));
  assert.notEqual(own?.votes[0]?.digest, other?.votes[0]?.digest);
  await page.locator(`a[href="#/case/${first}"]`).first().click();
  await page.getByText("What was changed").waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test("an invitation that was used, and a window with no passkey, are told what to do", async () => {
  const desk = SCREENS[0];
  assert(desk);
  const window = await openWindow(browser, desk);
  await window.page.goto(`${home}/#/join/${"x".repeat(43)}`);
  await window.page.getByText("this invitation was used, or is over").waitFor();
  await givePasskeys(window.page);
  await window.page.goto(`${home}/#/today`);
  await window.page.reload();
  await window.page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await window.page.getByText("the browser gave no passkey").waitFor();
  assert.deepEqual(await findBarriers(window.page), []);
  await window.page.context().close();
});
