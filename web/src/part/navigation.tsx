/** Where one can go, whether what is shown is live, and who is here. */
import { useQueryClient } from "@tanstack/react-query";
import { type JSX, type ReactNode, useEffect, useState } from "react";
import { isAdmin, signOut, type Viewer } from "../credential.ts";
import { type LiveState, watchLedger } from "../live.ts";
import { PAGES, type PageEntry } from "../page/list.ts";
import { linkTo, type Route } from "../route.ts";

const GROUPS = ["Work", "Loop", "Record", "Settings"] as const;

export function Navigation({
  route,
  viewer,
  loop,
  loops,
}: {
  readonly route: Route;
  readonly viewer: Viewer;
  readonly loop: string;
  readonly loops: ReadonlyArray<string>;
}): JSX.Element {
  const live = useLive();
  const [isOpen, setOpen] = useState(false);
  // Whoever went somewhere has done with the menu.
  useEffect(() => setOpen(false), [route.page, route.id, route.rest]);
  const seen = PAGES.filter(({ forAdmin }) => !forAdmin || isAdmin(viewer));
  return (
    <header className={isOpen ? "frame open" : "frame"}>
      <a className="brand" href={linkTo("today")}>
        <Rings /> Interlock
      </a>
      <span className={`live ${live}`} role="status">
        {LIVE_WORDS[live]}
      </span>
      <button
        type="button"
        className="menu"
        aria-expanded={isOpen}
        aria-controls="pages"
        onClick={() => setOpen(!isOpen)}
      >
        Menu
      </button>
      <nav id="pages" aria-label="Pages">
        {GROUPS.map((group) => (
          <Group
            key={group}
            name={group}
            pages={seen.filter((page) => page.group === group)}
            route={route}
            loop={loop}
          >
            {group === "Loop" && loops.length > 1 && (
              <select
                aria-label="Which loop"
                value={loop}
                onChange={({ target }) => {
                  location.hash = linkTo("loop", target.value);
                }}
              >
                {loops.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
          </Group>
        ))}
      </nav>
      <Me viewer={viewer} />
    </header>
  );
}

function Group({
  name,
  pages,
  route,
  loop,
  children,
}: {
  readonly name: string;
  readonly pages: ReadonlyArray<PageEntry>;
  readonly route: Route;
  readonly loop: string;
  readonly children: ReactNode;
}): ReactNode {
  if (pages.length === 0) return null;
  return (
    <div>
      <div className="group" aria-hidden="true">
        {name}
      </div>
      {children}
      <ul aria-label={name}>
        {pages.map(({ page, title, ofLoop }) => (
          <li key={page}>
            <a
              href={linkTo(page, ofLoop === undefined ? "" : loop)}
              aria-current={isWithin(route.page, page) ? "page" : undefined}
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** One case is a page within the cases. */
function isWithin(shown: string, page: string): boolean {
  return shown === page || (shown === "case" && page === "cases");
}

/** Two rings that hold each other. */
export function Rings(): JSX.Element {
  return (
    <svg viewBox="0 0 34 22" aria-hidden="true">
      <circle className="sender" cx="12" cy="11" r="9" />
      <circle className="receiver" cx="22" cy="11" r="9" />
      <path className="sender" d="M 12 2 A 9 9 0 0 1 21 11" />
    </svg>
  );
}

const LIVE_WORDS: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  broken: "Not live: asking the server again",
};

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
    <div className="me">
      <span title={title}>{who}</span>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </div>
  );
}
