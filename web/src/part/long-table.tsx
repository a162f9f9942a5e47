/** A table of any length in a box of its own, of which only the rows in sight are in the page. */
import { type JSX, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { computeSight } from "./long-table.model.ts";

/** Until one is measured. */
const ROW_HEIGHT_GUESS = 36;
const BOX_HEIGHT_GUESS = 900;

export function LongTable<T>({
  label,
  head,
  rows,
  row,
  onEnd,
}: {
  readonly label: string;
  /** The cells of the first line. */
  readonly head: ReactNode;
  readonly rows: ReadonlyArray<T>;
  /** The cells of a line; each line is one line high. */
  row(of: T): ReactNode;
  /** The last row came into sight. */
  onEnd?(): void;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [rowHeight, setRowHeight] = useState(ROW_HEIGHT_GUESS);
  const [view, setView] = useState({ top: 0, height: BOX_HEIGHT_GUESS });
  const { from, until, above, below } = computeSight(rows.length, rowHeight, view);
  const isAtEnd = until === rows.length;

  useLayoutEffect(() => {
    const line = box.current?.querySelector<HTMLElement>("tbody tr:not(.spacer)");
    const height = line?.getBoundingClientRect().height ?? 0;
    if (height > 0) setRowHeight(height);
  }, [rows.length]);
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, onEnd]);

  return (
    <div
      ref={box}
      className="scroll long"
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={({ currentTarget: { scrollTop, clientHeight } }) =>
        setView({ top: scrollTop, height: clientHeight })
      }
    >
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>
          <Gap height={above} />
          {rows.slice(from, until).map((of, at) => (
            <tr key={from + at} aria-rowindex={from + at + 2}>
              {row(of)}
            </tr>
          ))}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  );
}

function Gap({ height }: { readonly height: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr className="spacer" aria-hidden="true">
      <td style={{ height }} />
    </tr>
  );
}
