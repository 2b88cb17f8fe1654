"use strict";
// One view object in, one page out. The traveller's panel is drawn from view.traveller alone.
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const STEPS = [["reading", "document"], ["checking", "check"], ["entering", "enter"],
  ["capturing", "face and finger"], ["authorising", "decide"], ["leaving", "leave"]];
const STEP_OF = { returning: "checking", clearing: "leaving" };
const WORDS = {
  closed: ["Please use another gate", "다른 게이트를 이용해 주세요"],
  lay_document: ["Lay your passport on the reader", "여권을 판독기에 올려 주세요"],
  lay_again: ["Please lay your passport down again", "여권을 다시 올려 주세요"],
  wait: ["One moment please", "잠시만 기다려 주세요"],
  take_document: ["Please take your passport", "여권을 가져가 주세요"],
  enter: ["Please enter", "들어오세요"],
  look_and_touch: ["Look at the camera, finger on the sensor", "카메라를 보고 지문을 대 주세요"],
  leave: ["Please go on", "나가 주세요"],
  officer: ["An officer will be with you", "직원이 곧 도와드립니다"],
  evacuate: ["Please leave the gate now", "즉시 게이트에서 나가 주세요"],
};
const GLYPHS = {
  lay_document: '<rect x="14" y="10" width="36" height="44" rx="4"/><path d="M20 44h24M20 38h24"/>',
  take_document: '<rect x="14" y="16" width="36" height="38" rx="4"/><path d="M32 30V4M24 12l8-8 8 8"/>',
  enter: '<path d="M8 32h40M36 18l14 14-14 14"/>', leave: '<path d="M8 32h40M36 18l14 14-14 14"/>',
  look_and_touch: '<circle cx="32" cy="24" r="13"/><path d="M12 58c2-12 10-18 20-18s18 6 20 18"/>',
  officer: '<circle cx="32" cy="22" r="12"/><path d="M20 16h24M12 58c2-13 10-19 20-19s18 6 20 19"/>',
  evacuate: '<path d="M8 32h36M32 18l14 14-14 14M54 8v48"/>',
  wait: '<circle cx="32" cy="32" r="20"/><path d="M32 20v12l8 6"/>',
  closed: '<circle cx="32" cy="32" r="20"/><path d="M18 18l28 28"/>',
};
GLYPHS.lay_again = GLYPHS.lay_document;

let socket = null;
const press = (message) => { if (socket && socket.readyState === 1) socket.send(JSON.stringify(message)); };

function connect() {
  socket = new WebSocket(`ws://${location.host}/views`);
  socket.onmessage = (event) => draw(JSON.parse(event.data));
  socket.onclose = () => { link("page server lost", "bad"); setTimeout(connect, 700); };
}
function link(text, kind) {
  const chip = byId("link");
  chip.textContent = text;
  chip.className = `chip ${kind}`;
  document.body.classList.toggle("stale", kind === "bad");
  for (const button of document.querySelectorAll("main button")) button.disabled = kind === "bad";
}

function text(element, value) { if (element.textContent !== value) element.textContent = value; }
function node(tag, attributes, parent) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (parent) parent.append(made);
  return made;
}
function item(tag, words, kind) {
  const made = document.createElement(tag);
  made.textContent = words;
  if (kind) made.className = kind;
  return made;
}

function draw(view) {
  link(view.connected ? "gate connected" : "gate does not answer", view.connected ? "good" : "bad");
  if (!view.phase) return;
  drawScene(view);
  drawPanel(view.traveller.screen);
  drawStaff(view);
  if (view.demo) drawDemo(view.demo);
  document.dispatchEvent(new CustomEvent("view", { detail: view }));
}

function drawScene(view) {
  const sensors = view.sensors, plant = view.plant;
  const shut = { locked: 0, released: 0, moving: 0.5, open: 1, unknown: 0, fault: 0 };
  for (const door of ["entry", "exit"]) {
    const open = plant ? plant.doors[door] : shut[sensors[door]];
    const leaves = byId(`door-${door}`);
    leaves.querySelector(".up").setAttribute("transform", `translate(0 ${-0.56 * open})`);
    leaves.querySelector(".down").setAttribute("transform", `translate(0 ${0.56 * open})`);
    leaves.classList.toggle("open", open > 0.05);
    byId(`beam-${door}`).classList.toggle("broken", sensors[`${door}_beam_broken`]);
  }
  const alarm = !sensors.fire_loop_ok || !sensors.emergency_stop_loop_ok;
  byId("lane").setAttribute("class", `lane ${alarm ? "fire" : sensors.presence ? "occupied" : ""}`);
  byId("passport").setAttribute("opacity", (plant ? plant.document : view.document_laid) ? 1 : 0);
  byId("glass").classList.toggle("on", ["reading", "checking"].includes(view.phase));
  byId("touch").classList.toggle("on", view.phase === "capturing");
  byId("lamp").classList.toggle("on", Boolean(view.desk && view.desk.called));
  drawBodies(plant ? plant.bodies : {});
  drawSteps(view.phase);
}

