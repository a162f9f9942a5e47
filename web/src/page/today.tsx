/** Today: what needs my vote, what is stuck, what was done, what came of it. */
import { type JSX, type ReactNode, useState } from "react";
import type {
  ActedLine,
  CaseLine,
  EndedLine,
  Lines,
  StuckLine,
  Today,
  VoteLine,
} from "../../../src/operation/show-today.ts";
import { moneyToText } from "../../../src/std/money.ts";
import { useCall } from "../call.ts";
import { mayIn, useViewer } from "../credential.ts";
import { type Answered, Batch } from "../part/batch.tsx";
import { wordsOfReason } from "../part/case-words.ts";
import { Badge, Figure, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { distanceToText, instantToText, moneyToShortText, spanToText, toTitle } from "../words.ts";
import { groupVotes, sumMoney } from "./today.model.ts";

const HOUR_MS = 3_600_000;

export function TodayPage(): JSX.Element {
  const today = useCall("todayShow", {});
  return (
    <>
      <h1>Today</h1>
      <Loaded of={today}>{(data) => <Morning {...data} />}</Loaded>
    </>
  );
}

/** A figure leads to the part of the page that it counts. */
function Morning({ now, since, votes, acted, ended, stuck, loops }: Today): JSX.Element {
  const worth = sumMoney(acted.lines.map(({ value }) => value));
  const loop = loops[0]?.name ?? "";
  return (
    <>
      <p className="quiet">
        {instantToText(now)}, your time. What was done since {instantToText(since)}.
      </p>
      <div className="figures">
        <Figure
          value={`${votes.count}`}
          label={votes.count === 1 ? "vote is asked for" : "votes are asked for"}
          href={linkTo("today", "votes")}
          tone={votes.count > 0 ? "wait" : "plain"}
        />
        <Figure
          value={`${stuck.count}`}
          label={stuck.count === 1 ? "thing is stuck" : "things are stuck"}
          href={linkTo("today", "stuck")}
          tone={stuck.count > 0 ? "bad" : "plain"}
        />
        <Figure
          value={`${acted.count}`}
          label={acted.count === 1 ? "action was taken" : "actions were taken"}
          href={linkTo("today", "done")}
        />
        {worth !== undefined && (
          <Figure
            value={moneyToShortText(worth)}
            label="expected of them, against doing nothing"
            href={linkTo("outcomes", loop)}
          />
        )}
      </div>
      <div className="columns">
        <div>
          <Inbox votes={votes} now={now} />
          <Panel title="Done" aside="the latest first" id="done">
            {acted.count === 0 ? (
              <Empty title="Nothing was changed">
                The cases tell what was seen and why nothing was done:{" "}
                <a href={linkTo("cases")}>all cases</a>.
              </Empty>
            ) : (
              <ol className="rows">
                {acted.lines.map((line) => (
                  <ActedRow key={line.id} {...line} />
                ))}
              </ol>
            )}
            <Rest of={acted} loop={loop} />
          </Panel>
        </div>
        <div>
          <Panel title="Stuck" id="stuck">
            {stuck.count === 0 ? (
              <Empty title="Nothing is stuck">
                {loops.length === 1 ? "The loop runs." : `All ${loops.length} loops run.`} What a
                person must settle comes here, with what to do.
              </Empty>
            ) : (
              <ol className="rows">
                {stuck.lines.map((line) => (
                  <StuckRow key={`${line.about.id} ${line.why}`} {...line} now={now} />
                ))}
              </ol>
            )}
            <Rest of={stuck} loop={loop} />
          </Panel>
          <Panel title="What came of it" aside="closed, the latest first" id="ended">
            {ended.count === 0 ? (
              <Empty title="No case was closed">
                An effect is read when the charter says it is mature.
              </Empty>
            ) : (
              <ol className="rows">
                {ended.lines.map((line) => (
                  <EndedRow key={line.id} {...line} />
                ))}
              </ol>
            )}
            <Rest of={ended} loop={loop} />
          </Panel>
        </div>
      </div>
    </>
  );
}

function Inbox({
  votes,
  now,
}: {
  readonly votes: Lines<VoteLine>;
  readonly now: string;
}): JSX.Element {
  const viewer = useViewer();
  const [answers, setAnswers] = useState<ReadonlyArray<Answered>>([]);
  const mine = votes.lines.filter(({ asksYou }) => asksYou);
  const others = votes.lines.filter(({ asksYou }) => !asksYou);
  const list = (lines: ReadonlyArray<VoteLine>): ReactNode => (
    <ol className="rows">
      {lines.map((line) => (
        <VoteRow key={`${line.id} ${line.party}`} line={line} now={now} />
      ))}
    </ol>
  );
  return (
    <Panel
      title={mine.length > 0 ? "Needs your vote" : "Needs a vote"}
      id="votes"
      asks={votes.count > 0}
    >
      <div role="status">
        {answers.map((answer) => (
          <p key={answer.id}>
            <Badge tone={answer.counted ? "good" : "bad"}>
              {answer.counted ? "counted" : "does not count"}
            </Badge>{" "}
            <a href={linkTo("case", answer.id)}>{answer.name}</a>
            {answer.counted ? "" : `: ${answer.message}. ${answer.help ?? ""}`}
          </p>
        ))}
      </div>
      {votes.count === 0 && (
        <Empty title="Nobody is waited for">
          A question comes here, and by mail, as soon as a charter asks for one.
        </Empty>
      )}
      {groupVotes(mine).map((group) =>
        group.lines.length > 1 && mayIn(viewer, [group.party]) ? (
          <Batch
            key={group.key}
            group={group}
            row={(line, pick) => <VoteRow key={line.id} line={line} now={now} pick={pick} />}
            onAnswered={setAnswers}
          />
        ) : (
          <div key={group.key}>{list(group.lines)}</div>
        ),
      )}
      {mine.length > 0 && others.length > 0 && <h3>Others are asked</h3>}
      {others.length > 0 && list(others)}
      <Rest of={votes} loop={votes.lines[0]?.loop ?? ""} state="held" />
    </Panel>
  );
}

/** What is not shown here is in the list of cases. */
function Rest<T>({
  of: { count, lines },
  loop,
  state = "",
}: {
  readonly of: Lines<T>;
  readonly loop: string;
  readonly state?: string;
}): ReactNode {
  return (
    count > lines.length && (
      <p>
        <a href={linkTo("cases", loop, state)}>and {count - lines.length} more</a>
      </p>
    )
  );
}

function Title({ id, subjectName, option }: CaseLine): JSX.Element {
  return (
    <a className="title" href={linkTo("case", id)}>
      {option === null ? "" : `${toTitle(option)}: `}
      {subjectName}
    </a>
  );
}

function VoteRow({
  line,
  now,
  pick,
}: {
  readonly line: VoteLine;
  readonly now: string;
  readonly pick?: ReactNode;
}): JSX.Element {
  const { party, people, asksYou, endsAt, stageEndsAt, atStake, value, rule, changes, loop } = line;
  return (
    <li>
      {pick}
      <div>
        <Title {...line} />
        {changes.map(({ place, before, after }) => (
          <p key={place} className="change">
            {place}: <del>{before}</del> <span aria-hidden="true">&rarr;</span> <ins>{after}</ins>
          </p>
        ))}
        <p className="quiet">
          {asksYou
            ? `You are asked for ${toTitle(party)}`
            : `${toTitle(party)} is asked: ${people.join(", ")}`}
          , by rule <a href={linkTo("charter", loop)}>{rule}</a>. Without an answer nothing is done
          from {instantToText(endsAt)}.
        </p>
      </div>
      <div className="right">
        <Badge tone="wait">answer {distanceToText(stageEndsAt, now)}</Badge>
        <span>{value === null ? "" : `${moneyToText(value)} expected`}</span>
        <span className="quiet">{moneyToText(atStake)} at stake</span>
      </div>
    </li>
  );
}

function StuckRow({
  about,
  name,
  why,
  toDo,
  since,
  now,
}: StuckLine & { readonly now: string }): JSX.Element {
  return (
    <li>
      <div>
        <a className="title" href={linkTo(about.kind, about.id)}>
          {name}
        </a>
        <p>
          <Say>{why}</Say>
        </p>
        <p className="quiet">
          <Say>{toDo}</Say>
        </p>
      </div>
      <div className="right">
        {since !== null && <span className="quiet">{distanceToText(since, now)}</span>}
      </div>
    </li>
  );
}

function ActedRow(line: ActedLine): JSX.Element {
  const { at, connector, liftedAt, standingUntil, votedBy, hoursToAction, value } = line;
  const who =
    votedBy.length === 0
      ? "by the charter's rule, no vote needed"
      : `agreed by ${votedBy.join(", ")}`;
  return (
    <li>
      <div>
        <Title {...line} />
        <p className="quiet">
          Through {connector} {spanToText(hoursToAction * HOUR_MS)} after the signal, {who}.{" "}
          {liftedAt === null
            ? `Stands until ${instantToText(standingUntil)}.`
            : `Lifted ${instantToText(liftedAt)}.`}
        </p>
      </div>
      <div className="right">
        <span className="quiet">{instantToText(at)}</span>
        {value !== null && <span>{moneyToText(value)} expected</span>}
      </div>
    </li>
  );
}

function EndedRow(line: EndedLine): JSX.Element {
  const [words, tone] = wordsOfReason(line.reason);
  return (
    <li>
      <div>
        <Title {...line} />
        <p className="quiet">{instantToText(line.at)}</p>
      </div>
      <div className="right">
        <Badge tone={tone}>{words}</Badge>
      </div>
    </li>
  );
}
