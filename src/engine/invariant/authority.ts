/** Nothing was done without both sides' word for it, as it stood when it was done. */
import { ballotOf } from "../../core/case/ballot.ts";
import { charterHash } from "../../core/charter/parse.ts";
import type { Case } from "../../core/case/types.ts";
import { amountOf } from "../../core/charter/money-text.ts";
import { checkCharterSignature, checkDistinct } from "../../core/charter/signing.ts";
import type { Charter } from "../../core/charter/types.ts";
import { tallyVotes } from "../../core/charter/votes.ts";
import { errorToText } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import { listSignatures } from "../../store/table/charter.ts";
import { listSigners } from "../signers.ts";
import { getTerms } from "../terms.ts";
import {
  findRows,
  type Invariant,
  type Look,
  type Violation,
  VIOLATIONS_MAX,
} from "./invariant.ts";

const STOP_AND_LOOK =
  "press a stop (`interlock stop press`), read `case explain`, and undo what should not stand";
const PAGE_CASES = 500;

export const AUTHORITY_INVARIANTS: ReadonlyArray<Invariant> = [
  {
    name: "charter-signed",
    sentence:
      "a charter that binds or bound is signed by the owner of every party, by keys of then",
    help: "the charter binds nobody: pause the loop, and have both owners sign a later version",
    cost: "open",
    find: findUnsigned,
  },
  {
    name: "votes-count",
    sentence:
      "what was voted through has every vote it needs: both sides, nobody twice, on this action",
    help: STOP_AND_LOOK,
    cost: "cases",
    find: findUnvoted,
  },
  {
    name: "caps-hold",
    sentence: "no day and no week has more actions, places or value than the charter's caps",
    help: "lower the cap or stop the loop for today, and report the seed of events: it is a defect",
    cost: "cases",
    find: findOverCaps,
  },
  {
    name: "governed-action",
    sentence:
      "no action was intended without a verdict in force that allows it, and the votes it asks",
    help: STOP_AND_LOOK,
    cost: "ledger",
    begin: () =>
      Promise.resolve({
        read(line, { cases, inForce }) {
          if (line.kind !== "action.intended") return undefined;
          const of = cases.get(line.case ?? "");
          const row = `${line.case ?? ""}/${line.body.step ?? ""}`;
          const breach = (why: string): Violation => ({ row, why: `entry ${line.n}: ${why}` });
          if (of === undefined) return breach("the case was not open");
          const { verdict, digest, agreed } = of;
          if (of.state !== "executing") return breach(`the case was ${of.state}`);
          if (of.ordered.get(line.body.step ?? 0) !== "act") return breach("it was not ordered");
          if (verdict === undefined || digest === undefined) return breach("it had no verdict");
          if (verdict.kind === "forbid") return breach(`it was forbidden by ${verdict.rule}`);
          if (!inForce.has(line.charter ?? "")) return breach("its charter was not in force");
          if (verdict.charterHash !== line.charter)
            return breach("the verdict is of another charter");
          if (verdict.kind === "approve" && verdict.votes.length === 0) {
            return breach("it was to be approved by nobody");
          }
          for (const { party, quorum } of verdict.votes) {
            const by = agreed.filter((vote) => vote.party === party && vote.digest === digest);
            const people = new Set(by.map(({ person }) => person)).size;
            if (people < quorum) return breach(`${party} gave ${people} of ${quorum} votes on it`);
          }
          return undefined;
        },
      }),
  },
  {
    name: "acted-in-time",
    sentence: "nothing was done on a signal that had expired",
    help: STOP_AND_LOOK,
    cost: "ledger",
    begin: () =>
      Promise.resolve({
        read({ kind, at, n, case: id }, { cases }) {
          const of = cases.get(id ?? "");
          if (kind !== "action.intended" || of === undefined || at < of.expiresAt) return undefined;
          return {
            row: id ?? "",
            why: `entry ${n}: intended at ${at}, expired at ${of.expiresAt}`,
          };
        },
      }),
  },
  {
    name: "stop-stops",
    sentence: "no action was intended while a stop covered it, or while its loop was not live",
    help: STOP_AND_LOOK,
    cost: "ledger",
    async begin({ tx }) {
      const parties = new Map(
        (await listBinding(tx)).map(({ hash, charter }) => [
          hash,
          charter.parties.map(({ department }) => department),
        ]),
      );
      return {
        read({ kind, n, case: id, loop, charter, body }, { stops, loops }) {
          const isUndo = kind === "undo.intended";
          if (kind !== "action.intended" && !isUndo) return undefined;
          for (const { scope, name } of stops.values()) {
            const covers =
              (scope === "connector" && name === body.connector) ||
              (!isUndo &&
                (scope === "everything" ||
                  (scope === "loop" && name === loop) ||
                  (scope === "department" && parties.get(charter ?? "")?.includes(name) === true)));
            if (!covers) continue;
            return {
              row: id ?? "",
              why: `entry ${n}: intended under the stop of ${scope} ${name}`,
            };
          }
          const state = loops.get(loop ?? "");
          if (isUndo || state === "live") return undefined;
          return {
            row: id ?? "",
            why: `entry ${n}: intended while the loop was ${state ?? "new"}`,
          };
        },
      };
    },
  },
];

