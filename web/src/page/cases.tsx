/** Every case of a loop, the newest first, filtered by where it stands. */
import { type JSX, useMemo, useState } from "react";
import type { CaseSummary } from "../../../src/operation/list-cases.ts";
import { useCall } from "../call.ts";
import { wordsOf } from "../part/case-words.ts";
import { Badge } from "../part/panel.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { instantToText, toTitle } from "../words.ts";

const PAGE_ROWS = 100;

export function CasesPage({ loop }: { readonly loop: string }): JSX.Element {
  const cases = useCall("caseList", { loop });
  return (
    <>
      <p className="trail">
        <a href={linkTo("loop", loop)}>{loop}</a>
      </p>
      <h1>Cases</h1>
      <Loaded of={cases}>{(data) => <Cases cases={data} />}</Loaded>
    </>
  );
}

function Cases({ cases }: { readonly cases: ReadonlyArray<CaseSummary> }): JSX.Element {
  const [asked, setAsked] = useState("");
  const [rows, setRows] = useState(PAGE_ROWS);
  const found = useMemo(() => filterCases(cases, asked), [cases, asked]);
  if (cases.length === 0) {
    return <Empty title="No signal has come yet">A case opens with the first one.</Empty>;
  }
  return (
    <>
      <label className="search">
        Find
        <input
          type="search"
          value={asked}
          placeholder="a place, an option, a state"
          onChange={({ target }) => {
            setAsked(target.value);
            setRows(PAGE_ROWS);
          }}
        />
        <span className="quiet" role="status">
          {found.length} of {cases.length}
        </span>
      </label>
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
            {found.slice(0, rows).map((of) => (
              <Row key={of.id} {...of} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length > rows && (
        <button type="button" onClick={() => setRows(rows + PAGE_ROWS)}>
          Show {Math.min(PAGE_ROWS, found.length - rows)} more
        </button>
      )}
    </>
  );
}

function filterCases(cases: ReadonlyArray<CaseSummary>, asked: string): ReadonlyArray<CaseSummary> {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = (of: CaseSummary): string =>
    `${of.id} ${of.subject} ${of.subjectName} ${of.option ?? ""} ${wordsOf(of.state, readReason(of))[0]}`
      .replaceAll("_", " ")
      .toLowerCase();
  return cases
    .filter((of) => words.length === 0 || words.every((word) => textOf(of).includes(word)))
    .toReversed();
}

function readReason({ closeReason }: CaseSummary): Parameters<typeof wordsOf>[1] {
  return closeReason as Parameters<typeof wordsOf>[1];
}

function Row(of: CaseSummary): JSX.Element {
  const [words, tone] = wordsOf(of.state, readReason(of));
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
