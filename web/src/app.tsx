/** Who is here decides what there is: a door, or the frame with one page in it. */
import { type JSX, useEffect, useRef } from "react";
import { useCall } from "./call.ts";
import { useViewer, type Viewer } from "./credential.ts";
import { findPage } from "./page/list.ts";
import { JoinPage, SignInPage } from "./page/sign-in.tsx";
import { Keys } from "./part/keys.tsx";
import { Navigation } from "./part/navigation.tsx";
import { Empty, Waiting } from "./part/state.tsx";
import { linkTo, type Route, useRoute } from "./route.ts";

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
  const loops = useCall("loopList", {});
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const page = findPage(route.page);
  const names = loops.data?.map(({ name }) => name) ?? [];
  const loop = page?.ofLoop === true && route.id !== "" ? route.id : (names[0] ?? "");
  const title = page?.title ?? "Not found";

  useEffect(() => {
    document.title = `${title} - Interlock`;
    const section = document.getElementById(route.rest || route.id);
    if (section === null) scrollTo(0, 0);
    else section.scrollIntoView();
    // Who uses a keyboard or a screen reader begins at the new page, not at the old link.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [title, route.page, route.id, route.rest]);

  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        To the content
      </a>
      <div className="layout">
        <Navigation {...{ route, viewer, loop, loops: names }} />
        <main id="main" tabIndex={-1} ref={main}>
          <Page route={route} loop={loop} isKnown={!loops.isPending} />
        </main>
      </div>
      <Keys loop={loop} viewer={viewer} />
    </>
  );
}

function Page({
  route: { page: name, id, rest },
  loop,
  isKnown,
}: {
  readonly route: Route;
  readonly loop: string;
  /** Which loops there are. */
  readonly isKnown: boolean;
}): JSX.Element {
  const page = findPage(name);
  if (page === undefined) {
    return (
      <>
        <h1>There is no such page</h1>
        <p>
          <a href={linkTo("today")}>Go to Today</a>
        </p>
      </>
    );
  }
  const { Show, ofLoop, title } = page;
  if (ofLoop === true && loop === "") {
    if (!isKnown) return <Waiting />;
    return (
      <>
        <h1>{title}</h1>
        <Empty title="No loop is set up here">
          <code>interlock init</code> makes a directory with the first one;{" "}
          <code>interlock serve --demo</code> fills one with a company to look at.
        </Empty>
      </>
    );
  }
  // A page of no loop stays as it is, with what was typed there, when the loops are known.
  return ofLoop === true ? (
    <Show key={`${name} ${loop}`} id={loop} rest={rest} />
  ) : (
    <Show key={name} id={id} rest={rest} />
  );
}
