/** The frame around every page: where one is, where one can go, and whether what is shown is live. */
import { useQueryClient } from "@tanstack/react-query";
import { type JSX, type ReactNode, useEffect, useRef, useState } from "react";
import { useCall } from "./call.ts";
import { isAdmin, signOut, useViewer, type Viewer } from "./credential.ts";
import { type LiveState, watchLedger } from "./live.ts";
import { ApiPage } from "./page/api.tsx";
import { CasePage } from "./page/case.tsx";
import { CasesPage } from "./page/cases.tsx";
import { CharterPage } from "./page/charter.tsx";
import { ContractPage } from "./page/contract.tsx";
import { LedgerPage } from "./page/ledger.tsx";
import { LoopPage } from "./page/loop.tsx";
import { MapPage } from "./page/map.tsx";
import { OutcomesPage } from "./page/outcomes.tsx";
import { PeoplePage } from "./page/people.tsx";
import { JoinPage, SignInPage } from "./page/sign-in.tsx";
import { TodayPage } from "./page/today.tsx";
import { WebhooksPage } from "./page/webhooks.tsx";
import { Empty } from "./part/state.tsx";
import { linkTo, type Route, useRoute } from "./route.ts";

const PAGES: ReadonlyArray<{
  readonly page: string;
  readonly title: string;
  /** It is about one loop; the only one there is, unless the address names another. */
  readonly ofLoop?: true;
  readonly forAdmin?: true;
}> = [
  { page: "today", title: "Today" },
  { page: "loop", title: "Loop", ofLoop: true },
  { page: "cases", title: "Cases", ofLoop: true },
  { page: "map", title: "Map", ofLoop: true },
  { page: "outcomes", title: "Outcomes", ofLoop: true },
  { page: "charter", title: "Charter", ofLoop: true },
  { page: "contract", title: "Contract", ofLoop: true },
  { page: "ledger", title: "Ledger" },
  { page: "api", title: "API" },
  { page: "people", title: "People", forAdmin: true },
  { page: "webhooks", title: "Webhooks", forAdmin: true },
];

export function App(): JSX.Element {
  const route = useRoute();
  const viewer = useViewer();
  if (route.page === "join") return <JoinPage key={route.id} token={route.id} />;
  switch (viewer.kind) {
    case "asking":
      return <main id="main" />;
    case "nobody":
      return <SignInPage isRefused={route.page === "sign-in" && route.id === "refused"} />;
    case "operator":
    case "person":
      return <Frame route={route} viewer={viewer} />;
  }
}

function Frame({ route, viewer }: { readonly route: Route; readonly viewer: Viewer }): JSX.Element {
  const live = useLive();
  const loops = useCall("loopList", {});
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const loop = PAGES.some(({ page, ofLoop }) => page === route.page && ofLoop) ? route.id : "";
  const named = loop === "" ? (loops.data?.[0]?.name ?? "") : loop;
  const title = PAGES.find(({ page }) => page === route.page)?.title ?? "Case";

  useEffect(() => {
    document.title = `${title} - Interlock`;
    scrollTo(0, 0);
    // Who uses a keyboard or a screen reader begins at the new page, not at the old link.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [title, route.page, route.id, route.rest]);

  return (
    <>
      <a className="skip" href="#main" onClick={(event) => skipTo(event, main.current)}>
        To the content
      </a>
      <header className="frame">
        <a className="brand" href={linkTo("today")}>
          Interlock
        </a>
        <nav aria-label="Pages">
          {PAGES.filter(({ forAdmin }) => !forAdmin || isAdmin(viewer)).map(
            ({ page, title: name, ofLoop }) => (
              <a
                key={page}
                href={linkTo(page, ofLoop === undefined ? "" : named)}
                aria-current={page === route.page ? "page" : undefined}
              >
                {name}
              </a>
            ),
          )}
        </nav>
        <LiveMark state={live} />
        <Me viewer={viewer} />
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        <Page route={route} loop={named} />
      </main>
    </>
  );
}

function skipTo(event: { preventDefault(): void }, target: HTMLElement | null): void {
  event.preventDefault();
  target?.focus();
}

function Page({ route, loop }: { readonly route: Route; readonly loop: string }): JSX.Element {
  switch (route.page) {
    case "today":
      return <TodayPage />;
    case "case":
      return <CasePage key={route.id} id={route.id} />;
    case "ledger":
      return <LedgerPage />;
    case "people":
      return <PeoplePage />;
    case "api":
      return <ApiPage />;
    case "webhooks":
      return <WebhooksPage />;
  }
  if (loop === "") {
    return (
      <Empty title="No loop is set up here">
        <code>interlock init</code> makes a directory with the first one.
      </Empty>
    );
  }
  switch (route.page) {
    case "loop":
      return <LoopPage loop={loop} />;
    case "cases":
      return <CasesPage loop={loop} />;
    case "map":
      return <MapPage loop={loop} place={route.rest} />;
    case "outcomes":
      return <OutcomesPage loop={loop} />;
    case "contract":
      return <ContractPage loop={loop} />;
    case "charter":
      return <CharterPage loop={loop} />;
    default:
      return (
        <Empty title="There is no such page">
          <a href={linkTo("today")}>Go to Today</a>
        </Empty>
      );
  }
}

const LIVE_WORDS: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  broken: "Not live: asking the server again",
};

function LiveMark({ state }: { readonly state: LiveState }): JSX.Element {
  return (
    <span className={`live ${state}`} role="status">
      {LIVE_WORDS[state]}
    </span>
  );
}

function useLive(): LiveState {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    return watchLedger(() => void client.invalidateQueries(), setState);
  }, [client]);
  return state;
}

function Me({ viewer }: { readonly viewer: Viewer }): ReactNode {
  const who = viewer.kind === "person" ? viewer.signedIn.name : "Operator";
  const title = viewer.kind === "person" ? viewer.signedIn.email : "by the link that serve printed";
  return (
    <span className="me">
      <span title={title}>{who}</span>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </span>
  );
}
