/** One loop: its two ends, what keeps it from running, how far it may go, what became of its signals. */
import type { JSX, ReactNode } from "react";
import type { LoopView } from "../../../src/operation/show-loop.ts";
import { act, useCall } from "../call.ts";
import { mayIn, useViewer } from "../credential.ts";
import { AskWhy } from "../part/ask.tsx";
import { wordsOf } from "../part/case-words.ts";
import { Badge, Figure, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { instantToText, spanToText, toTitle } from "../words.ts";

export function LoopPage({ loop }: { readonly loop: string }): JSX.Element {
  const shown = useCall("loopShow", { loop });
  return <Loaded of={shown}>{(data) => <Loop {...data} />}</Loaded>;
}

const STATE_TONES = { live: "good", suspended: "bad", paused: "wait" } as const;

function Loop(view: LoopView): JSX.Element {
  const { loop, gates, autonomy, cases, stops, glass } = view;
  const { state } = loop;
  const tone = state in STATE_TONES ? STATE_TONES[state as keyof typeof STATE_TONES] : "wait";
  return (
    <>
      <h1>
        {loop.name} <Badge tone={tone}>{state}</Badge>
      </h1>
      <p className="quiet">
        <Say>{loop.why}</Say> Since {instantToText(loop.changed_at)}.
      </p>
      {stops.map(({ scope, name, person, reason }) => (
        <p key={`${scope} ${name}`} className="problem">
          Stopped by {person} ({scope} {name}): {reason}
        </p>
      ))}
      {glass != null && (
        <p className="problem">
          {glass.person} lifted guardrails: {glass.reason}
        </p>
      )}
      <Ends {...view} />
      <Halt view={view} />
      <Panel
        title="Gates"
        aside={`${gates.filter(({ holds }) => holds).length} of ${gates.length} hold`}
      >
        <ul className="gates wide">
          {gates.map(({ name, holds, evidence, toHold, commands }) => (
            <li key={name}>
              <Badge tone={holds ? "good" : "bad"}>{holds ? "holds" : "does not hold"}</Badge>
              <div>
                <strong>{toTitle(name)}</strong>
                <p>
                  <Say>{evidence}</Say>
                </p>
                {!holds && (
                  <p>
                    <Say>{toHold}</Say>
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
      </Panel>
      <Speed loop={loop.name} toAction={view.toAction} />
      <Sum loop={loop.name} cases={cases} />
      <Ladder autonomy={autonomy} />
    </>
  );
}

/** The stop button, and its release, for those who may. */
function Halt({ view: { loop, sender, receiver, stops } }: { readonly view: LoopView }): ReactNode {
  const viewer = useViewer();
  const ends = [sender, receiver].map((end) => end.split("/")[0] ?? "");
  if (!mayIn(viewer, ends)) return null;
  const scope = "loop" as const;
  const own = stops.find((stop) => stop.scope === scope);
  if (own !== undefined) {
    return (
      <AskWhy
        label="Release the stop"
        confirm="Let it run again"
        work={() => act("stopRelease", { scope, name: loop.name })}
      />
    );
  }
  return (
    <AskWhy
      label="Stop this loop"
      confirm="Stop it now"
      work={(reason) => act("stopPress", { scope, name: loop.name, reason })}
    >
      No new action leaves the building until an owner releases it. What was done stays as it is.
    </AskWhy>
  );
}

function Ends({ sender, receiver, contract, charter, loop, cases }: LoopView): JSX.Element {
  const [from = "", fromAgent = ""] = sender.split("/");
  const [to = "", toAgent = ""] = receiver.split("/");
  return (
    <Panel title="From one department to the other">
      <div className="flow">
        <div className="end">
          <strong>{toTitle(from)}</strong>
          <span className="quiet">{fromAgent}</span>
        </div>
        <div className="wire">
          <span>
            <a href={linkTo("cases", loop.name)}>{cases.accepted} signals</a> under {contract}
          </span>
          <span className="arrow" aria-hidden="true" />
          <span className="quiet">what it did, and why, comes back</span>
        </div>
        <div className="end">
          <strong>{toTitle(to)}</strong>
          <span className="quiet">{toAgent}</span>
        </div>
      </div>
      <p>
        Governed by <a href={linkTo("charter", loop.name)}>{charter}</a>.
      </p>
    </Panel>
  );
}

function Speed({
  loop,
  toAction: { count, within24h, medianMs, slowestMs },
}: {
  readonly loop: string;
  readonly toAction: LoopView["toAction"];
}): JSX.Element {
  return (
    <Panel title="From signal to action" aside="the promise is 24 hours">
      {count === 0 ? (
        <Empty title="Nothing was done yet">The first action starts this clock.</Empty>
      ) : (
        <div className="figures">
          <Figure
            value={`${within24h} of ${count}`}
            label="actions within 24 hours"
            href={linkTo("cases", loop)}
            tone={within24h === count ? "plain" : "bad"}
          />
          <Figure value={spanToText(medianMs)} label="half were faster" />
          <Figure value={spanToText(slowestMs)} label="the slowest" />
          <Figure value="5 to 14 days" label="what such a hand-off takes between people" />
        </div>
      )}
    </Panel>
  );
}

function Sum({
  loop,
  cases,
}: {
  readonly loop: string;
  readonly cases: LoopView["cases"];
}): JSX.Element {
  const closed = Object.values(cases.closed).reduce((sum, count) => sum + count, 0);
  return (
    <Panel title="What became of every signal">
      <div className="figures">
        <Figure value={`${cases.accepted}`} label="accepted" href={linkTo("cases", loop)} />
        <Figure value={`${cases.open}`} label="open" href={linkTo("cases", loop)} />
        <Figure value={`${closed}`} label="closed" href={linkTo("outcomes", loop)} />
      </div>
      <p className={cases.accepted === cases.open + closed ? "" : "problem"}>
        {cases.accepted} accepted = {cases.open} open + {closed} closed
      </p>
      <ul className="tags">
        {Object.entries(cases.openByState).map(([state, count]) => (
          <li key={state}>
            {wordsOf(state as Parameters<typeof wordsOf>[0], null)[0]} <strong>{count}</strong>
          </li>
        ))}
        {Object.entries(cases.closed).map(([reason, count]) => (
          <li key={reason}>
            {wordsOf("closed", reason as Parameters<typeof wordsOf>[1])[0]} <strong>{count}</strong>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const LEVELS = [
  ["shadow", "writes what it would do, does nothing"],
  ["advise", "asks for every vote"],
  ["act", "does what the charter lets it"],
] as const;

function Ladder({ autonomy }: { readonly autonomy: LoopView["autonomy"] }): JSX.Element {
  return (
    <Panel title="How far it may go" aside={`since ${instantToText(autonomy.since)}`}>
      <ol className="ladder">
        {LEVELS.map(([level, words]) => (
          <li key={level} aria-current={level === autonomy.level ? "step" : undefined}>
            <strong>{toTitle(level)}</strong>
            <span className="quiet">{words}</span>
          </li>
        ))}
      </ol>
      {autonomy.missing.map((missing) => (
        <p key={missing}>
          For the next step: <Say>{missing}</Say>
        </p>
      ))}
    </Panel>
  );
}
