// SPDX-License-Identifier: Apache-2.0
// Has this browser called when an alarm rings and no page is open. Shown only
// where the station has a key for it and the browser can.
import { policy } from "./console.js";

const box = document.getElementById("push"), told = document.getElementById("push-told"), ask = document.getElementById("push-ask");

function bytes(key) {
  const s = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(s, (c) => c.charCodeAt(0));
}

async function subscribe() {
  if (await Notification.requestPermission() !== "granted") throw new Error("not allowed");
  const answer = await fetch("/push", { credentials: "same-origin" });
  if (!answer.ok) throw new Error("no key");
  const at = await navigator.serviceWorker.register(policy.createScriptURL("/assets/push-worker.js"));
  const begun = at.installing || at.waiting;
  if (begun) await new Promise((done) => begun.addEventListener("statechange", () => begun.state === "activated" && done()));
  const given = await at.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(await answer.text()) });
  const kept = await fetch("/push", { method: "POST", credentials: "same-origin", body: new URLSearchParams({ subscription: JSON.stringify(given) }) });
  if (!kept.ok) throw new Error("not kept");
}

if (box && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && window.isSecureContext) {
  box.hidden = false;
  const known = async () => (await (await navigator.serviceWorker.getRegistration("/assets/"))?.pushManager.getSubscription()) != null;
  known().then((is) => { if (is) told.textContent = box.dataset.on; }, () => {});
  ask.addEventListener("click", async () => {
    try { await subscribe(); told.textContent = box.dataset.on; } catch { told.textContent = box.dataset.off; }
  });
}
