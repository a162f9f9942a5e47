/**
 * Shapes from somebody's own file: any GeoJSON of areas, matched to places by whatever it calls them.
 *
 * Read in the browser and kept there. A place is found by its name or id in any of a shape's properties, so
 * no file has to be prepared. Left out: points and lines, and map projections; at the size of a country a
 * degree of longitude is as long as it is at the middle.
 */
import type { PlaceDays } from "../../../src/operation/list-places.ts";

export const SHAPES_BYTES_MAX = 32 * 1024 * 1024;
const SHAPES_MAX = 20_000;
const WIDTH = 1_000;
/** Points nearer to each other than this are one; the picture is a thousand wide. */
const NEAR = 0.6;

type Ring = ReadonlyArray<readonly [longitude: number, latitude: number]>;

export type Shape = { readonly names: ReadonlySet<string>; readonly rings: ReadonlyArray<Ring> };

export type ShapeFile =
  | { readonly kind: "shapes"; readonly shapes: ReadonlyArray<Shape> }
  | { readonly kind: "refused"; readonly why: string };

export function readShapes(text: string): ShapeFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "refused", why: "it is not JSON" };
  }
  const features = isRecord(value) ? value["features"] : undefined;
  if (!Array.isArray(features)) {
    return { kind: "refused", why: "it is no GeoJSON FeatureCollection" };
  }
  if (features.length > SHAPES_MAX) {
    return { kind: "refused", why: `it has more than ${SHAPES_MAX} shapes` };
  }
  const shapes = features.flatMap(readShape);
  if (shapes.length > 0) return { kind: "shapes", shapes };
  return { kind: "refused", why: "it has no polygon with a name" };
}

function readShape(feature: unknown): ReadonlyArray<Shape> {
  if (!isRecord(feature) || !isRecord(feature["geometry"])) return [];
  const { type, coordinates } = feature["geometry"];
  const polygons = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
  if (!Array.isArray(polygons)) return [];
  const rings = polygons.flatMap((polygon: unknown) =>
    Array.isArray(polygon) ? polygon.flatMap(readRing) : [],
  );
  const properties = isRecord(feature["properties"]) ? Object.values(feature["properties"]) : [];
  const names = [feature["id"], ...properties]
    .filter((name) => typeof name === "string" || typeof name === "number")
    .map((name) => fold(String(name)))
    .filter((name) => name !== "");
  return rings.length === 0 || names.length === 0 ? [] : [{ names: new Set(names), rings }];
}

function readRing(ring: unknown): ReadonlyArray<Ring> {
  if (!Array.isArray(ring)) return [];
  const points = ring.filter(
    (point): point is [number, number] =>
      Array.isArray(point) && Number.isFinite(point[0]) && Number.isFinite(point[1]),
  );
  return points.length < 3 ? [] : [points];
}

/** Letters and digits alone: `Jammu & Kashmir` and `jammu-and-kashmir` are one name. */
function fold(name: string): string {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replaceAll("&", "and")
    .replaceAll(/[^a-z0-9]/g, "");
}

/** The shape of each place that the file has one for. */
export function matchShapes(
  shapes: ReadonlyArray<Shape>,
  places: ReadonlyArray<Pick<PlaceDays, "id" | "name">>,
): ReadonlyMap<string, Shape> {
  const byName = new Map<string, Shape>();
  for (const shape of shapes) {
    for (const name of shape.names) if (!byName.has(name)) byName.set(name, shape);
  }
  const matched = new Map<string, Shape>();
  for (const { id, name } of places) {
    const last = id.replace(/^[A-Z]{2}-([A-Z]-)?/, "");
    const shape = [name, name.split(",")[0] ?? "", id, last]
      .map((one) => byName.get(fold(one)))
      .find((one) => one !== undefined);
    if (shape !== undefined) matched.set(id, shape);
  }
  return matched;
}

export type Drawing = {
  readonly width: number;
  readonly height: number;
  /** An SVG path for each id. */
  readonly paths: ReadonlyMap<string, string>;
};

export function drawShapes(shapes: ReadonlyMap<string, Shape>): Drawing {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { rings } of shapes.values()) {
    for (const ring of rings) {
      for (const [longitude, latitude] of ring) {
        west = Math.min(west, longitude);
        east = Math.max(east, longitude);
        south = Math.min(south, latitude);
        north = Math.max(north, latitude);
      }
    }
  }
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = WIDTH / Math.max((east - west) * squeeze, 1e-9);
  const height = Math.max(1, Math.ceil((north - south) * scale));
  const toPath = (ring: Ring): string => {
    const points: string[] = [];
    let [lastX, lastY] = [-Infinity, -Infinity];
    for (const [longitude, latitude] of ring) {
      const x = (longitude - west) * squeeze * scale;
      const y = (north - latitude) * scale;
      if (Math.hypot(x - lastX, y - lastY) < NEAR) continue;
      points.push(`${x.toFixed(1)} ${y.toFixed(1)}`);
      [lastX, lastY] = [x, y];
    }
    return points.length < 3 ? "" : `M${points.join("L")}Z`;
  };
  const paths = new Map(
    [...shapes].map(([id, { rings }]) => [id, rings.map(toPath).join("")] as const),
  );
  return { width: WIDTH, height, paths };
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
