/** Addresses of the pages, behind `#`: `#/case/case-0123`. Kept here, so that no page builds one. */
import { useSyncExternalStore } from "react";

/** `rest` is what follows the id, where a page has something within it: `#/map/a-loop/IN-S-goa`. */
export type Route = { readonly page: string; readonly id: string; readonly rest: string };

export function parseRoute(hash: string): Route {
  const [, page = "", id = "", ...rest] = hash.replace(/^#/, "").split("/").map(decode);
  return { page: page === "" ? "today" : page, id, rest: rest.join("/") };
}

/** What somebody mistyped names nothing, and no page breaks over it. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function linkTo(page: string, ...ids: ReadonlyArray<string>): string {
  return ["#", page, ...ids.filter(Boolean).map(encodeURIComponent)].join("/");
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(
    (changed) => {
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
    () => location.hash,
  );
  return parseRoute(hash);
}
