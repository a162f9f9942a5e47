/** What a sender said against what came true: on the broken line, it is honest. */
import type { JSX } from "react";
import type { OutcomeReport } from "../../../src/operation/show-outcomes.ts";
import { shareToText } from "../words.ts";

const SIZE = 300;
const EDGE = 46;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

export function CalibrationCurve({
  bands,
}: {
  readonly bands: OutcomeReport["confidence"]["bands"];
}): JSX.Element {
  const inside = SIZE - 2 * EDGE;
  const x = (share: number): number => EDGE + share * inside;
  const y = (share: number): number => SIZE - EDGE - share * inside;
  const most = Math.max(...bands.map(({ count }) => count));
  const words = bands
    .map(
      ({ confidence, share, count }) =>
        `of ${count} said with ${shareToText(confidence)}, ${shareToText(share)} came true`,
    )
    .join("; ");
  return (
    <svg className="curve" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={words}>
      {TICKS.map((tick) => (
        <g key={tick}>
          <line className="axis" x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} />
          <line className="axis" x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
          <text x={x(tick)} y={y(0) + 14} textAnchor="middle">
            {shareToText(tick)}
          </text>
          <text x={x(0) - 5} y={y(tick) + 4} textAnchor="end">
            {shareToText(tick)}
          </text>
        </g>
      ))}
      <line className="honest" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      {bands.map(({ from, confidence, share, low, high, count }) => (
        <g key={from}>
          <line className="range" x1={x(confidence)} x2={x(confidence)} y1={y(low)} y2={y(high)} />
          <circle
            className="dot"
            cx={x(confidence)}
            cy={y(share)}
            r={3 + 4 * Math.sqrt(count / most)}
          />
        </g>
      ))}
      <text x={x(0.5)} y={SIZE - 12} textAnchor="middle">
        said
      </text>
      <text x={11} y={y(0.5)} textAnchor="middle" transform={`rotate(-90 11 ${y(0.5)})`}>
        came true
      </text>
    </svg>
  );
}
