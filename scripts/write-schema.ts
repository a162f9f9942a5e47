/**
 * Writes `src/store/schema.sql`: the schema as it stands after every migration, for people to read.
 *
 * Migrations say how the schema came to be; this says what it is. It is read back out of a database's
 * own catalogue, so what is not really there is not in it, and a test compares the two. The file is
 * documentation: nothing runs it.
 */
import { writeFileSync } from "node:fs";
import { openDriver, type Tx } from "../src/store/driver/driver.ts";
import { migrate } from "../src/store/migrate.ts";

export const SCHEMA_FILE = new URL("../src/store/schema.sql", import.meta.url);

const HEADER = `-- The schema after every migration, as the database itself tells it. Written by \`npm run schema\`.
-- For reading only: what runs is in migration/.
`;

/** The schema of an embedded database that was just migrated. */
export async function readSchema(): Promise<string> {
  const driver = await openDriver({});
  try {
    await migrate(driver);
    return await describeSchema(driver);
  } finally {
    await driver.close();
  }
}

/** Tables with their columns, named constraints, indexes and triggers; then views and functions. By name. */
export async function describeSchema(tx: Tx): Promise<string> {
  const columns = await listLines(tx, COLUMNS);
  const constraints = await listLines(tx, CONSTRAINTS);
  const indexes = await listLines(tx, INDEXES);
  const triggers = await listLines(tx, TRIGGERS);
  const views = await listLines(tx, VIEWS);
  const functions = await listLines(tx, FUNCTIONS);
  const tables = [...columns].map(([table, lines]) => {
    const inside = [...lines, ...(constraints.get(table) ?? [])];
    const after = [...(indexes.get(table) ?? []), ...(triggers.get(table) ?? [])];
    return [
      `create table ${table} (\n${inside.map((line) => `  ${line}`).join(",\n")}\n);`,
      ...after.map((line) => `${line};`),
    ].join("\n");
  });
  const bodies = [...views.values(), ...functions.values()].flat().map((body) => `${body.trim()};`);
  return `${[HEADER.trim(), ...tables, ...bodies].join("\n\n")}\n`;
}

async function listLines(tx: Tx, sql: string): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  for (const { owner, line } of await tx.query<{ owner: string; line: string }>(sql)) {
    lines.set(owner, [...(lines.get(owner) ?? []), line]);
  }
  return lines;
}

const COLUMNS = `
  select c.relname as owner,
         a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
           || case when a.attnotnull then ' not null' else '' end
           || case when a.attidentity = 'a' then ' generated always as identity' else '' end
           || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as line
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  order by c.relname collate "C", a.attnum`;

// Newer servers list "not null" as constraints of its own; the columns already say it.
const CONSTRAINTS = `
  select c.relname as owner,
         'constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid, true) as line
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  where c.relnamespace = 'public'::regnamespace and k.contype in ('p', 'u', 'f', 'c')
  order by c.relname collate "C", array_position(array['p', 'u', 'f', 'c'], k.contype::text),
           k.conname collate "C"`;

const INDEXES = `
  select c.relname as owner, pg_get_indexdef(i.indexrelid) as line
  from pg_index i
  join pg_class c on c.oid = i.indrelid
  join pg_class named on named.oid = i.indexrelid
  where c.relnamespace = 'public'::regnamespace
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype <> 'f')
  order by c.relname collate "C", named.relname collate "C"`;

const TRIGGERS = `
  select c.relname as owner, pg_get_triggerdef(t.oid, true) as line
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
  order by c.relname collate "C", t.tgname collate "C"`;

const VIEWS = `
  select c.relname as owner,
         'create view ' || c.relname || ' as' || chr(10) || rtrim(pg_get_viewdef(c.oid, true), ';') as line
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'
  order by c.relname collate "C"`;

const FUNCTIONS = `
  select p.proname as owner, pg_get_functiondef(p.oid) as line
  from pg_proc p
  where p.pronamespace = 'public'::regnamespace
  order by p.proname collate "C", pg_get_function_identity_arguments(p.oid)`;

if (import.meta.main) writeFileSync(SCHEMA_FILE, await readSchema());
