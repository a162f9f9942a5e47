/** One case as one story, from what was seen to what came of it. */
import { useQuery } from "@tanstack/react-query";
import { Fragment, type JSX, lazy, type ReactNode, Suspense } from "react";
import { findChanges } from "../../../src/core/case/change.ts";
import type { Case } from "../../../src/core/case/types.ts";
import type { ScoredOption } from "../../../src/core/contract/types.ts";
import type { EffectSummary } from "../../../src/store/table/effect.ts";
import { moneyToText } from "../../../src/std/money.ts";
import { act, useCall } from "../call.ts";
import { mayIn, useViewer } from "../credential.ts";
import { AskWhy } from "../part/ask.tsx";
import { HandOver } from "../part/away.tsx";
import { wordsOf } from "../part/case-words.ts";
import { toEvidence } from "../part/evidence.model.ts";
import { Interval, scaleOf } from "../part/interval.tsx";
import { Badge, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Loaded, Waiting } from "../part/state.tsx";
import { Vote } from "../part/vote.tsx";
import { proveEntries } from "../proof.ts";
import { linkTo } from "../route.ts";
import {
  countToText,
  instantToText,
  pointsToText,
  shareToText,
  spanToText,
  toTitle,
} from "../words.ts";
import { tellStory } from "./case.model.ts";
import type { PageProps } from "./list.ts";

/** Two thirds of the whole program, for this one place: fetched when a case is opened. */
const EvidenceChart = lazy(async () => ({
  default: (await import("../part/evidence-chart.tsx")).EvidenceChart,
}));

export function CasePage({ id }: PageProps): JSX.Element {
  const shown = useCall("caseShow", { id });
  return (
    <Loaded of={shown}>{(data) => <Story key={id} of={data.case} effects={data.effects} />}</Loaded>
  );
}