function drawBodies(bodies) {
  const group = byId("bodies");
  for (const old of [...group.children]) if (!(old.dataset.name in bodies)) old.remove();
  for (const [name, body] of Object.entries(bodies)) {
    let shape = [...group.children].find((child) => child.dataset.name === name);
    if (!shape) {
      shape = node("g", { class: `body ${name.includes("+") ? "second" : ""} ${body.is_object ? "thing" : ""}` }, group);
      shape.dataset.name = name;
      node("circle", { r: 0.17 }, shape);
      if (!body.is_object) node("circle", { r: 0.09, class: "head" }, shape);
    }
    const beside = name.includes("+") ? 0.22 : 0;
    shape.setAttribute("transform", `translate(${body.x_m} ${beside})`);
  }
}

function drawSteps(phase) {
  const at = STEPS.findIndex(([name]) => name === (STEP_OF[phase] || phase));
  [...byId("dots").children].forEach((dot, index) => {
    dot.className = index === at ? "now" : index < at ? "done" : "";
    if (index === at) dot.setAttribute("aria-current", "step"); else dot.removeAttribute("aria-current");
  });
}

function drawPanel(screen) {
  const [english, korean] = WORDS[screen] || ["…", ""];
  text(byId("said"), english);
  text(byId("said-ko"), korean);
  const glyph = byId("glyph");
  if (glyph.dataset.screen !== screen) {
    glyph.dataset.screen = screen;
    glyph.innerHTML = `<svg viewBox="0 0 64 64">${GLYPHS[screen] || ""}</svg>`;
  }
}

const DEVICES = { reader: "document reader", doors: "door board", recognition: "recognition worker", store: "store" };
function drawStaff(view) {
  const demo = view.demo || {}, passage = view.passage || demo.last || null;
  text(byId("phase"), view.phase.replaceAll("_", " "));
  text(byId("phase-for"), demo.phase_for_s >= 1 ? `for ${Math.round(demo.phase_for_s)} s` : "");
  const card = byId("passage"), key = JSON.stringify([passage, !view.passage]);
  if (card.dataset.key !== key) {
    card.dataset.key = key;
    card.classList.toggle("over", !view.passage);
    card.replaceChildren(passage ? passageList(passage) : item("p", "Nobody has come yet.", "soft"));
  }
  drawTimings(demo.timings || [], view.passage ? [view.phase, demo.phase_for_s] : null);
  byId("devices").replaceChildren(...Object.entries(DEVICES).map(([device, words]) => {
    const failed = view.failed.includes(device);
    return item("span", failed ? `${words}: does not serve` : words, `chip device ${failed ? "bad" : "good"}`);
  }));
  const advice = Object.entries(demo.advice || {}).map(([kind, word]) => `${kind}: ${word.replaceAll("_", " ")}`);
  text(byId("advice"), advice.join("  ·  "));
  const desk = view.desk;
  text(byId("call"), desk && desk.called ? `Officer called: ${words_of(desk.reasons)}` : "");
}
function words_of(reasons) { return reasons.map((reason) => reason.replaceAll("_", " ")).join(", "); }

function drawTimings(spans, now) {
  const row = byId("timings"), shown = now && now[1] ? [...spans, now] : spans;
  const key = JSON.stringify(shown.map(([phase, seconds]) => [phase, seconds.toFixed(1)]));
  if (row.dataset.key === key) return;
  row.dataset.key = key;
  row.replaceChildren(...shown.map(([phase, seconds]) => {
    const span = item("span", `${seconds.toFixed(1)} s`);
    span.style.flexGrow = Math.max(0.4, Math.min(seconds, 12));
    span.prepend(item("b", phase.replaceAll("_", " ")));
    return span;
  }));
}

function passageList(passage) {
  const list = document.createElement("dl");
  const row = (name, ...content) => { const dd = document.createElement("dd"); dd.append(...content); list.append(item("dt", name), dd); };
  row("passage", passage.id, ...(passage.outcome ? [" ", item("span", passage.outcome, `chip ${passage.outcome === "admit" ? "good" : "warn"}`)] : []));
  if (passage.document) row("document", `${passage.issuing_state} ${passage.document}`);
  for (const check of ["entry", "exit"]) {
    const decision = passage[`${check}_decision`];
    if (decision) row(`${check} check`, item("span", decision.outcome, decision.outcome === "admit" ? "ok" : "no"), ...decision.findings.flatMap(rule));
  }
  for (const [kind, result] of Object.entries(passage.captures)) row(kind, ...capture(result));
  if (passage.reasons.length) row("referred", words_of(passage.reasons));
  return list;
}
function rule(finding) {
  const line = document.createElement("span");
  line.className = "rule";
  line.append(item("b", finding.rule_id), " ", item("span", finding.article));
  return [document.createElement("br"), line];
}
function capture(result) {
  const good = result.verdict === "match";
  const said = item("span", result.verdict.replaceAll("_", " "), good ? "ok" : "no");
  if (result.comparison_score === null) return [said];
  const score = result.comparison_score.toFixed(3);
  // Face and finger are judged together: the other may be so weak that no score makes up for it.
  if (result.threshold === null) return [said, ` ${score}: no score would do, the other is missing or too weak`];
  const most = Math.max(1, result.threshold * 1.6, result.comparison_score);
  const meter = document.createElement("div");
  meter.className = `meter ${good ? "" : "no"}`;
  const bar = document.createElement("i"), mark = document.createElement("u");
  bar.style.width = `${100 * Math.max(0, result.comparison_score) / most}%`;
  mark.style.left = `${100 * result.threshold / most}%`;
  meter.append(bar, mark);
  return [said, ` ${score} against ${result.threshold.toFixed(3)}`, meter];
}

