/**
 * Statements that come again are prepared: planning one costs more than running it for a few rows.
 *
 * From the sixth time on PostgreSQL may keep a plan. Two things would make a kept one bad, and neither lasts:
 *
 *   long arrays   it is made for arrays of ten; what carries many more is planned for what it carries
 *   growth        one made while a table was small reads it whole; plans are dropped every few seconds
 *
 * Where a migration gave the rows of a statement another shape, PostgreSQL refuses the old name once.
 */
import type pg from "pg";
import { SECOND_MS } from "../../std/time.ts";
import { lengthOf } from "./value.ts";

/** Elements of an array that a plan made for ten is good for. */
const ELEMENTS_MAX = 1_000;
const PLAN_MS = 2 * SECOND_MS;
/** Statements that are made up as they are needed must not fill a server's memory. */
const NAMES_MAX = 1_000;

const names = new Map<string, string>();
let named = 0;
const plannedAt = new WeakMap<pg.ClientBase, number>();

/** The name under which it is prepared; undefined where it is better planned by itself. */
export function nameOf(text: string, params: ReadonlyArray<unknown>): string | undefined {
  if (params.some((param) => lengthOf(param) > ELEMENTS_MAX)) return undefined;
  let name = names.get(text);
  if (name === undefined && names.size < NAMES_MAX) {
    name = `s${++named}`;
    names.set(text, name);
  }
  return name;
}

const OTHER_RESULT = "0A000";

/** Takes another name for it next time, if it was its name that was refused. */
export function forgetRefused(text: string, thrown: unknown): void {
  if ((thrown as { readonly code?: unknown } | null)?.code === OTHER_RESULT) names.delete(text);
}

/** Sent ahead of whatever comes next, without waiting. */
export function dropOldPlans(client: pg.ClientBase): void {
  const now = performance.now();
  const since = plannedAt.get(client);
  if (since !== undefined && now - since < PLAN_MS) return;
  plannedAt.set(client, now);
  // Refused only where the next statement is, too.
  if (since !== undefined) client.query("discard plans").catch(() => undefined);
}
