// SPDX-License-Identifier: Apache-2.0
// What was promised of the console, done in the browser alone: the story on
// both sides, an invitation answered, another redirected, a notice released by
// two persons, an alarm taken up, an incident placed, the brief in Chinese and
// Arabic, and an extract. Whatever is done on one side is looked for on both.
//
//   node done.mjs URL FOLDER
//
// With OPENLINE_SHOTS=FOLDER it takes the pictures of docs/images on the way.

import { chromium } from "playwright-core";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const [url, folder] = process.argv.slice(2);
const began = Date.now();
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(1)} s  ${text}`);
const must = (ok, text) => { if (!ok) throw new Error(text); };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const faults = [], shots = process.env.OPENLINE_SHOTS;

// shot takes a picture of what is seen without scrolling.
async function shot(page, name, { width = 1200, height = 800, light = "dark" } = {}) {
  if (!shots) return;
  const size = page.viewportSize();
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: light });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: join(shots, name + ".png") });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(size);
}

async function open() {
  const c = await browser.newContext({ viewport: { width: 1500, height: 1100 }, colorScheme: "dark" });
  c.setDefaultTimeout(30_000);
  c.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") faults.push(`${m.location().url}: ${m.text()}`); });
  c.on("weberror", (e) => faults.push(String(e.error())));
  return c.newPage();
}
async function sit(page, base, role) {
  await page.goto(base + "/watch");
  await page.locator('select[name="role"]').selectOption(role);
  await page.getByRole("button", { name: "Sit down" }).click();
  await page.locator(".top .word", { hasText: role === "watch" ? "duty officer" : role }).waitFor();
}
// said is what a page says in its main part, in one line.
const said = async (page) => (await page.locator("#main").innerText()).replace(/\s+/g, " ");
// release reads a draft as the other side will, and says it.
async function release(page) {
  await page.getByRole("button", { name: "Read it as they will" }).locator("visible=true").click();
  await page.getByText("Nothing has been sent.").waitFor();
  await page.getByRole("button", { name: /Say it/ }).click();
  await page.getByText("Nothing has been sent.").waitFor({ state: "detached" });
}
// choose takes the first option that says this.
async function choose(select, text) {
  const options = await select.locator("option").evaluateAll((l) => l.map((o) => [o.value, o.textContent]));
  const found = options.find(([, t]) => t.trim().startsWith(text)) || options.find(([, t]) => t.includes(text));
  must(found, `nothing to choose says ${text}: ${options.map(([, t]) => t).join(", ")}`);
  await select.selectOption(found[0]);
}
// move opens one of the moves of a page.
async function move(page, name) {
  await page.locator(".moves summary", { hasText: name }).first().click();
  return page.locator(".moves details[open]");
}

let ours, theirs, blue, red, line;
const to = (path) => `/line/${line}/${path}`;

// The story, on both sides: the same records, each told from where one sits.
async function follow() {
  const page = await open();
  await page.goto(url);
  [blue, red] = await Promise.all(["blue", "red"].map(async (s) => new URL(await page.locator("#desk-" + s).getAttribute("src")).origin));
  line = (await page.locator("#onepage").getAttribute("href")).match(/\/line\/([^/]+)\//)[1];
  for (const s of ["blue", "red"]) await page.frameLocator("#desk-" + s).getByText("They can hear us.").waitFor();
  await shot(page, "demo", { width: 1500, height: 1150 });
  await page.locator(".why summary").click();
  must(await page.locator(".facts .src.differently").count() > 0, "no event is told by both accounts");
  await page.context().close();
  ours = await open();
  theirs = await open();
  await sit(ours, blue, "officer");
  await sit(theirs, red, "officer");
  const seen = [];
  for (const [p, base] of [[ours, blue], [theirs, red]]) {
    await p.goto(base + to("dossiers"));
    seen.push(await p.locator(".due a.rec").evaluateAll((l) => [...new Set(l.map((a) => a.textContent))].filter((t) => t.startsWith("blue/")).sort().join(" ")));
    await p.goto(base + "/line/" + line);
    await p.getByText(/Call requested/).first().waitFor();
  }
  must(seen[0].split(" ").length === 3 && seen[0] === seen[1], `the invitations: ${seen[0]} on one side, ${seen[1]} on the other`);
  say(`the story on both sides: ${seen[0]}`);
  return seen[0].split(" ");
}

// An invitation is sent, rings, and is accepted for a window.
async function answer() {
  const subject = "salvage of a drifting buoy";
  await ours.goto(blue + to("compose?code=CR01"));
  await choose(ours.locator('[name="p.caller"]'), "Secretary of Defense");
  await choose(ours.locator('[name="p.called"]'), "Minister of National Defense");
  await ours.locator('[name="p.subject"]').fill(subject);
  await ours.locator('[name="p.urgency"]').selectOption("ordinary");
  await ours.locator('[name="p.medium"]').selectOption("voice");
  await ours.locator('[name="w.windows.from"]').first().fill("2021-05-28T12:00");
  await ours.locator('[name="w.windows.to"]').first().fill("2021-05-28T14:00");
  await theirs.goto(red + "/watch");
  await ours.getByRole("button", { name: "Read it as they will" }).click();
  await ours.getByText("Nothing has been sent.").waitFor();
  await shot(ours, "preview", { light: "light" });
  await ours.goBack();
  await release(ours);
  // The alarm rings at the other desk; that it is taken up says nothing to ours.
  const alarm = theirs.locator(".alarm", { hasText: "Call requested" });
  await alarm.waitFor();
  const held = async (page, base) => { await page.goto(base + "/watch"); return (await page.getByText(/red\/\d+/).locator("visible=true").allInnerTexts()).join(" ").match(/records held.*|red\/\d+, blue\/\d+|blue\/\d+, red\/\d+/)?.[0].match(/red\/\d+/)[0]; };
  const before = await held(theirs, red);
  await alarm.waitFor();
  await shot(theirs, "alarm");
  await theirs.locator("h2").first().click();
  await theirs.keyboard.press("a");
  await alarm.waitFor({ state: "detached" });
  must(await held(theirs, red) === before, "taking up an alarm said something to the other side");
  must(await theirs.locator(".alarm", { hasText: "Call requested" }).count() === 0, "the alarm rings again");
  say("an alarm rings at their desk and is acknowledged by one key");
  await theirs.goto(red + to("dossiers"));
  await theirs.locator(".due .said a", { hasText: subject }).click();
  await ours.goto(blue + to("dossiers"));
  await ours.locator(".due .said a", { hasText: subject }).click();
  const form = await move(theirs, "Accept for a window");
  await choose(form.locator('[name="p.window"]'), "2021-05-28 12:00Z");
  await release(theirs);
  await theirs.goto(red + to("dossiers"));
  await theirs.locator(".due .said a", { hasText: subject }).click();
  for (const p of [ours, theirs]) {
    await p.locator("#d-sides").getByText("05-28 12:00Z").first().waitFor();
    must((await said(p)).includes("accepted"), "the invitation is not shown as accepted");
  }
  say("an invitation answered: accepted for a window, on both sides");
}

// Another is redirected and keeps its number.
async function redirect(ref) {
  for (const [p, base] of [[ours, blue], [theirs, red]]) await p.goto(base + to("dossier/" + ref));
  const form = await move(theirs, "Redirect to another office");
  await choose(form.locator('[name="p.office"]'), "Minister of National Defense");
  await release(theirs);
  await theirs.goto(red + to("dossier/" + ref));
  for (const p of [ours, theirs]) {
    await p.locator("#d-sides .fact", { hasText: /→ .*Minister of National Defense/ }).waitFor();
    must((await p.locator("h1").nth(1).innerText()).includes(ref), "the request does not keep its number");
  }
  say(`${ref} redirected, on both sides`);
}

// A notice that two persons release, in two roles.
async function notice() {
  await theirs.goto(red + "/line/" + line);
  await ours.goto(blue + to("compose?code=IN03"));
  await ours.locator('select[name="p.kind"]').selectOption("accident");
  await ours.locator('[name="p.measures"]').fill("engines stopped, boats lowered");
  await ours.getByRole("button", { name: "Read it as they will" }).click();
  await ours.getByText("This takes two persons").waitFor();
  const draft = ours.url();
  await shot(ours, "two-persons", { light: "light" });
  await ours.locator('select[name="person"]').selectOption({ index: 0 });
  await ours.getByRole("button", { name: "Sign it" }).click();
  await ours.getByText(/signed by/).first().waitFor();
  must(await theirs.getByText("boats lowered").count() === 0, "it was sent after one signature");
  await sit(ours, blue, "principal");
  await ours.goto(draft);
  await ours.getByRole("button", { name: "Sign it" }).click();
  await ours.waitForURL(/\/line\//);
  for (const p of [ours, theirs]) await p.getByText("boats lowered").first().waitFor();
  await theirs.locator(".alarm", { hasText: "FLASH" }).waitFor();
  await sit(ours, blue, "officer");
  say("a notice released by two persons, in two roles; it rings at their desk");
}

// An incident, placed by keys alone.
async function incident() {
  await theirs.goto(red + to("incidents"));
  await ours.goto(blue + to("incidents"));
  await ours.getByRole("link", { name: /Report an incident/ }).click();
  const map = ours.locator(".picker svg");
  await map.waitFor();
  await map.focus();
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowDown", "Enter"]) await ours.keyboard.press(key);
  await shot(ours, "placing");
  const place = await ours.locator("#place-place").inputValue();
  must(/^-?\d+\.\d{3},-?\d+\.\d{3}$/.test(place), `the keys chose ${place}`);
  await ours.locator("#place-place").fill("17.271,114.360"); // typed, it goes too: at sea, in the story's area
  if (!await ours.locator('[name="t.hour"]').inputValue()) await ours.locator('[name="t.hour"]').fill("2021-05-21T18:00");
  await ours.locator('[name="p.kind"]').fill("two aircraft touched");
  await release(ours);
  await ours.goto(blue + to("incidents"));
  for (const p of [ours, theirs]) {
    await p.locator("#i-list").getByText("two aircraft touched").waitFor();
    const link = await p.locator("#i-list .said a", { hasText: "two aircraft touched" }).getAttribute("href");
    must(await p.locator(`svg a.at[href="${link}"]`).count() === 1, "no mark stands on the map");
  }
  say(`an incident placed at ${place}, on both maps`);
}

// The brief in two more languages, on both sides.
async function read() {
  for (const [tongue, dir, heading] of [["zh", "ltr", "所提与所得"], ["ar", "rtl", "ما طُلب وما ورد"]]) {
    for (const [p, base] of [[ours, blue], [theirs, red]]) {
      await p.goto(base + "/watch");
      await p.locator('select[name="language"]').selectOption(tongue);
      await p.locator('form[action="/language"] button').click();
      await p.locator(`html[lang="${tongue}"]`).waitFor();
      await p.goto(base + to("brief"));
      must(await p.locator(`article.brief[lang="${tongue}"][dir="${dir}"]`).count() === 1, `the brief is not in ${tongue}`);
      must(await p.getByRole("table", { name: heading }).locator("tbody tr").count() > 2, `the brief in ${tongue} has no table of what was asked`);
      if (p === ours) await shot(p, "brief-" + tongue, { light: "light" });
      await p.goto(base + to("brief?all=1"));
      must(await p.getByRole("table", { name: heading }).locator("tbody tr").count() === 4, `the brief in ${tongue} does not list the four invitations`);
    }
  }
  for (const [p, base] of [[ours, blue], [theirs, red]]) {
    await p.locator('select[name="language"]').selectOption("en");
    await p.locator('form[action="/language"] button').click();
    await p.locator('html[lang="en"]').waitFor();
  }
  say("the brief in Chinese and Arabic, on both sides");
}

// fetched has two persons sign an extract, and keeps it.
async function fetched(name) {
  await ours.getByRole("button", { name: "Sign it" }).click();
  await ours.getByText(/signed by/).first().waitFor();
  await ours.getByRole("button", { name: "Sign it" }).click();
  const link = ours.getByRole("link", { name: "Fetch the extract" });
  await link.waitFor();
  await shot(ours, "extract");
  const [file] = await Promise.all([ours.waitForEvent("download"), link.click()]);
  await file.saveAs(join(folder, name));
}

// An extract that no reply is held to a request, and what vouches for it.
async function extract(ref, moved) {
  await ours.goto(blue + to("check"));
  await ours.getByRole("button", { name: /Verify all/ }).click();
  await ours.getByText(/every root and every signature/).waitFor();
  await ours.locator("#export .due > li", { has: ours.locator(".rec", { hasText: new RegExp(`^${ref}$`) }) }).getByRole("button", { name: "No-reply extract" }).click();
  await fetched("no-reply.zip");
  await ours.goto(blue + `/line/${line}/record/${moved}`);
  await ours.getByRole("button", { name: /^Extract of all about this/ }).click();
  await fetched("about.zip");
  // Each party's fingerprint, as each reads its own aloud.
  const words = [];
  for (const [p, base] of [[ours, blue], [theirs, red]]) {
    await p.goto(base + "/station");
    words.push(`${await p.locator("#main h2 small.rec").first().innerText()}=${await p.locator("#main p.words").first().innerText()}`);
  }
  writeFileSync(join(folder, "fingerprints"), words.join("\n"));
  say(`the no-reply extract about ${ref}, and all about ${moved}`);
}

// The pages as they stand at the end, for the documents.
async function tour(first) {
  if (!shots) return;
  await sit(ours, blue, "officer");
  // What rings has its own picture; here it is taken up.
  const ringing = ours.locator('.alarm button[id^="have-"], .alarm button[id^="call-"]');
  while (await ringing.count()) await Promise.all([ours.waitForEvent("load"), ringing.first().click()]);
  const pages = [["watch", "/watch"], ["line", `/line/${line}?q=call`], ["compose", to("compose?code=CR01")], ["dossiers", to("dossiers")], ["dossier", to("dossier/" + first)], ["counterparts", to("counterparts")],
    ["dialogues", to("dialogues")], ["incidents", to("incidents")], ["contacts", to("contacts")], ["brief", to("brief")], ["record", to("check")], ["station", "/station"],
    ["house", to("house")], ["deliberations", to("deliberations")], ["night", to("night")], ["translations", to("translations")], ["card", to("paper/card")]];
  for (const [i, [name, path]] of pages.entries()) {
    await ours.goto(blue + path);
    await shot(ours, name, { light: i % 2 ? "light" : "dark" });
  }
  await ours.goto(blue + "/watch");
  await shot(ours, "phone", { width: 360, height: 740 });
  say("pictures");
}

try {
  const [first, second, third] = await follow();
  await answer();
  await redirect(second);
  await notice();
  await incident();
  await read();
  await extract(third, second);
  await tour(second);
  must(faults.length === 0, "the browser complains:\n" + faults.join("\n"));
  say("done");
} catch (e) {
  console.error(`FAIL ${e.message}`);
  for (const p of [ours, theirs]) if (p && process.env.OPENLINE_TRACE) { console.error(p.url()); await p.screenshot({ path: join(process.env.OPENLINE_TRACE, (p === ours ? "ours" : "theirs") + ".png") }); }
  if (faults.length) console.error(faults.slice(0, 20).join("\n"));
  process.exitCode = 1;
} finally {
  await browser.close();
}
