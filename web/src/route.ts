/** Addresses of the pages, behind `#`: `#/case/case-0123`. Kept here, so that no page builds one. */
import { useSyncExternalStore } from "react";

export type Route = { readonly page: string; readonly id: string };

export function parseRoute(hash: string): Route {
  const [, page = "", ...rest] = hash.replace(/^#/, "").split("/");
  return { page: page === "" ? "today" : page, id: decodeURIComponent(rest.join("/")) };
}

export function linkTo(page: string, id = ""): string {
  return id === "" ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
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
