/**
 * Break-glass: an owner lifts, for a stated time and with a reason, the guardrails that the charter
 * lists, and everything then needs a vote of every party.
 *
 * It never lifts a rule, a signature, a stop or another loop's claim. It is told to both owners at once,
 * shown wherever the loop is shown, and named in every verdict that it touched. It ends by itself.
 */
import { normaliseEmail } from "../core/charter/seat.ts";
import { InterlockError } from "../std/errors.ts";
import { addMs, HOUR_MS } from "../std/time.ts";
import { closeGlass, findGlass, type GlassRow, insertGlass } from "../store/table/broken-glass.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { lockLoop } from "../store/table/loop.ts";
import { assert } from "../std/assert.ts";
import { writeLoopNews } from "./loop-news.ts";
import { loopEntry } from "./loops.ts";
import { getLoopTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export async function breakGlass(
  context: EngineContext,
  wiring: LoopWiring,
  said: {
    readonly party: string;
    readonly person: string;
    readonly reason: string;
    readonly hours: number;
  },
): Promise<GlassRow> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    await lockLoop(tx, wiring.name);
    const { charter } = await getLoopTerms(tx, wiring.name);
    const { party, person, reason, hours } = said;
    checkOwner(charter.parties, party, person);
    const terms = charter.breakGlass;
    if (terms === undefined) {
      throw new InterlockError(
        "glass/not-agreed",
        `the charter of ${wiring.name} has no breakGlass`,
        {
          help: "both heads agree on it in a later version, or nobody can",
        },
      );
    }
    if (!(hours > 0 && hours <= terms.hoursMax)) {
      throw new InterlockError(
        "glass/too-long",
        `the charter allows up to ${terms.hoursMax} hours`,
      );
    }
    const open = await findGlass(tx, wiring.name, now);
    if (open !== undefined) {
      throw new InterlockError(
        "glass/already-broken",
        `${open.person} broke it until ${open.until}`,
        {
          help: "close it first: `glass close`",
        },
      );
    }
    const until = addMs(now, hours * HOUR_MS);
    const row = { loop: wiring.name, party, person, reason, broken_at: now, until };
    const made = await insertGlass(tx, row);
    assert(made, "an insert gives its row");
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "glass.broken", { party, reason, until }, person),
    ]);
    await writeLoopNews(tx, context, wiring, `glass-${made.id}`, {
      topic: "glass-broken",
      person,
      reason,
      until,
      lifts: terms.lifts,
    });
    return made;
  });
}

/** Any owner of the loop closes it before its time. */
export async function mendGlass(
  context: EngineContext,
  wiring: LoopWiring,
  said: { readonly party: string; readonly person: string },
): Promise<GlassRow> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const { charter } = await getLoopTerms(tx, wiring.name);
    checkOwner(charter.parties, said.party, said.person);
    const [closed] = await closeGlass(tx, wiring.name, said.person, now);
    if (closed === undefined) {
      throw new InterlockError("glass/not-broken", `the glass of ${wiring.name} is whole`);
    }
    await appendLedger(tx, [loopEntry(context, wiring.name, "glass.closed", {}, said.person)]);
    await writeLoopNews(tx, context, wiring, `glass-${closed.id}`, {
      topic: "glass-closed",
      person: said.person,
    });
    return closed;
  });
}

type Owned = { readonly department: string; readonly owner: { readonly email: string } };

function checkOwner(parties: ReadonlyArray<Owned>, party: string, person: string): void {
  const owner = parties.find(({ department }) => department === party)?.owner.email;
  if (owner !== undefined && normaliseEmail(owner) === normaliseEmail(person)) return;
  throw new InterlockError("glass/not-entitled", `${person} is not the owner of \`${party}\``, {
    help:
      owner === undefined
        ? `the parties are ${parties.map(({ department }) => department).join(", ")}`
        : `the owner is ${owner}`,
  });
}