// What a button sends: [its words, what is wrong with the traveller].
const KINDS = {
  admitted: ["Admitted", "nothing stops them"],
  banned: ["Banned", "may not leave the country"],
  ban_while_inside: ["Ban while inside", "the ban comes between the two checks"],
  expired_passport: ["Expired passport", "the booklet is out of date"],
  not_enrolled: ["Not enrolled", "has a passport, gave no face or finger"],
  face_mismatch: ["Somebody else's face", "the finger is right, the face is not"],
  finger_mismatch: ["Somebody else's finger", "the face is right, the finger is not"],
  two_persons: ["Two persons", "one slips in behind the other"],
  turned_back: ["Turns back", "goes out again before the door shuts"],
  document_withdrawn: ["Takes the passport away", "before it is read"],
  nobody_entered: ["Does not enter", "the door opens and nobody comes"],
  fire_on_the_way: ["Fire on the way", "the fire loop opens: everybody out"],
  power_lost: ["Power lost", "everything dark with somebody inside"],
  reader_unplugged: ["Reader unplugged", "while it reads the passport"],
  no_face: ["Shows no face", "looks at the floor"],
  two_faces: ["Two faces", "somebody looks over the shoulder"],
  no_finger: ["Gives no finger", "the sensor stays empty"],
  half_finger: ["Half a finger", "only the tip touches the glass"],
  camera_frozen: ["Camera frozen", "the same picture again and again"],
  camera_black: ["Camera black", "the lens is covered"],
  yourself: ["Walk through", "with your own face"],
  borrowed_passport: ["Borrowed passport", "your face, somebody else's booklet"],
};
function drawDemo(demo) {
  const kinds = byId("kinds");
  if (kinds.children.length !== demo.kinds.length) {
    kinds.replaceChildren(...demo.kinds.map((kind) => {
      const [words, why] = KINDS[kind] || [kind.replaceAll("_", " "), ""];
      const button = item("button", "");
      button.dataset.kind = kind;
      button.append(item("b", words), item("small", why));
      button.onclick = () => press({ send: kind });
      return button;
    }));
  }
  for (const button of kinds.children) button.classList.toggle("now", button.dataset.kind === demo.now);
  const ended = Object.entries(demo.outcomes).filter(([, n]) => n).map(([name, n]) => `${name} ${n}`).join("  ·  ");
  text(byId("counts"), ended);
  const desk = demo.at_desk ? "at the enrolment desk first (a first start takes half a minute)" : "";
  text(byId("waiting"), [desk, demo.waiting ? `${demo.waiting} waiting` : ""].filter(Boolean).join("  ·  "));
  drawLines(demo.lines);
  if (document.activeElement !== byId("speed")) byId("speed").value = Math.round(Math.log2(demo.speed));
  text(byId("speed-said"), `${demo.speed}×`);
  byId("stream").checked = demo.streaming;
}

function drawLines(told) {
  const lines = byId("lines"), key = told.join("\n");
  if (lines.dataset.key === key) return;
  lines.dataset.key = key;
  const atEnd = lines.scrollTop + lines.clientHeight > lines.scrollHeight - 30;
  lines.replaceChildren(...told.map((line) => {
    const [, at, words] = line.match(/^\s*([\d.]+) s\s\s(.*)$/) || [null, "", line];
    const one = item("li", "", at ? (/called|FAILS|INTERRUPTED|failed|refer/.test(words) ? "warn" : "") : "who");
    one.append(item("time", at), item("span", words.replace(/^== /, "").replace("-> ", "→ ")));
    return one;
  }));
  if (atEnd) lines.scrollTop = lines.scrollHeight;
}

byId("dots").append(...STEPS.map(([, words]) => item("li", words)));
byId("speed").oninput = (event) => press({ speed: 2 ** Number(event.target.value) });
byId("stream").onchange = (event) => press({ stream: event.target.checked });
for (const button of document.querySelectorAll("[data-act]")) {
  button.onclick = () => press({ act: button.dataset.act, officer_id: "demo-officer" });
}
connect();
