/** Where it happens: every place against its own past, by day, and what stands or waits there. */
import { type CSSProperties, type JSX, type ReactNode, useMemo, useState } from "react";
import type { PlaceList } from "../../../src/operation/list-places.ts";
import { useCall } from "../call.ts";
import { wordsOf } from "../part/case-words.ts";
import type { Tile as IndiaTile } from "../part/india.ts";
import {
  mapPlaces,
  type Mapped,
  NOW_DAYS,
  placeTiles,
  sortMapped,
  USUAL_DAYS,
} from "../part/map.model.ts";
import { Badge, Panel } from "../part/panel.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import { dayToText, instantToText, pointsToText, shareToText, toTitle } from "../words.ts";
import type { PageProps } from "./list.ts";

const ROWS_SHOWN = 60;

/** `rest` names a place; empty, it is the widest. */
export function MapPage({ id: loop, rest: place }: PageProps): JSX.Element {
  const list = useCall("placeList", { loop, ...(place === "" ? {} : { place }) });
  return <Loaded of={list}>{(data) => <Country key={place} list={data} />}</Loaded>;
}

function Country({ list }: { readonly list: PlaceList }): JSX.Element {
  const { loop, trail, days, places } = list;
  const [chosen, setChosen] = useState<number>();
  const day = chosen ?? days.length - 1;
  const mapped = useMemo(() => mapPlaces(places, day), [places, day]);
  const tiles = useMemo(() => placeTiles(places), [places]);
  const here = trail.at(-1);
  if (days.length === 0) {
    return (
      <>
        <h1>Map</h1>
        <Empty title="Nothing was counted yet">
          The first complete day of data draws this map: <code>interlock import</code> reads a file.
        </Empty>
      </>
    );
  }
  return (
    <>
      <Trail loop={loop} trail={trail} />
      <h1>{here?.name ?? "Map"}</h1>
      <p className="quiet">
        {toTitle(list.metric)} of {NOW_DAYS} days against the {USUAL_DAYS} days before them.
      </p>
      <Days days={days} day={day} onChoose={setChosen} />
      {places.length === 0 ? (
        <Empty title="Nothing finer is known here">
          <a href={linkTo("map", loop)}>Back to the widest</a>
        </Empty>
      ) : (
        <>
          <Legend />
          <ul className={tiles === undefined ? "tiles" : "tiles placed"} aria-label="Map">
            {mapped.map((one) => (
              <Tile key={one.place.id} loop={loop} of={one} tile={tiles?.get(one.place.id)} />
            ))}
          </ul>
          <Panel
            title="Place by place"
            aside={`the clearest change first, ${places.length} in all`}
          >
            <Table loop={loop} mapped={sortMapped(mapped)} />
          </Panel>
        </>
      )}
      <Standing list={list} />
    </>
  );
}

function Trail({
  loop,
  trail,
}: {
  readonly loop: string;
  readonly trail: PlaceList["trail"];
}): ReactNode {
  return (
    <p className="trail">
      <a href={linkTo("loop", loop)}>{loop}</a>
      {trail.slice(0, -1).map(({ id, name }) => (
        <span key={id}>
          {" / "}
          <a href={linkTo("map", loop, id)}>{name}</a>
        </span>
      ))}
    </p>
  );
}

function Days({
  days,
  day,
  onChoose,
}: {
  readonly days: ReadonlyArray<string>;
  readonly day: number;
  onChoose(day: number): void;
}): JSX.Element {
  const words = dayToText(days[day] ?? "");
  return (
    <label className="days">
      Until
      <input
        type="range"
        min={0}
        max={days.length - 1}
        value={day}
        aria-valuetext={words}
        onChange={({ target }) => onChoose(target.valueAsNumber)}
      />
      <output>{words}</output>
    </label>
  );
}

const STEPS: ReadonlyArray<readonly [step: number, words: string]> = [
  [-3, "8 points better or more"],
  [-2, "3 to 8 better"],
  [-1, "less than 3 better"],
  [0, "within its noise"],
  [1, "less than 3 worse"],
  [2, "3 to 8 worse"],
  [3, "8 points worse or more"],
];

function Legend(): JSX.Element {
  return (
    <ul className="legend" aria-label="What the colours say">
      {STEPS.map(([step, words]) => (
        <li key={step}>
          <span className={`swatch step${step}`} aria-hidden="true" /> {words}
        </li>
      ))}
    </ul>
  );
}