type Binding = { readonly hash: Hash; readonly state: string; readonly charter: Charter };

/** Charters that both sides signed once, whatever became of them. */
async function listBinding(tx: Look["tx"]): Promise<ReadonlyArray<Binding>> {
  const rows = await tx.query<{ hash: Hash; state: string; document: string }>(
    "select hash, state, document from charter where state <> 'proposed' order by hash",
  );
  return rows.map(({ hash, state, document }) => ({
    hash,
    state,
    charter: JSON.parse(document) as Charter,
  }));
}

async function findUnsigned({ tx }: Look): Promise<ReadonlyArray<Violation>> {
  const signers = await listSigners(tx);
  const found: Violation[] = [];
  for (const { hash, charter } of await listBinding(tx)) {
    const row = `charter ${charter.name} version ${charter.version}`;
    if (charterHash(charter) !== hash) found.push({ row, why: "its text does not match its hash" });
    const signatures = await listSignatures(tx, hash);
    try {
      for (const given of signatures) {
        const { party, form, keyId, signature, signedAt } = given;
        checkCharterSignature(charter, party, { form, keyId, signature }, signers, signedAt);
      }
      checkDistinct(signatures);
    } catch (error) {
      found.push({ row, why: errorToText(error) });
    }
    for (const { department } of charter.parties) {
      if (signatures.some(({ party }) => party === department)) continue;
      found.push({ row, why: `${department} has not signed it` });
    }
  }
  return found;
}

async function findUnvoted({ tx }: Look): Promise<ReadonlyArray<Violation>> {
  const found: Violation[] = [];
  let after = 0;
  while (found.length < VIOLATIONS_MAX) {
    const page = await tx.query<{ arrival: number; body: Case }>(
      `select arrival, body from signal_case
       where arrival > $1 and acted_at is not null and verdict = 'approve'
       order by arrival
       limit $2`,
      [after, PAGE_CASES],
    );
    for (const { body: of } of page) {
      const ballot = ballotOf(of, await getTerms(tx, of.contractHash, of.charterHash));
      const tally = ballot === undefined ? { kind: "waiting" } : tallyVotes(ballot, of.votes);
      if (tally.kind === "agreed") continue;
      found.push({ row: of.id, why: `by its votes it is ${tally.kind}, and it was done` });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_CASES) break;
    after = last.arrival;
  }
  return found;
}

/** Counted as the dispatch counts: each action beside those that were ordered before it. */
async function findOverCaps(look: Look): Promise<ReadonlyArray<Violation>> {
  const caps = (await listBinding(look.tx)).map(({ hash, charter }) => ({
    hash,
    zone: charter.timeZone,
    day: toFigures(charter.guardrails.perDay),
    week: toFigures(charter.guardrails.perWeek),
  }));
  return findRows(
    look,
    `with cap as (
       select * from jsonb_to_recordset($1::jsonb) as t (hash text, zone text, day int8[], week int8[])
     ), act as (
       select e.case_id, e.loop, e.arrival, cap.day as day_cap, cap.week as week_cap,
              (e.created_at at time zone cap.zone)::date as day,
              coalesce((c.body #>> '{proposal,blastRadius,subjects}')::int8, 0) as subjects,
              coalesce((c.body #>> '{proposal,valueAtStake,amountMinor}')::int8, 0) as value,
              c.body #> '{verdict,facts,glass}' is not null as is_lifted
       from effect e
       join signal_case c on c.id = e.case_id
       join cap on cap.hash = c.charter_hash
       where e.kind = 'act' and e.state <> 'failed'
     ), used as (
       select *,
              array[count(*) over today, sum(subjects) over today, sum(value) over today]::int8[]
                as today,
              array[count(*) over before, coalesce(sum(subjects) over before, 0),
                    coalesce(sum(value) over before, 0)]::int8[] as earlier
       from act
       window today as (partition by loop, day order by arrival),
              before as (partition by loop order by day
                         range between interval '6 days' preceding and interval '1 day' preceding)
     )
     select case_id as row,
            'it is the ' || today[1] || '. action of ' || day || ', with ' || today[3] || ' at stake, '
              || 'and the ' || today[1] + earlier[1] || '. of its week' as why
     from used
     where not is_lifted
       and (today[1] > day_cap[1] or today[2] > day_cap[2] or today[3] > day_cap[3]
            or today[1] + earlier[1] > week_cap[1] or today[2] + earlier[2] > week_cap[2]
            or today[3] + earlier[3] > week_cap[3])
     order by loop, arrival`,
    [JSON.stringify(caps)],
  );
}

function toFigures({ actions, subjects, value }: Charter["guardrails"]["perDay"]): number[] {
  return [actions, subjects, amountOf(value)];
}
