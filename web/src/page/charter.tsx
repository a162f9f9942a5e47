/** The document that both heads signed, read as a table: who may do what, who is asked, who is told. */
import type { JSX } from "react";
import { describeVote, describeWindows } from "../../../src/core/charter/words.ts";
import { readMoney } from "../../../src/core/charter/money-text.ts";
import type { Charter, Rule, RuleConditions } from "../../../src/core/charter/types.ts";
import type { CharterVersions } from "../../../src/operation/list-charters.ts";
import { moneyToText } from "../../../src/std/money.ts";
import { useCall } from "../call.ts";
import { Badge, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { shareToText, toTitle } from "../words.ts";
import type { PageProps } from "./list.ts";

export function CharterPage({ id: loop }: PageProps): JSX.Element {
  const shown = useCall("charterList", { loop });
  return (
    <>
      <p className="trail">
        <a href={linkTo("loop", loop)}>{loop}</a>
      </p>
      <Loaded of={shown}>{(data) => <Versions {...data} />}</Loaded>
    </>
  );
}

function Versions({ versions }: CharterVersions): JSX.Element {
  const standing = versions.find(({ stands }) => stands) ?? versions[0];
  if (standing === undefined) {
    return (
      <Empty title="This loop has no charter">
        It does nothing until both heads have signed one.
      </Empty>
    );
  }
  const { charter, signedBy } = standing;
  const missing = charter.parties.filter(
    ({ department }) => !signedBy.some(({ party }) => party === department),
  );
  return (
    <>
      <h1>
        {charter.title}{" "}
        <Badge tone={missing.length === 0 ? "good" : "bad"}>
          {missing.length === 0 ? "signed by every party" : "not signed by every party"}
        </Badge>
      </h1>
      <p className="quiet">
        Version {charter.version}, in force from {charter.effective.from} to before{" "}
        {charter.effective.until}, to be looked at again by {charter.effective.review}. Days and
        hours are those of {charter.timeZone}.
      </p>
      <Parties charter={charter} signedBy={signedBy} />
      <Rules charter={charter} />
      <Limits charter={charter} />
      <Panel title="Versions">
        <ul className="gates">
          {versions.map(({ charter: one, hash, stands }) => (
            <li key={hash}>
              <Badge tone={stands ? "good" : "plain"}>{stands ? "stands" : "does not stand"}</Badge>
              <div>
                Version {one.version} <code>{hash.slice(0, 12)}</code>
              </div>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
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
        <table className="rules">
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
