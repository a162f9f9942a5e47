/** Everything that happened, entry by entry: found, verified where one trusts, and taken along. */
import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { type JSX, type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import type { LedgerLine } from "../../../src/operation/list-ledger.ts";
import { call, type OutputOf } from "../call.ts";
import { LongTable } from "../part/long-table.tsx";
import { Badge, Panel } from "../part/panel.tsx";
import { Empty, Problem, Waiting } from "../part/state.tsx";
import { exportLedger, proveEntries, type Seen, verifyHere } from "../proof.ts";
import { linkTo } from "../route.ts";
import { countToText, instantToText } from "../words.ts";
import type { PageProps } from "./list.ts";

const PAGE_ROWS = 300;
const FIND_CHARS_MAX = 200;

/** `id` is the number of an entry that is looked at. */
export function LedgerPage({ id }: PageProps): JSX.Element {
  const n = /^[1-9]\d{0,9}$/.test(id) ? Number(id) : undefined;
  return (
    <>
      <h1>Ledger</h1>
      {n !== undefined && <Entry key={n} n={n} />}
      <Whole />
      <Entries />
    </>
  );
}

type Progress = { readonly done: number; readonly total: number };

/** Both are long where the ledger is, and say how far they are. */
function Whole(): JSX.Element {
  const [progress, setProgress] = useState<Progress>();
  const report = (done: number, total: number): void => setProgress({ done, total });
  const check = useMutation({
    mutationFn: () => verifyHere(report),
    onSettled: () => setProgress(undefined),
  });
  const take = useMutation({
    mutationFn: async () => {
      const url = URL.createObjectURL(await exportLedger(report));
      Object.assign(document.createElement("a"), { href: url, download: "ledger.jsonl" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    onSettled: () => setProgress(undefined),
  });
  const isBusy = check.isPending || take.isPending;
  const { data } = check;
  return (
    <Panel title="Is it whole?" aside="one root stands for every entry">
      <p className="row">
        <button type="button" className="main" disabled={isBusy} onClick={() => check.mutate()}>
          Verify every entry
        </button>
        <button type="button" disabled={isBusy} onClick={() => take.mutate()}>
          Export as JSON lines
        </button>
        {progress !== undefined && (
          <progress aria-label="Entries read" value={progress.done} max={progress.total} />
        )}
      </p>
      <div role="status">
        {data !== undefined && (
          <>
            <p>
              <Badge tone={data.kind === "whole" ? "good" : "bad"}>
                {data.kind === "whole" ? "verified" : "broken"}
              </Badge>{" "}
              {data.kind === "whole" ? (
                <>
                  in this browser: {countToText(data.head.size)} entries, root{" "}
                  <code title={data.head.root}>{data.head.root.slice(0, 16)}</code>
                  {data.archived > 0 && `; the first ${countToText(data.archived)} are archived`}
                </>
              ) : (
                `entry ${data.fault.n}: ${data.fault.why}`
              )}
            </p>
            <SeenBefore seen={data.seen} />
          </>
        )}
      </div>
      {check.error !== null && <Problem error={check.error} />}
      {take.error !== null && <Problem error={take.error} />}
    </Panel>
  );
}

function SeenBefore({ seen }: { readonly seen: Seen }): ReactNode {
  if (seen.kind === "nothing") {
    return (
      <p className="quiet">The root is noted in this browser, to be held against next time.</p>
    );
  }
  const words = `the ${countToText(seen.head.size)} entries whose root this browser noted ${instantToText(seen.at)}`;
  if (seen.kind === "begins") return <p className="quiet">It still begins with {words}.</p>;
  if (seen.kind === "archived") {
    return <p className="quiet">Only its archive can tell whether it begins with {words}.</p>;
  }
  return <p className="problem">It does not begin with {words}: the past is another one.</p>;
}

/** One entry as it is stored, and the proof that it is in the ledger. */
function Entry({ n }: { readonly n: number }): JSX.Element {
  const prove = useMutation({ mutationFn: () => proveEntries({ n }) });
  const { mutate, data, error } = prove;
  useEffect(() => mutate(), [mutate]);
  const text = data?.texts.get(n);
  return (
    <Panel title={`Entry ${n}`} aside={<a href={linkTo("ledger")}>all entries</a>}>
      {data !== undefined && text === undefined && <p>The ledger has no such entry.</p>}
      {data !== undefined && text !== undefined && (
        <>
          <p>
            <Badge tone={data.proved.has(n) ? "good" : "bad"}>
              {data.proved.has(n) ? "proved" : "not proved"}
            </Badge>{" "}
            against head {countToText(data.head.size)}, in this browser
          </p>
          <pre className="code" tabIndex={0} aria-label={`Entry ${n}`}>
            {JSON.stringify(JSON.parse(text), null, 2)}
          </pre>
        </>
      )}
      {error !== null && <Problem error={error} />}
    </Panel>
  );
}

function Entries(): JSX.Element {
  const [find, setFind] = useState("");
  const { pages, error, isLooking, lookFurther } = useSearch(find);
  const entries = useMemo(() => pages.flatMap((page) => page.entries), [pages]);
  const last = pages.at(-1);
  // A full page goes on as one scrolls; how far back to look for a rare word is the reader's to say.
  const goesOn = last !== undefined && last.before !== null && last.entries.length === PAGE_ROWS;
  return (
    <Panel title="Entries" aside="the newest first">
      <label className="search">
        Find
        <input
          type="search"
          value={find}
          maxLength={FIND_CHARS_MAX}
          placeholder="any words of an entry, or a case's id"
          onChange={({ target }) => setFind(target.value)}
        />
      </label>
      {error !== null && <Problem error={error} />}
      {last === undefined && error === null && <Waiting />}
      {last !== undefined && entries.length === 0 && <NoEntries {...last} />}
      {entries.length > 0 && (
        <LongTable
          label="Entries"
          rows={entries}
          {...(goesOn ? { onEnd: lookFurther } : {})}
          head={
            <>
              <th scope="col" className="number">
                No.
              </th>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col" className="roomy">
                Who
              </th>
              <th scope="col" className="roomy">
                About
              </th>
              <th scope="col" className="roomy">
                Seal
              </th>
            </>
          }
          row={entryCells}
        />
      )}
      {last?.before != null && !goesOn && (
        <p className="row">
          <button type="button" disabled={isLooking} onClick={lookFurther}>
            Look further back
          </button>
          <span className="quiet" role="status">
            Looked at entries {countToText(last.before)} to {countToText(last.head)}
          </span>
        </p>
      )}
    </Panel>
  );
}

/** A search looks at so many entries; the next page goes on before them. */
function useSearch(find: string) {
  const search = useInfiniteQuery({
    queryKey: ["ledgerList", "find", find],
    queryFn: ({ pageParam, signal }) =>
      call(
        "ledgerList",
        { find, limit: PAGE_ROWS, ...(pageParam === null ? {} : { before: pageParam }) },
        signal,
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ before }) => before,
    placeholderData: keepPreviousData,
  });
  const { data, error, isFetching, fetchNextPage } = search;
  const lookFurther = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return { pages: data?.pages ?? NONE, error, isLooking: isFetching, lookFurther };
}

const NONE: ReadonlyArray<OutputOf<"ledgerList">> = [];

function NoEntries({ head, before }: OutputOf<"ledgerList">): JSX.Element {
  if (head === 0) {
    return (
      <Empty title="Nothing is on record yet">The first entry comes with the first loop.</Empty>
    );
  }
  return before === null ? (
    <Empty title="No entry has these words">Try fewer of them.</Empty>
  ) : (
    <Empty title="None of these entries has these words">
      Try fewer of them, or look further back.
    </Empty>
  );
}

function entryCells({ n, at, kind, actor, loop, case: of, hash }: LedgerLine): JSX.Element {
  return (
    <>
      <td className="number">
        <a href={linkTo("ledger", `${n}`)}>{n}</a>
      </td>
      <td>{instantToText(at)}</td>
      <td>{kind}</td>
      <td className="roomy">{actor}</td>
      <td className="roomy">
        {of === null ? (
          loop !== null && <a href={linkTo("loop", loop)}>{loop}</a>
        ) : (
          <a href={linkTo("case", of)}>{of}</a>
        )}
      </td>
      <td className="roomy">
        <code title={hash}>{hash.slice(0, 8)}</code>
      </td>
    </>
  );
}
