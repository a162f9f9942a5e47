/** What one department promises another: fields, options, an example, versions, and who keeps it. */
import type { JSX } from "react";
import type { Contract } from "../../../src/core/contract/types.ts";
import type { ContractEntry } from "../../../src/operation/list-contracts.ts";
import type { ContractView } from "../../../src/operation/show-contract.ts";
import { useCall } from "../call.ts";
import { GateList, type ShownGate } from "../part/gate-list.tsx";
import { Badge, Panel, type Tone } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { type Field, listFields } from "../part/schema.model.ts";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { instantToText, sentence, shareToText, toTitle } from "../words.ts";
import type { PageProps } from "./list.ts";

export function ContractPage({ id: loop }: PageProps): JSX.Element {
  const shown = useCall("loopShow", { loop });
  return (
    <>
      <p className="trail">
        <a href={linkTo("loop", loop)}>{loop}</a>
      </p>
      <Loaded of={shown}>
        {({ contract, gates }) => {
          const [name = "", version = ""] = contract.split(" ");
          return (
            <>
              <Document name={name} version={version} />
              <Kept gates={gates} />
              <Versions name={name} />
              <Example loop={loop} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Document({
  name,
  version,
}: {
  readonly name: string;
  readonly version: string;
}): JSX.Element {
  const shown = useCall("contractShow", { name, version });
  return <Loaded of={shown}>{(view) => <Paper {...view} />}</Loaded>;
}

const STATE_TONES: Record<ContractView["state"], Tone> = {
  draft: "wait",
  "in-force": "good",
  deprecated: "wait",
  retired: "plain",
};

function Paper({ contract, state, hash }: ContractView): JSX.Element {
  const { name, version, title, description, sender, receiver } = contract;
  return (
    <>
      <h1>
        {title} <Badge tone={STATE_TONES[state]}>{toTitle(state).toLowerCase()}</Badge>
      </h1>
      <p className="quiet">
        {name} {version} <code>{hash.slice(0, 12)}</code>: {toTitle(sender.department)} tells{" "}
        {toTitle(receiver.department)}.
      </p>
      <p>{description}</p>
      <Terms contract={contract} />
      <Panel title="What is said" aside="the payload, value by value">
        <Fields fields={listFields(contract.payload)} label="What is said" />
      </Panel>
      <Panel title="What may be answered">
        <ul className="gates">
          {contract.options.map((option) => {
            const parameters = listFields(option.parameters).filter(({ path }) => path !== "");
            return (
              <li key={option.name}>
                <Badge tone={option.kind === "act" ? "good" : "plain"}>
                  {KIND_WORDS[option.kind]}
                </Badge>
                <div>
                  <strong>{toTitle(option.name)}</strong>
                  <p>{sentence(option.description)}</p>
                  {option.kind === "act" && (
                    <p className="quiet">
                      {option.reversible ? "Can be taken back." : "Cannot be taken back."}
                    </p>
                  )}
                  {parameters.length > 0 && (
                    <Fields fields={parameters} label={`Settings of ${option.name}`} />
                  )}
                </div>
              </li>
            );
          })}
        </ul>
      </Panel>
    </>
  );
}

const KIND_WORDS: Record<Contract["options"][number]["kind"], string> = {
  act: "acts",
  none: "does nothing",
  "hand-back": "hands back",
};

function Terms({ contract }: { readonly contract: Contract }): JSX.Element {
  const { confidence, expiry, subject, evidence } = contract;
  return (
    <Panel title="How far it may be believed">
      <p>{sentence(confidence.meaning)}</p>
      <p>
        Below {shareToText(confidence.thresholds.signal)} the sender stays silent; below{" "}
        {shareToText(confidence.thresholds.act)} the receiver may only hand the case back. A signal
        holds for {expiry.afterHours} hours.
      </p>
      <p>
        It is about a {subject.kind}: {subject.description}.
      </p>
      {evidence.required.length > 0 && (
        <ul className="tags">
          {evidence.required.map(({ name, why }) => (
            <li key={name} title={why}>
              {toTitle(name)}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Fields({
  fields,
  label,
}: {
  readonly fields: ReadonlyArray<Field>;
  readonly label: string;
}): JSX.Element {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="fields stacked">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            <th scope="col">Range</th>
            <th scope="col">Unit</th>
            <th scope="col">What it is</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ path, type, range, unit, isRequired, description }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
                {!isRequired && <span className="quiet"> may be left out</span>}
              </th>
              <td>{type}</td>
              <td>{range}</td>
              <td>{unit}</td>
              <td className="why">{description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The gates that ask whether an end keeps its word. */
const ABOUT_KEEPING = /conform|calibrated|trusted|contract/;

function Kept({ gates }: { readonly gates: ReadonlyArray<ShownGate> }): JSX.Element {
  return (
    <Panel title="Who keeps it">
      <GateList gates={gates.filter(({ name }) => ABOUT_KEEPING.test(name))} />
    </Panel>
  );
}

function Versions({ name }: { readonly name: string }): JSX.Element {
  const listed = useCall("contractList", { name });
  return (
    <Panel title="Versions">
      <Loaded of={listed}>
        {(entries) => (
          <ul className="gates">
            {entries.toReversed().map((entry, index, all) => (
              <Version key={entry.hash} entry={entry} before={all[index + 1]?.version} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function Version({
  entry,
  before,
}: {
  readonly entry: ContractEntry;
  readonly before: string | undefined;
}): JSX.Element {
  const { name, version, state, acceptances, missing, openCases } = entry;
  return (
    <li>
      <Badge tone={STATE_TONES[state]}>{toTitle(state).toLowerCase()}</Badge>
      <div>
        <strong>Version {version}</strong>
        <p className="quiet">
          {acceptances
            .map(
              ({ department, person, accepted_at }) =>
                `${toTitle(department)}: ${person}, ${instantToText(accepted_at)}`,
            )
            .join("; ")}
          {acceptances.length > 0 && "."}
          {missing.length > 0 && ` Not accepted yet by ${missing.join(" and ")}.`}
          {openCases > 0 &&
            ` ${openCases} open ${openCases === 1 ? "case speaks" : "cases speak"} it.`}
        </p>
        {before !== undefined && <Changes name={name} before={before} after={version} />}
      </div>
    </li>
  );
}

function Changes(versions: {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}): JSX.Element {
  const compared = useCall("contractCompare", versions);
  return (
    <Loaded of={compared}>
      {({ words, changes }) => (
        <>
          <p>
            <Say>{words}</Say>
          </p>
          <ul>
            {changes.map((change, index) => (
              <li key={index}>
                <Say>{change.words}</Say>
              </li>
            ))}
          </ul>
        </>
      )}
    </Loaded>
  );
}

/** The newest signal that was really sent under it. */
function Example({ loop }: { readonly loop: string }): JSX.Element {
  const newest = useCall("caseList", { loop, newestFirst: true, limit: 1 });
  return (
    <Panel title="An example" aside="the newest signal">
      <Loaded of={newest}>
        {([of]) =>
          of === undefined ? (
            <Empty title="No signal has come yet">The first one is shown here.</Empty>
          ) : (
            <Payload id={of.id} name={of.subjectName} />
          )
        }
      </Loaded>
    </Panel>
  );
}

function Payload({ id, name }: { readonly id: string; readonly name: string }): JSX.Element {
  const shown = useCall("caseShow", { id });
  return (
    <Loaded of={shown}>
      {({ case: of }) => (
        <>
          <p>
            <a href={linkTo("case", id)}>{name}</a>, said with confidence{" "}
            {shareToText(of.signal.confidence)}
          </p>
          <pre className="code" tabIndex={0} aria-label="The payload">
            {JSON.stringify(of.signal.payload, null, 2)}
          </pre>
        </>
      )}
    </Loaded>
  );
}
