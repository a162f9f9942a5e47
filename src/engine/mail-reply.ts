/**
 * Replies to letters that ask: `away until 2026-12-05`, `delegate to deputy@example.com`, `back`. A reply never
 * votes: what it says is read off words, and words are no proof of having looked.
 *
 * Who writes is proved twice: by the address, which only the letter to that person had and which is sealed for
 * that letter, and by the author's own address; by their domain's signature as well, where the receiving
 * server tells it. An address takes one word that stands and is then used up. What is refused is told by a
 * letter of its own, because nobody reads what a mail server answers.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { firstWords, parseDelegationWords } from "../core/charter/delegation-words.ts";
import { normaliseEmail } from "../core/charter/seat.ts";
import { type ErrorCode, InterlockError, isStoreError } from "../std/errors.ts";
import { hashBytes, hashText } from "../std/hash.ts";
import type { Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findOrder } from "../store/table/effect.ts";
import { insertLoopNotices } from "../store/table/loop-notice.ts";
import { takeMessage } from "../store/table/received-message.ts";
import { carryOut } from "./said-words.ts";
import { getLinkSecret } from "./vote-link.ts";
import type { EngineContext } from "./wiring.ts";

/** A letter that came in, as far as it was read. */
export type ReplyLetter = {
  readonly from: string;
  readonly to: ReadonlyArray<string>;
  readonly text: string;
  readonly isAutomatic: boolean;
  readonly authentication: "pass" | "fail" | undefined;
};

export type ReplyOutcome =
  | { readonly outcome: "done"; readonly words: string }
  | { readonly outcome: "repeated" | "ignored"; readonly words: string }
  | { readonly outcome: "refused"; readonly code: ErrorCode; readonly words: string };

const DOOR = "mail";
const USED = "mail-address";
const PREFIX = "reply+";
const SEAL_BYTES = 20;
const SEAL_DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

/** The left side of the address to reply to; within the 64 characters that mail allows, in one case. */
export function replyNameOf(secret: string, caseId: string, step: number, person: string): string {
  return `${PREFIX}${caseId.replace(/^case-/, "")}.${step}.${sealOf(secret, caseId, step, person)}`;
}

export async function takeReply(
  context: EngineContext,
  id: string,
  bytes: Uint8Array,
  letter: ReplyLetter,
  isAuthenticated: boolean,
): Promise<ReplyOutcome> {
  const { driver, clock } = context;
  const now = clock.now();
  const message = { door: DOOR, id, content_hash: hashBytes(bytes), received_at: now };
  if (letter.isAutomatic) {
    return { outcome: "ignored", words: "a program wrote it; only people are heard here" };
  }
  try {
    return await driver.transaction(async (tx) => {
      const receipt = await takeMessage(tx, message);
      if (receipt === "repeated") return { outcome: "repeated", words: "it was taken before" };
      if (receipt === "conflicting") throw refuse("another letter was taken under this id");
      const asked = await findAsked(tx, letter, now);
      if (isAuthenticated && letter.authentication !== "pass") {
        throw refuse(
          `the signature of ${letter.from}'s domain does not show that they wrote it`,
          "send it from your own mailbox, or say it in Slack or by the command line",
        );
      }
      if (now >= asked.expires) throw refuse(`the letter could be answered until ${asked.expires}`);
      const words = await carryOut(tx, context, {
        person: asked.person,
        words: parseDelegationWords(firstWords(letter.text)),
        about: asked.case,
        via: "mail",
      });
      const used = {
        door: USED,
        id: `${asked.case}.${asked.step}`,
        content_hash: message.content_hash,
      };
      if ((await takeMessage(tx, { ...used, received_at: now })) !== "new") {
        throw refuse(
          "the letter's address was used before",
          "reply to a newer letter, or say it in Slack or by the command line",
        );
      }
      return { outcome: "done", words };
    });
  } catch (error) {
    if (!(error instanceof InterlockError) || isStoreError(error)) throw error;
    const help = error.help === undefined ? "" : ` ${error.help}.`;
    const words = `Nothing was changed: ${error.message}.${help}`;
    await driver.transaction((tx) => tellRefused(tx, message, letter, words, now));
    return { outcome: "refused", code: error.code, words };
  }
}

type AskedBy = {
  readonly case: string;
  readonly loop: string;
  readonly department: string;
  readonly step: number;
  readonly person: string;
  readonly expires: Instant;
};

/** The letter that is replied to. Throws where the reply is not proved to be its reader's. */
async function findAsked(tx: Tx, letter: ReplyLetter, now: Instant): Promise<AskedBy> {
  const asked = await findLetter(tx, letter, now);
  if (asked === undefined) throw refuse("it was not sent to the address of a letter of ours");
  if (normaliseEmail(letter.from) === normaliseEmail(asked.person)) return asked;
  throw refuse(`the letter was for ${asked.person} alone, and ${letter.from} replied`);
}

async function findLetter(tx: Tx, { to }: ReplyLetter, now: Instant): Promise<AskedBy | undefined> {
  for (const address of to) {
    const [, hex = "", digits = "", seal = ""] =
      /^reply\+([0-9a-f]+)\.(\d{1,5})\.([a-z2-7]+)@/.exec(address) ?? [];
    if (hex === "") continue;
    const [caseId, step] = [`case-${hex}`, Number(digits)];
    const effect = await findOrder(tx, caseId, step);
    if (effect?.body.kind !== "notify" || effect.body.letter.asks === undefined) continue;
    const { to: person, department, asks } = effect.body.letter;
    const wanted = sealOf(await getLinkSecret(tx, now), caseId, step, person);
    if (!isSame(seal, wanted)) continue;
    const { loop } = effect;
    return { case: caseId, loop, department, step, person, expires: asks.expires };
  }
  return undefined;
}

/** By a letter, where it is known whose letter was replied to; a stranger is told nothing. */
async function tellRefused(
  tx: Tx,
  message: Parameters<typeof takeMessage>[1],
  letter: ReplyLetter,
  words: string,
  now: Instant,
): Promise<void> {
  if ((await takeMessage(tx, message)) !== "new") return;
  const asked = await findAsked(tx, letter, now).catch(() => undefined);
  if (asked === undefined) return;
  await insertLoopNotices(tx, [
    {
      id: `${asked.loop}/reply-refused/${hashText(message.id).slice(0, 16)}`,
      loop: asked.loop,
      topic: "reply-refused",
      department: asked.department,
      address: asked.person,
      subject: "Your reply changed nothing",
      body: `${words}\n\nYou replied to the letter about case ${asked.case}.`,
      due_at: now,
      created_at: now,
    },
  ]);
}

function refuse(message: string, help?: string): InterlockError {
  return new InterlockError("delegation/unproved", message, help === undefined ? {} : { help });
}

function sealOf(secret: string, caseId: string, step: number, person: string): string {
  const said = `reply ${caseId} ${step} ${normaliseEmail(person)}`;
  const bytes = createHmac("sha256", secret).update(said).digest().subarray(0, SEAL_BYTES);
  let bits = 0;
  let value = 0;
  let text = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += SEAL_DIGITS[(value >>> (bits - 5)) & 31] ?? "";
    value &= (1 << bits) - 1;
  }
  return text;
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
