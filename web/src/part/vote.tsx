/** One party's vote on exactly the action that this page shows. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";
import { REJECT_REASONS, type RejectReason } from "../../../src/core/case/types.ts";
import { act } from "../call.ts";
import { toTitle } from "../words.ts";
import { Problem } from "./state.tsx";

export function Vote({
  id,
  party,
  digest,
}: {
  readonly id: string;
  readonly party: string;
  /** Of what is shown; if that has changed since, the vote does not count and says so. */
  readonly digest: string;
}): JSX.Element {
  const client = useQueryClient();
  const [isRejecting, setRejecting] = useState(false);
  const [because, setBecause] = useState<RejectReason>("evidence-wrong");
  const [reason, setReason] = useState("");
  const cast = useMutation({
    mutationFn: (choice: "agree" | "reject") =>
      act("caseVote", {
        ...{ id, party, digest, choice },
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
        here. <code title={digest}>{digest.slice(0, 12)}</code>
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
            <button type="submit" className="main" disabled={cast.isPending}>
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
              disabled={cast.isPending}
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
      {cast.error !== null && <Problem error={cast.error} />}
    </form>
  );
}
