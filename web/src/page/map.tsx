/** Where it happens: every place against its own past, by day, and what stands or waits there. */
import { type CSSProperties, type JSX, type ReactNode, useEffect, useMemo, useState } from "react";
import type { PlaceList } from "../../../src/operation/list-places.ts";
import { useCall } from "../call.ts";
import { wordsOf } from "../part/case-words.ts";
import { drawShapes, matchShapes, type Shape } from "../part/geojson.model.ts";
import type { Tile as IndiaTile } from "../part/india.ts";
import { LongTable } from "../part/long-table.tsx";
import {
  mapPlaces,
  type Mapped,
  NOW_DAYS,
  placeTiles,
  sortMapped,
  USUAL_DAYS,
} from "../part/map.model.ts";
import { Badge, Panel } from "../part/panel.tsx";
import { ShapeFilePicker, useShapes } from "../part/shape-file.tsx";
import { Empty, Loaded } from "../part/state.tsx";
import { linkTo } from "../route.ts";
import {
  countToText,
  dayToText,
  instantToText,
  pointsToText,
  shareToText,
  toTitle,
} from "../words.ts";
import type { PageProps } from "./list.ts";

/** What `Play` goes through when it begins at the newest day. */
const PLAYED_DAYS = 60;
const STEP_MS = 150;

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
  const file = useShapes();
  const shapes = useMemo(
    () => (file === undefined ? undefined : matchShapes(file.shapes, places)),
    [file, places],
  );
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
      <p className="lead">
        {toTitle(list.metric)} of {NOW_DAYS} days against the {USUAL_DAYS} days before them.
      </p>
      <Days days={days} day={day} onChoose={setChosen} />
      <div className="columns">
        <Panel title="Against its own past" aside={dayToText(days[day] ?? "")}>
          {places.length === 0 ? (
            <Empty title="Nothing finer is known here">
              <a href={linkTo("map", loop)}>Back to the widest</a>
            </Empty>
          ) : (
            <>
              {shapes !== undefined && shapes.size > 0 ? (
                <Shapes loop={loop} mapped={mapped} shapes={shapes} />
              ) : (
                <ul className={tiles === undefined ? "tiles" : "tiles placed"} aria-label="Map">
                  {mapped.map((one) => (
                    <Tile key={one.place.id} loop={loop} of={one} tile={tiles?.get(one.place.id)} />
                  ))}
                </ul>
              )}
              <Legend />
              <ShapeFilePicker file={file} matched={shapes?.size ?? 0} of={places.length} />
            </>
          )}
        </Panel>
        <Standing list={list} />
      </div>
      {places.length > 0 && (
        <Panel title="Place by place" aside={`the clearest change first, ${places.length} in all`}>
          <Table loop={loop} mapped={sortMapped(mapped)} />
        </Panel>
      )}
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
  const [isPlaying, setPlaying] = useState(false);
  const last = days.length - 1;
  const isAtEnd = day >= last;
  useEffect(() => {
    if (!isPlaying) return;
    if (isAtEnd) return setPlaying(false);
    const timer = setTimeout(() => onChoose(day + 1), STEP_MS);
    return () => clearTimeout(timer);
  }, [isPlaying, isAtEnd, day, onChoose]);
  return (
    <div className="days">
      <button
        type="button"
        onClick={() => {
          if (!isPlaying && isAtEnd) onChoose(Math.max(0, last - PLAYED_DAYS));
          setPlaying(!isPlaying);
        }}
      >
        {isPlaying ? "Pause" : "Play"}
      </button>
      <label>
        <span>Until</span>
        <input
          type="range"
          min={0}
          max={last}
          value={day}
          aria-valuetext={words}
          onChange={({ target }) => onChoose(target.valueAsNumber)}
        />
      </label>
      <output>{words}</output>
    </div>
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
      <li>
        <span className="swatch excluded" aria-hidden="true" /> something is taken out there
      </li>
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
      <a
        className={`tile step${step}${place.excluded > 0 ? " excluded" : ""}`}
        href={linkTo("map", loop, place.id)}
        title={describe(of)}
      >
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

/** Places as their file draws them; one that it has no shape for is in the table below. */
function Shapes({
  loop,
  mapped,
  shapes,
}: {
  readonly loop: string;
  readonly mapped: ReadonlyArray<Mapped>;
  readonly shapes: ReadonlyMap<string, Shape>;
}): JSX.Element {
  const { width, height, paths } = useMemo(() => drawShapes(shapes), [shapes]);
  return (
    <svg
      className="shapes"
      viewBox={`-2 -2 ${width + 4} ${height + 4}`}
      role="group"
      aria-label="Map"
    >
      <pattern
        id="taken-out"
        width="8"
        height="8"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line y2="8" stroke="currentColor" strokeWidth="2" opacity="0.45" />
      </pattern>
      {mapped.map((one) => {
        const path = paths.get(one.place.id);
        if (path === undefined) return null;
        return (
          <a key={one.place.id} href={linkTo("map", loop, one.place.id)} aria-label={describe(one)}>
            <title>{describe(one)}</title>
            <path className={`step${one.step}`} d={path} />
            {one.place.excluded > 0 && <path d={path} fill="url(#taken-out)" aria-hidden="true" />}
          </a>
        );
      })}
    </svg>
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
  if (place.excluded > 0) parts.push(`${place.excluded} taken out`);
  return `${place.name}: ${parts.join(", ")}`;
}

function Table({
  loop,
  mapped,
}: {
  readonly loop: string;
  readonly mapped: ReadonlyArray<Mapped>;
}): JSX.Element {
  return (
    <LongTable
      label="Place by place"
      rows={mapped}
      head={
        <>
          <th scope="col">Place</th>
          <th scope="col" className="number roomy">
            A day
          </th>
          <th scope="col" className="number roomy">
            Usually a day
          </th>
          <th scope="col" className="number">
            Rate
          </th>
          <th scope="col" className="number roomy">
            Usually
          </th>
          <th scope="col" className="number">
            Change, points
          </th>
          <th scope="col" className="number roomy">
            Waiting
          </th>
          <th scope="col" className="number roomy">
            Acted on
          </th>
        </>
      }
      row={({ place, now, usual, change, step }) => (
        <>
          <th scope="row">
            <a href={linkTo("map", loop, place.id)}>{place.name}</a>
          </th>
          <td className="number roomy">{perDay(now.n, NOW_DAYS)}</td>
          <td className="number roomy">{perDay(usual.n, USUAL_DAYS)}</td>
          <td className="number">{now.n === 0 ? "" : shareToText(now.k / now.n)}</td>
          <td className="number roomy">{usual.n === 0 ? "" : shareToText(usual.k / usual.n)}</td>
          <td className="number">
            {change === undefined ? (
              ""
            ) : step === 0 ? (
              <span className="quiet">{pointsToText(change.points)}, noise</span>
            ) : (
              <strong>{pointsToText(change.points)}</strong>
            )}
          </td>
          <td className="number roomy">{place.waiting === 0 ? "" : place.waiting}</td>
          <td className="number roomy">{place.standing === 0 ? "" : place.standing}</td>
        </>
      )}
    />
  );
}

function perDay(count: number, days: number): string {
  const each = count / days;
  return each >= 10 ? countToText(each) : each.toFixed(1);
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
              <li key={of.id}>
                <div>
                  <a className="title" href={linkTo("case", of.id)}>
                    {of.subjectName}
                  </a>
                  <p className="quiet">
                    {of.option === null ? "" : toTitle(of.option)}
                    {of.probeShare !== null &&
                      `; ${shareToText(of.probeShare)} of its traffic still comes, to see it recover`}
                  </p>
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
