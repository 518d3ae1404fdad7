// SPDX-License-Identifier: Apache-2.0
// A party's own pages in a real browser: each by width, language, axe and on
// paper, and what a person does on them.
//
//   node own.mjs BLUE LINE CALL LETTER WORDS [FOLDER for screenshots]
//
// CALL, LETTER and WORDS are records: an accepted call, an invitation, words
// of the other side in its own language.

import { chromium } from "playwright-core";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [base, line, call, letter, words, shots] = process.argv.slice(2);
const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
if (shots) mkdirSync(shots, { recursive: true });
const must = (ok, text) => { if (!ok) throw new Error(text); };
const to = (path) => `/line/${line}/${path}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
const faults = [];

async function open(role, o = {}) {
  const c = await browser.newContext({ viewport: { width: 1400, height: 1000 }, ...o });
  c.setDefaultTimeout(15_000);
  c.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") faults.push(`${m.location().url}: ${m.text()}`); });
  c.on("weberror", (e) => faults.push(String(e.error())));
  const page = await c.newPage();
  await page.goto(base + "/watch");
  await page.locator('select[name="role"]').selectOption(role);
  await page.getByRole("button", { name: "Sit down" }).click();
  await page.waitForLoadState();
  return page;
}

async function deeds() {
  const p = await open("officer");
  // A question, a position, a decision; stating it is a draft like any other.
  await p.keyboard.press("e");
  await p.locator('input[name="question"]').fill("With whom should we speak?");
  await p.locator('input[name="subject"]').fill("calls");
  await p.locator('textarea[name="options"]').fill("The chairman\nThe minister");
  await p.getByRole("button", { name: "Open it" }).click();
  await p.getByText("Nothing of this page leaves it").waitFor();
  await p.locator("#add-position summary").click();
  await p.locator('#add-position input[name="who"]').fill("Joint Staff");
  await p.locator('#add-position select[name="stance"]').selectOption("favours strongly");
  await p.locator('#add-position button').click();
  await p.locator("#q-options").getByText("Joint Staff").waitFor();
  await p.locator("#decide summary").click();
  await p.locator('#decide select[name="option"]').selectOption("2");
  await p.locator("#decide button").click();
  await p.locator("#q-head").getByText("The minister").waitFor();
  await p.getByRole("link", { name: /State our position/ }).click();
  must(await p.locator('[name="p.position"]').inputValue() === "The minister", "the draft is not filled in");

  // The watch is handed over with words, and the night log has them.
  await p.keyboard.press("Escape");
  await p.goto(base + to("house"));
  await p.locator('input[name="giver"]').fill("ben");
  await p.locator('textarea[name="words"]').fill("one call awaits them");
  await p.getByRole("button", { name: "Hand over", exact: true }).click();
  await p.locator("#h-now").getByText("anna has the watch").waitFor();
  must(await p.locator("#push").count() === 0, "push is offered where no key is set up");

  // A working text, a second reader, and the question before anyone acts.
  await p.goto(base + to("translations"));
  await p.locator(`a.rec[href*="/${words}#"]`).click();
  await p.locator("#texts summary").click();
  await p.locator('#texts textarea[name="text"]').fill("We are ready to talk");
  await p.getByRole("button", { name: "Keep it" }).click();
  await p.locator("#texts").getByText("no second reader yet").waitFor();
  must(await p.getByRole("button", { name: "I have read it" }).count() === 0, "who wrote it may read it a second time");
  await p.getByRole("button", { name: /we understand you to say/ }).click();
  await p.locator(".letter").getByText("We are ready to talk").first().waitFor();
  await p.context().close();
}

async function looks() {
  const bad = [];
  const pages = { deliberations: "deliberations", deliberation: "deliberation/1", house: "house", night: "night", texts: "translations", paper: "paper", card: "paper/card", callsheet: `paper/call/${call}`, letter: `paper/letter/${letter}`, kept: "availability", record: `record/${words}` };
  for (const [look, tongue, width] of [["wide", "en", 1400], ["360", "en", 360], ["wall", "en", 2560], ["ar", "ar", 360], ["zh", "zh", 1200]]) {
    const p = await open("officer", { viewport: { width, height: 900 }, colorScheme: look === "wide" ? "dark" : "light" });
    await p.locator('select[name="language"]').selectOption(tongue);
    await p.locator('form[action="/language"] button').click();
    for (const [name, path] of Object.entries(pages)) {
      const answer = await p.goto(base + to(path));
      if (answer.status() !== 200) bad.push(`${name}: ${answer.status()}`);
      if (shots) await p.screenshot({ path: join(shots, `o-${name}-${look}.png`), fullPage: true });
      const wide = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) bad.push(`${name} (${look}) is ${wide} px too wide`);
      const missing = await p.evaluate(() => (document.body.innerText.match(/\[[a-z]+[._][a-z0-9._-]+\]/g) || []).join(" "));
      if (missing) bad.push(`${name} (${look}): no words for ${missing}`);
      if (look !== "wide" && look !== "360") continue;
      await p.evaluate(() => { for (const d of document.querySelectorAll("main details")) d.open = true; });
      await p.evaluate(source);
      const found = await p.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
      for (const v of found.violations) bad.push(`${name} (${look}): ${v.id}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 200)).join(" | ")}`);
    }
    // What is one sheet is one sheet.
    for (const name of look === "wide" || look === "ar" ? ["card", "callsheet", "letter", "night"] : []) {
      await p.goto(base + to(pages[name]));
      const sheets = (await p.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g).length;
      if (sheets !== 1) bad.push(`${name} (${look}) takes ${sheets} sheets`);
    }
    await p.context().close();
  }
  must(bad.length === 0, bad.join("\n"));
}

try {
  await deeds();
  await looks();
  must(faults.length === 0, "the browser complains:\n" + faults.join("\n"));
} catch (e) {
  console.error(`FAIL ${e.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