function Story({
  of,
  effects,
}: {
  readonly of: Case;
  readonly effects: ReadonlyArray<EffectSummary>;
}): JSX.Element {
  const [words, tone] = wordsOf(of.state, of.closeReason);
  const evidence = useCall("caseEvidence", { id: of.id });
  return (
    <>
      <p className="trail">
        <a href={linkTo("loop", of.loop)}>{of.loop}</a> /{" "}
        <a href={linkTo("cases", of.loop)}>cases</a>
      </p>
      <h1>
        {of.subjectName} <Badge tone={tone}>{words}</Badge>
      </h1>
      <p className="lead">{leadOf(of)}</p>
      <Line of={of} effects={effects} changedOn={evidence.data?.changedOn} />
      <Panel
        id="seen"
        title="What was seen"
        aside={`by ${of.signal.source}, ${instantToText(of.signal.sentAt)}`}
      >
        <Loaded of={evidence}>
          {(data) => (
            <Suspense fallback={<Waiting />}>
              <EvidenceChart model={toEvidence(of, data)} />
            </Suspense>
          )}
        </Loaded>
        <p>
          Confidence {shareToText(of.signal.confidence)}. Data complete to{" "}
          {instantToText(of.signal.asOf)}; the signal counts until{" "}
          {instantToText(of.signal.expiresAt)}.
        </p>
        {of.problems.length > 0 && (
          <ul>
            {of.problems.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <code>{path}</code> {message}
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Options of={of} />
      {of.action === undefined && <Action of={of} />}
      <Decision of={of} />
      {of.action !== undefined && <Action of={of} />}
      <Told effects={effects} />
      <Effect of={of} />
      <Record id={of.id} />
    </>
  );
}

/** The whole case at a glance; each station leads to the part of the page that tells it. */
function Line({
  of,
  effects,
  changedOn,
}: {
  readonly of: Case;
  readonly effects: ReadonlyArray<EffectSummary>;
  readonly changedOn: string | null | undefined;
}): JSX.Element {
  return (
    <ol className="story" aria-label="From what was seen to what came of it">
      {tellStory(of, effects, changedOn).map(({ id, name, state, at, words }) => (
        <li key={name} className={state} aria-current={state === "now" ? "step" : undefined}>
          <a href={linkTo("case", of.id, id)}>{name}</a>
          {at !== undefined && <time dateTime={at}>{instantToText(at)}</time>}
          <span className="words">{words}</span>
          {state === "ahead" && <span className="heard">, not reached</span>}
        </li>
      ))}
    </ol>
  );
}

function leadOf({ action, signal, proposal }: Case): string {
  const to = proposal === undefined ? "" : `${toTitle(proposal.option)}. `;
  if (action === undefined) return `${to}Nothing was changed.`;
  const took = spanToText(Date.parse(action.at) - Date.parse(signal.sentAt));
  const now = action.liftedAt === undefined ? "" : ` Lifted ${instantToText(action.liftedAt)}.`;
  return `${to}Done ${took} after the signal.${now}`;
}

function Options({ of: { reply, proposal } }: { readonly of: Case }): ReactNode {
  if (reply === undefined) return null;
  const scored =
    "proposal" in reply ? reply.proposal.scored : "scored" in reply ? reply.scored : [];
  const reasons = "proposal" in reply ? reply.proposal.reasons : [reply.reason];
  const scale = scaleOf(
    scored.flatMap(({ value }) => [value.p10.amountMinor, value.p90.amountMinor]),
  );
  return (
    <Panel
      id="weighed"
      title="What could be done"
      aside="against doing nothing; four times in five the truth lies on the line"
    >
      <div className="scroll" tabIndex={0} role="region" aria-label="Options and their value">
        <table className="options stacked">
          <thead>
            <tr>
              <th scope="col">Option</th>
              <th scope="col" className="number">
                Expected
              </th>
              <th scope="col">Range</th>
              <th scope="col" className="number">
                Better
              </th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {scored.map((option) => (
              <OptionRow
                key={option.option + JSON.stringify(option.parameters)}
                option={option}
                scale={scale}
                isChosen={option.option === proposal?.option}
              />
            ))}
          </tbody>
        </table>
      </div>
      {reasons.map((reason) => (
        <p key={reason}>
          <Say>{reason}</Say>
        </p>
      ))}
    </Panel>
  );
}

function OptionRow({
  option: { option, value, feasible, reason },
  scale,
  isChosen,
}: {
  readonly option: ScoredOption;
  readonly scale: { readonly low: number; readonly high: number };
  readonly isChosen: boolean;
}): JSX.Element {
  const text = `${moneyToText(value.p10)} to ${moneyToText(value.p90)}`;
  return (
    <tr className={isChosen ? "chosen" : feasible ? "" : "out"}>
      <th scope="row">
        {toTitle(option)} {isChosen && <Badge tone="good">chosen</Badge>}
      </th>
      <td className="number" data-label="Expected">
        {moneyToText(value.mean)}
      </td>
      <td>
        <Interval
          scale={scale}
          low={value.p10.amountMinor}
          at={value.p50.amountMinor}
          high={value.p90.amountMinor}
          text={text}
          strong={isChosen}
        />
      </td>
      <td className="number" data-label="Better than nothing">
        {shareToText(value.probabilityBetter)}
      </td>
      <td className="why">
        <Say>{reason}</Say>
      </td>
    </tr>
  );
}

const PROOFS = {
  signature: "signed with their key",
  link: "by the link in their letter",
  session: "signed in here",
} as const;

const VERDICTS = {
  auto: "may run by itself",
  approve: "needs votes",
  forbid: "may not run",
} as const;

function Decision({ of }: { readonly of: Case }): ReactNode {
  const { verdict, votes, clocks, loop, state, digest, delegations = [] } = of;
  const viewer = useViewer();
  if (verdict === undefined) return null;
  const asked = state === "held" ? clocks.filter(({ waitedMs }) => waitedMs === undefined) : [];
  const mine = asked.filter(({ party }) => mayIn(viewer, [party]));
  return (
    <Panel
      id="decided"
      title="Who decides"
      asks={asked.length > 0}
      aside={<a href={linkTo("charter", loop)}>the charter</a>}
    >
      <p>
        <strong>It {VERDICTS[verdict.kind]}</strong>, by <code>{verdict.rule}</code>
        {verdict.accountable === undefined ? "" : `; ${verdict.accountable} answers for it`}.
      </p>
      <ul>
        {verdict.reasons.map((reason) => (
          <li key={reason}>
            <Say>{reason}</Say>
          </li>
        ))}
      </ul>
      {votes.map(({ person, party, choice, at, reason, proof }) => (
        <p key={`${person} ${at}`} className="vote">
          <Badge tone={choice === "agree" ? "good" : "bad"}>
            {choice === "agree" ? "agreed" : "rejected"}
          </Badge>{" "}
          {person} for {party}, {instantToText(at)}, {PROOFS[proof.kind]}
          {reason === "" ? "" : `: “${reason}”`}
        </p>
      ))}
      {clocks.map(({ party, askedAt, answeredAt, waitedMs, stages }) => (
        <p key={`${party} ${askedAt}`} className="quiet">
          {toTitle(party)} was asked {instantToText(askedAt)}
          {waitedMs === undefined
            ? `; the last answer counts until ${instantToText(stages.at(-1)?.dueAt ?? askedAt)}, then nothing is done.`
            : answeredAt === undefined
              ? ` and gave no answer in ${spanToText(waitedMs)}.`
              : ` and answered after ${spanToText(waitedMs)}.`}
        </p>
      ))}
      {delegations
        .filter((one) => asked.some(({ party }) => party === one.party))
        .map(({ party, person, to, until }) => (
          <p key={`${party} ${person} ${until}`} className="quiet">
            For {toTitle(party)}, {to} is asked instead of {person} until {instantToText(until)}.
          </p>
        ))}
      {mine.map(
        ({ party }) =>
          digest !== undefined && (
            <Fragment key={`${party} ${digest}`}>
              <Vote {...{ of, party, digest }} />
              <HandOver {...{ of, party }} />
            </Fragment>
          ),
      )}
      {asked.length > 0 && mine.length === 0 && (
        <p className="quiet">
          {viewer.kind === "operator"
            ? "Whoever is asked votes here after signing in, by the link in their letter, or on the command line."
            : "You are not asked."}
        </p>
      )}
    </Panel>
  );
}

function Action({ of }: { readonly of: Case }): ReactNode {
  const { action, target, awaitingPerson } = of;
  const [before, after] =
    action === undefined
      ? [target?.before, target?.after]
      : [action.plan.before, action.plan.after];
  if (before === undefined || after === undefined) return null;
  return (
    <Panel id="acted" title={action === undefined ? "What would be changed" : "What was changed"}>
      <div className="scroll" tabIndex={0} role="region" aria-label="Before and after">
        <table>
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {findChanges(before, after).map((change) => (
              <tr key={change.place}>
                <th scope="row">{change.place}</th>
                <td>
                  <del>{change.before}</del>
                </td>
                <td>
                  <ins>{change.after}</ins>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {action !== undefined && (
        <p>
          Through {action.connector} at {instantToText(action.at)}, and read back.{" "}
          {action.liftedAt === undefined
            ? `It lifts itself ${instantToText(action.standingUntil)}.`
            : `It was lifted ${instantToText(action.liftedAt)}.`}
        </p>
      )}
      {awaitingPerson !== undefined && (
        <p className="problem">
          <Say>{awaitingPerson.why}</Say>
        </p>
      )}
      {of.state === "watching" && action?.liftedAt === undefined && <Undo of={of} />}
    </Panel>
  );
}

function Undo({ of }: { readonly of: Case }): JSX.Element {
  const viewer = useViewer();
  const parties = of.clocks.map(({ party }) => party);
  const loop = useCall("loopShow", { loop: of.loop });
  const ends = [loop.data?.sender, loop.data?.receiver].map((end) => end?.split("/")[0] ?? "");
  if (mayIn(viewer, [...parties, ...ends])) {
    return (
      <AskWhy
        label="Take it back"
        confirm="Undo it now"
        work={(why) => act("caseUndo", { id: of.id, why })}
      >
        Everything goes back to what it was before, as far as nobody else has changed it since.
      </AskWhy>
    );
  }
  return (
    <p className="quiet">
      To take it back: <code>{`interlock case undo ${of.id} --by YOUR@ADDRESS --why "..."`}</code>
    </p>
  );
}

function Told({ effects }: { readonly effects: ReadonlyArray<EffectSummary> }): ReactNode {
  const letters = effects.filter(({ kind }) => kind === "notify");
  if (letters.length === 0) return null;
  const delivered = letters.filter(({ state }) => state === "done").length;
  const failed = letters.filter(({ last_error }) => last_error !== null);
  return (
    <Panel
      id="told"
      title="Who was told"
      aside={`${delivered} of ${letters.length} letters are delivered`}
    >
      <div className="scroll" tabIndex={0} role="region" aria-label="Letters">
        <table>
          <thead>
            <tr>
              <th scope="col">Department</th>
              <th scope="col">About</th>
              <th scope="col">State</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {letters.map(({ step, department, topic, state, finished_at }) => (
              <tr key={step}>
                <th scope="row">{toTitle(department ?? "")}</th>
                <td>{toTitle(topic ?? "")}</td>
                <td>
                  <Badge tone={state === "done" ? "good" : state === "failed" ? "bad" : "wait"}>
                    {state === "done" ? "delivered" : state}
                  </Badge>
                </td>
                <td className="nowrap">{finished_at !== null && instantToText(finished_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {failed.map(({ step, last_error }) => (
        <p key={step} className="problem">
          Letter {step}: {last_error}
        </p>
      ))}
    </Panel>
  );
}

type Estimate = {
  readonly effect?: {
    readonly low: number;
    readonly estimate: number;
    readonly high: number;
  } | null;
  readonly without?: number | null;
  readonly treated?: { readonly after?: number; readonly before?: number };
};

function Effect({ of: { outcome } }: { readonly of: Case }): ReactNode {
  if (outcome === undefined) return null;
  const { effect, without, treated } = outcome.estimate as Estimate;
  const range = effect == null ? "" : `${pointsToText(effect.low)} to ${pointsToText(effect.high)}`;
  const per100 = (share: number): string => (share * 100).toFixed(1);
  const instead =
    treated?.after === undefined || without == null
      ? ""
      : `: ${per100(treated.after)} where ${per100(without)} were to be expected without it`;
  const [words, tone] = wordsOf(
    "closed",
    outcome.verdict === "harmed" ? "harmed-undone" : outcome.verdict,
  );
  return (
    <Panel id="read" title="What it did" aside={`read ${instantToText(outcome.measuredAt)}`}>
      <p>
        <Badge tone={tone}>{words}</Badge>
      </p>
      {effect != null && (
        <div className="effect">
          <Interval
            scale={scaleOf([effect.low, effect.high])}
            low={effect.low}
            at={effect.estimate}
            high={effect.high}
            text={`${pointsToText(effect.estimate)}, from ${range}`}
            strong
          />
          <p>
            {pointsToText(effect.estimate)} failures per 100 ordinary attempts (90%: {range})
            {instead}.
          </p>
          {treated?.after !== undefined && without != null && (
            <Levels
              levels={[
                ...(treated.before === undefined ? [] : [["before", treated.before] as const]),
                ["with the action", treated.after],
                ["expected without it", without],
              ]}
            />
          )}
        </div>
      )}
      <ul>
        {outcome.reasons.map((reason) => (
          <li key={reason}>
            <Say>{reason}</Say>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Failures per 100 ordinary attempts, as bars on one scale. */
function Levels({
  levels,
}: {
  readonly levels: ReadonlyArray<readonly [words: string, level: number]>;
}): JSX.Element {
  const most = Math.max(...levels.map(([, level]) => level));
  return (
    <dl className="levels">
      {levels.map(([words, level]) => (
        <div key={words}>
          <dt>{words}</dt>
          <dd>
            <span style={{ width: `${(70 * level) / most}%` }} />
            {(level * 100).toFixed(1)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Its entries in the ledger, each proved here against the newest root. */
function Record({ id }: { readonly id: string }): JSX.Element {
  const entries = useCall("ledgerList", { case: id, limit: 1_000 });
  const proof = useQuery({ queryKey: ["proof", id], queryFn: () => proveEntries({ case: id }) });
  const proved = proof.data?.proved;
  const head = proof.data?.head.size ?? 0;
  return (
    <Panel
      id="record"
      title="On record"
      aside={
        proof.data === undefined
          ? "being proved"
          : `${proof.data.proved.size} entries proved in this browser against head ${countToText(head)}`
      }
    >
      {(proof.data?.failed.length ?? 0) > 0 && (
        <p className="problem">
          Entries {proof.data?.failed.join(", ")} are not those whose root the server names.
        </p>
      )}
      <Loaded of={entries}>
        {({ entries: lines }) => (
          <ol className="timeline">
            {lines.map(({ n, at, kind, actor, hash }) => (
              <li key={n}>
                <span className="when">{instantToText(at)}</span>
                <span>{kind}</span>
                <span className="quiet">{actor}</span>
                <span className="quiet small">{proved?.has(n) === true ? "proved" : ""}</span>
                <a className="quiet" href={linkTo("ledger", `${n}`)} title={hash}>
                  #{n}
                </a>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Panel>
  );
}
