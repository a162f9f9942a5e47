/** What left the building left it once, was written down before, and both sides were told. */
import { findRows, type Invariant } from "./invariant.ts";

const READ_TARGET =
  "read the target outside, compare it with `case explain`, and settle it by hand";

/** Answers that end a step of a case; each step has one. */
const ANSWERS = new Set([
  "reply.received",
  "reply.failed",
  "action.done",
  "action.failed",
  "action.refused",
  "action.unsettled",
  "undo.done",
  "undo.conflicted",
  "undo.failed",
]);

export const ACTION_INVARIANTS: ReadonlyArray<Invariant> = [
  {
    name: "acts-once",
    sentence: "a case acts at most once, and takes back at most what it did",
    help: READ_TARGET,
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `select case_id as row, count(*) || ' steps of kind ' || kind || ' were carried out' as why
         from effect
         where kind in ('act', 'undo') and intent is not null and state = 'done'
         group by case_id, kind
         having count(*) > 1`,
      ),
  },
  {
    name: "fence-rises",
    sentence: "whoever holds an effect has claimed it, and each claim raised its fence",
    help: "somebody wrote to the effect table by hand: set the effect's state to what really happened",
    cost: "open",
    find: (look) =>
      findRows(
        look,
        `select case_id || '/' || step as row,
                'state ' || state || ', fence ' || fence || ', claims ' || claims as why
         from effect
         where state in ('ready', 'leased')
           and (fence < claims or (state = 'leased' and claims < 1))`,
      ),
  },
  {
    name: "intent-before-answer",
    sentence: "whatever was changed outside had its intention committed before",
    help: READ_TARGET,
    cost: "ledger",
    begin: () =>
      Promise.resolve({
        read({ kind, n, case: id, body }, { cases }) {
          if (kind !== "action.done" && kind !== "undo.done") return undefined;
          const step = body.event?.step ?? 0;
          if (cases.get(id ?? "")?.intended.has(step) === true) return undefined;
          const receipt = body.event?.receipt;
          const isMoot =
            typeof receipt === "object" && receipt !== null && "nothingLeft" in receipt;
          if (kind === "undo.done" && isMoot) return undefined;
          return { row: `${id ?? ""}/${step}`, why: `entry ${n}: done, and never intended` };
        },
      }),
  },
  {
    name: "answered-once",
    sentence:
      "each step of a case has one answer: a late one, under an old fence, counts for nothing",
    help: READ_TARGET,
    cost: "ledger",
    begin: () =>
      Promise.resolve({
        read({ kind, n, case: id, body }, { cases }) {
          const step = body.event?.step;
          if (step === undefined || !ANSWERS.has(kind)) return undefined;
          if (cases.get(id ?? "")?.answered.has(step) !== true) return undefined;
          return { row: `${id ?? ""}/${step}`, why: `entry ${n}: \`${kind}\` is a second answer` };
        },
      }),
  },
  {
    name: "unknown-not-guessed",
    sentence: "a call whose answer was lost is never called a failure",
    help: READ_TARGET,
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `select case_id || '/' || step as row, 'recorded as failed: ' || last_error as why
         from effect
         where state = 'failed' and kind in ('act', 'undo') and intent is not null
           and last_error like '%connector/unknown-outcome%'`,
      ),
  },
  {
    name: "action-explained",
    sentence:
      "from each action there is an unbroken way back to signal, charter, verdict and order",
    help: "rows were lost or edited: restore from a backup into another database and compare",
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `select c.id as row,
                case when s.id is null then 'its signal is gone'
                     when e.case_id is null then 'the step that did it is gone'
                     when e.kind <> 'act' or e.state <> 'done' then 'its step is ' || e.state
                     when c.verdict is null then 'it has no verdict'
                     when e.intent is null then 'its step has no intent'
                     else 'it was decided on as another action' end as why
         from signal_case c
         left join signal s on s.case_id = c.id
         left join effect e on e.case_id = c.id and e.step = (c.body #>> '{action,step}')::int
         where c.acted_at is not null
           and (s.id is null or e.case_id is null or e.kind <> 'act' or e.state <> 'done'
                or c.verdict is null or e.intent is null
                or e.body ->> 'digest' is distinct from c.body ->> 'digest'
                or c.body #>> '{verdict,charterHash}' is distinct from c.charter_hash)`,
      ),
  },
  {
    name: "both-told",
    sentence: "of each action every party of the charter is told, or its notice failed in sight",
    help: "tell the department by hand, and mend its address in the charter or the mail server",
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `with party as (
           select hash, one ->> 'department' as department
           from charter, jsonb_array_elements(document::jsonb -> 'parties') as one
         )
         select c.id as row, p.department || ' has no notice of the action' as why
         from signal_case c
         join party p on p.hash = c.charter_hash
         where c.acted_at is not null
           and not exists (
             select from effect e
             where e.case_id = c.id and e.kind = 'notify' and e.state <> 'needs-person'
               and e.body #>> '{letter,topic}' = 'acted'
               and e.body #>> '{letter,department}' = p.department)`,
      ),
  },
  {
    name: "held-once",
    sentence: "no two open cases hold one resource, or one within the other",
    help: "undo one of the two cases: `interlock case undo`",
    cost: "open",
    find: (look) =>
      findRows(
        look,
        `select a.id as row, 'it holds ' || a.holds || ' and ' || b.id || ' holds ' || b.holds as why
         from signal_case a
         join signal_case b on b.id <> a.id and b.holds is not null
           and (b.holds = a.holds or starts_with(b.holds, a.holds || '/'))
         where a.holds is not null`,
      ),
  },
];
