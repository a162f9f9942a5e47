/**
 * The ledger told forward: where every open case and every loop stands after each entry.
 *
 * Only open cases are remembered, so what it takes does not grow with the ledger but with what was under
 * way at one time.
 */
import type { CaseState } from "../../core/case/types.ts";
import type { Verdict } from "../../core/charter/types.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";

/** An entry as far as it is read here; which fields a body has depends on the kind. */
export type HistoryLine = {
  readonly n: number;
  readonly at: Instant;
  readonly kind: string;
  readonly loop: string | null;
  readonly case: string | null;
  readonly contract?: Hash;
  readonly charter?: Hash;
  readonly body: HistoryBody;
};

type HistoryBody = {
  readonly from?: string;
  readonly to?: string;
  readonly closeReason?: string;
  readonly signal?: { readonly expiresAt: Instant };
  readonly verdict?: Verdict;
  readonly digest?: Hash;
  readonly orders?: ReadonlyArray<string>;
  readonly step?: number;
  readonly connector?: string;
  readonly charter_hash?: Hash;
  readonly scope?: string;
  readonly name?: string;
  readonly event?: {
    readonly step?: number;
    readonly vote?: Ballot & { readonly choice: string };
    readonly receipt?: unknown;
  };
};

type Ballot = { readonly party: string; readonly person: string; readonly digest: Hash };

/** A case after the entries so far. */
export type CaseSoFar = {
  state: CaseState;
  readonly expiresAt: Instant;
  charter: Hash | undefined;
  verdict?: Verdict;
  digest?: Hash;
  readonly agreed: Ballot[];
  /** Kind of what each step ordered. */
  readonly ordered: Map<number, string>;
  readonly intended: Set<number>;
  readonly answered: Set<number>;
};

export class History {
  readonly cases = new Map<string, CaseSoFar>();
  readonly loops = new Map<string, string>();
  readonly inForce = new Set<Hash>();
  /** Scope and name of the stops that are pressed. */
  readonly stops = new Map<string, { readonly scope: string; readonly name: string }>();
  opened = 0;

  write(line: HistoryLine): void {
    const { kind, body } = line;
    if (line.case !== null) this.#writeCase(line, line.case);
    else if (kind === "loop.moved" && line.loop !== null) this.loops.set(line.loop, body.to ?? "");
    else if (kind === "charter.in-force") this.inForce.add(body.charter_hash ?? "");
    else if (kind === "charter.withdrawn") this.inForce.delete(body.charter_hash ?? "");
    else if (kind === "stop.pressed" || kind === "stop.released") this.#writeStop(line);
  }

  #writeStop({ kind, body }: HistoryLine): void {
    const { scope = "", name = "" } = body;
    const key = `${scope} ${name}`;
    if (kind === "stop.pressed") this.stops.set(key, { scope, name });
    else this.stops.delete(key);
  }

  #writeCase({ kind, charter, body }: HistoryLine, id: string): void {
    const known = this.cases.get(id);
    if (kind === "action.intended" || kind === "undo.intended") {
      known?.intended.add(body.step ?? 0);
      return;
    }
    if (body.to === undefined || body.from === undefined) return;
    const of = known ?? this.#open(id, body);
    of.state = body.to as CaseState;
    of.charter = charter;
    if (body.verdict !== undefined) of.verdict = body.verdict;
    if (body.digest !== undefined) of.digest = body.digest;
    const vote = body.event?.vote;
    if (vote?.choice === "agree") of.agreed.push(vote);
    if (body.event?.step !== undefined) of.answered.add(body.event.step);
    for (const order of body.orders ?? []) {
      const [step = "", what = ""] = order.split(" ");
      of.ordered.set(Number(step), what);
    }
    if (of.state === "closed") this.cases.delete(id);
  }

  #open(id: string, { signal }: HistoryBody): CaseSoFar {
    const of: CaseSoFar = {
      state: "received",
      expiresAt: signal?.expiresAt ?? "",
      charter: undefined,
      agreed: [],
      ordered: new Map(),
      intended: new Set(),
      answered: new Set(),
    };
    this.opened += 1;
    this.cases.set(id, of);
    return of;
  }
}
