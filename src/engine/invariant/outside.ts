/** What we say of the outside, held against what the outside says itself. */
import { findRows, type Invariant, type Look, type Violation } from "./invariant.ts";

const DEFECT = "this is a defect: keep the database and the sandbox's record, and report both";

export const OUTSIDE_INVARIANTS: ReadonlyArray<Invariant> = [
  {
    name: "outside-once",
    sentence: "at most one effect was made outside for each case and step",
    help: DEFECT,
    cost: "cases",
    needsOutside: true,
    find: ({ outside }) => Promise.resolve(findTwice(outside?.effects.map(({ key }) => key) ?? [])),
  },
  {
    name: "outside-intended",
    sentence: "whatever was asked of the outside is an effect of ours whose intention is kept",
    help: DEFECT,
    cost: "ledger",
    needsOutside: true,
    begin: ({ outside }) => {
      const intended = new Set<string>();
      return Promise.resolve({
        read({ kind, case: id, body }) {
          if (kind === "action.intended" || kind === "undo.intended") {
            intended.add(`${id ?? ""}/${body.step ?? ""}`);
          }
          return undefined;
        },
        endPage(_history, isLast) {
          if (!isLast || outside === undefined) return Promise.resolve([]);
          const asked = [...(outside.calls ?? []), ...outside.effects.map(({ key }) => key)];
          const stray = [...new Set(asked)].filter((key) => !intended.has(key));
          return Promise.resolve(stray.map((row) => ({ row, why: "no intention of it was kept" })));
        },
      });
    },
  },
  {
    name: "outside-recorded",
    sentence:
      "what was really done outside is recorded as done, under way or unknown, never as not done",
    help: DEFECT,
    cost: "cases",
    needsOutside: true,
    find: (look) =>
      findKeys(
        look,
        look.outside?.effects.map(({ key }) => key) ?? [],
        `select key as row, 'it was done outside and is recorded as ' || e.state as why
         from asked
         join effect e on e.case_id = asked.case_id and e.step = asked.step
         join signal_case c on c.id = e.case_id
         where (e.state = 'failed' or (e.state <> 'done' and e.intent is null))
           and not c.resource = any($3::text[])`,
        [look.outside?.edited ?? []],
      ),
  },
  {
    name: "outside-restored",
    sentence: "taking an action back restores what was there before it",
    help: DEFECT,
    cost: "cases",
    needsOutside: true,
    find: findUnrestored,
  },
  {
    name: "acknowledged-kept",
    sentence: "every signal that was acknowledged is there, with the case that was named",
    help: DEFECT,
    cost: "cases",
    needsOutside: true,
    find: (look) => {
      const said = look.outside?.acknowledged ?? [];
      return findRows(
        look,
        `select t.source || ' ' || t.id as row,
                coalesce('its case is ' || s.case_id || ', not ' || t.case_id, 'it is gone') as why
         from unnest($1::text[], $2::text[], $3::text[]) as t (source, id, case_id)
         left join signal s on s.source = t.source and s.id = t.id
         where s.case_id is distinct from t.case_id`,
        [said.map((one) => one.source), said.map(({ id }) => id), said.map((one) => one.caseId)],
      );
    },
  },
  {
    name: "delivered-arrived",
    sentence: "a notice that is recorded as delivered arrived",
    help: DEFECT,
    cost: "cases",
    needsOutside: true,
    find: async (look) => {
      const { delivered } = look.outside ?? {};
      if (delivered === undefined) return [];
      return findRows(
        look,
        `select sent.id as row, 'recorded as delivered, and never arrived' as why
         from (
           select case_id || '.' || step as id from effect where kind = 'notify' and state = 'done'
           union all
           select id from loop_notice where state = 'done'
         ) as sent
         where not sent.id = any($1::text[])`,
        [[...new Set(delivered)]],
      );
    },
  },
];

function findTwice(keys: ReadonlyArray<string>): ReadonlyArray<Violation> {
  const seen = new Map<string, number>();
  for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
  return [...seen]
    .filter(([, times]) => times > 1)
    .map(([row, times]) => ({ row, why: `it was done ${times} times` }));
}

/** Keys are `case/step`; `sql` reads them as the table `asked`. */
async function findKeys(
  look: Look,
  keys: ReadonlyArray<string>,
  sql: string,
  more: ReadonlyArray<unknown> = [],
): Promise<ReadonlyArray<Violation>> {
  const once = [...new Set(keys)];
  if (once.length === 0) return [];
  const parts = once.map((key) => key.split("/"));
  return findRows(
    look,
    `with asked as (
       select case_id, step, case_id || '/' || step as key
       from unnest($1::text[], $2::int[]) as t (case_id, step)
     ) ${sql}`,
    [parts.map(([id = ""]) => id), parts.map(([, step]) => Number(step) || 0), ...more],
  );
}

/** The last setting that an undo left is the one that the same case's action found. */
async function findUnrestored(look: Look): Promise<ReadonlyArray<Violation>> {
  const made = look.outside?.effects.filter(({ after }) => after !== undefined) ?? [];
  const byCase = Map.groupBy(made, ({ key }) => key.split("/")[0] ?? "");
  return [...byCase].flatMap(([id, effects]) => {
    const [act, undo] = effects;
    if (act === undefined || undo === undefined || undo.after === act.before) return [];
    return [
      { row: id, why: `it was \`${act.before}\` before, and \`${undo.after}\` after the undo` },
    ];
  });
}
