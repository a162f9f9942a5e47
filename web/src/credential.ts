/**
 * How this page shows who it is: the only file that knows.
 *
 * `serve` prints a link that carries the operator's token behind `#`, where no server and no log sees it.
 * The page takes it out of the address and keeps it as long as the tab lives.
 */
const PLACE = "interlock.token";
const watchers = new Set<() => void>();
const LINK = /^#token=([\w-]{20,200})$/;

export function takeCredential(): void {
  const token = LINK.exec(location.hash)?.[1];
  if (token === undefined) return;
  sessionStorage.setItem(PLACE, token);
  history.replaceState(null, "", `${location.pathname}#/`);
}

export function hasCredential(): boolean {
  return sessionStorage.getItem(PLACE) !== null;
}

/** The server did not know it: it was started anew, and its token with it. */
export function dropCredential(): void {
  sessionStorage.removeItem(PLACE);
  for (const tell of watchers) tell();
}

export function watchCredential(changed: () => void): () => void {
  watchers.add(changed);
  return () => watchers.delete(changed);
}

export function credentialHeaders(): Record<string, string> {
  const token = sessionStorage.getItem(PLACE);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
