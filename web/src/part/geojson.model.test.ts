import assert from "node:assert/strict";
import { test } from "node:test";
import { drawShapes, matchShapes, readShapes } from "./geojson.model.ts";

const square = (west: number, south: number, size: number) => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];
const feature = (properties: object, coordinates: unknown, type = "Polygon") => ({
  type: "Feature",
  properties,
  geometry: { type, coordinates },
});
const FILE = JSON.stringify({
  type: "FeatureCollection",
  features: [
    feature({ ST_NM: "Jammu & Kashmir" }, [square(74, 32, 2)]),
    feature(
      { code: 27, district: "Pune" },
      [[square(73, 18, 1)], [square(75, 18, 1)]],
      "MultiPolygon",
    ),
    feature({ name: "a road" }, [[1, 2]], "LineString"),
    feature({}, [square(0, 0, 1)]),
  ],
});

test("places find their shapes under whatever property names them, however it is written", () => {
  const file = readShapes(FILE);
  assert(file.kind === "shapes");
  assert.equal(file.shapes.length, 2, "a line, and an area without a name, are no shapes");
  const matched = matchShapes(file.shapes, [
    { id: "IN-S-jammu-and-kashmir", name: "Jammu and Kashmir" },
    { id: "IN-D-pune", name: "Pune, Maharashtra" },
    { id: "IN-S-goa", name: "Goa" },
  ]);
  assert.deepEqual([...matched.keys()], ["IN-S-jammu-and-kashmir", "IN-D-pune"]);
});

test("what is drawn fills the picture, north up, and a polygon of two parts has two", () => {
  const file = readShapes(FILE);
  assert(file.kind === "shapes");
  const places = [
    { id: "north", name: "Jammu and Kashmir" },
    { id: "south", name: "Pune" },
  ];
  const { width, height, paths } = drawShapes(matchShapes(file.shapes, places));
  const numbers = (id: string) => [...(paths.get(id) ?? "").matchAll(/(-?[\d.]+) (-?[\d.]+)/g)];
  const xs = [...numbers("north"), ...numbers("south")].map(([, x]) => Number(x));
  const ys = (id: string) => numbers(id).map(([, , y]) => Number(y));
  assert.deepEqual([Math.min(...xs), Math.max(...xs)], [0, width]);
  assert(Math.max(...ys("north")) < Math.min(...ys("south")));
  assert(Math.max(...ys("south")) <= height);
  assert.equal((paths.get("south") ?? "").split("M").length - 1, 2);
});

test("a file that cannot be drawn says why", () => {
  const whyOf = (text: string): string => {
    const file = readShapes(text);
    return file.kind === "refused" ? file.why : "";
  };
  assert.match(whyOf("not json"), /not JSON/);
  assert.match(whyOf("[1]"), /FeatureCollection/);
  assert.match(whyOf('{"features":[{"geometry":null}]}'), /no polygon/);
});
