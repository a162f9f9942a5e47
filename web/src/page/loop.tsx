/** One loop: its two ends, what keeps it from running, how far it may go, what became of its signals. */
import type { JSX, ReactNode } from "react";
import type { LoopView } from "../../../src/operation/show-loop.ts";
import { act, useCall } from "../call.ts";
import { mayIn, useViewer } from "../credential.ts";
import { AskWhy } from "../part/ask.tsx";
import { GateList } from "../part/gate-list.tsx";
import { Badge, Figure, Panel } from "../part/panel.tsx";
import { Say } from "../part/say.tsx";
import { Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { countToText, instantToText, spanToText, toTitle } from "../words.ts";
import type { PageProps } from "./list.ts";
import { listParts, sortGates } from "./loop.model.ts";

export function LoopPage({ id: loop }: PageProps): JSX.Element {
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
      <div className="figures">
        <Speed loop={loop.name} toAction={view.toAction} />
      </div>
      <Ends {...view} />
      <Gates gates={gates} />
      <div className="columns even">
        <Sum loop={loop.name} cases={cases} />
        <Ladder autonomy={autonomy} />
      </div>
      <Halt view={view} />
    </>
  );
}

function Gates({ gates }: Pick<LoopView, "gates">): JSX.Element {
  const held = gates.filter(({ holds }) => holds).length;
  return (
    <Panel title="Gates" aside={`${held} of ${gates.length} hold`} asks={held < gates.length}>
      <GateList gates={sortGates(gates)} />
    </Panel>
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
      <Panel title="It is stopped" asks>
        <AskWhy
          label="Release the stop"
          confirm="Let it run again"
          work={() => act("stopRelease", { scope, name: loop.name })}
        />
      </Panel>
    );
  }
  return (
    <Panel title="Stop">
      <AskWhy
        label="Stop this loop"
        confirm="Stop it now"
        work={(reason) => act("stopPress", { scope, name: loop.name, reason })}
      >
        No new action leaves the building until an owner releases it. What was done stays as it is.
      </AskWhy>
    </Panel>
  );
}

/** Drawn: the signal goes one way through the gates, what was done and why comes back. */
function Ends(view: LoopView): JSX.Element {
  const { sender, receiver, contract, charter, loop, cases, gates, toAction } = view;
  const [from = "", fromAgent = ""] = sender.split("/");
  const [to = "", toAgent = ""] = receiver.split("/");
  const held = gates.filter(({ holds }) => holds).length;
  return (
    <Panel title="From one department to the other">
      <div className={loop.state === "live" ? "flow" : "flow stopped"}>
        <div className="end sender">
          <strong>{toTitle(from)}</strong>
          <span className="quiet">{fromAgent}</span>
          <span className="small">sees the change, sends the signal</span>
        </div>
        <div className="wire">
          <span>
            <a href={linkTo("cases", loop.name)}>{countToText(cases.accepted)} signals</a> under{" "}
            <a href={linkTo("contract", loop.name)}>{contract}</a>
          </span>
          <Track way="there" />
          <ul className="lamps" aria-hidden="true">
            {gates.map(({ name, holds }) => (
              <li key={name} className={holds ? "lamp holds" : "lamp"} title={toTitle(name)} />
            ))}
          </ul>
          <span className="heard">
            {held} of {gates.length} gates hold
          </span>
          <span>
            governed by <a href={linkTo("charter", loop.name)}>{charter}</a>
          </span>
          <Track way="back" />
          <span>
            <a href={linkTo("outcomes", loop.name)}>{countToText(toAction.count)} actions</a>, each
            with what it did and why
          </span>
        </div>
        <div className="end receiver">
          <strong>{toTitle(to)}</strong>
          <span className="quiet">{toAgent}</span>
          <span className="small">picks the best answer, acts within the charter</span>
        </div>
      </div>
    </Panel>
  );
}

function Track({ way }: { readonly way: "there" | "back" }): JSX.Element {
  return (
    <span className={`track ${way}`} aria-hidden="true">
      <span className="train" />
    </span>
  );
}

function Speed({
  loop,
  toAction: { count, within24h, medianMs, slowestMs },
}: {
  readonly loop: string;
  readonly toAction: LoopView["toAction"];
}): JSX.Element {
  if (count === 0) {
    return <Figure value="none yet" label="actions; the first one starts the clock of 24 hours" />;
  }
  return (
    <>
      <Figure
        value={`${countToText(within24h)} of ${countToText(count)}`}
        label="actions within the promised 24 hours"
        href={linkTo("cases", loop)}
        tone={within24h === count ? "good" : "bad"}
      />
      <Figure value={spanToText(medianMs)} label="from signal to action, half were faster" />
      <Figure value={spanToText(slowestMs)} label="the slowest" />
      <Figure value="5 to 14 days" label="what such a hand-over takes between people" />
    </>
  );
}

function Sum({
  loop,
  cases,
}: {
  readonly loop: string;
  readonly cases: LoopView["cases"];
}): JSX.Element {
  const parts = listParts(cases);
  const closed = Object.values(cases.closed).reduce((sum, count) => sum + count, 0);
  return (
    <Panel title="What became of every signal" aside={<a href={linkTo("cases", loop)}>all</a>}>
      <p className={cases.accepted === cases.open + closed ? "" : "problem"}>
        <strong>{countToText(cases.accepted)}</strong> accepted ={" "}
        <strong>{countToText(cases.open)}</strong> open + <strong>{countToText(closed)}</strong>{" "}
        closed: none is unaccounted for
      </p>
      <div className="sum" aria-hidden="true">
        {parts.map(({ key, tone, count }) => (
          <span key={key} className={tone} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="tags">
        {parts.map(({ key, state, find, words, tone, count }) => (
          <li key={key}>
            <a className={tone} href={linkTo("cases", loop, state, find)}>
              {words} <strong>{countToText(count)}</strong>
            </a>
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
  const reached = LEVELS.findIndex(([level]) => level === autonomy.level);
  return (
    <Panel title="How far it may go" aside={`since ${instantToText(autonomy.since)}`}>
      <ol className="ladder">
        {LEVELS.map(([level, words], at) => (
          <li
            key={level}
            className={at <= reached ? "reached" : ""}
            aria-current={at === reached ? "step" : undefined}
          >
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
