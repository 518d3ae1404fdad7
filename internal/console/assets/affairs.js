// SPDX-License-Identifier: Apache-2.0
// The pages of the affairs: hours in the zones of both sides, what was typed
// and not sent, the map.

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
