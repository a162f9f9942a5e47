/** What a loop's actions did, how honest it was about itself, and what it asks its owners to change. */
import type { JSX } from "react";
import type { OutcomeReport } from "../../../src/operation/show-outcomes.ts";
import { moneyToText } from "../../../src/std/money.ts";
import { useCall } from "../call.ts";
import { CalibrationCurve } from "../part/calibration-curve.tsx";
import { Interval, scaleOf } from "../part/interval.tsx";
import { Badge, Figure, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import {
  countToText,
  instantToText,
  moneyToShortText,
  shareToText,
  spanToText,
  toTitle,
} from "../words.ts";
import type { PageProps } from "./list.ts";
import { sumWorth } from "./outcomes.model.ts";

export function OutcomesPage({ id: loop }: PageProps): JSX.Element {
  const shown = useCall("outcomeShow", { loop });
  return (
    <>
      <p className="trail">
        <a href={linkTo("loop", loop)}>{loop}</a>
      </p>
      <h1>Outcomes</h1>
      <Loaded of={shown}>{(data) => <Outcomes {...data} />}</Loaded>
    </>
  );
}

function Outcomes(report: OutcomeReport): JSX.Element {
  const { loop, since, until, signals, acted, options, currency, confidence, proposals } = report;
  const worth = sumWorth(options);
  const money = (amountMinor: number): string => moneyToShortText({ currency, amountMinor });
  const range = worth?.interval.map(money).join(" to ") ?? "";
  return (
    <>
      <p className="lead">
        From {instantToText(since)} to {instantToText(until)}, your time.
      </p>
      <div className="figures">
        <Figure
          value={`${countToText(acted)} of ${countToText(signals)}`}
          label="signals acted on"
          href={linkTo("cases", loop)}
        />
        <Figure
          value={countToText(options.reduce((total, one) => total + one.verdicts.helped, 0))}
          label="surely helped"
          href={linkTo("cases", loop, "closed", "helped")}
          tone="good"
        />
        {worth !== undefined && (
          <Figure
            value={money(worth.amountMinor)}
            label={`saved against doing nothing, by failures that did not happen; 90%: ${range}`}
            href={linkTo("outcomes", loop, "by-option")}
          />
        )}
        {worth?.lost != null && (
          <Figure
            value={`${money(worth.lost.days5Minor)} to ${money(worth.lost.days14Minor)}`}
            label="of it would be lost by a hand-over of 5 to 14 days"
            href={linkTo("outcomes", loop, "by-option")}
          />
        )}
      </div>
      <Panel
        id="by-option"
        title="By option"
        aside="measured against places nobody touched; 90% intervals"
      >
        {options.length === 0 ? (
          <Empty title="No action is old enough to be read">
            An effect is read when the charter says it is mature.
          </Empty>
        ) : (
          <ByOption {...report} />
        )}
      </Panel>
      <div className="columns even">
        <Panel
          title="How honest its confidence is"
          aside={`${confidence.scored} signals could be scored`}
        >
          {confidence.bands.length === 0 ? (
            <Empty title="Nothing to score yet">
              A signal is scored when enough days have passed to see whether it was true.
            </Empty>
          ) : (
            <>
              <CalibrationCurve bands={confidence.bands} />
              <Bands bands={confidence.bands} />
            </>
          )}
        </Panel>
        <Waits {...report} />
      </div>
      <Panel title="What its owners might change" aside="proposed with evidence, never applied">
        <ul className="gates">
          {proposals.map(({ about, path, now, proposed, because, status }) => (
            <li key={`${about} ${path}`}>
              <Badge tone={status === "enough" ? "wait" : "plain"}>
                {status === "enough" ? `${now} to ${proposed}` : `stays ${now}`}
              </Badge>
              <div>
                <strong>{about}</strong>
                <p>
                  <Say>{because}</Say>
                </p>
              </div>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
}

/** Whose answers were waited for, how long, and what lay on the table meanwhile. */
function Waits({ waits, currency, loop }: OutcomeReport): JSX.Element {
  return (
    <Panel
      title="What waiting cost"
      aside={<a href={linkTo("charter", loop)}>the charter's clocks</a>}
    >
      {waits.length === 0 ? (
        <Empty title="Nobody was waited for">
          A charter that asks for votes starts a clock for each side; what it costs is told here.
        </Empty>
      ) : (
        <>
          <div className="scroll" tabIndex={0} role="region" aria-label="Waiting by department">
            <table className="stacked">
              <thead>
                <tr>
                  <th scope="col">Department</th>
                  <th scope="col" className="number">
                    Asked
                  </th>
                  <th scope="col" className="number">
                    No answer
                  </th>
                  <th scope="col">Half within</th>
                  <th scope="col">Slowest</th>
                  <th scope="col" className="number">
                    Cost
                  </th>
                </tr>
              </thead>
              <tbody>
                {waits.map(({ party, asked, unanswered, medianMs, slowestMs, costMinor }) => (
                  <tr key={party}>
                    <th scope="row">{toTitle(party)}</th>
                    <td className="number" data-label="Asked">
                      {countToText(asked)}
                    </td>
                    <td className="number" data-label="No answer">
                      {countToText(unanswered)}
                    </td>
                    <td data-label="Half within">{spanToText(medianMs)}</td>
                    <td data-label="Slowest">{spanToText(slowestMs)}</td>
                    <td className="number" data-label="Cost">
                      {moneyToText({ currency, amountMinor: costMinor })}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="quiet small">
            Of what was agreed to, the expected worth of the days that it waited; of what nobody
            answered, all of it. Two who are asked at once wait side by side, so these are not added
            up.
          </p>
        </>
      )}
    </Panel>
  );
}

function ByOption({ options, currency }: OutcomeReport): JSX.Element {
  const scale = scaleOf(
    options.flatMap(({ avoided }) => (avoided === null ? [] : [...avoided.interval])),
  );
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Outcomes by option">
      <table className="stacked">
        <thead>
          <tr>
            <th scope="col">Option</th>
            <th scope="col" className="number">
              Helped
            </th>
            <th scope="col" className="number">
              No effect
            </th>
            <th scope="col" className="number">
              Harmed
            </th>
            <th scope="col" className="number">
              Cannot tell
            </th>
            <th scope="col">Failures avoided</th>
            <th scope="col" className="number">
              Worth
            </th>
          </tr>
        </thead>
        <tbody>
          {options.map(({ option, verdicts, avoided, worth }) => (
            <tr key={option}>
              <th scope="row">{toTitle(option)}</th>
              <td className="number" data-label="Helped">
                {verdicts.helped}
              </td>
              <td className="number" data-label="No effect">
                {verdicts["no-effect"]}
              </td>
              <td className="number" data-label="Harmed">
                {verdicts.harmed}
              </td>
              <td className="number" data-label="Cannot tell">
                {verdicts.undetermined}
              </td>
              <td data-label="Failures avoided">
                {avoided !== null && (
                  <>
                    <Interval
                      scale={scale}
                      low={avoided.interval[0]}
                      at={avoided.count}
                      high={avoided.interval[1]}
                      text={rangeToText(avoided.count, avoided.interval)}
                    />
                    <span className="quiet">{Math.round(avoided.count)}</span>
                  </>
                )}
              </td>
              <td className="number" data-label="Worth">
                {worth !== null && (
                  <>
                    {moneyToText({ currency, amountMinor: worth.amountMinor })}
                    <span className="quiet small">
                      {" "}
                      {moneyToShortText({ currency, amountMinor: worth.interval[0] })} to{" "}
                      {moneyToShortText({ currency, amountMinor: worth.interval[1] })}
                    </span>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bands({ bands }: { readonly bands: OutcomeReport["confidence"]["bands"] }): JSX.Element {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Confidence and what came true">
      <table className="stacked">
        <thead>
          <tr>
            <th scope="col">It said</th>
            <th scope="col" className="number">
              Signals
            </th>
            <th scope="col" className="number">
              Came true
            </th>
            <th scope="col">Range</th>
          </tr>
        </thead>
        <tbody>
          {bands.map(({ from, confidence, count, share, low, high }) => (
            <tr key={from}>
              <th scope="row">{shareToText(confidence)}</th>
              <td className="number" data-label="Signals">
                {count}
              </td>
              <td className="number" data-label="Came true">
                {shareToText(share)}
              </td>
              <td>
                <Interval
                  scale={{ low: 0, high: 1 }}
                  low={low}
                  at={share}
                  high={high}
                  text={`${shareToText(low)} to ${shareToText(high)}`}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rangeToText(count: number, [low, high]: readonly [number, number]): string {
  return `${Math.round(count)}, from ${Math.round(low)} to ${Math.round(high)}`;
}
