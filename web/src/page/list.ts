/** The pages that one can go to, in the order of a morning. The ones with pictures come when asked for. */
import { type ComponentType, lazy } from "react";
import { CasesPage } from "./cases.tsx";
import { LedgerPage } from "./ledger.tsx";
import { LoopPage } from "./loop.tsx";
import { TodayPage } from "./today.tsx";

/** `id` is the address's first part after the page's name, `rest` what follows; of a loop's page, within it. */
export type PageProps = { readonly id: string; readonly rest: string };

export type PageEntry = {
  readonly page: string;
  readonly title: string;
  readonly group: "Work" | "Loop" | "Record" | "Settings" | null;
  /** It is about one loop; the only one there is, unless the address names another. */
  readonly ofLoop?: true;
  readonly forAdmin?: true;
  /** Pressed after `g`. */
  readonly key?: string;
  readonly Show: ComponentType<PageProps>;
};

function later(load: () => Promise<ComponentType<PageProps>>): ComponentType<PageProps> {
  return lazy(async () => ({ default: await load() }));
}

export const PAGES: ReadonlyArray<PageEntry> = [
  { page: "today", title: "Today", group: "Work", key: "t", Show: TodayPage },
  { page: "cases", title: "Cases", group: "Work", ofLoop: true, key: "c", Show: CasesPage },
  {
    page: "case",
    title: "Case",
    group: null,
    Show: later(async () => (await import("./case.tsx")).CasePage),
  },
  {
    ...{ page: "map", title: "Map", group: "Work", ofLoop: true, key: "m" },
    Show: later(async () => (await import("./map.tsx")).MapPage),
  },
  { page: "loop", title: "Loop", group: "Loop", ofLoop: true, key: "l", Show: LoopPage },
  {
    ...{ page: "outcomes", title: "Outcomes", group: "Loop", ofLoop: true, key: "o" },
    Show: later(async () => (await import("./outcomes.tsx")).OutcomesPage),
  },
  {
    ...{ page: "charter", title: "Charter", group: "Loop", ofLoop: true, key: "h" },
    Show: later(async () => (await import("./charter.tsx")).CharterPage),
  },
  {
    ...{ page: "contract", title: "Contract", group: "Loop", ofLoop: true, key: "n" },
    Show: later(async () => (await import("./contract.tsx")).ContractPage),
  },
  { page: "ledger", title: "Ledger", group: "Record", key: "r", Show: LedgerPage },
  {
    page: "api",
    title: "API",
    group: "Record",
    key: "a",
    Show: later(async () => (await import("./api.tsx")).ApiPage),
  },
  {
    ...{ page: "people", title: "People", group: "Settings", forAdmin: true, key: "p" },
    Show: later(async () => (await import("./people.tsx")).PeoplePage),
  },
  {
    ...{ page: "webhooks", title: "Webhooks", group: "Settings", forAdmin: true, key: "w" },
    Show: later(async () => (await import("./webhooks.tsx")).WebhooksPage),
  },
];

export function findPage(name: string): PageEntry | undefined {
  return PAGES.find(({ page }) => page === name);
}
