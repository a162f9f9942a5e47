/** Sends one letter to one department. Its id is stable, so a repeat is recognised as the same. */
import type { Case, Letter } from "../core/case/types.ts";
import {
  LINK_PLACE,
  PICTURE_PLACE,
  REPLY_PLACE,
  REPLY_WORDS,
  TOKEN_PLACE,
} from "../core/case/vote-request.ts";
import { renderVoteSheet } from "../core/case/vote-sheet.ts";
import type { Call, Notice } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import type { EffectRow } from "../store/table/effect.ts";
import type { Ending } from "./ending.ts";
import { readCasePicture } from "./case-evidence.ts";
import { drawEvidencePng } from "./evidence-png.ts";
import { replyNameOf } from "./mail-reply.ts";
import { getTerms } from "./terms.ts";
import { createPictureToken, createVoteToken, getLinkSecret } from "./vote-link.ts";
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
  await context.reached?.("notify/before-send");
  const { receipt } = await wiring.notifier.send(
    {
      id: `${of.id}.${effect.step}`,
      department: letter.department,
      address: letter.to,
      subject: letter.subject,
      thread: of.id,
      ...(await fillIn(context, of, letter, effect.step)),
    },
    call,
  );
  await context.reached?.("notify/after-send");
  return { kind: "done", result: receipt };
}

/** The link of a letter that asks for a vote is made as it leaves and is kept nowhere. */
async function fillIn(
  context: EngineContext,
  of: Case,
  letter: Letter,
  step: number,
): Promise<Pick<Notice, "text" | "vote">> {
  if (letter.asks === undefined) return { text: letter.text };
  const { driver, clock, publicUrl, replyDomain } = context;
  const { asks } = letter;
  const now = clock.now();
  const secret = await getLinkSecret(driver, now);
  const token = createVoteToken(secret, { case: of.id, person: letter.to, ...asks });
  const link = publicUrl === undefined ? undefined : `${publicUrl}/v1/approve/${token}`;
  const drawn = await readCasePicture(context, of);
  const replyTo =
    replyDomain === undefined
      ? undefined
      : `${replyNameOf(secret, of.id, step, letter.to)}@${replyDomain}`;
  const text = letter.text
    .replace(REPLY_LINE, replyTo === undefined ? "" : `$1${REPLY_WORDS}\n`)
    .replaceAll(LINK_PLACE, link ?? "with the command below")
    .replaceAll(TOKEN_PLACE, token)
    .replaceAll(PICTURE_PLACE, drawn === undefined ? NO_PICTURE : `${drawn.words}  ${drawn.line}`);
  const terms = await getTerms(driver, of.contractHash, of.charterHash);
  const sheet = renderVoteSheet(of, terms, asks.party, now);
  // Decided, or asked anew, since it was written: it goes out as words, without what would answer it.
  if (sheet === undefined || of.digest !== asks.digest) return { text };
  const picture = drawn && {
    png: drawEvidencePng(drawn),
    words: drawn.words,
    line: drawn.line,
    ...(isReachable(publicUrl) ? { url: pictureUrl(publicUrl, secret, of.id, asks.expires) } : {}),
  };
  return {
    text,
    vote: {
      sheet,
      ...(picture === undefined ? {} : { picture }),
      token,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(link === undefined ? {} : { link, casePage: `${publicUrl}/#/case/${of.id}` }),
    },
  };
}

const REPLY_LINE = new RegExp(`^( *)${REPLY_PLACE}\\n`, "m");
const NO_PICTURE =
  "No daily counts of this place are kept here; the signal's own figures are below.";

/** A chat's servers fetch pictures from outside, and over TLS only. */
function isReachable(publicUrl: string | undefined): publicUrl is string {
  return publicUrl?.startsWith("https:") === true;
}

function pictureUrl(publicUrl: string, secret: string, caseId: string, expires: Instant): string {
  const token = createPictureToken(secret, { case: caseId, expires });
  return `${publicUrl}/v1/evidence/${token}`;
}
