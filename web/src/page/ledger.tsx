/** Everything that happened, entry by entry, and whether it holds. */
import { useMutation } from "@tanstack/react-query";
import { type JSX, useState } from "react";
import { call, useCall } from "../call.ts";
import { Badge, Panel } from "../part/panel.tsx";
import { Empty, Loaded, Problem } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { instantToText } from "../words.ts";

const PAGE_ROWS = 100;

export function LedgerPage(): JSX.Element {
  const newest = useCall("ledgerList", { limit: 1 });
  return (
    <>
      <h1>Ledger</h1>
      <Check />
      <Loaded of={newest}>
        {({ head }) =>
          head === 0 ? (
            <Empty title="Nothing is on record yet">
              The first entry comes with the first loop.
            </Empty>
          ) : (
            <Entries head={head} />
          )
        }
      </Loaded>
    </>
  );
}

function Check(): JSX.Element {
  const check = useMutation({ mutationFn: () => call("ledgerVerify", {}) });
  return (
    <Panel title="Is it whole?" aside="one root stands for every entry">
      <button type="button" disabled={check.isPending} onClick={() => check.mutate()}>
        {check.isPending ? "Verifying" : "Verify every entry"}
      </button>
      <div role="status">
        {check.data !== undefined && (
          <p>
            <Badge tone={check.data.verified ? "good" : "bad"}>
              {check.data.verified ? "verified" : "broken"}
            </Badge>{" "}
            {check.data.firstBad === null
              ? `${check.data.entries} entries, head ${check.data.head?.slice(0, 16) ?? "none"}`
              : `entry ${check.data.firstBad.n}: ${check.data.firstBad.why}`}
          </p>
        )}
      </div>
      {check.error !== null && <Problem error={check.error} />}
    </Panel>
  );
}

function Entries({ head }: { readonly head: number }): JSX.Element {
  const [until, setUntil] = useState<number>();
  const last = Math.min(until ?? head, head);
  const after = Math.max(0, last - PAGE_ROWS);
  const page = useCall("ledgerList", { after, limit: PAGE_ROWS });
  return (
    <Panel title="Entries" aside={`${after + 1} to ${last} of ${head}, the newest first`}>
      <Loaded of={page}>
        {({ entries }) => (
          <div className="scroll" tabIndex={0} role="region" aria-label="Entries">
            <table>
              <thead>
                <tr>
                  <th scope="col" className="number">
                    No.
                  </th>
                  <th scope="col">When</th>
                  <th scope="col">What</th>
                  <th scope="col">Who</th>
                  <th scope="col">About</th>
                  <th scope="col">Seal</th>
                </tr>
              </thead>
              <tbody>
                {entries.toReversed().map(({ n, at, kind, actor, loop, case: of, hash }) => (
                  <tr key={n}>
                    <td className="number">{n}</td>
                    <td>{instantToText(at)}</td>
                    <td>{kind}</td>
                    <td>{actor}</td>
                    <td>
                      {of === null ? (
                        loop !== null && <a href={linkTo("loop", loop)}>{loop}</a>
                      ) : (
                        <a href={linkTo("case", of)}>{of}</a>
                      )}
                    </td>
                    <td>
                      <code title={hash}>{hash.slice(0, 8)}</code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      <p className="pager">
        <button type="button" disabled={after === 0} onClick={() => setUntil(after)}>
          Older
        </button>
        <button type="button" disabled={last === head} onClick={() => setUntil(last + PAGE_ROWS)}>
          Newer
        </button>
      </p>
    </Panel>
  );
}
