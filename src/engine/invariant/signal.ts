/** Every signal that was let in is there, as it was said, in exactly one case. */
import { createSignalValidator, type SignalValidator } from "../../core/contract/signal.ts";
import type { Signal } from "../../core/contract/types.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import { findContract } from "../../store/table/contract.ts";
import {
  findRows,
  type Invariant,
  type Look,
  type Violation,
  VIOLATIONS_MAX,
} from "./invariant.ts";

const RESTORE = "restore from a backup into another database and compare: rows were lost or edited";
/** Cases read at a time. */
const PAGE_CASES = 500;

export const SIGNAL_INVARIANTS: ReadonlyArray<Invariant> = [
  {
    name: "one-case-a-signal",
    sentence: "every accepted signal has one case, and every case one signal",
    help: RESTORE,
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `select coalesce(s.source || ' ' || s.id, 'case ' || c.id) as row,
                case when s.id is null then 'the case has no signal'
                     when c.id is null then 'it has no case'
                     else 'its case is about another signal' end as why
         from signal s
         full join signal_case c on c.id = s.case_id
         where s.id is null or c.id is null
            or c.body #>> '{signal,id}' <> s.id or c.body #>> '{signal,source}' <> s.source`,
      ),
  },
  {
    name: "signal-as-said",
    sentence: "every signal is kept as it was said when it was acknowledged",
    help: RESTORE,
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `select source || ' ' || id as row, 'its content no longer has the hash of then' as why
         from signal
         where encode(sha256(convert_to(body, 'UTF8')), 'hex') <> content_hash`,
      ),
  },
  {
    name: "case-row-agrees",
    sentence: "a case is in exactly one state, and its columns say what its document says",
    help: "somebody wrote to signal_case by hand; the ledger of the case says where it stood",
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `select id as row,
                'the row says ' || state || ', the document ' || coalesce(body ->> 'state', 'nothing')
                  as why
         from signal_case
         where body ->> 'id' is distinct from id
            or body ->> 'state' is distinct from state
            or body ->> 'closeReason' is distinct from close_reason
            or body ->> 'charterHash' is distinct from charter_hash
            or body ->> 'contractHash' is distinct from contract_hash
            or (body #>> '{action,at}')::timestamptz is distinct from acted_at`,
      ),
  },
  {
    name: "contract-kept",
    sentence: "nothing went past the door that breaks the contract its case is pinned to",
    help: "the case acted on a signal that its contract refuses: `case explain` it and undo by hand",
    cost: "cases",
    find: findBreaches,
  },
];

type Said = {
  readonly id: string;
  readonly arrival: number;
  readonly contract_hash: Hash;
  readonly opened_at: Instant;
  readonly signal: Signal;
};

/** A registered document never changes, so its validator is made once. */
const validators = new Map<Hash, SignalValidator>();
const VALIDATORS_MAX = 64;

async function findBreaches({ tx }: Look): Promise<ReadonlyArray<Violation>> {
  const found: Violation[] = [];
  let after = 0;
  while (found.length < VIOLATIONS_MAX) {
    const page = await tx.query<Said>(
      `select id, arrival, contract_hash, opened_at, body -> 'signal' as signal
       from signal_case
       where arrival > $1 and state <> 'quarantined' and close_reason is distinct from 'quarantined'
         and json_array_length(body -> 'problems') = 0
       order by arrival
       limit $2`,
      [after, PAGE_CASES],
    );
    for (const { id, contract_hash, opened_at, signal } of page) {
      let validate = validators.get(contract_hash);
      if (validate === undefined) {
        const contract = await findContract(tx, contract_hash);
        if (contract === undefined) continue; // a foreign key holds it
        validate = createSignalValidator(contract);
        if (validators.size >= VALIDATORS_MAX) validators.clear();
        validators.set(contract_hash, validate);
      }
      const checked = validate(signal, { now: opened_at });
      if (checked.ok) continue;
      const [first] = checked.problems;
      found.push({ row: id, why: `${first?.path ?? ""}: ${first?.message ?? ""}` });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_CASES) break;
    after = last.arrival;
  }
  return found;
}
