/**
 * The link by which one mailbox votes once on one action: what it is for, and a seal that only this
 * engine can make.
 *
 * The picture of the evidence has a link of its own, for chats that fetch images: it shows that picture and
 * opens nothing else.
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
  return `${text}.${sealOf(secret, "vote-link", text)}`;
}

/** Throws `vote/bad-proof` for anything that this engine did not make. When it ends is the caller's. */
export function readVoteToken(secret: string, token: string): VoteLink {
  const [caseId, party, person, digest, expires] = readSealed(secret, "vote-link", token) as [
    string,
    string,
    string,
    Hash,
    Instant,
  ];
  return { case: caseId, party, person, digest, expires };
}

export type PictureLink = Pick<VoteLink, "case" | "expires">;

export function createPictureToken(secret: string, link: PictureLink): string {
  const text = Buffer.from(JSON.stringify([link.case, link.expires])).toString("base64url");
  return `${text}.${sealOf(secret, "picture", text)}`;
}

export function readPictureToken(secret: string, token: string): PictureLink {
  const [caseId, expires] = readSealed(secret, "picture", token) as [string, Instant];
  return { case: caseId, expires };
}

/** A seal is for one purpose: what shows a picture does not vote. */
type Purpose = "vote-link" | "picture";

function readSealed(secret: string, purpose: Purpose, token: string): unknown {
  const [text = "", seal = "", ...more] = token.length > TOKEN_CHARS_MAX ? [] : token.split(".");
  if (more.length > 0 || !isSame(seal, sealOf(secret, purpose, text))) {
    throw new InterlockError("vote/bad-proof", "the link is not one of ours, or was changed", {
      help: "use the link of the newest letter as it stands there",
    });
  }
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
}

function sealOf(secret: string, purpose: Purpose, text: string): string {
  return createHmac("sha256", secret).update(`${purpose} ${text}`).digest("base64url");
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
