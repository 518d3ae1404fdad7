// SPDX-License-Identifier: Apache-2.0
// Makes the coastlines of the console's map: coast-110.json and coast-50.json.
// Only land and water: no border is in them. Run it here, with the packages
// that README.md names:
//
//   npm i --no-save world-atlas@2.0.2 topojson-client@3.1.0 topojson-simplify@3.0.3 && node coast.mjs
//
// A file is {"unit": parts of a degree, "rings": [[lon, lat, dlon, dlat, …], …]}:
// closed rings, the first point whole, the others as steps from the one before.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature } from "topojson-client";
import { presimplify, simplify } from "topojson-simplify";

// whole gives a ring that crosses the date line without a jump, and closes one
// that goes around a pole over that pole.
function whole(ring) {
  let turn = 0, last = ring[0][0];
  const out = ring.map(([lon, lat]) => {
    if (lon - last > 180) turn -= 360;
    if (lon - last < -180) turn += 360;
    last = lon;
    return [lon + turn, lat];
  });
  if (turn !== 0) {
    const pole = out[0][1] < 0 ? -90 : 90;
    out.push([out[out.length - 1][0], pole], [out[0][0], pole]);
  }
  return out;
}

const atlas = createRequire(import.meta.url);
for (const [name, unit, least] of [["110", 20, 0.02], ["50", 100, 0.0015]]) {
  const topology = JSON.parse(readFileSync(atlas.resolve(`world-atlas/land-${name}m.json`)));
  const slim = simplify(presimplify(topology), least);
  const rings = [];
  const add = (ring) => {
    const out = [];
    let x = 0, y = 0;
    for (const [lon, lat] of whole(ring)) {
      const a = Math.round(lon * unit), b = Math.round(lat * unit);
      if (out.length && a === x && b === y) continue;
      out.push(a - x, b - y);
      [x, y] = [a, b];
    }
    if (out.length >= 8) rings.push(out);
  };
  for (const f of feature(slim, slim.objects.land).features) {
    const polygons = f.geometry.type === "Polygon" ? [f.geometry.coordinates] : f.geometry.coordinates;
    for (const p of polygons) p.forEach(add);
  }
  writeFileSync(new URL(`coast-${name}.json`, import.meta.url), JSON.stringify({ unit, rings }));
  console.log(name, rings.length, "rings", rings.reduce((n, r) => n + r.length / 2, 0), "points");
}
