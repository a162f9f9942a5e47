/**
 * The document that both heads signed, beside what it comes to: who may do what, drawn; what it leaves open;
 * what a version changed; what it would say of something; history under another text.
 */
import { type JSX, useState } from "react";
import { describeVote, describeWindows } from "../../../src/core/charter/words.ts";
import { readMoney } from "../../../src/core/charter/money-text.ts";
import type { Charter, Rule, RuleConditions } from "../../../src/core/charter/types.ts";
import type { CharterVersion, CharterVersions } from "../../../src/operation/list-charters.ts";
import { moneyToText } from "../../../src/std/money.ts";
import { useCall } from "../call.ts";
import { CharterDraft } from "../part/charter-draft.tsx";
import { CharterMatrix, type Pointed } from "../part/charter-matrix.tsx";
import { Changes, Gaps } from "../part/charter-review.tsx";
import { CharterWhatIf } from "../part/charter-what-if.tsx";
import { Badge, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { dayToText, instantToText, shareToText, toTitle } from "../words.ts";
import type { PageProps } from "./list.ts";

export function CharterPage({ id: loop }: PageProps): JSX.Element {
  const shown = useCall("charterList", { loop });
  return (
    <>
      <p className="trail">
        <a href={linkTo("loop", loop)}>{loop}</a>
      </p>
      <Loaded of={shown}>{(data) => <Paper loop={loop} {...data} />}</Loaded>
    </>
  );
}

function Paper({ loop, versions }: CharterVersions & { readonly loop: string }): JSX.Element {
  const standing = versions.find(({ stands }) => stands) ?? versions[0];
  if (standing === undefined) {
    return (
      <Empty title="This loop has no charter">
        It does nothing until both heads have signed one: <code>interlock charter propose</code>,
        then <code>interlock charter sign</code>.
      </Empty>
    );
  }
  const { charter, signedBy } = standing;
  const { version, effective, parties, timeZone, title } = charter;
  const missing = parties.filter(
    ({ department }) => !signedBy.some(({ party }) => party === department),
  );
  return (
    <>
      <h1>
        {title}{" "}
        <Badge tone={missing.length === 0 ? "good" : "bad"}>
          {missing.length === 0 ? "signed by every party" : "not signed by every party"}
        </Badge>
      </h1>
      <p className="lead">
        Version {version}, in force from {dayToText(effective.from)} to before{" "}
        {dayToText(effective.until)}, to be looked at again by {dayToText(effective.review)}. Days
        and hours are those of {timeZone}.
      </p>
      <Drawn loop={loop} charter={charter} />
      <Rules charter={charter} />
      <div className="columns even">
        <div>
          <Parties charter={charter} signedBy={signedBy} />
          <Limits charter={charter} />
        </div>
        <Versions loop={loop} versions={versions} />
      </div>
      <CharterDraft loop={loop} charter={charter} />
    </>
  );
}

/** The matrix beside what it leaves open, and the box that asks about one cell of it. */
function Drawn({
  loop,
  charter,
}: {
  readonly loop: string;
  readonly charter: Charter;
}): JSX.Element {
  const [pointed, setPointed] = useState<Pointed>();
  const shown = useCall("loopShow", { loop });
  const [name = "", version = ""] = shown.data?.contract.split(" ") ?? [];
  return (
    <>
      <Loaded of={shown}>
        {() => <Matrix {...{ name, version, charter, pointed }} onPoint={setPointed} />}
      </Loaded>
      <div className="columns even">
        <CharterWhatIf loop={loop} charter={charter} pointed={pointed} />
        <Review loop={loop} />
      </div>
    </>
  );
}

function Matrix({
  name,
  version,
  ...rest
}: {
  readonly name: string;
  readonly version: string;
  readonly charter: Charter;
  readonly pointed: Pointed | undefined;
  onPoint(pointed: Pointed): void;
}): JSX.Element {
  const shown = useCall("contractShow", { name, version });
  return (
    <Loaded of={shown}>{({ contract }) => <CharterMatrix contract={contract} {...rest} />}</Loaded>
  );
}

function Review({ loop }: { readonly loop: string }): JSX.Element {
  const review = useCall("charterReview", { loop });
  return (
    <Panel title="Is it whole?" aside="one rule, somebody to ask, an address, everywhere">
      <Loaded of={review}>{(data) => <Gaps {...data} />}</Loaded>
    </Panel>
  );
}

function Versions({
  loop,
  versions,
}: {
  readonly loop: string;
  readonly versions: ReadonlyArray<CharterVersion>;
}): JSX.Element {
  const [open, setOpen] = useState<number>();
  return (
    <Panel title="Versions" aside="the newest first">
      <ul className="gates">
        {versions.map(({ charter: { version }, hash, stands, registered_at, proposed_by }) => (
          <li key={hash}>
            <Badge tone={stands ? "good" : "plain"}>{stands ? "stands" : "does not stand"}</Badge>
            <div>
              <strong>Version {version}</strong> <code title={hash}>{hash.slice(0, 12)}</code>
              <p className="quiet">
                {proposed_by === null ? "Registered" : `Proposed by ${proposed_by}`},{" "}
                {instantToText(registered_at)}
              </p>
              {open === version ? (
                <Change loop={loop} version={version} />
              ) : (
                <button type="button" onClick={() => setOpen(version)}>
                  What it changed
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Change(of: { readonly loop: string; readonly version: number }): JSX.Element {
  const review = useCall("charterReview", of);
  return <Loaded of={review}>{({ against }) => <Changes against={against} />}</Loaded>;
}

function Parties({
  charter,
  signedBy,
}: {
  readonly charter: Charter;
  readonly signedBy: ReadonlyArray<{ readonly party: string; readonly person: string }>;
}): JSX.Element {
  return (
    <Panel title="Who signed">
      <ul className="gates">
        {charter.parties.map(({ department, owner, deputies, calendar }) => {
          const signature = signedBy.find(({ party }) => party === department);
          return (
            <li key={department}>
              <Badge tone={signature === undefined ? "bad" : "good"}>
                {signature === undefined ? "not signed" : "signed"}
              </Badge>
              <div>
                <strong>{toTitle(department)}</strong>
                <p>
                  {owner.name} owns it
                  {deputies.length === 0
                    ? ""
                    : `; ${deputies.map(({ name }) => name).join(", ")} may stand in`}
                  .{signature === undefined ? "" : ` Signed by ${signature.person}.`}
                </p>
                <p className="quiet">Working hours of {calendar.timeZone}</p>
              </div>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Rules({ charter }: { readonly charter: Charter }): JSX.Element {
  return (
    <Panel
      title="Who decides what"
      aside="the first line that fits decides; nothing fits: forbidden"
    >
      <div className="scroll" tabIndex={0} role="region" aria-label="Rules">
        <table className="rules stacked">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">When</th>
              <th scope="col">Then</th>
              <th scope="col">Because</th>
            </tr>
          </thead>
          <tbody>
            {charter.rules.map((rule) => (
              <tr key={rule.name}>
                <th scope="row">
                  <code>{rule.name}</code>
                </th>
                <td>
                  {conditionsOf(rule.when).map((line) => (
                    <p key={line}>{line}</p>
                  ))}
                </td>
                <td>
                  <Then rule={rule} charter={charter} />
                </td>
                <td className="why">
                  <Say>{rule.because}</Say>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Then({
  rule: { then, accountable },
  charter,
}: {
  readonly rule: Rule;
  readonly charter: Charter;
}): JSX.Element {
  const answers = accountable === undefined ? "" : `${toTitle(accountable)} answers for it.`;
  if (then.kind === "forbid") return <Badge tone="bad">forbidden</Badge>;
  if (then.kind === "auto") {
    return (
      <>
        <Badge tone="good">runs by itself</Badge>
        <p className="quiet">{answers}</p>
      </>
    );
  }
  return (
    <>
      <Badge tone="wait">needs votes</Badge>
      {then.votes.map((vote) => (
        <p key={vote.party}>
          <Say>{describeVote(charter, vote)}</Say>
        </p>
      ))}
      <p className="quiet">{answers}</p>
    </>
  );
}

const COUNT = (value: number): string => `${value}`;

const RANGES = {
  confidence: ["confidence", shareToText],
  subjects: ["places touched", COUNT],
  shareOfOrders: ["share of all orders", shareToText],
  shareOfSpend: ["share of all ad spend", shareToText],
} as const;

/** Every condition in words; none is `anything`. */
function conditionsOf(when: RuleConditions): ReadonlyArray<string> {
  const lines: string[] = [];
  if (when.option !== undefined) lines.push(when.option.map(toTitle).join(" or "));
  if (when.valueAtStake !== undefined) {
    lines.push(`value at stake${rangeToText(when.valueAtStake, moneyTextToText)}`);
  }
  for (const [name, [words, toText]] of Object.entries(RANGES)) {
    const range = when[name as keyof typeof RANGES];
    if (range !== undefined) lines.push(`${words}${rangeToText(range, toText)}`);
  }
  if (when.reversible !== undefined) {
    lines.push(when.reversible ? "can be undone" : "cannot be undone");
  }
  if (when.time !== undefined) lines.push(describeWindows(when.time));
  return lines.length === 0 ? ["anything"] : lines;
}

function rangeToText<T>(
  { atLeast, below }: { readonly atLeast?: T; readonly below?: T },
  toText: (value: T) => string,
): string {
  const from = atLeast === undefined ? "" : ` from ${toText(atLeast)}`;
  return below === undefined ? from : `${from} below ${toText(below)}`;
}

function moneyTextToText(text: string): string {
  return moneyToText(readMoney(text));
}

function Limits({
  charter: { guardrails, rollback, outcome, notify },
}: {
  readonly charter: Charter;
}): JSX.Element {
  const { perDay, perWeek, coolDownDays, standingDaysMax, freezes } = guardrails;
  return (
    <Panel title="Limits">
      <ul>
        <li>
          A day at most {perDay.actions} actions on {perDay.subjects} places,{" "}
          {moneyTextToText(perDay.value)} at stake; a week {perWeek.actions}, {perWeek.subjects} and{" "}
          {moneyTextToText(perWeek.value)}.
        </li>
        <li>
          The same place again after {coolDownDays} days; an action stands {standingDaysMax} days at
          most.
        </li>
        {freezes.map(({ from, until, because }) => (
          <li key={from}>
            Nothing from {from} to before {until}: {because}.
          </li>
        ))}
        <li>
          {rollback.by.map(toTitle).join(" or ")} may undo
          {rollback.onHarm ? "; harm undoes by itself" : ""}
          {rollback.onRecovery ? "; recovery lifts by itself" : ""}.
        </li>
        <li>The effect is read after {outcome.maturityDays} days.</li>
        <li>
          Told:{" "}
          {notify
            .map(({ department, address }) => `${toTitle(department)} (${address})`)
            .join(", ")}
          .
        </li>
      </ul>
    </Panel>
  );
}
