/**
 * What a person signs when they vote: which case, for whom, what, why, on exactly which action, and until
 * when the paper counts.
 */
import type { RejectReason } from "../case/types.ts";
import { openEnvelope, type Envelope, signEnvelope } from "../sign/envelope.ts";
import type { Instant } from "../../std/time.ts";

export type BallotPaper = {
  readonly case: string;
  readonly party: string;
  readonly person: string;
  readonly choice: "agree" | "reject";
  readonly because?: RejectReason;
  readonly reason: string;
  readonly digest: string;
  readonly at: Instant;
  readonly expires: Instant;
};

export function signBallotPaper(paper: BallotPaper, secret: Uint8Array): Envelope {
  return signEnvelope(openEnvelope("vote", paper), secret);
}
