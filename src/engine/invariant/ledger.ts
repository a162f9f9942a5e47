/** The record is whole, and says the same as the tables. */
import { openCase } from "../../core/case/open.ts";
import { transition } from "../../core/case/transition.ts";
import type { Case, CaseEvent } from "../../core/case/types.ts";
import type { Signal } from "../../core/contract/types.ts";
import { errorToText } from "../../std/errors.ts";
import { canonicalJson } from "../../std/canonical-json.ts";
import { verifyEntered } from "../../store/table/ledger-verify.ts";
import { getTerms } from "../terms.ts";
import type { History, HistoryLine } from "./history.ts";
import { findRows, type Invariant, type Look, type Violation } from "./invariant.ts";

const TAMPERED = "somebody wrote to the tables past the engine: compare with a backup and the log";

export const LEDGER_INVARIANTS: ReadonlyArray<Invariant> = [
  {
    name: "ledger-verifies",
    sentence: "every entry of the ledger follows from the one before it, up to the recorded head",
    help: "`interlock ledger verify` names the entry; compare with an export or a backup",
    cost: "ledger",
    async find({ tx }) {
      const checked = await verifyEntered(tx);
      if (!("fault" in checked)) return [];
      return [{ row: `entry ${checked.fault.n}`, why: checked.fault.why }];
    },
  },
  {
    name: "every-move-entered",
    sentence: "each move of a case is one entry, and the last one says where the case stands",
    help: TAMPERED,
    cost: "ledger",
    begin: ({ tx }) => Promise.resolve(new Moves(tx)),
  },
  {
    name: "replays",
    sentence: "the entries of a case, read again by the rules, give the very case that is kept",
    help: `${TAMPERED}; after an upgrade that changed the rules, old cases may rightly differ`,
    cost: "ledger",
    begin: ({ tx }) => Promise.resolve(new Replay(tx)),
  },
  {
    name: "no-secret-written",
    sentence: "no secret of ours stands in the ledger, in a letter or in an order",
    help: "make a new secret at once, and find out who has read the old one",
    cost: "ledger",
    find: (look) =>
      findRows(
        look,
        `with kept as (
           select 'secret ' || name as name, value from secret
           union all
           select 'webhook ' || id, secret from webhook
         )
         select kept.name as row, 'it stands in ' || written.place as why
         from kept
         join lateral (
           select 'entry ' || n as place from ledger_at_hand where strpos(text, kept.value) > 0
           union all
           select 'effect ' || case_id || '/' || step from effect
           where strpos(body::text, kept.value) > 0
           union all
           select 'notice ' || id from loop_notice where strpos(body, kept.value) > 0
         ) as written on true`,
      ),
  },
];

type Stand = { readonly state: string; readonly closeReason: string | undefined };

class Moves {
  readonly #tx: Look["tx"];
  readonly #closed = new Map<string, Stand>();

  constructor(tx: Look["tx"]) {
    this.#tx = tx;
  }

  read({ n, case: id, body }: HistoryLine, { cases }: History): Violation | undefined {
    if (id === null || body.from === undefined || body.to === undefined) return undefined;
    if (body.to === "closed") {
      this.#closed.set(id, { state: "closed", closeReason: body.closeReason });
    }
    const before = cases.get(id)?.state ?? "received";
    if (before === body.from) return undefined;
    return { row: id, why: `entry ${n} moves it from ${body.from}, and it was ${before}` };
  }

