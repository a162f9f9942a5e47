/**
 * Brings a database to the schema this version of Interlock knows.
 *
 * Migrations are the numbered `.sql` files in `migration/`, applied in order, each once, each in a
 * transaction of its own. A file whose first line is `--! breaking` locks out older workers: one that
 * does not know it refuses to start. An advisory lock keeps two starting processes apart.
 */
import { readdirSync, readFileSync } from "node:fs";
import { InterlockError } from "../std/errors.ts";
import type { Driver, Tx } from "./driver/driver.ts";

const MIGRATION_DIRECTORY = new URL("./migration/", import.meta.url);
/** Any constant of ours; it names the right to migrate. */
const ADVISORY_LOCK = 4_917_311_205;

export type Migration = {
  readonly n: number;
  readonly name: string;
  readonly sql: string;
  readonly isBreaking: boolean;
};

export function listMigrations(): ReadonlyArray<Migration> {
  return readdirSync(MIGRATION_DIRECTORY)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, MIGRATION_DIRECTORY), "utf8");
      return {
        n: Number(file.slice(0, 4)),
        name: file.slice(5, -4),
        sql,
        isBreaking: sql.startsWith("--! breaking"),
      };
    });
}

/** Read once: what this process was started with is what it knows, whatever is installed meanwhile. */
const OWN = listMigrations();

/** Applies what is missing; returns how many were applied. */
export async function migrate(
  driver: Driver,
  migrations: ReadonlyArray<Migration> = OWN,
): Promise<number> {
  await driver.exec(`create table if not exists schema_migration (
    n int primary key,
    name text not null,
    is_breaking boolean not null,
    applied_at timestamptz not null default now()
  )`);
  let applied = 0;
  for (const migration of migrations) {
    const isNew = await driver.transaction((tx) => applyOnce(tx, migration));
    if (isNew) applied += 1;
  }
  await checkSchema(driver, migrations);
  return applied;
}

async function applyOnce(tx: Tx, migration: Migration): Promise<boolean> {
  await tx.query("select pg_advisory_xact_lock($1)", [ADVISORY_LOCK]);
  const known = await tx.query("select n from schema_migration where n = $1", [migration.n]);
  if (known.length > 0) return false;
  await tx.exec(migration.sql);
  await tx.query("insert into schema_migration (n, name, is_breaking) values ($1, $2, $3)", [
    migration.n,
    migration.name,
    migration.isBreaking,
  ]);
  return true;
}

/** Names of the migrations that the database has not had yet. */
export async function listPendingMigrations(tx: Tx): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ n: number }>("select n from schema_migration");
  const known = new Set(rows.map(({ n }) => n));
  return listMigrations().flatMap(({ n, name }) => (known.has(n) ? [] : [name]));
}

/**
 * Refused with `store/schema-newer` where a newer version brought tables that this one must not touch. Asked
 * when a process starts, and again and again while it works.
 */
export async function checkSchema(
  tx: Tx,
  known: ReadonlyArray<Pick<Migration, "n">> = OWN,
): Promise<void> {
  const last = known.at(-1)?.n ?? 0;
  const newer = await tx.query<{ n: number; name: string }>(
    "select n, name from schema_migration where n > $1 and is_breaking order by n limit 1",
    [last],
  );
  const [breaking] = newer;
  if (breaking === undefined) return;
  throw new InterlockError(
    "store/schema-newer",
    `the database has migration ${breaking.n} \`${breaking.name}\`, which this version does not know`,
    { help: "start the newer version of Interlock on this database" },
  );
}
