"use strict";
// One's own face: enrol, erase, and the mirror, which is on only while the desk looks.
(() => {
  const EVERY_MS = 200;
  let looking = false, shown = "";

  async function look() {
    const mirror = byId("mirror");
    const answer = await fetch("/own-camera.jpg", { cache: "no-store" }).catch(() => null);
    if (looking && answer && answer.ok) {
      const picture = URL.createObjectURL(await answer.blob());
      mirror.src = picture;
      mirror.hidden = false;
      if (shown) URL.revokeObjectURL(shown);
      shown = picture;
    }
    if (looking) setTimeout(look, EVERY_MS);
  }
  function close() {
    byId("mirror").hidden = true;
    byId("mirror").removeAttribute("src");
    if (shown) URL.revokeObjectURL(shown);
    shown = "";
  }

  document.addEventListener("view", (event) => {
    const me = event.detail.me;
    byId("me").hidden = !me;
    if (!me) return;
    const was = looking;
    looking = me.state === "enrolling";
    if (looking && !was) look();
    if (!looking && was) close();
    text(byId("me-said"), me.said);
    text(byId("mirror-off"), looking ? "opening the camera" : "camera off");
    byId("me-enrol").disabled = me.state !== "nobody" || !event.detail.connected;
    byId("me-erase").disabled = me.state === "nobody" || !event.detail.connected;
  });
  byId("me-enrol").onclick = () => press({ me: "enrol" });
  byId("me-erase").onclick = () => press({ me: "erase" });
})();
