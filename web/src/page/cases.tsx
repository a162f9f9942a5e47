/** Every case of a loop, the newest first, filtered by where it stands. */
import { type JSX, useCallback, useEffect, useState } from "react";
import { CASE_STATES } from "../../../src/core/case/types.ts";
import type { CaseSummary } from "../../../src/operation/list-cases.ts";
import { useCall } from "../call.ts";
import { wordsOf } from "../part/case-words.ts";
import { LongTable } from "../part/long-table.tsx";
import { Badge, Panel } from "../part/panel.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { countToText, instantToText, toTitle } from "../words.ts";
import type { PageProps } from "./list.ts";

const PAGE_ROWS = 200;
const FIND_CHARS_MAX = 200;
/** Somebody who types asks once. */
const TYPING_MS = 200;

export function CasesPage({ id: loop, rest }: PageProps): JSX.Element {
  const [asked = "", ...words] = rest.split("/");
  const [typed, setTyped] = useState(words.join(" "));
  const state = CASE_STATES.find((known) => known === asked);
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
  const onMore = useCallback(() => setRows(rows + PAGE_ROWS), [rows]);
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
          placeholder="a place, an option, an outcome"
          onChange={({ target }) => {
            setTyped(target.value);
            setRows(PAGE_ROWS);
          }}
        />
        <select
          aria-label="State"
          value={state ?? ""}
          onChange={({ target }) => {
            location.hash = linkTo("cases", loop, target.value);
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
            {...(data.length > rows ? { onMore } : {})}
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
  /** Absent where these are all. */
  onMore?(): void;
}): JSX.Element {
  if (cases.length === 0) {
    return isFiltered ? (
      <Empty title="No case fits">Places, options and what came of them are looked through.</Empty>
    ) : (
      <Empty title="No signal has come yet">
        A case opens with the first one. <code>interlock import</code> delivers data to look at.
      </Empty>
    );
  }
  return (
    <Panel
      title="The newest first"
      aside={
        <span role="status">
          {onMore === undefined
            ? `${countToText(cases.length)} in all`
            : `${countToText(cases.length)} so far; more come as you scroll`}
        </span>
      }
    >
      <LongTable
        label="Cases"
        rows={cases}
        {...(onMore === undefined ? {} : { onEnd: onMore })}
        head={
          <>
            <th scope="col">Place</th>
            <th scope="col">State</th>
            <th scope="col">Option</th>
            <th scope="col" className="roomy">
              Opened
            </th>
            <th scope="col" className="roomy">
              Acted
            </th>
          </>
        }
        row={(of) => <Cells {...of} />}
      />
    </Panel>
  );
}

function Cells(of: CaseSummary): JSX.Element {
  const [words, tone] = wordsOf(of.state, of.closeReason);
  return (
    <>
      <th scope="row">
        <a href={linkTo("case", of.id)}>{of.subjectName}</a>
      </th>
      <td>
        <Badge tone={tone}>{words}</Badge>
      </td>
      <td>{of.option === null ? "" : toTitle(of.option)}</td>
      <td className="roomy">{instantToText(of.openedAt)}</td>
      <td className="roomy">{of.actedAt === null ? "" : instantToText(of.actedAt)}</td>
    </>
  );
}
