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
function link(text, kind) { const chip = byId("link"); chip.textContent = text; chip.className = `chip ${kind}`; }

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

function drawStaff(view) {
  text(byId("phase"), view.phase.replaceAll("_", " "));
  const card = byId("passage"), passage = view.passage, key = JSON.stringify(passage);
  if (card.dataset.key !== key) {
    card.dataset.key = key;
    card.replaceChildren(passage ? passageList(passage) : item("p", "no passage under way", "soft"));
  }
  const failed = view.failed;
  byId("devices").replaceChildren(...["reader", "doors", "recognition", "store"].map((device) =>
    item("span", failed.includes(device) ? `${device}: not there` : device, `chip ${failed.includes(device) ? "bad" : "good"}`)));
  const desk = view.desk;
  text(byId("call"), desk && desk.called ? `officer called: ${desk.reasons.map((r) => r.replaceAll("_", " ")).join(", ")}` : "");
}

function passageList(passage) {
  const list = document.createElement("dl");
  const row = (name, ...content) => { const dd = document.createElement("dd"); dd.append(...content); list.append(item("dt", name), dd); };
  row("passage", passage.id);
  if (passage.document) row("document", `${passage.issuing_state} ${passage.document}`);
  for (const check of ["entry", "exit"]) {
    const decision = passage[`${check}_decision`];
    if (decision) row(`${check} check`, item("span", decision.outcome, decision.outcome === "admit" ? "ok" : "no"), ...decision.findings.flatMap(rule));
  }
  for (const [kind, result] of Object.entries(passage.captures)) row(kind, ...capture(result));
  if (passage.reasons.length) row("referred", passage.reasons.map((r) => r.replaceAll("_", " ")).join(", "));
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
  const most = Math.max(1, result.threshold * 1.6, result.comparison_score);
  const meter = document.createElement("div");
  meter.className = `meter ${good ? "" : "no"}`;
  const bar = document.createElement("i"), mark = document.createElement("u");
  bar.style.width = `${100 * Math.max(0, result.comparison_score) / most}%`;
  mark.style.left = `${100 * result.threshold / most}%`;
  meter.append(bar, mark);
  return [said, ` ${result.comparison_score.toFixed(3)} against ${result.threshold.toFixed(3)}`, meter];
}

function drawDemo(demo) {
  const kinds = byId("kinds");
  if (!kinds.children.length) {
    for (const kind of demo.kinds) {
      const button = item("button", kind.replaceAll("_", " "));
      button.dataset.kind = kind;
      button.onclick = () => press({ send: kind });
      kinds.append(button);
    }
  }
  for (const button of kinds.children) button.classList.toggle("now", button.dataset.kind === demo.now);
  const ended = Object.entries(demo.outcomes).filter(([, n]) => n).map(([name, n]) => `${name} ${n}`).join("  ·  ");
  text(byId("counts"), [ended, demo.waiting ? `${demo.waiting} waiting` : ""].filter(Boolean).join("  ·  "));
  const lines = byId("lines"), told = demo.lines.join("\n");
  if (lines.textContent !== told) { lines.textContent = told; lines.scrollTop = lines.scrollHeight; }
  if (document.activeElement !== byId("speed")) byId("speed").value = Math.round(Math.log2(demo.speed));
  text(byId("speed-said"), `${demo.speed}×`);
  byId("stream").checked = demo.streaming;
}

byId("dots").append(...STEPS.map(([, words]) => item("li", words)));
byId("speed").oninput = (event) => press({ speed: 2 ** Number(event.target.value) });
byId("stream").onchange = (event) => press({ stream: event.target.checked });
for (const button of document.querySelectorAll("[data-act]")) {
  button.onclick = () => press({ act: button.dataset.act, officer_id: "demo-officer" });
}
connect();
