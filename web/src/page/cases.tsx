/** Every case of a loop, the newest first, filtered by where it stands. */
import { type JSX, useEffect, useState } from "react";
import { CASE_STATES, type CaseState } from "../../../src/core/case/types.ts";
import type { CaseSummary } from "../../../src/operation/list-cases.ts";
import { useCall } from "../call.ts";
import { wordsOf } from "../part/case-words.ts";
import { Badge } from "../part/panel.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { instantToText, toTitle } from "../words.ts";

const PAGE_ROWS = 100;
const FIND_CHARS_MAX = 200;
/** Somebody who types asks once. */
const TYPING_MS = 200;

export function CasesPage({ loop }: { readonly loop: string }): JSX.Element {
  const [typed, setTyped] = useState("");
  const [state, setState] = useState<CaseState>();
  const [rows, setRows] = useState(PAGE_ROWS);
  const find = useSettled(typed.trim(), TYPING_MS);
  const cases = useCall(
    "caseList",
    // One more than is shown tells whether there are more.
    {
      loop,
      newestFirst: true,
      limit: rows + 1,
      ...(find === "" ? {} : { find }),
      ...(state === undefined ? {} : { state }),
    },
    { keepsLast: true },
  );
  return (
    <>
      <p className="trail">
        <a href={linkTo("loop", loop)}>{loop}</a>
      </p>
      <h1>Cases</h1>
      <div className="search">
        <label htmlFor="find">Find</label>
        <input
          id="find"
          type="search"
          value={typed}
          maxLength={FIND_CHARS_MAX}
          placeholder="a place, an option, what came of it"
          onChange={({ target }) => {
            setTyped(target.value);
            setRows(PAGE_ROWS);
          }}
        />
        <select
          aria-label="State"
          value={state ?? ""}
          onChange={({ target }) => {
            setState(CASE_STATES.find((known) => known === target.value));
            setRows(PAGE_ROWS);
          }}
        >
          <option value="">in any state</option>
          {CASE_STATES.map((known) => (
            <option key={known} value={known}>
              {known === "closed" ? "closed" : wordsOf(known, null)[0]}
            </option>
          ))}
        </select>
      </div>
      <Loaded of={cases}>
        {(data) => (
          <Cases
            cases={data.slice(0, rows)}
            isFiltered={find !== "" || state !== undefined}
            {...(data.length > rows ? { onMore: () => setRows(rows + PAGE_ROWS) } : {})}
          />
        )}
      </Loaded>
    </>
  );
}

/** The value once it has not changed for a while. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

function Cases({
  cases,
  isFiltered,
  onMore,
}: {
  readonly cases: ReadonlyArray<CaseSummary>;
  readonly isFiltered: boolean;
  onMore?(): void;
}): JSX.Element {
  if (cases.length === 0) {
    return isFiltered ? (
      <Empty title="No case fits">Places, options and what came of them are looked through.</Empty>
    ) : (
      <Empty title="No signal has come yet">A case opens with the first one.</Empty>
    );
  }
  return (
    <>
      <p className="quiet" role="status">
        {onMore === undefined ? `${cases.length} in all` : `The newest ${cases.length}`}
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label="Cases">
        <table>
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col">State</th>
              <th scope="col">Option</th>
              <th scope="col">Opened</th>
              <th scope="col">Acted</th>
            </tr>
          </thead>
          <tbody>
            {cases.map((of) => (
              <Row key={of.id} {...of} />
            ))}
          </tbody>
        </table>
      </div>
      {onMore !== undefined && (
        <button type="button" onClick={onMore}>
          Show {PAGE_ROWS} more
        </button>
      )}
    </>
  );
}

function Row(of: CaseSummary): JSX.Element {
  const [words, tone] = wordsOf(of.state, of.closeReason);
  return (
    <tr>
      <th scope="row">
        <a href={linkTo("case", of.id)}>{of.subjectName}</a>
      </th>
      <td>
        <Badge tone={tone}>{words}</Badge>
      </td>
      <td>{of.option === null ? "" : toTitle(of.option)}</td>
      <td>{instantToText(of.openedAt)}</td>
      <td>{of.actedAt === null ? "" : instantToText(of.actedAt)}</td>
    </tr>
  );
}
