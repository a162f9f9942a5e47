/** A file of shapes that somebody chose: read here, sent nowhere, kept as long as the tab lives. */
import { type JSX, useState, useSyncExternalStore } from "react";
import { readShapes, type Shape, SHAPES_BYTES_MAX } from "./geojson.model.ts";

type Chosen = { readonly name: string; readonly shapes: ReadonlyArray<Shape> };

const watchers = new Set<() => void>();
let chosen: Chosen | undefined;

function choose(next: Chosen | undefined): void {
  chosen = next;
  for (const tell of watchers) tell();
}

export function useShapes(): Chosen | undefined {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => chosen,
  );
}

export function ShapeFilePicker({
  file,
  matched,
  of,
}: {
  readonly file: Chosen | undefined;
  readonly matched: number;
  readonly of: number;
}): JSX.Element {
  const [refused, setRefused] = useState("");
  const read = async (given: File | undefined): Promise<void> => {
    if (given === undefined) return;
    if (given.size > SHAPES_BYTES_MAX) return setRefused("it is larger than 32 MB");
    const result = readShapes(await given.text());
    setRefused(result.kind === "refused" ? result.why : "");
    if (result.kind === "shapes") choose({ name: given.name, shapes: result.shapes });
  };
  return (
    <details>
      <summary className="small">Draw it with your own shapes</summary>
      <p className="quiet small">
        Any GeoJSON of areas: states, districts, sales regions. A place is found by its name or id
        in any property. The file stays in this browser.
      </p>
      <p className="row">
        <input
          type="file"
          aria-label="A GeoJSON file"
          accept=".geojson,.json,application/geo+json"
          onChange={({ target }) => void read(target.files?.[0])}
        />
        {file !== undefined && (
          <button type="button" onClick={() => choose(undefined)}>
            Back to tiles
          </button>
        )}
      </p>
      <p role="status" className="small">
        {refused !== "" && `This file cannot be drawn: ${refused}.`}
        {refused === "" &&
          file !== undefined &&
          `${file.name} has a shape for ${matched} of these ${of} places.`}
      </p>
    </details>
  );
}
