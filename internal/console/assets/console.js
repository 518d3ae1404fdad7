// SPDX-License-Identifier: Apache-2.0
// What every page of the console needs: it keeps a page current, says when it is not,
// rings, and gives keys to what can be pressed.

const root = document.documentElement, body = document.body;
export const policy = window.trustedTypes ? trustedTypes.createPolicy("openline", { createHTML: (s) => s, createScriptURL: (s) => (s === "/assets/push-worker.js" ? s : "") }) : { createHTML: (s) => s, createScriptURL: (s) => s };

// ---- the station's time: the page counts by it, not by this machine's clock
let offset = Number(body.dataset.now || Date.now()) - Date.now();
const stationNow = () => Date.now() + offset;
const pad = (n) => String(n).padStart(2, "0");
const hms = (ms) => { const t = new Date(ms); return `${pad(t.getUTCHours())}:${pad(t.getUTCMinutes())}:${pad(t.getUTCSeconds())}Z`; };
const walls = new Map(); // the hour in a zone, as a clock on its wall shows it
function wall(ms, zone) {
  if (!walls.has(zone)) walls.set(zone, new Intl.DateTimeFormat("en-CA", { timeZone: zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  const p = Object.fromEntries(walls.get(zone).formatToParts(ms).map((x) => [x.type, x.value]));
  return `${p.month}-${p.day} ${p.hour}:${p.minute}`;
}
const relative = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "always" });

function sayUntil(seconds) {
  const a = Math.abs(seconds);
  if (a < 90) return relative.format(Math.round(seconds), "second");
  if (a < 5400) return relative.format(Math.round(seconds / 60), "minute");
  if (a < 172800) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
}

function tick() {
  if (!root.dataset.stale) {
    const now = stationNow();
    for (const el of document.querySelectorAll("[data-clock]")) el.textContent = el.dataset.zone ? wall(now, el.dataset.zone) : hms(now);
    for (const el of document.querySelectorAll("[data-until]")) el.textContent = sayUntil(Number(el.dataset.until) - now / 1000);
  }
  judge();
}

// ---- live: beats say that what stands here is current
const patience = 8000;
let heard = Date.now(), heardStation = stationNow(), wanted = false, busy = false, ended = false;

function judge() {
  if (!body.dataset.liveUrl) return;
  const stale = ended || Date.now() - heard > patience;
  if (stale === Boolean(root.dataset.stale)) return;
  const box = document.getElementById("stale");
  if (stale) {
    root.dataset.stale = "1";
    document.getElementById("stale-at").textContent = hms(heardStation);
  } else {
    delete root.dataset.stale;
    refresh();
  }
  if (box) box.hidden = !stale;
}

function beat(ms) {
  heard = Date.now();
  heardStation = ms;
  offset = ms - heard;
  ended = false;
}

async function refresh() {
  if (busy) { wanted = true; return; }
  if (!document.querySelector("[data-live]:not(#alarms)")) return refreshPart("#alarms");
  return refreshPart("[data-live]");
}

async function refreshPart(which) {
  busy = true;
  try {
    const headers = body.classList.contains("framed") ? { "X-Framed": "1" } : {};
    // A page that was answered to a form cannot be asked for again; what rings
    // stands on the watch's.
    const answer = await fetch(which === "#alarms" ? "/watch" : location.href, { headers, credentials: "same-origin", cache: "no-store" });
    if (answer.redirected && new URL(answer.url).pathname === "/enter") { location.assign("/enter"); return; }
    if (!answer.ok) return;
    const doc = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
    for (const old of document.querySelectorAll(which)) {
      const fresh = doc.getElementById(old.id);
      if (!fresh || fresh.isEqualNode(old)) continue;
      if (old.dataset.touched || old.querySelector("input:focus, textarea:focus, select:focus")) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      const open = [...old.querySelectorAll("details")].map((d) => d.open);
      const next = document.importNode(fresh, true);
      [...next.querySelectorAll("details")].forEach((d, i) => { if (open[i]) d.open = true; });
      old.replaceWith(next);
      if (focused) document.getElementById(focused)?.focus();
    }
    tick();
    ring();
  } catch { /* the beats will say so */ } finally {
    busy = false;
    if (wanted) { wanted = false; refresh(); }
  }
}

function listen() {
  if (!body.dataset.liveUrl) return;
  let source;
  const open = () => {
    source?.close();
    source = new EventSource(body.dataset.liveUrl);
    source.addEventListener("beat", (e) => { beat(Number(e.data)); judge(); });
    source.addEventListener("change", (e) => { beat(Number(e.data)); judge(); refresh(); });
    source.addEventListener("open", () => { if (root.dataset.stale || wanted) refresh(); });
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) setTimeout(open, 2000); });
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
}

// ---- sound: until a person acknowledges by key or touch
let audio, ringing;
function sound() {
  if (!audio || audio.state !== "running") return;
  for (const [at, hz] of [[0, 880], [0.18, 660], [0.36, 880]]) {
    const o = audio.createOscillator(), g = audio.createGain(), t = audio.currentTime + at;
    o.frequency.value = hz;
    g.gain.setValueAtTime(0.0001, t);
    g.gain.exponentialRampToValueAtTime(0.18, t + 0.02);
    g.gain.exponentialRampToValueAtTime(0.0001, t + 0.16);
    o.connect(g).connect(audio.destination);
    o.start(t);
    o.stop(t + 0.17);
  }
}
function ring() {
  const must = document.querySelector("[data-ring]") !== null;
  root.toggleAttribute("data-ringing", must);
  if (must && !ringing) { sound(); ringing = setInterval(sound, 2500); }
  if (!must && ringing) { clearInterval(ringing); ringing = undefined; }
}
// A browser lets a page sound once a person has touched it.
for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, () => { audio ??= new AudioContext(); audio.resume().catch(() => {}); }, { passive: true });
}

// ---- keys: they stand on what they do, and go by place, not by letter
addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.repeat) return;
  if (e.target.closest("input, textarea, select")) { if (e.key === "Escape") e.target.blur(); return; }
  const code = e.code.replace(/^Numpad(\d)$/, "Digit$1");
  const el = document.querySelector(`[data-key="${CSS.escape(code)}"]`);
  if (!el) return;
  e.preventDefault();
  if (el.matches("input")) el.focus(); else el.click();
});

// A form is sent once.
addEventListener("submit", (e) => {
  if (e.target.dataset.sent) { e.preventDefault(); return; }
  if (e.target.method === "post") e.target.dataset.sent = "1";
});
addEventListener("click", (e) => {
  const b = e.target.closest("[data-print], [data-theme-set]");
  if (!b) return;
  if (b.dataset.print !== undefined) print();
  if (b.dataset.themeSet) { root.dataset.theme = b.dataset.themeSet; try { localStorage.setItem("theme", b.dataset.themeSet); } catch { /* not kept */ } }
});
try { const t = localStorage.getItem("theme"); if (t) root.dataset.theme = t; } catch { /* none kept */ }

// A one-time link carries its token behind the hash.
const form = document.getElementById("enter");
if (form && location.hash.length > 20) {
  form.elements.link.value = location.hash.slice(1);
  history.replaceState(null, "", "/enter");
  form.requestSubmit();
}

listen();
tick();
ring();
setInterval(tick, 1000);
