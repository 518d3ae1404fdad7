// SPDX-License-Identifier: Apache-2.0
// The wire between the two consoles, as the first station measures it.

const word = document.getElementById("wire-word"), says = document.getElementById("wire-says"), note = document.getElementById("wire-note"), passed = document.getElementById("passed");

function wire(cut, text) {
  document.body.classList.toggle("cut", cut);
  word.textContent = cut ? "Cut" : "Carried";
  says.textContent = text;
  note.hidden = !cut;
  document.querySelector('[data-wire="cut"]').hidden = cut;
  document.querySelector('[data-wire="restore"]').hidden = !cut;
}

let heard = Date.now();
const source = new EventSource("/live");
source.addEventListener("wire", (e) => {
  heard = Date.now();
  const [state, , ...text] = e.data.split(" ");
  wire(state === "cut", text.join(" "));
});
source.addEventListener("passed", (e) => {
  const [ref, code, ...gloss] = e.data.split(" ");
  const li = document.createElement("li"), b = document.createElement("span"), small = document.createElement("small");
  b.className = "rec " + ref.split("/")[0];
  b.textContent = ref;
  small.textContent = ` ${code} · ${gloss.join(" ")}`;
  li.append(b, small);
  passed.prepend(li);
  while (passed.children.length > 5) passed.lastChild.remove();
});
setInterval(() => {
  if (Date.now() - heard > 9000) { word.textContent = "Not known"; says.textContent = "Nothing is heard from the stations; what stands here is old."; }
}, 1000);

// The cable is pulled without leaving the page, so that both desks stay as
// they are.
for (const form of document.querySelectorAll("[data-wire]")) {
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    await fetch(form.action, { method: "POST", redirect: "manual" });
  });
}

// The second chapter is told step by step, without leaving the page.
const next = document.querySelector("[data-next]");
if (next) {
  const button = next.querySelector("button"), note = document.getElementById("next-note");
  next.addEventListener("submit", async (e) => {
    e.preventDefault();
    button.disabled = true;
    const answer = await fetch(next.action, { method: "POST" });
    const text = await answer.text();
    if (!answer.ok) {
      note.textContent = text.trim();
      button.disabled = false;
      return;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const id of ["told", "step-now"]) document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
    for (const id of ["next-note", "next"]) document.getElementById(id).textContent = page.getElementById(id).textContent;
    document.getElementById("steps-told").hidden = false;
    button.disabled = page.getElementById("next").disabled;
  });
}
