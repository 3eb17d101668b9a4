// Makes the map of the world: node main.mjs <out file>
//
// From Natural Earth's countries at 1:50 million (npm: world-atlas, public domain), projected to Equal Earth, which keeps
// areas, simplified, without Antarctica. A line for each country:
//
//   <ISO 3166-1 alpha-2 code> <x> <y> <path data>
//
// x and y are the middle of its largest part; all numbers are whole units of a box of WIDTH by HEIGHT. A country too
// small to be seen has no path data, and is drawn as a dot at its middle.
//
// Land without an ISO code of its own has the code "-" and is drawn as land that has no visitors: Northern Cyprus,
// Somaliland, Siachen Glacier (claimed by India and Pakistan), and the islands that Natural Earth lists by themselves
// (Indian Ocean Territories, Ashmore and Cartier Islands). Kosovo has XK, the code that Cloudflare and the European
// Union use for it. Territories with a code of their own that Natural Earth counts to their country at this scale
// (French Guiana, Réunion, Svalbard and others) are drawn with it; their visitors are in the table under their own name.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import { presimplify, simplify } from "topojson-simplify";

const WIDTH = 2000;
const HEIGHT = 860;
// Corners whose triangle is smaller than this are left out, square units.
const SMALLEST_CORNER = 3;
// Parts smaller than this are left out, and countries without a larger one are dots, square units.
const SMALLEST_PART = 6;

const resolve = createRequire(import.meta.url);
const codes = new Map(resolve("i18n-iso-countries/codes.json").map(([two, , number]) => [number, two]));
const OTHERS = new Map([["Kosovo", "XK"]]);
const world = JSON.parse(readFileSync(resolve.resolve("world-atlas/countries-50m.json"), "utf8"));

// Antarctica alone is a third of the map.
const drawn = world.objects.countries.geometries.filter(({ properties }) => properties.name !== "Antarctica");
world.objects.countries.geometries = drawn;

const projection = geoEqualEarth().rotate([-11, 0]);
projection.fitSize([WIDTH, HEIGHT], feature(world, world.objects.countries));
const path = geoPath(projection);

// The simplification works on what is drawn, so that a corner counts as much in Norway as in Kenya.
const flat = (arc) => {
  let [x, y] = [0, 0];
  const { scale, translate } = world.transform;
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
  });
};
const triangle = ([a, b, c]) => {
  const [[ax, ay], [bx, by], [cx, cy]] = [a, b, c].map((point) => projection(point));
  return Math.abs((ax - cx) * (by - ay) - (ax - bx) * (cy - ay)) / 2;
};
const absolute = { ...world, arcs: world.arcs.map(flat), transform: undefined };
const simple = simplify(presimplify(absolute, triangle), SMALLEST_CORNER);

// Rings of whole units, relative to the point before, as short as path data can be.
function printed(rings) {
  let data = "";
  for (const ring of rings) {
    const points = ring
      .map(([x, y]) => [Math.round(x), Math.round(y)])
      .filter(([x, y], at, all) => at === 0 || x !== all[at - 1][0] || y !== all[at - 1][1]);
    if (points.length > 1 && String(points[0]) === String(points.at(-1))) points.pop();
    if (points.length < 3) continue;
    let [x, y] = points[0];
    data += `M${x} ${y}l`;
    const steps = points.slice(1).map(([nextX, nextY]) => {
      const step = [nextX - x, nextY - y];
      [x, y] = [nextX, nextY];
      return step;
    });
    data += steps.flat().reduce((text, n) => text + (text === "" || n < 0 ? n : ` ${n}`), "");
    data += "z";
  }
  return data;
}

// What a feature is drawn as: rings of points in the box, the date line cut by the projection.
function parts(shape) {
  const polygons = [];
  let ring = null;
  const stream = {
    point: (x, y) => ring?.push([x, y]),
    lineStart: () => {
      ring = [];
    },
    lineEnd: () => {
      polygons.at(-1)?.push(ring);
      ring = null;
    },
    polygonStart: () => polygons.push([]),
    polygonEnd: () => {},
  };
  const polygonsOf =
    shape.geometry.type === "Polygon" ? [shape.geometry.coordinates] : shape.geometry.coordinates;
  for (const coordinates of polygonsOf) {
    const target = projection.stream(stream);
    // Corners were chosen already: no more are to be put between them.
    target.polygonStart();
    for (const points of coordinates) {
      target.lineStart();
      for (const [longitude, latitude] of points.slice(0, -1)) target.point(longitude, latitude);
      target.lineEnd();
    }
    target.polygonEnd();
  }
  return polygons.filter((polygon) => polygon.length > 0);
}

const area = (ring) =>
  Math.abs(
    ring.reduce((sum, [x, y], at) => {
      const [nextX, nextY] = ring[(at + 1) % ring.length];
      return sum + x * nextY - nextX * y;
    }, 0) / 2,
  );

const whole = feature(world, world.objects.countries).features;
const lines = feature(simple, simple.objects.countries).features.map((shape, at) => {
  const code = codes.get(shape.id) ?? OTHERS.get(shape.properties.name) ?? "-";
  // The middle of the largest part, of the map before it was simplified.
  const original = whole[at];
  const pieces =
    original.geometry.type === "Polygon" ? [original.geometry.coordinates] : original.geometry.coordinates;
  const shapes = pieces.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = shapes.reduce((best, it) => (path.area(it) > path.area(best) ? it : best));
  const [x, y] = path.centroid(largest).map(Math.round);
  const rings = parts(shape).filter(([outer]) => area(outer) >= SMALLEST_PART);
  return { code, x, y, data: printed(rings.flat()), area: path.area(original) };
});
// Large countries first: what is small must not lie under what is large.
lines.sort((a, b) => b.area - a.area);
const seen = new Map();
for (const line of lines) {
  const known = line.code !== "-" && seen.get(line.code);
  // Two entries of one code are one country.
  if (known) known.data += line.data;
  else seen.set(line.code === "-" ? line : line.code, line);
}
const text = [...seen.values()]
  .filter(({ code, data }) => code !== "-" || data !== "")
  .map(({ code, x, y, data }) => `${code} ${x} ${y} ${data}\n`)
  .join("");
writeFileSync(process.argv[2], text);
