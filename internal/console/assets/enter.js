// SPDX-License-Identifier: Apache-2.0
// Passkeys: asking the browser for one, and handing on what it says. What the
// server answers is shown as text.

const can = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;
const as = document.getElementById("as");

async function send(path, x) {
  const answer = await fetch(path, { method: "POST", credentials: "same-origin", cache: "no-store", headers: { "Content-Type": "application/json" }, body: JSON.stringify(x) });
  const said = await answer.json();
  if (answer.ok) return said;
  if (said.again) { location.assign(said.again); return new Promise(() => {}); }
  throw new Error(said.fault);
}

async function show(path, more) {
  const options = await send(path + "/ask", {});
  const key = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey) });
  return send(path, { answer: key.toJSON(), ...more });
}

async function make(path, label) {
  const options = await send(path + "/ask", {});
  const key = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey) });
  return send(path, { answer: key.toJSON(), label });
}

function bind(box, act) {
  const button = box.querySelector("[data-enter]"), said = box.querySelector("[data-said]");
  if (!can) { box.querySelector("[data-lacks]").hidden = false; return; }
  button.disabled = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "";
    try {
      location.assign((await act(box)).to);
    } catch (e) {
      // Whoever changes their mind in the browser's own window is told nothing.
      if (e.name !== "NotAllowedError" && e.name !== "AbortError") said.textContent = e.message;
      button.disabled = false;
    }
  });
}

for (const box of document.querySelectorAll("[data-passkey]")) bind(box, (b) => show(b.dataset.passkey, b.dataset.back ? { back: b.dataset.back } : { role: as?.value ?? "" }));
for (const box of document.querySelectorAll("[data-make]")) bind(box, (b) => make(b.dataset.make, b.querySelector("input").value));
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => { for (const f of form.querySelectorAll("[data-as]")) f.value = as?.value ?? ""; });
}
for (const a of document.querySelectorAll("[data-issuer]")) as?.addEventListener("change", () => { a.href = "/enter/issuer?role=" + encodeURIComponent(as.value); });
