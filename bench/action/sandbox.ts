/**
 * The same engine against the sandbox of the simulated company: the real Google Ads connector over
 * HTTP and the real mail notifier over SMTP. The sandbox runs in this process, so its CPU is counted
 * in, and keeps its book in memory, so that its disk is not.
 */
import { connectSandbox } from "../../src/app/outside.ts";
import { googleAdsResourceOf } from "../../src/connector/google-ads/settings.ts";
import type { Subject } from "../../src/core/port/types.ts";
import { startSandbox } from "../../twin/sandbox/sandbox.ts";
import type { BenchSettings } from "../settings.ts";
import { openEngineLoop, wallNow } from "./engine-loop.ts";
import { makeSignal } from "./papers.ts";
import type { Store } from "./stores.ts";
import type { Contender } from "./throughput.ts";

export function sandboxContender(store: Store, { action }: BenchSettings): Contender {
  const now = wallNow();
  const subjects = Array.from(
    { length: action.warmUp + action.sandboxSignals },
    (_, i): Subject => {
      const { subject } = makeSignal(i, now);
      return { id: subject, kind: "geography", level: "pincode", name: subject, parent: null };
    },
  );
  return {
    name: `engine, Google Ads connector and SMTP | ${store.name}`,
    signals: action.sandboxSignals,
    store,
    async open({ driver }) {
      const sandbox = await startSandbox({ now: wallNow, subjects });
      const outside = connectSandbox(sandbox, subjects, "INR", wallNow);
      const ads = { ...sandbox.ads, accessToken: () => sandbox.ads.accessToken };
      const loop = await openEngineLoop(driver, {
        ...outside,
        resourceOf: (subject) => googleAdsResourceOf(ads, subject),
      });
      return {
        async run(from, count) {
          await loop.offer(from, count);
          await loop.settle(store.workers);
        },
        check: (signals) => loop.check(signals),
        async close() {
          await outside.close();
          await sandbox.close();
        },
      };
    },
  };
}
