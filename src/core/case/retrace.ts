/**
 * A case told over from its entries alone.
 *
 * Picture an accountant who is given the vouchers and not the books: what the books must say follows. Every
 * entry of a case carries the letter that moved it, so the same pure function that moved the case then
 * moves it again here, under the papers that it names, and whatever was not decided by the rules shows.
 */
import type { Json } from "../../std/canonical-json.ts";
import { canonicalJson } from "../../std/canonical-json.ts";
import type { Hash } from "../../std/hash.ts";
import type { LedgerDraft } from "../ledger/entry.ts";
import type { Signal } from "../contract/types.ts";
import { openCase } from "./open.ts";
import { transition } from "./transition.ts";
import type { Case, CaseEvent, Terms } from "./types.ts";

/** An entry as its text says it. */
export type Told = LedgerDraft & { readonly n: number };

/** All of a case that its entries say; what its subject is called is looked up, and is not in them. */
export type ToldCase = Omit<Case, "subjectName">;

type Moved = {
  readonly from: string;
  readonly to: string;
  readonly signal?: Signal;
  readonly event: { readonly [key: string]: Json };
};

/** Notices and intents are on record too; these alone moved the case. */
export function isMove({ body }: Told): boolean {
  return typeof body["from"] === "string" && typeof body["event"] === "object";
}

/**
 * The case as it stands after these entries, which are all of one case and in order. Returns what does not
 * follow where the rules, under `papers`, do not lead from one entry to the next.
 */
export function retraceCase(
  entries: ReadonlyArray<Told>,
  papers: (contract: Hash, charter: Hash) => Terms | undefined,
): { readonly case: ToldCase } | { readonly fault: { readonly n: number; readonly why: string } } {
  const moves = entries.filter(isMove);
  const [first] = moves;
  const signal = (first?.body as Partial<Moved> | undefined)?.signal;
  if (first === undefined || signal === undefined || first.case === null || first.loop === null) {
    return { fault: { n: first?.n ?? 0, why: "it does not begin with a signal" } };
  }
  const opened = { id: first.case, loop: first.loop, signal, subjectName: "" };
  let current = openCase(
    { ...opened, contractHash: first.contract ?? "", charterHash: first.charter ?? "" },
    first.at,
  );
  for (const entry of moves) {
    const terms = papers(current.contractHash, current.charterHash);
    if (terms === undefined)
      return { fault: { n: entry.n, why: "the papers it names are missing" } };
    const { from, to, event } = entry.body as unknown as Moved;
    if (from !== current.state) {
      return {
        fault: { n: entry.n, why: `it begins as ${from}, and the case was ${current.state}` },
      };
    }
    const said = { ...event, kind: entry.kind, at: entry.at } as unknown as CaseEvent;
    const [next] = transition(current, said, terms);
    const why = findDifference(entry, to, next);
    if (why !== undefined) return { fault: { n: entry.n, why } };
    current = next;
  }
  const { subjectName: _name, ...told } = current;
  return { case: told };
}

/** What the entry says of the case after it, against what the rules make of it. */
function findDifference({ body }: Told, to: string, after: Case): string | undefined {
  if (to !== after.state) return `it says ${to}, and by the rules the case is ${after.state}`;
  const parts = { verdict: after.verdict, digest: after.digest, closeReason: after.closeReason };
  for (const [part, is] of Object.entries(parts)) {
    const said = body[part];
    if (said !== undefined && canonicalJson(said) !== canonicalJson(is ?? null)) {
      return `its ${part} is not what the rules give`;
    }
  }
  return undefined;
}
