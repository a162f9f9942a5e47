/** The pages that one can go to, in the order of a morning. */
import type { ComponentType } from "react";
import { ApiPage } from "./api.tsx";
import { CasePage } from "./case.tsx";
import { CasesPage } from "./cases.tsx";
import { CharterPage } from "./charter.tsx";
import { ContractPage } from "./contract.tsx";
import { LedgerPage } from "./ledger.tsx";
import { LoopPage } from "./loop.tsx";
import { MapPage } from "./map.tsx";
import { OutcomesPage } from "./outcomes.tsx";
import { PeoplePage } from "./people.tsx";
import { TodayPage } from "./today.tsx";
import { WebhooksPage } from "./webhooks.tsx";

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

export const PAGES: ReadonlyArray<PageEntry> = [
  { page: "today", title: "Today", group: "Work", key: "t", Show: TodayPage },
  { page: "cases", title: "Cases", group: "Work", ofLoop: true, key: "c", Show: CasesPage },
  { page: "case", title: "Case", group: null, Show: CasePage },
  { page: "map", title: "Map", group: "Work", ofLoop: true, key: "m", Show: MapPage },
  { page: "loop", title: "Loop", group: "Loop", ofLoop: true, key: "l", Show: LoopPage },
  {
    page: "outcomes",
    title: "Outcomes",
    group: "Loop",
    ofLoop: true,
    key: "o",
    Show: OutcomesPage,
  },
  { page: "charter", title: "Charter", group: "Loop", ofLoop: true, key: "h", Show: CharterPage },
  {
    page: "contract",
    title: "Contract",
    group: "Loop",
    ofLoop: true,
    key: "n",
    Show: ContractPage,
  },
  { page: "ledger", title: "Ledger", group: "Record", key: "r", Show: LedgerPage },
  { page: "api", title: "API", group: "Record", key: "a", Show: ApiPage },
  { page: "people", title: "People", group: "Settings", key: "p", Show: PeoplePage },
  {
    page: "webhooks",
    title: "Webhooks",
    group: "Settings",
    forAdmin: true,
    key: "w",
    Show: WebhooksPage,
  },
];

export function findPage(name: string): PageEntry | undefined {
  return PAGES.find(({ page }) => page === name);
}
