/** Nothing lies where nobody looks: what is open has somebody or something that will move it. */
import { addMs, MINUTE_MS } from "../../std/time.ts";
import { findRows, type Invariant } from "./invariant.ts";

/** What is due longer than this, and a lease that ran out before it, are left lying. */
const LEFT_LYING_MS = 10 * MINUTE_MS;
const WORKERS = "see that a server or a worker runs on this database, and read its log";

export const LIVENESS_INVARIANTS: ReadonlyArray<Invariant> = [
  {
    name: "nothing-stuck",
    sentence: "every open case has something due that moves it, or a person who was named and told",
    help: "report it as a defect; `interlock case undo` or a stop ends what must not wait",
    cost: "open",
    find: (look) =>
      findRows(
        look,
        `select c.id as row, 'it is ' || c.state || ' and nothing is due that would move it' as why
         from signal_case c
         where c.state <> 'closed' and c.body -> 'awaitingPerson' is null
           and not exists (select from case_event l where l.case_id = c.id)
           and not exists (
             select from effect e
             where e.case_id = c.id and e.state in ('ready', 'leased') and e.kind <> 'notify')`,
      ),
  },
  {
    name: "work-is-taken",
    sentence: "what is due is taken, and a lease that ran out is taken over",
    help: WORKERS,
    cost: "open",
    find: (look) =>
      findRows(
        look,
        `select * from (
           select case_id as row, 'its letter \`' || kind || '\` is due since ' || due_at as why
           from case_event where due_at < $1
           union all
           select case_id || '/' || step, 'its \`' || kind || '\` is due since ' || due_at
           from effect where state = 'ready' and due_at < $1
           union all
           select case_id || '/' || step, 'its lease ran out at ' || lease_until
           from effect
           where state = 'leased' and lease_until < clock_timestamp() - $2 * interval '1 millisecond'
           union all
           select id, 'its notice is due since ' || due_at
           from loop_notice where state = 'ready' and due_at < $1
         ) as lying`,
        [addMs(look.now, -LEFT_LYING_MS), LEFT_LYING_MS],
      ),
  },
  {
    name: "poison-set-aside",
    sentence: "an effect whose workers keep dying is set aside for a person after so many claims",
    help: "look at the effect, and at why its workers die; a person settles it",
    cost: "open",
    find: (look) =>
      findRows(
        look,
        `select case_id || '/' || step as row, 'claimed ' || claims || ' times' as why
         from effect
         where state in ('ready', 'leased') and claims > $1 + 1`,
        [look.limits.claimsMax],
      ),
  },
  {
    name: "standing-ends",
    sentence: "what stands only for a time is taken back when it is over, or a person was called",
    help: "take it back by hand outside, then `interlock case undo`; see that a worker runs",
    cost: "open",
    find: (look) =>
      findRows(
        look,
        `select id as row, 'it should have ended at ' || (body #>> '{action,standingUntil}') as why
         from signal_case
         where holds is not null and state = 'watching' and lease_until < $1
           and body -> 'undoing' is null and body -> 'awaitingPerson' is null`,
        [addMs(look.now, -LEFT_LYING_MS)],
      ),
  },
  {
    name: "closed-is-quiet",
    sentence: "a closed case holds nothing outside, and nothing more is to be done or read for it",
    help: "report it as a defect; the letters and orders of a closed case do nothing",
    cost: "cases",
    find: (look) =>
      findRows(
        look,
        `select * from (
           select c.id as row, 'a letter \`' || l.kind || '\` is due to it' as why
           from case_event l join signal_case c on c.id = l.case_id
           where c.state = 'closed'
           union all
           select c.id, 'its \`' || e.kind || '\` is still to be done'
           from effect e join signal_case c on c.id = e.case_id
           where e.state in ('ready', 'leased') and e.kind in ('act', 'undo') and c.state = 'closed'
           union all
           select id, 'what it did was never taken back'
           from signal_case
           where state = 'closed' and acted_at is not null and body #> '{action,liftedAt}' is null
         ) as loud`,
      ),
  },
];
