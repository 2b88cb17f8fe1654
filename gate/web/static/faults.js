"use strict";
// The panel that breaks a device of the demo's gate and mends it: view.faults in, messages out.
(() => {
  const panel = document.getElementById("faults");
  const fields = {};
  let possible = null;

  function choice(name, label) {
    const field = document.createElement("label");
    const select = document.createElement("select");
    field.append(label, select);
    fields[name] = select;
    return field;
  }
  function fill(select, values) {
    if ([...select.options].map((option) => option.value).join() === values.join()) return;
    select.replaceChildren(...values.map((value) => new Option(value.replaceAll("_", " "), value)));
  }
  function button(words, press_) {
    const made = item("button", words);
    made.type = "button";
    made.onclick = press_;
    return made;
  }

  function refill() {
    fill(fields.device, Object.keys(possible));
    const words = possible[fields.device.value] || {};
    fill(fields.kind, Object.keys(words));
    const parts = words[fields.kind.value] || [];
    fill(fields.part, parts);
    fields.part.parentElement.hidden = parts.length === 0;
  }

  function build() {
    const form = document.createElement("div");
    form.className = "fault-form";
    form.append(choice("device", "device "), choice("kind", "fault "), choice("part", "part "), choice("for_s", "for "));
    for (const [seconds, words] of [["3", "3 s"], ["10", "10 s"], ["30", "30 s"], ["", "until mended"]]) {
      fields.for_s.append(new Option(words, seconds));
    }
    fields.device.onchange = fields.kind.onchange = refill;
    form.append(button("break it", () => {
      const fault = { device: fields.device.value, kind: fields.kind.value };
      if (fields.part.value) fault.part = fields.part.value;
      if (fields.for_s.value) fault.for_s = Number(fields.for_s.value);
      press({ fault });
    }));
    const standing = document.createElement("div");
    standing.id = "standing";
    standing.setAttribute("aria-live", "polite");
    panel.append(item("h2", "Break something"), form, standing);
    panel.hidden = false;
  }

  function draw(faults) {
    const key = JSON.stringify(faults.standing);
    const standing = document.getElementById("standing");
    if (standing.dataset.key === key) return;
    standing.dataset.key = key;
    const told = faults.standing.map((fault) => {
      const words = `${fault.device} ${fault.part} ${fault.kind}`.replaceAll("_", " ");
      const mend = button(`${words} ✕`, () => press({ mend: fault.device }));
      mend.setAttribute("aria-label", `mend ${fault.device}`);
      return mend;
    });
    if (told.length > 1) told.push(button("mend everything", () => press({ mend: "" })));
    standing.replaceChildren(...(told.length ? told : [item("span", "nothing is broken", "soft")]));
  }

  function tested(test) {
    const said = document.getElementById("self-test");
    if (said && test) text(said, test.under_way ? "self-test under way" : test.failures.join("; "));
  }

  document.addEventListener("view", (event) => {
    tested(event.detail.self_test);
    const faults = event.detail.faults;
    if (!faults) return;
    if (!possible) build();
    possible = faults.possible;
    refill();
    draw(faults);
  });
})();
