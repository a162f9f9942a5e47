/** Today: what needs a vote, what is stuck, what was done, what came of it. */
import type { JSX, ReactNode } from "react";
import type {
  ActedLine,
  CaseLine,
  EndedLine,
  Lines,
  StuckLine,
  Today,
  VoteLine,
} from "../../../src/operation/show-today.ts";
import { moneyToText, type Money } from "../../../src/std/money.ts";
import { useCall } from "../call.ts";
import { wordsOfReason } from "../part/case-words.ts";
import { Badge, Figure, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { distanceToText, instantToText, moneyToShortText, spanToText, toTitle } from "../words.ts";

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

function Morning({ now, since, votes, acted, ended, stuck, loops }: Today): JSX.Element {
  const worth = sumOf(acted.lines);
  return (
    <>
      <p className="quiet">
        {instantToText(now)}, your time. What was done since {instantToText(since)}.
      </p>
      <div className="figures">
        <Figure
          value={`${votes.count}`}
          label={votes.count === 1 ? "vote is asked for" : "votes are asked for"}
          tone={votes.count > 0 ? "wait" : "plain"}
        />
        <Figure
          value={`${stuck.count}`}
          label={stuck.count === 1 ? "thing is stuck" : "things are stuck"}
          tone={stuck.count > 0 ? "bad" : "plain"}
        />
        <Figure
          value={`${acted.count}`}
          label={acted.count === 1 ? "action was taken" : "actions were taken"}
        />
        {worth !== undefined && (
          <Figure value={moneyToShortText(worth)} label="expected of them, against doing nothing" />
        )}
      </div>
      <Panel title="Needs a vote">
        {votes.count === 0 ? (
          <Empty title="Nobody is waited for">
            A question comes here, and by mail, as soon as a charter asks for one.
          </Empty>
        ) : (
          <ol className="rows">
            {votes.lines.map((line) => (
              <VoteRow key={`${line.id} ${line.party}`} {...line} now={now} />
            ))}
          </ol>
        )}
        <Rest of={votes} />
      </Panel>
      <Panel title="Stuck">
        {stuck.count === 0 ? (
          <Empty title="Nothing is stuck">
            {loops.length === 1 ? "The loop runs." : `All ${loops.length} loops run.`} What a person
            must settle comes here, with what to do.
          </Empty>
        ) : (
          <ol className="rows">
            {stuck.lines.map((line) => (
              <StuckRow key={`${line.about.id} ${line.why}`} {...line} now={now} />
            ))}
          </ol>
        )}
        <Rest of={stuck} />
      </Panel>
      <Panel title="Done" aside="the latest first">
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
        <Rest of={acted} />
      </Panel>
      <Panel title="What came of it" aside="closed, the latest first">
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
        <Rest of={ended} />
      </Panel>
    </>
  );
}

/** Undefined when there is nothing to add up. Loops have one currency each. */
function sumOf(lines: ReadonlyArray<CaseLine>): Money | undefined {
  const values = lines.flatMap(({ value }) => (value === null ? [] : [value]));
  const [first] = values;
  if (first === undefined) return undefined;
  const same = values.filter(({ currency }) => currency === first.currency);
  return {
    currency: first.currency,
    amountMinor: same.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  };
}

function Rest<T>({ of: { count, lines } }: { readonly of: Lines<T> }): ReactNode {
  return count > lines.length && <p className="quiet">and {count - lines.length} more</p>;
}

function Title({ id, subjectName, option }: CaseLine): JSX.Element {
  return (
    <a className="title" href={linkTo("case", id)}>
      {option === null ? "" : `${toTitle(option)}: `}
      {subjectName}
    </a>
  );
}

function VoteRow(line: VoteLine & { readonly now: string }): JSX.Element {
  const { party, people, endsAt, stageEndsAt, atStake, value, rule, changes, now } = line;
  return (
    <li>
      <div>
        <Title {...line} />
        <p>
          {toTitle(party)} is asked: {people.join(", ")}. Rule <code>{rule}</code>.
        </p>
        {changes.map(({ place, before, after }) => (
          <p key={place} className="change">
            {place}: <del>{before}</del> <ins>{after}</ins>
          </p>
        ))}
      </div>
      <div className="right">
        <Badge tone="wait">answer {distanceToText(stageEndsAt, now)}</Badge>
        <span>{value === null ? "" : `${moneyToText(value)} expected`}</span>
        <span className="quiet">
          {moneyToText(atStake)} at stake; without an answer nothing is done from{" "}
          {instantToText(endsAt)}
        </span>
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
      <div className="right">{since !== null && <span>{distanceToText(since, now)}</span>}</div>
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
        <p>
          Through {connector} {spanToText(hoursToAction * HOUR_MS)} after the signal, {who}.
        </p>
        <p className="quiet">
          {liftedAt === null
            ? `Stands until ${instantToText(standingUntil)}`
            : `Lifted ${instantToText(liftedAt)}`}
        </p>
      </div>
      <div className="right">
        <span>{instantToText(at)}</span>
        {value !== null && <span className="quiet">{moneyToText(value)} expected</span>}
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
      </div>
      <div className="right">
        <Badge tone={tone}>{words}</Badge>
        <span>{instantToText(line.at)}</span>
      </div>
    </li>
  );
}
