/** Sends one letter to one department. Its id is stable, so a repeat is recognised as the same. */
import type { Case, Letter } from "../core/case/types.ts";
import { LINK_PLACE, TOKEN_PLACE } from "../core/case/vote-request.ts";
import type { Call } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import type { EffectRow } from "../store/table/effect.ts";
import type { Ending } from "./ending.ts";
import { createVoteToken, getLinkSecret } from "./vote-link.ts";
import type { EngineContext } from "./wiring.ts";

export async function sendNotice(
  context: EngineContext,
  effect: EffectRow,
  of: Case,
  call: Call,
): Promise<Ending> {
  assert(effect.body.kind === "notify", "only notices come here");
  const wiring = context.loops.get(of.loop);
  assert(wiring, `the loop \`${of.loop}\` is wired`);
  const { letter } = effect.body;
  if (letter.to === "") {
    return { kind: "failed", why: `the charter names no address for ${letter.department}` };
  }
  const { receipt } = await wiring.notifier.send(
    {
      id: `${of.id}.${effect.step}`,
      department: letter.department,
      address: letter.to,
      subject: letter.subject,
      text: await fillIn(context, of, letter),
      thread: of.id,
    },
    call,
  );
  return { kind: "done", result: receipt };
}

/** The link of a letter that asks for a vote is made as it leaves and is kept nowhere. */
async function fillIn(context: EngineContext, of: Case, letter: Letter): Promise<string> {
  if (letter.asks === undefined) return letter.text;
  const { driver, clock, publicUrl } = context;
  const secret = await getLinkSecret(driver, clock.now());
  const token = createVoteToken(secret, { case: of.id, person: letter.to, ...letter.asks });
  const link =
    publicUrl === undefined ? "with the command below" : `${publicUrl}/v1/approve/${token}`;
  return letter.text.replaceAll(LINK_PLACE, link).replaceAll(TOKEN_PLACE, token);
}
