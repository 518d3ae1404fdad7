// SPDX-License-Identifier: Apache-2.0
// Shows that an alarm rings. What it was sent says that something awaits and
// whose record it is; no word of the record itself.
self.addEventListener("push", (event) => {
  let subject = "openline";
  try { subject = event.data.json().subject || subject; } catch { /* what does not read still calls */ }
  event.waitUntil(self.registration.showNotification(String(subject).slice(0, 200), { tag: "openline", renotify: true, requireInteraction: true, icon: "/assets/mark.svg" }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    for (const page of await self.clients.matchAll({ type: "window", includeUncontrolled: true })) {
      if (new URL(page.url).pathname === "/watch") return page.focus();
    }
    return self.clients.openWindow("/watch");
  })());
});
