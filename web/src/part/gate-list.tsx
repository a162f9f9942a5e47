/** Gates with a lamp each, the word beside it, the evidence, and what to do where one does not hold. */
import type { JSX } from "react";
import { toTitle } from "../words.ts";
import { Badge } from "./panel.tsx";
import { Say } from "./say.tsx";

export type ShownGate = {
  readonly name: string;
  readonly holds: boolean;
  readonly evidence: string;
  readonly toHold: string;
  readonly commands?: ReadonlyArray<string>;
};

export function GateList({ gates }: { readonly gates: ReadonlyArray<ShownGate> }): JSX.Element {
  return (
    <ul className="gates wide">
      {gates.map(({ name, holds, evidence, toHold, commands = [] }) => (
        <li key={name}>
          <span className={holds ? "lamp holds" : "lamp"} aria-hidden="true" />
          <div>
            <strong>{toTitle(name)}</strong>{" "}
            {holds ? <span className="heard">holds</span> : <Badge tone="bad">does not hold</Badge>}
            <p className={holds ? "quiet" : ""}>
              <Say>{evidence}</Say>
            </p>
            {!holds && (
              <p>
                To do: <Say>{toHold}</Say>
              </p>
            )}
            {!holds &&
              commands.map((command) => (
                <p key={command}>
                  <code>{command}</code>
                </p>
              ))}
          </div>
        </li>
      ))}
    </ul>
  );
}
