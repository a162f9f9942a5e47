/** One party's vote on exactly the action that this page shows. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useMemo, useState } from "react";
import { computeActionDigest } from "../../../src/core/case/digest.ts";
import { type Case, REJECT_REASONS, type RejectReason } from "../../../src/core/case/types.ts";
import { act } from "../call.ts";
import { toTitle } from "../words.ts";
import { Problem } from "./state.tsx";

export function Vote({
  of,
  party,
  digest,
}: {
  readonly of: Case;
  readonly party: string;
  /** Of what is shown; if that has changed since, the vote does not count and says so. */
  readonly digest: string;
}): JSX.Element {
  const client = useQueryClient();
  // What is on this page is what is voted on, whatever the server says of it.
  const isSame = useMemo(() => computeActionDigest(of) === digest, [of, digest]);
  const [isRejecting, setRejecting] = useState(false);
  const [because, setBecause] = useState<RejectReason>("evidence-wrong");
  const [reason, setReason] = useState("");
  const cast = useMutation({
    mutationFn: (choice: "agree" | "reject") =>
      act("caseVote", {
        ...{ id: of.id, party, digest, choice },
        ...(choice === "reject" ? { because, reason } : {}),
      }),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        cast.mutate("reject");
      }}
    >
      <p>
        <strong>Your vote for {toTitle(party)}.</strong> It counts for exactly the change shown
        here. <code title={digest}>{digest.slice(0, 12)}</code>{" "}
        {isSame && <span className="quiet">worked out again in this browser: the same</span>}
      </p>
      {isRejecting && (
        <>
          <label>
            Kind of reason
            <select
              value={because}
              onChange={(event) => setBecause(event.target.value as RejectReason)}
            >
              {REJECT_REASONS.map((kind) => (
                <option key={kind} value={kind}>
                  {toTitle(kind)}
                </option>
              ))}
            </select>
          </label>
          <label>
            In words, for both departments
            <textarea
              required
              maxLength={2_000}
              rows={2}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
        </>
      )}
      <p className="row">
        {isRejecting ? (
          <>
            <button type="submit" className="main" disabled={cast.isPending || !isSame}>
              Reject it
            </button>
            <button type="button" onClick={() => setRejecting(false)}>
              Back
            </button>
          </>
        ) : (
          <>
            <button
              type="button"
              className="main"
              disabled={cast.isPending || !isSame}
              onClick={() => cast.mutate("agree")}
            >
              Agree
            </button>
            <button type="button" onClick={() => setRejecting(true)}>
              Reject
            </button>
          </>
        )}
      </p>
      {!isSame && (
        <p className="problem">
          What is shown here has another digest than the one that is voted on. Do not vote; ask who
          runs this server.
        </p>
      )}
      {cast.error !== null && <Problem error={cast.error} />}
    </form>
  );
}
