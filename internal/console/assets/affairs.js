// SPDX-License-Identifier: Apache-2.0
// The pages of the affairs: hours in the zones of both sides, what was typed
// and not sent, the map.

import { policy } from "./console.js";

// ---- on a narrow page the name of the page one is on is seen among the others
const ways = document.querySelector(".ways"), here = ways?.querySelector("[aria-current]");
if (here) ways.scrollLeft += here.getBoundingClientRect().left - ways.getBoundingClientRect().left - 16;

// ---- an hour typed in UTC, as it is here and there
function zones(input) {
  const box = input.closest("label:has(.zone), .span, fieldset");
  const list = (input.closest(".span") || box || document.createElement("p")).querySelectorAll(".zone");
  const hours = [...(input.closest(".span")?.querySelectorAll("input") || [input])].filter((i) => i.value).map((i) => new Date(i.value + "Z"));
  for (const z of list) {
    const say = (d) => new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: z.dataset.zone, weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(d);
    z.querySelector("[data-local]").textContent = hours.filter((d) => !Number.isNaN(d.getTime())).map(say).join(" – ");
  }
}
const eachHour = () => { for (const i of document.querySelectorAll('input[type="datetime-local"]')) zones(i); };
addEventListener("input", (e) => {
  if (e.target.matches?.('input[type="datetime-local"]')) zones(e.target);
  const live = e.target.closest?.("[data-live]"); // what is being written is not replaced by news
  if (live) live.dataset.touched = "1";
});
eachHour();

// ---- the map: the station draws it; a way on it is another drawing of the same place
const drawing = async (url) => {
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html").querySelector("figure.chart");
};
async function redraw(figure, url, focus) {
  const fresh = await drawing(url).catch(() => null);
  if (!fresh) return;
  const next = document.importNode(fresh, true);
  const picker = figure.closest(".picker");
  figure.replaceWith(next);
  if (!picker) history.replaceState(null, "", url);
  if (picker) ready(picker);
  if (focus === "svg") next.querySelector("svg").focus();
  else if (focus) next.querySelector(`[aria-label="${CSS.escape(focus)}"]`)?.focus();
}
addEventListener("click", (e) => {
  const way = e.target.closest?.("a[data-way]");
  if (!way || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  redraw(way.closest("figure"), way.getAttribute("href"), way.getAttribute("aria-label"));
});

// ---- a position chosen on it: by touch, or by the cross and the arrow keys
const wide = 1000, high = 620, rad = Math.PI / 180;
const up = (lat) => Math.log(Math.tan(Math.PI / 4 + lat * rad / 2)) / rad;
const down = (y) => Math.atan(Math.sinh(y * rad)) / rad;
const chartOf = (f) => ({ lat: Number(f.dataset.lat), lon: Number(f.dataset.lon), scale: wide * 2 ** Number(f.dataset.zoom) / 360 });
const placeOf = (f, x, y) => { const c = chartOf(f); return [down(up(c.lat) - (y - high / 2) / c.scale), ((c.lon + (x - wide / 2) / c.scale + 540) % 360) - 180]; };
const pointOf = (f, lat, lon) => { const c = chartOf(f); return [wide / 2 + ((((lon - c.lon + 540) % 360) + 360) % 360 - 180) * c.scale, high / 2 - (up(lat) - up(c.lat)) * c.scale]; };
const svgns = "http://www.w3.org/2000/svg";

function show(picker) {
  const f = picker.querySelector("figure"), field = document.getElementById(picker.dataset.into);
  for (const old of f.querySelectorAll(".picked")) old.remove();
  const list = field.value.split(";").map((s) => s.split(",").map(Number)).filter((p) => p.length === 2 && p.every(Number.isFinite) && Math.abs(p[0]) < 84);
  const points = list.map(([lat, lon]) => pointOf(f, lat, lon));
  for (const [x, y] of points) {
    const ring = document.createElementNS(svgns, "circle");
    for (const [k, v] of Object.entries({ cx: x, cy: y, r: 11, class: "picked" })) ring.setAttribute(k, v);
    f.querySelector("svg").append(ring);
  }
  if (points.length > 1) {
    const path = document.createElementNS(svgns, "polygon");
    path.setAttribute("points", points.map((p) => p.join(",")).join(" "));
    path.setAttribute("class", "picked");
    f.querySelector("svg").append(path);
  }
  f.querySelector(".chosen-at").textContent = field.value;
}
function ready(picker) {
  const f = picker.querySelector("figure"), svg = f.querySelector("svg"), field = document.getElementById(picker.dataset.into);
  let at = [wide / 2, high / 2];
  const cross = f.querySelector(".cross path");
  const take = (x, y) => {
    const [lat, lon] = placeOf(f, x, y), text = `${lat.toFixed(3)},${lon.toFixed(3)}`;
    field.value = picker.dataset.many && field.value.trim() ? `${field.value.trim().replace(/;$/, "")}; ${text}` : text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  svg.addEventListener("click", (e) => {
    if (e.target.closest("a")) e.preventDefault();
    const box = svg.getBoundingClientRect();
    at = [(e.clientX - box.left) / box.width * wide, (e.clientY - box.top) / box.height * high];
    cross.setAttribute("transform", `translate(${at.join(" ")})`);
    take(...at);
  });
  svg.addEventListener("keydown", (e) => {
    const step = e.shiftKey ? 50 : 8;
    const go = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[e.key];
    if (go) {
      e.preventDefault();
      at = [Math.max(0, Math.min(wide, at[0] + go[0])), Math.max(0, Math.min(high, at[1] + go[1]))];
      cross.setAttribute("transform", `translate(${at.join(" ")})`);
    } else if (e.key === "Enter" || e.key === " ") {
      e.preventDefault();
      take(...at);
    }
  });
  show(picker);
}
for (const picker of document.querySelectorAll(".picker[data-map]")) {
  const field = document.getElementById(picker.dataset.into);
  const [lat, lon] = field.value.split(";")[0].split(",").map(Number);
  const from = Number.isFinite(lat) && Number.isFinite(lon) && Math.abs(lat) < 84 ? `?lat=${lat}&lon=${lon}&zoom=5` : "";
  drawing(picker.dataset.map + from).then((fresh) => { picker.replaceChildren(document.importNode(fresh, true)); ready(picker); }).catch(() => { /* coordinates can be typed */ });
  field.addEventListener("input", () => { if (picker.firstElementChild) show(picker); });
}
