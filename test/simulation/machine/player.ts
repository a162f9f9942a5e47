/**
 * A process that plays seeds, one after another, as `fleet.ts` asks: on the PostgreSQL database whose URL it
 * is given, or on an embedded one of its own. It ends when whoever started it is gone.
 */
import { openDriver } from "../../../src/store/driver/driver.ts";
import { listBugs, loadWithBug } from "./bug.ts";
import { prepareStore, type RunReport, runSeed } from "./run.ts";
import { drawOptions } from "./seed.ts";

export type Asked = {
  readonly seed: number;
  /** Name of the bug that is planted first. */
  readonly bug?: string | undefined;
};
export type Answer = { readonly report: RunReport } | { readonly error: unknown };

process.on("disconnect", () => process.exit());
// Whoever presses Ctrl-C presses it for the whole group; the one who started this one sees to its end.
process.on("SIGINT", () => undefined);

const driver = await openDriver({ url: process.argv[2] });
await prepareStore(driver);

async function play({ seed, bug: name }: Asked): Promise<RunReport> {
  if (name === undefined) return runSeed(driver, drawOptions(seed));
  const bug = listBugs().find((one) => one.name === name);
  if (bug === undefined) throw new Error(`no bug is named \`${name}\``);
  return (await loadWithBug(bug)).runSeed(driver, drawOptions(seed));
}

process.on("message", (asked: Asked) => {
  void play(asked)
    .then(
      (report): Answer => ({ report }),
      (error: unknown): Answer => ({ error }),
    )
    .then((answer) => process.send?.(answer));
});
process.send?.("ready");
