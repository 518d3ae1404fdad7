// SPDX-License-Identifier: Apache-2.0
// Entering in a real browser over real TLS: a link, a passkey made, one touch
// the next time, a role not held, is it you, given up and turned away. Only
// the station's own authority is taken, by its key.
//
//   node enter.mjs URL SPKI LINK LINK [FOLDER for screenshots]

import { chromium } from "playwright-core";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [url, spki, first, second, shots] = process.argv.slice(2);
if (shots) mkdirSync(shots, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const say = (text) => console.log(text);
const must = (ok, text) => { if (!ok) throw new Error(text); };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", `--ignore-certificate-errors-spki-list=${spki}`] });
const faults = [];

// What is turned away on purpose, and a stream whose seat has just ended.
const expected = /status of (401|403)|EventSource's response has a MIME type/;

async function open(o = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, colorScheme: "dark", ...o });
  context.setDefaultTimeout(15_000);
  context.on("console", (m) => { if (m.type() === "error" && !expected.test(m.text()) || m.type() === "warning") faults.push(`${m.location().url}: ${m.text()}`); });
  context.on("weberror", (e) => faults.push(String(e.error())));
  context.on("request", (r) => { if (!r.url().startsWith(url) && !r.url().startsWith("data:")) faults.push(`asks elsewhere: ${r.url()}`); });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  return { context, page, cdp, authenticatorId };
}

const bad = [];
async function look(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  for (const v of found.violations) bad.push(`${name}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
  for (const [what, size] of [["", null], ["-360", { width: 360, height: 740 }]]) {
    const before = page.viewportSize();
    if (size) await page.setViewportSize(size);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) bad.push(`${name}${what} is ${wide} px too wide`);
    if (shots) await page.screenshot({ path: join(shots, `${name}${what}.png`), fullPage: true });
    await page.setViewportSize(before);
  }
}

try {
  const { context, page, cdp, authenticatorId } = await open();
  await page.goto(first);
  await page.getByRole("heading", { name: "Passkeys" }).waitFor();
  must(!page.url().includes("#"), "the token stands in the address still");
  say("entered by a link, and led to make a passkey");
  await page.getByLabel("What you call it").fill("desk machine");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByText("desk machine").waitFor();
  await look(page, "seat");
  const kept = (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  must(kept.length === 1 && kept[0].isResidentCredential && kept[0].rpId === "localhost", "the passkey does not lie in the authenticator");
  say("a passkey made: it lies in the authenticator");

  await page.getByRole("button", { name: "Leave the desk" }).last().click();
  await page.getByRole("button", { name: "Enter with a passkey" }).waitFor();
  const cookies = await context.cookies();
  must(!cookies.some((c) => c.name.startsWith("__Host-openline") && c.value), "the cookie is there still");
  await look(page, "enter");
  await page.goto(url + "/watch");
  must(new URL(page.url()).pathname === "/enter", "who left still sits");
  await page.getByRole("button", { name: "Enter with a passkey" }).click();
  await page.waitForURL("**/watch");
  const seat = (await context.cookies()).find((c) => c.name.startsWith("__Host-openline"));
  must(seat && seat.secure && seat.httpOnly && seat.sameSite === "Strict", "the cookie is not as it should be");
  must(await page.evaluate(() => document.cookie) === "", "a script reads the cookie");
  say("entered by one touch");

  // As the duty officer: what is an auditor's is not hers.
  await page.getByRole("link", { name: /^anna\b/ }).click();
  await page.locator("main").getByLabel("Sit at this desk as").selectOption("watch");
  await page.getByRole("button", { name: "Sit down" }).click();
  await page.waitForURL("**/watch");
  await page.goto(url + "/attempts");
  await page.getByText("This is not for the role you sit here as.").waitFor();
  say("another role, and another's page turned away");

  // A role she does not hold.
  await page.goto(url + "/seat");
  await page.getByRole("button", { name: "Leave everywhere" }).click();
  await page.waitForURL("**/enter");
  await page.getByLabel("Sit down as").selectOption("principal");
  await page.getByRole("button", { name: "Enter with a passkey" }).click();
  await page.getByText("You do not hold this role.").waitFor();
  await look(page, "enter-notheld");
  say("a role not held is turned away");

  // Is it you? The page that asks, and what it leads back to.
  await page.getByLabel("Sit down as").selectOption("officer");
  await page.getByRole("button", { name: "Enter with a passkey" }).click();
  await page.waitForURL("**/watch");
  await page.goto(url + "/again?back=/drafts");
  await look(page, "again");
  await page.getByRole("button", { name: "Show the passkey" }).click();
  await page.waitForURL((u) => u.pathname === "/drafts");
  say("shown again, and led back");

  // One who is not verified by PIN or finger does not come in.
  await page.goto(url + "/seat");
  await page.getByRole("button", { name: "Leave everywhere" }).click();
  await page.waitForURL("**/enter");
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.getByRole("button", { name: "Enter with a passkey" }).click();
  await page.waitForFunction(() => !document.querySelector("[data-enter]").disabled);
  must(new URL(page.url()).pathname === "/enter", "entered without PIN or finger");
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  say("without PIN or finger nobody enters");

  // Given up: it opens nothing more, and the seat it opened ends.
  await page.getByRole("button", { name: "Enter with a passkey" }).click();
  await page.waitForURL("**/watch");
  await page.goto(url + "/seat");
  await page.getByRole("button", { name: "Give it up" }).click();
  await page.getByRole("button", { name: "Enter with a passkey" }).click();
  await page.getByText("This passkey was revoked.").waitFor();
  await look(page, "enter-revoked");
  say("given up: the seat ended, and it opens nothing more");
  await context.close();

  // A link in a browser without passkeys: it still works, once.
  const other = await open({ colorScheme: "light" });
  await other.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: other.authenticatorId });
  await other.page.goto(second);
  await other.page.getByRole("heading", { name: "Passkeys" }).waitFor();
  await look(other.page, "seat-light");
  const again = await open();
  await again.page.goto(second);
  await again.page.getByText("This link has been used").waitFor();
  say("a link works once");
  must(faults.length === 0, "the browser complains:\n" + faults.join("\n"));
  must(bad.length === 0, bad.join("\n"));
  say("done");
} catch (e) {
  console.error(`FAIL ${e.message}`);
  for (const c of browser.contexts()) for (const p of c.pages()) console.error(p.url(), (await p.locator("main").innerText().catch(() => "")).slice(0, 300));
  if (faults.length) console.error(faults.slice(0, 20).join("\n"));
  process.exitCode = 1;
} finally {
  await browser.close();
}
