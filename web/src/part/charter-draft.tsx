/** A text that nobody has proposed yet: its gaps, what it would change, and history under it. */
import { useMutation } from "@tanstack/react-query";
import { type JSX, type ReactNode, useState } from "react";
import type { Charter } from "../../../src/core/charter/types.ts";
import type { CharterSimulation } from "../../../src/operation/simulate-charter.ts";
import { addDays } from "../../../src/std/time.ts";
import { call, useCall } from "../call.ts";
import { linkTo } from "../route.ts";
import { countToText, instantToText, moneyToShortText } from "../words.ts";
import { Changes, Gaps } from "./charter-review.tsx";
import { Figure, Panel } from "./panel.tsx";
import { Problem } from "./state.tsx";

const DAYS_BACK = 60;
const LINES_MAX = 30;
const FATES = {
  ran: "would have run by themselves",
  agreed: "would have been agreed to",
  rejected: "would have been rejected",
  expired: "nobody would have answered",
  forbidden: "would have been forbidden",
} as const;

export function CharterDraft({
  loop,
  charter,
}: {
  readonly loop: string;
  readonly charter: Charter;
}): JSX.Element {
  const [text, setText] = useState("");
  const document = text.trim() === "" ? {} : { document: text };
  const review = useMutation({ mutationFn: () => call("charterReview", { loop, ...document }) });
  const isDraft = text.trim() !== "";
  return (
    <Panel title="Try another text" aside="nothing is proposed by it">
      <label className="field">
        A charter, YAML or JSON
        <textarea
          className="code"
          rows={text === "" ? 3 : 14}
          spellCheck={false}
          value={text}
          placeholder="left empty, history is replayed under the charter that stands"
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <p className="row">
        <button type="button" onClick={() => setText(JSON.stringify(charter, null, 2))}>
          Begin with what stands
        </button>
        <button
          type="button"
          disabled={!isDraft || review.isPending}
          onClick={() => review.mutate()}
        >
          {review.isPending ? "Looking" : "What does it change?"}
        </button>
      </p>
      <div role="status">
        {review.data !== undefined && (
          <>
            <Gaps {...review.data} />
            <Changes {...review.data} />
          </>
        )}
      </div>
      {review.error !== null && <Problem error={review.error} />}
      <Simulate loop={loop} document={document} />
    </Panel>
  );
}

function Simulate({
  loop,
  document,
}: {
  readonly loop: string;
  readonly document: { readonly document?: string };
}): JSX.Element {
  const now = useCall("todayShow", {}).data?.now ?? new Date().toISOString();
  const [asked, setAsked] = useState<{ readonly from?: string; readonly to?: string }>({});
  const { to = now.slice(0, 10), from = addDays(now.slice(0, 10), -DAYS_BACK) } = asked;
  const run = useMutation({
    mutationFn: () => call("charterSimulate", { loop, from, to, ...document }),
  });
  return (
    <>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <label>
          From
          <input
            type="date"
            required
            value={from}
            onChange={({ target }) => setAsked({ ...asked, from: target.value })}
          />
        </label>
        <label>
          Until
          <input
            type="date"
            required
            value={to}
            onChange={({ target }) => setAsked({ ...asked, to: target.value })}
          />
        </label>
        <button type="submit" disabled={run.isPending}>
          Replay history under it
        </button>
      </form>
      {run.isPending && (
        <p role="status">
          <progress aria-label="Replaying history" /> Every case of these days is governed again.
        </p>
      )}
      {run.data !== undefined && <Replayed {...run.data} />}
      {run.error !== null && <Problem error={run.error} />}
    </>
  );
}

function Replayed(report: CharterSimulation): ReactNode {
  const { cases, fates, collisions, approvals, valueByItselfMinor, currency } = report;
  const changed = cases.filter((one) => one.changed !== undefined);
  return (
    <>
      <div className="figures">
        <Figure value={countToText(cases.length)} label="cases governed again" />
        {Object.entries(FATES).map(
          ([fate, words]) =>
            fates[fate as keyof typeof fates] > 0 && (
              <Figure
                key={fate}
                value={countToText(fates[fate as keyof typeof fates])}
                label={words}
              />
            ),
        )}
        <Figure
          value={moneyToShortText({ currency, amountMinor: valueByItselfMinor })}
          label="at stake with nobody asked"
        />
      </div>
      {collisions.length > 0 && (
        <p>{countToText(collisions.length)} times two cases would have wanted one resource.</p>
      )}
      {approvals.length > 0 && (
        <ul>
          {approvals.map(({ party, person, asked, outsideHours }) => (
            <li key={`${party} ${person}`}>
              {person} would have been asked {countToText(asked)} times
              {outsideHours === 0 ? "" : `, ${countToText(outsideHours)} of them outside hours`}.
            </li>
          ))}
        </ul>
      )}
      <p className="quiet">
        {changed.length === 0
          ? "Every verdict is the same as it was."
          : `${countToText(changed.length)} verdicts are others than they were:`}
      </p>
      <ul>
        {changed.slice(0, LINES_MAX).map(({ case: id, at, changed: of }) => (
          <li key={id}>
            <a href={linkTo("case", id)}>{instantToText(at)}</a>: {of?.from}{" "}
            <span aria-hidden="true">&rarr;</span> {of?.to}
          </li>
        ))}
      </ul>
    </>
  );
}