  async endPage({ cases, opened }: History, isLast: boolean): Promise<ReadonlyArray<Violation>> {
    const found = await this.#compare(this.#closed);
    this.#closed.clear();
    if (!isLast) return found;
    const open = [...cases].map(
      ([id, { state }]) => [id, { state, closeReason: undefined }] as const,
    );
    const [sum] = await this.#tx.query<{ cases: number }>(
      "select count(*)::int as cases from signal_case",
    );
    const missing = (sum?.cases ?? 0) - opened;
    const lost =
      missing === 0
        ? []
        : [{ row: "signal_case", why: `${sum?.cases ?? 0} cases, and ${opened} were entered` }];
    return [...found, ...(await this.#compare(new Map(open))), ...lost];
  }

  async #compare(entered: ReadonlyMap<string, Stand>): Promise<ReadonlyArray<Violation>> {
    if (entered.size === 0) return [];
    const rows = await this.#tx.query<{ id: string; state: string; close_reason: string | null }>(
      "select id, state, close_reason from signal_case where id = any($1::text[])",
      [[...entered.keys()]],
    );
    const kept = new Map(rows.map((row) => [row.id, row]));
    return [...entered].flatMap(([id, { state, closeReason }]) => {
      const row = kept.get(id);
      if (row === undefined) return [{ row: id, why: "it was entered, and the case is gone" }];
      if (row.state === state && (row.close_reason ?? undefined) === closeReason) return [];
      const is = [row.state, row.close_reason ?? ""].join(" ").trim();
      const said = [state, closeReason ?? ""].join(" ").trim();
      return [{ row: id, why: `the ledger says ${said}, the row ${is}` }];
    });
  }
}

/** A case told again by the one function that moves cases; kept until it closes. */
class Replay {
  readonly #tx: Look["tx"];
  readonly #open = new Map<string, Case>();
  readonly #lines: HistoryLine[] = [];

  constructor(tx: Look["tx"]) {
    this.#tx = tx;
  }

  read(line: HistoryLine): undefined {
    if (line.case !== null && line.body.from !== undefined) this.#lines.push(line);
  }

  async endPage(_history: History, isLast: boolean): Promise<ReadonlyArray<Violation>> {
    const closed: Case[] = [];
    const torn: Violation[] = [];
    for (const line of this.#lines.splice(0)) {
      let after: Case | undefined;
      try {
        after = await this.#move(line);
      } catch (error) {
        torn.push({ row: line.case ?? "", why: `entry ${line.n}: ${errorToText(error)}` });
      }
      if (after === undefined) continue;
      if (after.state === "closed") {
        this.#open.delete(after.id);
        closed.push(after);
      } else this.#open.set(after.id, after);
    }
    const told = isLast ? [...closed, ...this.#open.values()] : closed;
    return [...torn, ...(await this.#compare(told))];
  }

  async #move({ case: id, at, kind, loop, contract, charter, body }: HistoryLine) {
    const known = this.#open.get(id ?? "");
    if (known === undefined && body.signal === undefined) return undefined;
    const before =
      known ??
      openCase(
        {
          id: id ?? "",
          loop: loop ?? "",
          signal: body.signal as Signal,
          subjectName: "",
          contractHash: contract ?? "",
          charterHash: charter ?? "",
        },
        at,
      );
    const terms = await getTerms(this.#tx, before.contractHash, before.charterHash);
    return transition(before, { kind, at, ...body.event } as CaseEvent, terms)[0];
  }

  async #compare(told: ReadonlyArray<Case>): Promise<ReadonlyArray<Violation>> {
    if (told.length === 0) return [];
    const rows = await this.#tx.query<{ id: string; body: Case }>(
      "select id, body from signal_case where id = any($1::text[])",
      [told.map(({ id }) => id)],
    );
    const kept = new Map(rows.map(({ id, body }) => [id, body]));
    return told.flatMap((of) => {
      const row = kept.get(of.id);
      if (row === undefined) return [];
      const fields = [...new Set([...Object.keys(of), ...Object.keys(row)])] as (keyof Case)[];
      const other = fields.filter(
        (field) => field !== "subjectName" && toText(of[field]) !== toText(row[field]),
      );
      return other.length === 0 ? [] : [{ row: of.id, why: `it differs in ${other.join(", ")}` }];
    });
  }
}

function toText(value: unknown): string {
  return value === undefined ? "" : canonicalJson(value);
}
