/**
 * Where votes come in: who votes is proved, whether it counts is said at once, and no proved vote is lost.
 *
 * A vote that counts becomes a letter to its case; one that does not leaves an entry in the ledger with
 * the code of its refusal. Both happen under the case's lock, so of two votes at one moment the second
 * sees the first.
 */
import { ballotOf, findOwed } from "../core/case/ballot.ts";
import {
  type Case,
  type CaseVote,
  type PartyClock,
  REJECT_REASONS,
  type RejectReason,
  type Terms,
} from "../core/case/types.ts";
import { renderVoteSheet, type VoteSheet } from "../core/case/vote-sheet.ts";
import type { BallotPaper } from "../core/charter/ballot-paper.ts";
import { normaliseEmail } from "../core/charter/seat.ts";
import { findVoteRefusal, tallyVotes } from "../core/charter/votes.ts";
import { readEnvelope } from "../core/sign/envelope.ts";
import { checkStatementSigner, checkTexts } from "../core/sign/statement.ts";
import { assert } from "../std/assert.ts";
import type { Json } from "../std/canonical-json.ts";
import type { Hash } from "../std/hash.ts";
import { type ErrorCode, InterlockError } from "../std/errors.ts";
import { type Instant, isInstant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { insertCaseEvents, listEventsOfKind } from "../store/table/case-event.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { findCase, lockCase } from "../store/table/signal-case.ts";
import type { SignedIn } from "./people.ts";
import { refusedVoteEntry } from "./refused-vote.ts";
import { listSigners } from "./signers.ts";
import { getTerms } from "./terms.ts";
import { getLinkSecret, readVoteToken, type VoteLink } from "./vote-link.ts";
import type { EngineContext } from "./wiring.ts";

/**
 * A vote as it arrives: signed by the voter's key, from the session of whoever signed in, or by the link
 * that only their mailbox has.
 */
export type GivenVote =
  | { readonly envelope: unknown }
  | {
      readonly signedIn: SignedIn;
      readonly case: string;
      readonly party: string;
      /** Of the action as it was shown. */
      readonly digest: Hash;
      readonly choice: "agree" | "reject";
      readonly because?: RejectReason | null;
      readonly reason: string;
    }
  | {
      readonly token: string;
      readonly choice: "agree" | "reject";
      readonly because?: RejectReason | null;
      readonly reason: string;
      /** Who pressed the button that carried it, where that was in Slack and Slack says whose it is. */
      readonly slack?: { readonly user: string; readonly email: string };
    };

/** Throws the code of whatever keeps it from counting. Returns the case as it was when it counted. */
export async function castVote(
  { driver, clock, reached }: EngineContext,
  caseId: string | undefined,
  given: GivenVote,
): Promise<Case> {
  const now = clock.now();
  const result = await driver.transaction(async (tx) => {
    const { case: id, vote, expires } = await prove(tx, given, now);
    if (caseId !== undefined && caseId !== id) {
      throw new InterlockError("vote/bad-proof", `it is a vote on \`${id}\`, not on \`${caseId}\``);
    }
    const of = await lockCase(tx, id);
    if (of === undefined)
      throw new InterlockError("case/not-found", `no case has the id \`${id}\``);
    const refusal = findExpiry(id, expires, now) ?? (await findRefusal(tx, of, vote));
    if (refusal === undefined) {
      await insertCaseEvents(tx, [{ caseId: id, event: { kind: "vote.cast", at: now, vote } }]);
      await reached?.("vote/written");
      return { of };
    }
    await appendLedger(tx, [refusedVoteEntry(of, vote, refusal.code, now)]);
    return { refusal };
  });
  if ("of" in result) return result.of;
  throw toError(result.refusal);
}

/** What a link asks, and why an agreement by it would not count now, where it would not. */
export type Asked = {
  readonly of: Case;
  readonly sheet: VoteSheet;
  readonly link: VoteLink;
  readonly note?: string;
};

/** For whoever opens the link; it decides nothing. Refused once the case is decided. */
export async function readAsked({ driver, clock }: EngineContext, token: string): Promise<Asked> {
  const now = clock.now();
  const link = readVoteToken(await getLinkSecret(driver, now), token);
  const expiry = findExpiry(link.case, link.expires, now);
  if (expiry !== undefined) throw toError(expiry);
  const of = await findCase(driver, link.case);
  if (of === undefined) {
    throw new InterlockError("case/not-found", `no case has the id \`${link.case}\``);
  }
  if (of.state !== "held" || of.digest !== link.digest) {
    const code = of.state === "held" ? "vote/other-action" : "vote/too-late";
    throw new InterlockError(code, `case \`${of.id}\` no longer asks this: it is ${of.state}`, {
      help: `interlock case explain ${of.id} tells what became of it`,
    });
  }
  const terms = await getTerms(driver, of.contractHash, of.charterHash);
  const { party, person, digest } = link;
  const agreement = { party, person, choice: "agree", reason: "", digest, at: now } as const;
  const refusal = await findRefusal(driver, of, { ...agreement, proof: { kind: "link" } });
  if (refusal?.code === "vote/too-late") throw toError(refusal);
  const sheet = renderVoteSheet(of, terms, party, now);
  assert(sheet, "a held case has a clock for each party that its letters ask");
  return { of, sheet, link, ...(refusal === undefined ? {} : { note: refusal.message }) };
}

type Proved = { readonly case: string; readonly vote: CaseVote; readonly expires?: Instant };

async function prove(tx: Tx, given: GivenVote, now: Instant): Promise<Proved> {
  if ("token" in given) {
    const link = readVoteToken(await getLinkSecret(tx, now), given.token);
    const { party, person, digest, expires } = link;
    const { choice, because, reason, slack } = given;
    if (slack !== undefined && normaliseEmail(slack.email) !== normaliseEmail(person)) {
      throw new InterlockError("vote/bad-proof", `this question is for ${person} alone`, {
        help: "whoever is asked gets a message of their own",
      });
    }
    return {
      case: link.case,
      expires,
      vote: {
        ...{ party, person, choice, reason, digest, at: now },
        ...(because ? { because } : {}),
        proof: { kind: "link", ...(slack === undefined ? {} : { slackUser: slack.user }) },
      },
    };
  }
  if ("signedIn" in given) {
    const { signedIn, party, digest, choice, because, reason } = given;
    const { email: person, method } = signedIn;
    return {
      case: given.case,
      vote: {
        ...{ party, person, choice, reason, digest, at: now },
        ...(because ? { because } : {}),
        proof: { kind: "session", method },
      },
    };
  }
  const { envelope, statement } = readEnvelope("vote", given.envelope);
  const paper = checkPaper(statement);
  const keyId = checkStatementSigner(envelope, "vote", paper.person, await listSigners(tx), now);
  const { case: caseId, party, person, choice, reason, digest, expires } = paper;
  const because = REJECT_REASONS.find((kind) => kind === paper.because);
  return {
    case: caseId,
    expires,
    vote: {
      ...{ party, person, choice, reason, digest, at: now },
      ...(because === undefined ? {} : { because }),
      proof: { kind: "signature", keyId, envelope: envelope as unknown as Json },
    },
  };
}

const PAPER_TEXTS = ["case", "party", "person", "choice", "reason", "digest", "at", "expires"];

function checkPaper(statement: Json): BallotPaper {
  const paper = checkTexts("vote", statement, PAPER_TEXTS);
  const choice = paper["choice"];
  if (choice !== "agree" && choice !== "reject") {
    throw new InterlockError("sign/malformed", "the signed vote has no `choice`");
  }
  if (!isInstant(paper["expires"])) {
    throw new InterlockError("sign/malformed", "the signed vote does not say until when it counts");
  }
  return paper as unknown as BallotPaper;
}

type Refusal = { readonly code: ErrorCode; readonly message: string; readonly help?: string };

function toError({ code, message, help }: Refusal): InterlockError {
  return new InterlockError(code, message, help === undefined ? {} : { help });
}

function findExpiry(
  caseId: string,
  expires: Instant | undefined,
  now: Instant,
): Refusal | undefined {
  if (expires === undefined || now < expires) return undefined;
  return {
    code: "vote/expired",
    message: `the vote counted until ${expires}`,
    help: `interlock case explain ${caseId} tells what became of it`,
  };
}

async function findRefusal(tx: Tx, of: Case, vote: CaseVote): Promise<Refusal | undefined> {
  if (["executing", "withheld", "watching", "closed"].includes(of.state)) {
    const decided = of.closeReason ?? of.state;
    return {
      code: "vote/too-late",
      message: `case \`${of.id}\` was decided at ${of.closedAt ?? of.changedAt}: it is ${decided}`,
      help: `interlock case explain ${of.id} tells how`,
    };
  }
  const terms = await getTerms(tx, of.contractHash, of.charterHash);
  const ballot = of.state === "held" ? ballotOf(of, terms) : undefined;
  if (ballot === undefined) {
    return {
      code: "vote/too-early",
      message: `case \`${of.id}\` is ${of.state} and asks for no vote yet`,
      help: "vote once it asks; whoever is asked gets a letter",
    };
  }
  const isReasoned =
    vote.reason.trim() !== "" && REJECT_REASONS.some((reason) => reason === vote.because);
  if (vote.choice === "reject" && !isReasoned) {
    return {
      code: "vote/reason-missing",
      message: "a rejection needs a kind of reason and words",
      help: `the kinds are ${REJECT_REASONS.join(", ")}`,
    };
  }
  const votes = [...of.votes, ...(await listWaiting(tx, of.id))];
  // The votes that wait have decided it already, and what is decided stays so.
  const tally = tallyVotes(ballot, votes);
  if (tally.kind !== "waiting") {
    return {
      code: "vote/too-late",
      message: `case \`${of.id}\` was decided at ${votes.at(-1)?.at ?? ""}: it is ${tally.kind}`,
      help: `interlock case explain ${of.id} tells how`,
    };
  }
  const over = findClockOver({ ...of, votes }, terms, vote.at);
  if (over !== undefined) {
    return {
      code: "vote/too-late",
      message: `${over.party} had until ${over.stages.at(-1)?.dueAt ?? ""} to answer`,
      help: `interlock case explain ${of.id} tells what becomes of it`,
    };
  }
  const refused = findVoteRefusal(ballot, votes, vote);
  return refused && { code: refused.code, message: refused.words };
}

/** A clock that has ended before its case was told: whatever is voted now comes after it. */
function findClockOver(of: Case, terms: Terms, at: Instant): PartyClock | undefined {
  return of.clocks.find(({ party, stages }) => {
    const end = stages.at(-1)?.dueAt;
    return end !== undefined && at >= end && findOwed(of, terms, party) !== undefined;
  });
}

/** Votes that were taken and that the case has not read yet. */
async function listWaiting(tx: Tx, caseId: string): Promise<ReadonlyArray<CaseVote>> {
  const letters = await listEventsOfKind(tx, caseId, "vote.cast");
  return letters.flatMap((letter) => (letter.kind === "vote.cast" ? [letter.vote] : []));
}
