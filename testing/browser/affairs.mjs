// SPDX-License-Identifier: Apache-2.0
// The pages of the affairs in a real browser: each by width, light, language
// and axe, and what a person does on them.
//
//   node affairs.mjs BLUE RED LINE [FOLDER for screenshots]

import { chromium } from "playwright-core";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [blue, red, line, shots] = process.argv.slice(2);
const only = process.env.OPENLINE_ONLY; // some pages only, for whoever works on one
const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
if (shots) mkdirSync(shots, { recursive: true });
const began = Date.now();
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(1)} s  ${text}`);
const must = (ok, text) => { if (!ok) throw new Error(text); };

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const faults = [];
const open = async (base, o = {}, role = "officer") => {
  const c = await browser.newContext({ viewport: { width: 1500, height: 1100 }, colorScheme: "dark", ...o });
  c.setDefaultTimeout(15_000);
  c.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") faults.push(`${m.location().url}: ${m.text()}`); });
  c.on("weberror", (e) => faults.push(String(e.error())));
  c.on("request", (r) => { if (!r.url().startsWith("http://127.0.0.1:") && !r.url().startsWith("data:")) faults.push(`asks elsewhere: ${r.url()}`); });
  const page = await c.newPage();
  await page.goto(base + "/watch");
  await page.locator('select[name="role"]').selectOption(role);
  await page.getByRole("button", { name: "Sit down" }).click();
  await page.waitForLoadState();
  return page;
};
const shot = async (page, name) => { if (shots) await page.screenshot({ path: join(shots, name + ".png"), fullPage: true }); };
const to = (path) => `/line/${line}/${path}`;

// Every page there is, with a few of its states.
async function list(page, base) {
  const out = { "a-dossiers": to("dossiers"), "a-counterparts": to("counterparts"), "a-incidents": to("incidents"), "a-incidents-world": to("incidents?lat=20&lon=170&zoom=0"), "a-dialogues": to("dialogues"), "a-contacts": to("contacts"), "a-contacts-all": to("contacts?from=2026-01-01&to=2026-12-31"), "a-compose-incident": to("compose?code=IN01"), "a-compose-call": to("compose?code=CR01"), "a-compose-zone": to("compose?code=NT03"), "a-line": `/line/${line}`, "a-line-found": `/line/${line}?q=calls&party=blue`, "a-watch": "/watch" };
  await page.goto(base + to("dossiers"));
  const refs = await page.locator('.due .said a[href*="/dossier/"]').evaluateAll((l) => l.map((a) => [a.textContent, a.getAttribute("href")]));
  for (const [name, words] of [["call", "calls between"], ["meeting", "Maritime"], ["video", "encounters"]]) {
    const found = refs.find(([text]) => text.includes(words));
    must(found, `no dossier about ${words}`);
    out["a-dossier-" + name] = found[1];
  }
  await page.goto(base + to("incidents"));
  out["a-incident"] = await page.locator(".due .said a", { hasText: "close approach" }).first().getAttribute("href");
  return out;
}

// Every page is looked at narrow, in one of two lights, on paper, in one of two
// languages and by axe at least once; not every pair of these on every page.
const even = (i) => i % 2 === 0, odd = (i) => i % 2 === 1, third = (n) => (i) => i % 3 === n, each = () => true;

async function looks() {
  const bad = [];
  const first = await open(blue);
  const pages = Object.entries(await list(first, blue)).filter(([n]) => !only || only.split(",").some((o) => n.includes(o)));
  await first.context().close();
  for (const look of [
    { name: "dark", o: {}, of: even, axe: even, paper: true },
    { name: "light", o: { colorScheme: "light", viewport: { width: 800, height: 1100 } }, of: odd, axe: odd, paper: true },
    { name: "360", o: { colorScheme: "light", viewport: { width: 360, height: 740 } }, of: each, axe: third(0) },
    { name: "wall", o: { viewport: { width: 2560, height: 1440 } }, of: third(1), axe: () => false },
  ]) {
    const page = await open(blue, look.o);
    for (const [i, [name, path]] of pages.entries()) {
      if (!look.of(i) && !only) continue;
      const answer = await page.goto(blue + path);
      if (answer.status() !== 200) bad.push(`${name}: ${answer.status()}`);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
      await shot(page, `${name}-${look.name}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) bad.push(`${name} (${look.name}) is ${wide} px too wide`);
      const missing = await page.evaluate(() => (document.body.innerText.match(/\[[a-z]+\.[a-z0-9.-]+\]/g) || []).join(" "));
      if (missing) bad.push(`${name}: no words for ${missing}`);
      if (look.paper) { // on paper nothing stands that can only be pressed
        await page.emulateMedia({ media: "print" });
        await shot(page, `${name}-print`);
        const left = await page.locator("button:visible, .act:visible, select:visible").count();
        if (left && !name.includes("compose")) bad.push(`${name} on paper has ${left} things to press`);
        await page.emulateMedia({ media: "screen" });
      }
      if (!look.axe(i) && !only) continue;
      await page.evaluate(() => { for (const d of document.querySelectorAll("main details")) d.open = true; });
      await page.evaluate(source);
      const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
      for (const v of found.violations) bad.push(`${name} (${look.name}): ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(" | ")}`);
    }
    await page.context().close();
  }
  for (const [tongue, of] of [["ar", even], ["zh", odd]]) {
    const page = await open(blue, { viewport: { width: 1200, height: 900 } });
    await page.locator('select[name="language"]').selectOption(tongue);
    await page.locator('form[action="/language"] button').click();
    for (const [i, [name, path]] of pages.entries()) {
      if (!of(i) && !only) continue;
      await page.goto(blue + path);
      await shot(page, `${name}-${tongue}`);
      if (await page.evaluate(() => document.documentElement.lang) !== tongue) bad.push(`${name} is not in ${tongue}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) bad.push(`${name} (${tongue}) is ${wide} px too wide`);
    }
    await page.context().close();
  }
  say(`${pages.length} pages, by width, light, language and axe`);
  must(bad.length === 0, bad.join("\n"));
}

// What a person does on them, and what the other side sees of it.
async function deeds() {
  const ours = await open(blue), theirs = await open(red);
  await theirs.goto(red + to("dossiers"));
  await theirs.locator(".due .said a", { hasText: "exchange of officers" }).click();
  await ours.goto(blue + to("dossiers"));
  await ours.locator(".due .said a", { hasText: "exchange of officers" }).click();
  await ours.locator("summary", { hasText: "Hold until an hour" }).click();
  await ours.locator('details[open] [name="t.until"]').fill("2030-01-02T10:00");
  await ours.locator("details[open] .zone [data-local]").first().filter({ hasText: /\d/ }).waitFor();
  await ours.locator("details[open] button", { hasText: "Read it as they will" }).click();
  await ours.getByText("Nothing has been sent.").waitFor();
  await ours.getByRole("button", { name: /Say it/ }).click();
  await theirs.locator("#d-sides").getByText("held until an hour").waitFor();
  say("an invitation is held until an hour; the other side sees it live");
  // It is withdrawn with one look, by who asked.
  await theirs.getByRole("button", { name: /^Withdraw/ }).click();
  await theirs.getByRole("button", { name: /Say it/ }).click();
  await ours.goto(blue + to("dossiers"));
  await ours.locator(".due .said a", { hasText: "exchange of officers" }).click();
  await ours.locator("#d-head").getByText("Ended by").waitFor();
  say("withdrawn by who asked");
  // An incident is placed on the map without a mouse, and read on theirs.
  await theirs.goto(red + to("incidents"));
  await ours.goto(blue + to("incidents"));
  await ours.getByRole("link", { name: /Report an incident/ }).click();
  const map = ours.locator(".picker svg");
  await map.waitFor();
  await ours.getByRole("link", { name: "nearer" }).click();
  await map.focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowLeft", "Enter"]) await ours.keyboard.press(key);
  must(/^-?\d+\.\d{3},-?\d+\.\d{3}$/.test(await ours.locator("#place-place").inputValue()), "the arrow keys chose no position");
  const box = await map.boundingBox();
  await ours.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.4);
  const chosen = await ours.locator("#place-place").inputValue();
  await ours.locator('[name="p.kind"]').fill("collision of two boats");
  await ours.locator('[name="p.sure"]').fill("<b>both</b> afloat");
  await shot(ours, "a-placing");
  await ours.getByRole("button", { name: "Read it as they will" }).click();
  await ours.getByRole("button", { name: /Say it/ }).click();
  await theirs.locator("#i-list").getByText("collision of two boats").waitFor();
  await theirs.locator("#i-list .said a", { hasText: "collision of two boats" }).click();
  await theirs.locator("#n-head").getByText("<b>both</b> afloat").first().waitFor();
  await theirs.locator("summary", { hasText: "Looking into it" }).click();
  await theirs.locator('details[open] [name="t.until"]').fill("2030-01-02T10:00");
  await theirs.locator("details[open] button").click();
  await theirs.getByRole("button", { name: /Say it/ }).click();
  await ours.goto(blue + to("incidents"));
  await ours.locator("#i-list .said a", { hasText: "collision of two boats" }).click();
  await ours.locator("#n-holds").getByText("2030-01-02").first().waitFor();
  say(`an incident placed at ${chosen}, read and held on the other side`);
  // A contact is logged in a few keys, and a file with faults takes in nothing.
  await ours.goto(blue + to("contacts?log=1"));
  must(await ours.evaluate(() => document.activeElement.id) === "log-ours", "the form is not where one begins to write");
  await ours.keyboard.type("Policy Office");
  await ours.keyboard.press("Tab");
  await ours.keyboard.type("Office for Military Cooperation");
  await ours.keyboard.press("Tab");
  await ours.keyboard.type("working");
  await ours.keyboard.press("Tab");
  await ours.keyboard.type("telephone");
  await ours.keyboard.press("Tab");
  await ours.keyboard.type("asked after the forum");
  await ours.keyboard.press("Enter");
  await ours.getByText("Kept in the journal: 1 new.").waitFor();
  await ours.locator("#t-table").getByText("asked after the forum").waitFor();
  await ours.locator('textarea[name="rows"]').fill("date,kind,level,ours,theirs,channel,outcome,source,attribution,note\n2026-13-01,contact,watch,a,b,,held,x,official,\n");
  await ours.getByRole("button", { name: "Take it in" }).click();
  await ours.getByText(/Nothing was taken in/).waitFor();
  await shot(ours, "a-import-faults");
  faults.splice(0, faults.length, ...faults.filter((f) => !f.includes("422")));
  say("a contact logged by keys; a file with faults tells where");
  await ours.context().close();
  await theirs.context().close();
}

try {
  await looks();
  if (!only) await deeds();
  must(faults.length === 0, "the browser complains:\n" + faults.join("\n"));
  say("done");
} catch (e) {
  console.error(`FAIL ${e.message}`);
  if (faults.length) console.error(faults.slice(0, 20).join("\n"));
  process.exitCode = 1;
} finally {
  await browser.close();
}
