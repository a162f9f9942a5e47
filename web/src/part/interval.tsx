/** An interval on a common scale: a line from low to high, a dot at the estimate, a mark at zero. */
import type { JSX } from "react";

export type Scale = { readonly low: number; readonly high: number };

const WIDTH = 200;
const HEIGHT = 22;
const EDGE = 6;

/** Zero always lies on it. */
export function scaleOf(values: ReadonlyArray<number>): Scale {
  return { low: Math.min(0, ...values), high: Math.max(0, ...values) };
}

export function Interval({
  scale,
  low,
  at,
  high,
  text,
  strong = false,
}: {
  readonly scale: Scale;
  readonly low: number;
  readonly at: number;
  readonly high: number;
  /** The same in words. */
  readonly text: string;
  readonly strong?: boolean;
}): JSX.Element {
  const width = scale.high - scale.low || 1;
  const x = (value: number): number => EDGE + ((value - scale.low) / width) * (WIDTH - 2 * EDGE);
  const middle = HEIGHT / 2;
  return (
    <svg
      className={strong ? "interval strong" : "interval"}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={text}
    >
      <line className="zero" x1={x(0)} x2={x(0)} y1={2} y2={HEIGHT - 2} />
      <line className="range" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
      <circle className="estimate" cx={x(at)} cy={middle} r={4} />
    </svg>
  );
}
