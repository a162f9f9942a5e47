/** Like decisions, answered together: each vote bound to its own action, each answered by itself. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, type ReactNode, useState } from "react";
import type { BatchAnswer } from "../../../src/operation/vote-batch.ts";
import { REJECT_REASONS, type RejectReason } from "../../../src/core/case/types.ts";
import type { VoteLine } from "../../../src/operation/show-today.ts";
import { act } from "../call.ts";
import { moneyToShortText, toTitle } from "../words.ts";
import { sumMoney, type VoteGroup } from "../page/today.model.ts";
import { Problem } from "./state.tsx";

export type Answered = BatchAnswer[number] & { readonly name: string };

export function Batch({
  group: { party, option, lines },
  row,
  onAnswered,
}: {
  readonly group: VoteGroup;
  /** What a line looks like, with the box that picks it. */
  row(line: VoteLine, pick: ReactNode): ReactNode;
  /** What is answered leaves the list, so whoever holds the list tells what became of each. */
  onAnswered(answers: ReadonlyArray<Answered>): void;
}): JSX.Element {
  const client = useQueryClient();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [isRejecting, setRejecting] = useState(false);
  const [because, setBecause] = useState<RejectReason>("evidence-wrong");
  const [reason, setReason] = useState("");
  const picked = lines.filter(({ id }) => !left.has(id));
  const cast = useMutation({
    mutationFn: async (choice: "agree" | "reject") => {
      const votes = picked.map(({ id, digest }) => ({ id, digest }));
      const said = choice === "reject" ? { because, reason } : {};
      const answers = await act("batchVote", { department: party, choice, votes, ...said });
      const names = new Map(lines.map(({ id, subjectName }) => [id, subjectName]));
      return answers.map((answer) => ({ ...answer, name: names.get(answer.id) ?? answer.id }));
    },
    onSuccess: (answers) => {
      onAnswered(answers);
      return client.invalidateQueries();
    },
  });
  const stake = sumMoney(picked.map(({ atStake }) => atStake));
  const isIdle = picked.length === 0 || cast.isPending;
  return (
    <>
      <ol className="rows">
        {lines.map((line) =>
          row(
            line,
            <input
              type="checkbox"
              className="pick"
              aria-label={`Answer for ${line.subjectName} with the others`}
              checked={!left.has(line.id)}
              onChange={({ target }) => {
                const next = new Set(left);
                if (target.checked) next.delete(line.id);
                else next.add(line.id);
                setLeft(next);
              }}
            />,
          ),
        )}
      </ol>
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault();
          cast.mutate("reject");
        }}
      >
        <p>
          <strong>
            {picked.length} of {lines.length} like decisions for {toTitle(party)}
            {option === null ? "" : `, ${toTitle(option).toLowerCase()}`}.
          </strong>{" "}
          {stake !== undefined && `${moneyToShortText(stake)} at stake together. `}
          Each vote counts for exactly the change shown in its line.
        </p>
        {isRejecting && (
          <>
            <label>
              Kind of reason
              <select
                value={because}
                onChange={({ target }) => setBecause(target.value as RejectReason)}
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
                onChange={({ target }) => setReason(target.value)}
              />
            </label>
          </>
        )}
        <p className="row">
          {isRejecting ? (
            <>
              <button type="submit" className="main" disabled={isIdle}>
                Reject these {picked.length}
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
                disabled={isIdle}
                onClick={() => cast.mutate("agree")}
              >
                Agree to these {picked.length}
              </button>
              <button type="button" disabled={isIdle} onClick={() => setRejecting(true)}>
                Reject these {picked.length}
              </button>
            </>
          )}
        </p>
        {cast.error !== null && <Problem error={cast.error} />}
      </form>
    </>
  );
}
