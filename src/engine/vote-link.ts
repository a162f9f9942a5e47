/**
 * The link by which one mailbox votes once on one action: what it is for, and a seal that only this
 * engine can make.
 *
 * It is made when the letter is sent and is kept nowhere: not in the ledger, not with the letter. It
 * counts until that party's clock ends, and once, because a person votes once on a digest.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import type { Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { keepSecret } from "../store/table/secret.ts";

export type VoteLink = {
  readonly case: string;
  readonly party: string;
  readonly person: string;
  readonly digest: Hash;
  readonly expires: Instant;
};

const SECRET_NAME = "vote-link";
const SECRET_BYTES = 32;
/** Longer than any of ours; nothing of this length is even looked at. */
const TOKEN_CHARS_MAX = 2_000;

export async function getLinkSecret(tx: Tx, now: Instant): Promise<string> {
  return keepSecret(tx, SECRET_NAME, randomBytes(SECRET_BYTES).toString("base64url"), now);
}

export function createVoteToken(secret: string, link: VoteLink): string {
  const { case: caseId, party, person, digest, expires } = link;
  const body = JSON.stringify([caseId, party, person, digest, expires]);
  const text = Buffer.from(body).toString("base64url");
  return `${text}.${sealOf(secret, text)}`;
}

/** Throws `vote/bad-proof` for anything that this engine did not make. When it ends is the caller's. */
export function readVoteToken(secret: string, token: string): VoteLink {
  const [text = "", seal = "", ...more] = token.length > TOKEN_CHARS_MAX ? [] : token.split(".");
  if (more.length > 0 || !isSame(seal, sealOf(secret, text))) {
    throw new InterlockError("vote/bad-proof", "the link is not one of ours, or was changed", {
      help: "use the link of the newest letter as it stands there",
    });
  }
  const [caseId, party, person, digest, expires] = JSON.parse(
    Buffer.from(text, "base64url").toString("utf8"),
  ) as [string, string, string, Hash, Instant];
  return { case: caseId, party, person, digest, expires };
}

function sealOf(secret: string, text: string): string {
  return createHmac("sha256", secret).update(`vote-link ${text}`).digest("base64url");
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
