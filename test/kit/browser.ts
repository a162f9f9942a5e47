/** A real browser, from the registry alone, and pages that complain of whatever is wrong with them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as engine, type Page } from "playwright-core";

/** From the root; not kept in the repository, for whoever wants to look at what the tests saw. */
export const PICTURES_PLACE = ".practice/pictures";
const PICTURES = fileURLToPath(new URL(`../../${PICTURES_PLACE}`, import.meta.url));
/** Made for one process that answers one request and dies; here it is a browser like any other. */
const NOT_WANTED = /single-process|no-zygote|disable-web-security|allow-running-insecure/;

export type Screen = {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
};

export const SCREENS: ReadonlyArray<Screen> = (["light", "dark"] as const).flatMap((scheme) => [
  { name: "desk", width: 1440, height: 900, scheme },
  { name: "phone", width: 375, height: 812, scheme },
]);

export async function openBrowser(): Promise<Browser> {
  return engine.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((arg) => !NOT_WANTED.test(arg)),
    headless: true,
  });
}

export type Window = { readonly page: Page; readonly complaints: string[] };

/** `complaints` grows by each error, refused resource and broken rule of the content policy. */
export async function openWindow(
  browser: Browser,
  screen: Screen,
  complaints: string[] = [],
): Promise<Window> {
  const context = await browser.newContext({
    viewport: { width: screen.width, height: screen.height },
    colorScheme: screen.scheme,
    timezoneId: "Asia/Kolkata",
    locale: "en-IN",
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  // A loaded machine is slow, not wrong.
  page.setDefaultTimeout(30_000);
  return { page, complaints };
}

/** An authenticator that agrees to everything, as a finger on the sensor would. */
export async function givePasskeys(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Rules of accessibility that the page breaks seriously, with where. */
export async function findBarriers(page: Page): Promise<ReadonlyArray<string>> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<{
    readonly violations: ReadonlyArray<{
      readonly id: string;
      readonly impact: string | null;
      readonly nodes: ReadonlyArray<{ readonly html: string }>;
    }>;
  }>("axe.run(document, { resultTypes: ['violations'] })");
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

/** By how many pixels the page is wider than its screen. */
export function measureOverflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
}

export async function takePicture(page: Page, name: string, screen: Screen): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const path = join(PICTURES, `${name}-${screen.name}-${screen.scheme}.png`);
  await page.screenshot({ path, fullPage: true, animations: "disabled", timeout: 60_000 });
}
