/** What a charter decides, drawn: options by value at stake, at one point of everything else. */
import { type JSX, useMemo, useState } from "react";
import {
  computeMatrix,
  type Matrix,
  MATRIX_POINT,
  type MatrixCell,
  type MatrixPoint,
} from "../../../src/core/charter/space/matrix.ts";
import {
  cellToText,
  describeMatrixPoint,
  tierTexts,
} from "../../../src/core/charter/space/matrix-text.ts";
import type { Charter } from "../../../src/core/charter/types.ts";
import type { Contract } from "../../../src/core/contract/types.ts";
import { shareToText, toTitle } from "../words.ts";
import { Panel } from "./panel.tsx";
import { Say } from "./say.tsx";

/** A cell that somebody points at: one option, from one value on. */
export type Pointed = { readonly option: string; readonly valueMinor: number };

export function CharterMatrix({
  charter,
  contract,
  pointed,
  onPoint,
}: {
  readonly charter: Charter;
  readonly contract: Contract;
  readonly pointed: Pointed | undefined;
  onPoint(pointed: Pointed): void;
}): JSX.Element {
  const [at, setAt] = useState<MatrixPoint>(MATRIX_POINT);
  const matrix = useMemo(() => computeMatrix(charter, at, contract), [charter, at, contract]);
  const tiers = tierTexts(matrix);
  return (
    <Panel title="What it decides" aside="options by value at stake">
      <Slider
        label="Confidence"
        {...{ min: 0, max: 100, value: Math.round(at.confidence * 100) }}
        text={shareToText(at.confidence)}
        onChange={(value) => setAt({ ...at, confidence: value / 100 })}
      />
      <Slider
        label="Places touched"
        {...{ min: 1, max: 200, value: at.subjects }}
        text={`${at.subjects}`}
        onChange={(subjects) => setAt({ ...at, subjects })}
      />
      <Slider
        label="Share of all orders"
        {...{ min: 0, max: 200, value: Math.round(at.shareOfOrders * 1_000) }}
        text={shareToText(at.shareOfOrders)}
        onChange={(value) => setAt({ ...at, shareOfOrders: value / 1_000 })}
      />
      <div className="scroll" tabIndex={0} role="region" aria-label="What it decides">
        <table className="matrix stacked">
          <thead>
            <tr>
              <th scope="col">Option</th>
              {tiers.map((tier) => (
                <th key={tier} scope="col">
                  {tier}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row) => (
              <Row key={row.option} {...{ row, matrix, tiers, pointed, onPoint }} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet small">
        <Say>{describeMatrixPoint(matrix)}</Say> Every cell is true for all values of its column;
        point at one to ask why.
      </p>
    </Panel>
  );
}

function Slider({
  label,
  text,
  onChange,
  ...range
}: {
  readonly label: string;
  readonly text: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  onChange(value: number): void;
}): JSX.Element {
  return (
    <label className="slider">
      {label}
      <input
        type="range"
        {...range}
        aria-valuetext={text}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
      <output>{text}</output>
    </label>
  );
}

function Row({
  row: { option, reversible, cells },
  matrix,
  tiers,
  pointed,
  onPoint,
}: {
  readonly row: Matrix["rows"][number];
  readonly matrix: Matrix;
  /** What each column is called. */
  readonly tiers: ReadonlyArray<string>;
  readonly pointed: Pointed | undefined;
  onPoint(pointed: Pointed): void;
}): JSX.Element {
  return (
    <tr>
      <th scope="row">
        {toTitle(option)}
        {!reversible && <span className="quiet"> for good</span>}
      </th>
      {cells.map((cell, at) => {
        const valueMinor = matrix.tiers[at]?.atLeast ?? 0;
        const isHere = pointed?.option === option && pointed.valueMinor === valueMinor;
        return (
          <td
            key={valueMinor}
            className={`${classOf(cell)}${isHere ? " here" : ""}`}
            data-label={tiers[at]}
          >
            <button type="button" onClick={() => onPoint({ option, valueMinor })}>
              {cellToText(cell)}
              {cell.by !== "" && <code>{cell.by.replaceAll("`", "")}</code>}
            </button>
          </td>
        );
      })}
    </tr>
  );
}

function classOf({ decidedBy, effect }: MatrixCell): string {
  if (decidedBy === "no-rule") return "none";
  if (effect.kind !== "approve") return effect.kind;
  return effect.votes.length > 1 ? "both" : "approve";
}
