/**
 * A process that owns an embedded database, to be killed. `node child.ts MODE DIRECTORY`
 *
 * - `hold`: opens, says `open`, waits
 * - `commit`: commits rows 1, 2, 3, ... and says each number once it is acknowledged
 * - `idle`: opens, asks one question, never closes; must end by itself
 * - `open`: opens and closes, says `opened` or the error's code
 */
import { openDriver, isCommitUnknown } from "../../../src/store/driver/driver.ts";
import { InterlockError } from "../../../src/std/errors.ts";

const [mode = "", directory = ""] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  const driver = await openDriver({ directory });
  say("open");
  if (mode === "hold") {
    setInterval(() => undefined, 1_000);
  } else if (mode === "idle") {
    await driver.query("select 1");
  } else if (mode === "open") {
    await driver.close();
    say("closed");
  } else {
    await driver.exec("create table if not exists kept (n int8 primary key)");
    const [last] = await driver.query<{ n: number }>("select coalesce(max(n), 0) as n from kept");
    for (let n = (last?.n ?? 0) + 1; ; n++) {
      await driver.transaction((tx) => tx.query("insert into kept (n) values ($1)", [n]));
      say(String(n));
    }
  }
} catch (error) {
  const code = error instanceof InterlockError ? error.code : String(error);
  say(`error ${code} ${isCommitUnknown(error) ? "unknown" : "known"}: ${String(error)}`);
  process.exitCode = 3;
}