function Tile({
  loop,
  of,
  tile,
}: {
  readonly loop: string;
  readonly of: Mapped;
  readonly tile: IndiaTile | undefined;
}): JSX.Element {
  const { place, step } = of;
  const style: CSSProperties =
    tile === undefined ? {} : { gridColumn: tile.column + 1, gridRow: tile.row + 1 };
  return (
    <li style={style}>
      <a className={`tile step${step}`} href={linkTo("map", loop, place.id)} title={describe(of)}>
        <span className="heard">{describe(of)}</span>
        <span className="seen" aria-hidden="true">
          <strong>{tile?.code ?? place.name.split(",")[0]}</strong>
          <span className="points">
            {of.change === undefined ? "-" : pointsToText(of.change.points)}
          </span>
          {place.standing + place.waiting > 0 && (
            <span className="held">{place.standing + place.waiting}</span>
          )}
        </span>
      </a>
    </li>
  );
}

/** As a sentence, for whoever hears the map. */
function describe({ place, now, usual, change, step }: Mapped): string {
  const parts =
    change === undefined
      ? ["too little is known"]
      : [
          `${shareToText(now.k / now.n)}, usually ${shareToText(usual.k / usual.n)}`,
          step === 0 ? "within its noise" : `${pointsToText(change.points)} points`,
        ];
  if (place.waiting > 0) parts.push(`${place.waiting} waiting for votes`);
  if (place.standing > 0) parts.push(`${place.standing} acted on`);
  return `${place.name}: ${parts.join(", ")}`;
}

function Table({
  loop,
  mapped,
}: {
  readonly loop: string;
  readonly mapped: ReadonlyArray<Mapped>;
}): JSX.Element {
  const [rows, setRows] = useState(ROWS_SHOWN);
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="Place by place">
        <table>
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col" className="number">
                A day
              </th>
              <th scope="col" className="number">
                Usually a day
              </th>
              <th scope="col" className="number">
                Rate
              </th>
              <th scope="col" className="number">
                Usually
              </th>
              <th scope="col" className="number">
                Change, points
              </th>
              <th scope="col" className="number">
                Waiting
              </th>
              <th scope="col" className="number">
                Acted on
              </th>
            </tr>
          </thead>
          <tbody>
            {mapped.slice(0, rows).map(({ place, now, usual, change, step }) => (
              <tr key={place.id}>
                <th scope="row">
                  <a href={linkTo("map", loop, place.id)}>{place.name}</a>
                </th>
                <td className="number">{perDay(now.n, NOW_DAYS)}</td>
                <td className="number">{perDay(usual.n, USUAL_DAYS)}</td>
                <td className="number">{now.n === 0 ? "" : shareToText(now.k / now.n)}</td>
                <td className="number">{usual.n === 0 ? "" : shareToText(usual.k / usual.n)}</td>
                <td className="number">
                  {change === undefined ? (
                    ""
                  ) : step === 0 ? (
                    <span className="quiet">{pointsToText(change.points)}, noise</span>
                  ) : (
                    <strong>{pointsToText(change.points)}</strong>
                  )}
                </td>
                <td className="number">{place.waiting === 0 ? "" : place.waiting}</td>
                <td className="number">{place.standing === 0 ? "" : place.standing}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {mapped.length > rows && (
        <button type="button" onClick={() => setRows(rows + ROWS_SHOWN)}>
          Show {Math.min(ROWS_SHOWN, mapped.length - rows)} more
        </button>
      )}
    </>
  );
}

function perDay(count: number, days: number): string {
  const each = count / days;
  return each >= 10 ? `${Math.round(each)}` : each.toFixed(1);
}

/** What was done in these places, or waits to be: each a case. */
function Standing({ list: { cases } }: { readonly list: PlaceList }): JSX.Element {
  const { count, lines } = cases;
  return (
    <Panel
      title="What waits or stands here"
      aside={count > lines.length ? `the newest ${lines.length} of ${count}` : `${count}`}
    >
      {count === 0 ? (
        <Empty title="Nothing waits and nothing stands here">
          What a loop does in one of these places is listed here as long as it lasts.
        </Empty>
      ) : (
        <ul className="rows">
          {lines.map((of) => {
            const [words, tone] = wordsOf(of.state, null);
            return (
              <li key={`${of.place} ${of.id}`}>
                <div>
                  <a className="title" href={linkTo("case", of.id)}>
                    {of.subjectName}
                  </a>
                  <p className="quiet">{of.option === null ? "" : toTitle(of.option)}</p>
                </div>
                <div className="right">
                  <Badge tone={tone}>{words}</Badge>
                  <span className="quiet">{instantToText(of.actedAt ?? of.openedAt)}</span>
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
