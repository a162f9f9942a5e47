import { renderAccount } from "../core/case/letter.ts";
import { getTerms } from "../engine/terms.ts";
import { enterSlips, listLedgerOfCase } from "../store/table/ledger.ts";
import { HOUR_MS, diffMs } from "../std/time.ts";
import { CASE_FIELD, inputSchema, type Operation } from "./operation.ts";
import { getCase } from "./show-case.ts";

export type CaseStep = {
  readonly n: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  /** `evaluating -> governed`, or empty where the state did not change. */
  readonly moved: string;
  readonly detail: string;
};

export type CaseAccount = {
  readonly id: string;
  readonly account: string;
  readonly steps: ReadonlyArray<CaseStep>;
  /** From the signal to the executed action; null where nothing was done. */
  readonly hoursToAction: number | null;
};

export const caseExplain: Operation<{ readonly id: string }, CaseAccount> = {
  name: "case.explain",
  summary: "One case told in full, from its evidence to its effect, with its ledger entries.",
  access: "viewer",
  errors: ["case/not-found"],
  input: inputSchema({ id: CASE_FIELD }),
  async handler(context, { id }) {
    const { driver } = context.engine.context;
    const found = await getCase(context, id);
    const terms = await getTerms(driver, found.contractHash, found.charterHash);
    await enterSlips(driver);
    const entries = await listLedgerOfCase(driver, found.id);
    return {
      id: found.id,
      account: renderAccount(found, terms),
      steps: entries.map((entry) => readStep(entry.n, entry.text)),
      hoursToAction:
        found.action === undefined ? null : diffMs(found.action.at, found.signal.sentAt) / HOUR_MS,
    };
  },
};

function readStep(n: number, text: string): CaseStep {
  const entry = JSON.parse(text) as {
    at: string;
    kind: string;
    actor: string;
    body: {
      from?: string;
      to?: string;
      closeReason?: string;
      department?: string;
      topic?: string;
      connector?: string;
    };
  };
  const { from, to, closeReason, department, topic, connector } = entry.body;
  const moved = from === undefined || from === to ? "" : `${from} -> ${to ?? ""}`;
  const told = department === undefined ? "" : `${department}: ${topic ?? ""}`;
  return {
    n,
    at: entry.at,
    kind: entry.kind,
    actor: entry.actor,
    moved: closeReason !== undefined && to === "closed" ? `${moved} (${closeReason})` : moved,
    detail: told || (connector ?? ""),
  };
}
