// SPDX-License-Identifier: Apache-2.0
// Measures the watch page in headless Chromium, told line by line what to do:
//
//   paint    opens it seven times with nothing in the cache
//   expect   looks out for the next record of the other side; a second line tells when it is seen

const [folder, executablePath, url] = process.argv.slice(1).filter((a) => a !== "--");
const { createRequire } = require("node:module");
const { chromium } = createRequire(folder + "/package.json")("playwright-core");
const cookies = JSON.parse(process.env.OPENLINE_COOKIES);
const say = (x) => console.log(JSON.stringify(x));
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

async function paint(browser) {
  const paints = [], sizes = [];
  for (let i = 0; i < 7; i++) {
    const context = await browser.newContext();
    await context.addCookies(cookies);
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    let bytes = 0;
    await cdp.send("Network.enable");
    cdp.on("Network.loadingFinished", (e) => { bytes += e.encodedDataLength; });
    await page.goto(url, { waitUntil: "load" });
    paints.push(await page.evaluate(() => new Promise((told) => {
      const look = () => { const p = performance.getEntriesByName("first-contentful-paint")[0]; if (p) told(p.startTime); else requestAnimationFrame(look); };
      look();
    })));
    sizes.push(bytes);
    await context.close();
  }
  say({ Paint: median(paints), Bytes: median(sizes) });
}

// newest is the number of the newest record of theirs that the page says is held.
const newest = () => Number(/\/(\d+)$/.exec(document.querySelector(".head > small .rec")?.textContent ?? "")?.[1] ?? 0);

async function expect(page) {
  const seen = page.evaluate(`(() => {
    const newest = ${newest};
    const from = newest();
    return new Promise((told) => {
      const look = () => { if (newest() > from) { watcher.disconnect(); requestAnimationFrame(() => told(performance.timeOrigin + performance.now())); } };
      const watcher = new MutationObserver(look);
      watcher.observe(document.documentElement, { childList: true, subtree: true, characterData: true });
    });
  })()`);
  say({ Ready: true });
  say({ At: await seen });
}

(async () => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const context = await browser.newContext();
  await context.addCookies(cookies);
  const page = await context.newPage();
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) {
    if (line === "paint") await paint(browser);
    if (line === "expect") {
      if (page.url() !== url) { await page.goto(url); if (!await page.evaluate(newest)) throw new Error("the page does not say which records are held"); }
      await expect(page);
    }
  }
  await browser.close();
})().catch((e) => { console.error(String(e)); process.exit(1); });
