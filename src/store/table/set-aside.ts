/** Effects that were set aside: what nobody tries any more until a person says so, or gives it up. */
import type { Json } from "../../std/canonical-json.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";
import type { Intent, OutsideEffect } from "./effect.ts";

export type SetAsideLine = {
  readonly case: string;
  readonly step: number;
  readonly loop: string;
  readonly kind: OutsideEffect["kind"];
  readonly state: string;
  readonly failures: number;
  readonly setAsideAt: Instant | null;
  readonly why: string | null;
};

export type EffectRecord = SetAsideLine & {
  readonly body: OutsideEffect;
  readonly intent: Intent | null;
  readonly result: Json;
  readonly fence: number;
  readonly claims: number;
  readonly dueAt: Instant;
  readonly createdAt: Instant;
};

const LINE = `case_id as "case", step, loop, kind, state, failures, finished_at as "setAsideAt",
  last_error as why`;

/** The newest first. */
export async function listSetAside(
  tx: Tx,
  loop: string | null,
  limit: number,
): Promise<ReadonlyArray<SetAsideLine>> {
  return tx.query<SetAsideLine>(
    `select ${LINE}
     from effect
     where state in ('failed', 'needs-person') and ($1::text is null or loop = $1)
     order by finished_at desc, case_id, step
     limit $2`,
    [loop, limit],
  );
}

/** One effect, whatever its state; `lock` keeps it from everybody else until the transaction ends. */
export async function findEffect(
  tx: Tx,
  caseId: string,
  step: number,
  lock: "read" | "lock",
): Promise<EffectRecord | undefined> {
  const rows = await tx.query<EffectRecord>(
    `select ${LINE}, body, intent, result, fence, claims, due_at as "dueAt", created_at as "createdAt"
     from effect
     where case_id = $1 and step = $2
     ${lock === "lock" ? "for update" : ""}`,
    [caseId, step],
  );
  return rows[0];
}

/** Tried again from now, as if it had never been tried; with `isUndone`, without what was intended before. */
export async function reopenEffect(
  tx: Tx,
  { case: caseId, step }: Pick<EffectRecord, "case" | "step">,
  { now, isUndone }: { readonly now: Instant; readonly isUndone: boolean },
): Promise<void> {
  await tx.query(
    `update effect
     set state = 'ready', claims = 0, failures = 0, due_at = $3, finished_at = null, result = null,
         intent = case when $4 then null else intent end,
         call_over_at = case when $4 then null else call_over_at end
     where case_id = $1 and step = $2`,
    [caseId, step, now, isUndone],
  );
}

export async function discardEffect(
  tx: Tx,
  { case: caseId, step }: Pick<EffectRecord, "case" | "step">,
): Promise<void> {
  await tx.query("update effect set state = 'discarded' where case_id = $1 and step = $2", [
    caseId,
    step,
  ]);
}
