/** Who is away, until when, and who is asked instead; a word for oneself, and a question handed on. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, type ReactNode, useState } from "react";
import type { Case } from "../../../src/core/case/types.ts";
import type { Absence } from "../../../src/operation/absence.ts";
import { act, useCall, useCalls } from "../call.ts";
import { mayIn, useViewer } from "../credential.ts";
import { instantToText, toTitle } from "../words.ts";
import { Panel } from "./panel.tsx";
import { isSame, listOwnSeats, type OwnSeat } from "./stand-in.model.ts";
import { Empty, Loaded, Problem } from "./state.tsx";

export function AwayPanel(): JSX.Element {
  const away = useCall("absenceList", {});
  return (
    <Panel title="Who is away" aside="their deputy is asked instead; they may still vote">
      <Loaded of={away}>
        {(rows) => (
          <>
            {rows.length === 0 ? (
              <Empty title="Nobody is away">
                Whoever has a seat in a charter says so here, in Slack, by replying to a letter, or
                with <code>interlock away</code>.
              </Empty>
            ) : (
              <ul className="rows">
                {rows.map((row) => (
                  <AwayRow key={`${row.loop} ${row.department} ${row.person}`} row={row} />
                ))}
              </ul>
            )}
            <OwnSeats away={rows} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function AwayRow({
  row: { loop, department, person, standIn, since, until },
}: {
  readonly row: Absence;
}): JSX.Element {
  return (
    <li>
      <div>
        <strong>{person}</strong>{" "}
        <span className="quiet">
          {toTitle(department)}, {loop}
        </span>
        <p>
          <strong>{standIn}</strong> is asked instead
        </p>
      </div>
      <div className="right">
        <span>until {instantToText(until)}</span>
        <span className="quiet">since {instantToText(since)}</span>
      </div>
    </li>
  );
}

/** What one says of oneself, side by side; nothing for whoever has no seat, or no role to speak with. */
function OwnSeats({ away }: { readonly away: ReadonlyArray<Absence> }): ReactNode {
  const viewer = useViewer();
  const loops = useCall("loopList", {});
  const papers = useCalls(
    "charterList",
    (loops.data ?? []).map(({ name }) => ({ loop: name })),
  );
  if (viewer.kind !== "person" || papers === undefined) return null;
  const { email } = viewer.signedIn;
  const charters = papers.flatMap(({ versions }) =>
    versions.filter(({ stands }) => stands).map(({ charter }) => charter),
  );
  return listOwnSeats(charters, email, new Date().toISOString())
    .filter(({ department }) => mayIn(viewer, [department]))
    .map((seat) => {
      const isAway = away.some(
        ({ department, person }) => department === seat.department && isSame(person, email),
      );
      return isAway ? (
        <Back key={seat.department} department={seat.department} />
      ) : (
        <Leave key={seat.department} seat={seat} />
      );
    });
}

function Back({ department }: { readonly department: string }): JSX.Element {
  const client = useQueryClient();
  const back = useMutation({
    mutationFn: () => act("absenceEnd", { department }),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <div className="own">
      <button
        type="button"
        className="main"
        disabled={back.isPending}
        onClick={() => back.mutate()}
      >
        I am back
      </button>
      {back.error !== null && <Problem error={back.error} />}
    </div>
  );
}

function Leave({ seat: { department, deputies } }: { readonly seat: OwnSeat }): JSX.Element {
  const client = useQueryClient();
  const [until, setUntil] = useState("");
  const [to, setTo] = useState(deputies[0] ?? "");
  const leave = useMutation({
    mutationFn: () => act("absenceDeclare", { department, until, to }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (deputies.length === 0) {
    return (
      <p className="quiet own">
        The charter names no deputy who could be asked for {toTitle(department)} instead of you; it
        escalates by itself.
      </p>
    );
  }
  return (
    <div className="own">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          leave.mutate();
        }}
      >
        <label>
          Back for {toTitle(department)} on
          <input
            type="date"
            required
            value={until}
            onChange={({ target }) => setUntil(target.value)}
          />
        </label>
        <Deputies deputies={deputies} to={to} onChange={setTo} />
        <button type="submit" className="main" disabled={leave.isPending}>
          I am away
        </button>
      </form>
      <p className="quiet">From now on; both departments are told.</p>
      {leave.error !== null && <Problem error={leave.error} />}
    </div>
  );
}

/** One question goes to a deputy; for whoever has the seat that is asked. */
export function HandOver({
  of: { id, loop, charterHash, delegations = [] },
  party,
}: {
  readonly of: Case;
  readonly party: string;
}): ReactNode {
  const client = useQueryClient();
  const viewer = useViewer();
  const papers = useCall("charterList", { loop });
  const [named, setNamed] = useState<string>();
  const handOver = useMutation({
    mutationFn: (to: string) => act("caseDelegate", { id, to }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (viewer.kind !== "person") return null;
  const { email } = viewer.signedIn;
  const charters = (papers.data?.versions ?? [])
    .filter(({ hash }) => hash === charterHash)
    .map(({ charter }) => charter);
  const seat = listOwnSeats(charters, email, new Date().toISOString()).find(
    ({ department }) => department === party,
  );
  const [first] = seat?.deputies ?? [];
  const isHandedOver = delegations.some((one) => one.party === party && isSame(one.person, email));
  if (seat === undefined || first === undefined || isHandedOver) return null;
  return (
    <details className="own">
      <summary>Somebody else should answer</summary>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          handOver.mutate(named ?? first);
        }}
      >
        <Deputies deputies={seat.deputies} to={named ?? first} onChange={setNamed} />
        <button type="submit" disabled={handOver.isPending}>
          Hand over
        </button>
      </form>
      {handOver.error !== null && <Problem error={handOver.error} />}
    </details>
  );
}

function Deputies({
  deputies,
  to,
  onChange,
}: {
  readonly deputies: ReadonlyArray<string>;
  readonly to: string;
  onChange(to: string): void;
}): JSX.Element {
  return (
    <label>
      Who is asked instead
      <select value={to} onChange={({ target }) => onChange(target.value)}>
        {deputies.map((deputy) => (
          <option key={deputy}>{deputy}</option>
        ))}
      </select>
    </label>
  );
}
