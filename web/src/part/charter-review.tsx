/** What a charter leaves open, and in words what it changes; of a version, or of a text in the making. */
import type { JSX, ReactNode } from "react";
import type { CharterChange } from "../../../src/core/charter/space/compare.ts";
import type { CharterReview } from "../../../src/operation/review-charter.ts";
import { countToText } from "../words.ts";
import { Badge, type Tone } from "./panel.tsx";
import { Say } from "./say.tsx";

const SEVERITY: Record<CharterReview["findings"][number]["severity"], readonly [string, Tone]> = {
  error: ["a gap", "bad"],
  warning: ["misleads", "wait"],
  advice: ["worth a look", "plain"],
};

export function Gaps({ findings, holds, size }: CharterReview): JSX.Element {
  return (
    <>
      <p>
        <Badge tone={holds ? "good" : "bad"}>{holds ? "no gap" : "gaps"}</Badge>{" "}
        {countToText(size.combinations)} combinations of option, value, confidence, size and hour
        were decided, all of them.
      </p>
      <ul className="gates">
        {findings.map(({ severity, kind, message, help, path }) => (
          <li key={`${kind} ${path} ${message}`}>
            <Badge tone={SEVERITY[severity][1]}>{SEVERITY[severity][0]}</Badge>
            <div>
              <Say>{message}</Say>
              <p className="quiet">
                <Say>{help}</Say>
              </p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

const DIRECTIONS: Record<CharterChange["direction"], readonly [string, Tone]> = {
  easier: ["lets more happen", "wait"],
  harder: ["lets less happen", "good"],
  other: ["otherwise", "plain"],
};

export function Changes({ against }: Pick<CharterReview, "against">): ReactNode {
  if (against === null) return <p className="quiet">There is no version before it.</p>;
  const { version, comparison } = against;
  return (
    <>
      <p className="quiet">
        {comparison.isSame
          ? `Nothing that anybody signs for differs from version ${version}.`
          : `Against version ${version}, the weightiest first:`}
      </p>
      <ul className="gates">
        {comparison.changes.map(({ direction, message }) => (
          <li key={message}>
            <Badge tone={DIRECTIONS[direction][1]}>{DIRECTIONS[direction][0]}</Badge>
            <div>
              <Say>{message}</Say>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
