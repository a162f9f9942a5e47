/**
 * Who looks at these pages: the only file that knows.
 *
 * A person who signed in is known by a cookie that no script can read. Whoever opened the link that `serve`
 * printed holds the operator's token: it comes behind `#`, where no server and no log sees it, and is kept as
 * long as the tab lives.
 */
import { useSyncExternalStore } from "react";
import type { SignedIn } from "../../src/engine/people.ts";

export type Viewer =
  | { readonly kind: "asking" }
  | { readonly kind: "nobody" }
  | { readonly kind: "operator" }
  | { readonly kind: "person"; readonly signedIn: SignedIn };

const PLACE = "interlock.token";
const LINK = /^#token=([\w-]{20,200})$/;
const watchers = new Set<() => void>();
let viewer: Viewer = { kind: "asking" };

export function useViewer(): Viewer {
  return useSyncExternalStore(watch, () => viewer);
}

function watch(changed: () => void): () => void {
  watchers.add(changed);
  return () => watchers.delete(changed);
}

function become(next: Viewer): void {
  viewer = next;
  for (const tell of watchers) tell();
}

/** By which ways people come in here, and who has. */
export type Door = {
  readonly passkey: boolean;
  readonly provider: boolean;
  readonly signedIn: SignedIn | null;
};

export async function readDoor(): Promise<Door> {
  const response = await fetch("v1/sign-in").catch(() => undefined);
  if (response?.ok === true) return (await response.json()) as Door;
  return { passkey: true, provider: false, signedIn: null };
}

/** Takes a token out of the address, or asks whose session this is. */
export async function findViewer(): Promise<void> {
  const token = LINK.exec(location.hash)?.[1];
  if (token !== undefined) {
    sessionStorage.setItem(PLACE, token);
    history.replaceState(null, "", `${location.pathname}#/`);
  }
  if (sessionStorage.getItem(PLACE) !== null) return become({ kind: "operator" });
  const { signedIn } = await readDoor();
  become(signedIn === null ? { kind: "nobody" } : { kind: "person", signedIn });
}

/** The server knows neither token nor cookie any more. */
export function dropCredential(): void {
  sessionStorage.removeItem(PLACE);
  become({ kind: "nobody" });
}

export async function signOut(): Promise<void> {
  if (viewer.kind === "person") await fetch("v1/session", { method: "DELETE" });
  dropCredential();
}

export function credentialHeaders(): Record<string, string> {
  const token = sessionStorage.getItem(PLACE);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** May this viewer ask for it, in one of these departments? The server decides; this only hides buttons. */
export function mayIn(viewer: Viewer, departments: ReadonlyArray<string>): boolean {
  if (viewer.kind !== "person") return false;
  return viewer.signedIn.roles.some(
    ({ role, department }) =>
      (role === "approver" || role === "owner") &&
      (department === "" || departments.includes(department)),
  );
}

export function isAdmin(viewer: Viewer): boolean {
  return viewer.kind === "person" && viewer.signedIn.roles.some(({ role }) => role === "admin");
}
