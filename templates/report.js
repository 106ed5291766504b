// The page reads without this: it filters, and opens and closes many folds at once.
(() => {
  "use strict";
  const by = (id) => document.getElementById(id);

  // A link to a frame inside folds opens them.
  const reveal = () => {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && by(id);
    if (!target) return;
    const own = target.closest(".step") || target;
    const inner = own.matches("details") ? own : own.querySelector(":scope > details");
    if (inner) inner.open = true;
    for (let at = own.parentElement; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  const box = by("filter");
  if (!box) return;
  const text = by("f-text"), method = by("f-method"), outcome = by("f-outcome"), status = by("f-status");
  const count = by("f-count");
  const steps = [...document.querySelectorAll(".step")];
  const groups = [...document.querySelectorAll(".group")];
  const words = new Map();
  const wordsOf = (element) => {
    if (!words.has(element)) words.set(element, element.textContent.toLowerCase());
    return words.get(element);
  };
  // Folds that a filter opened are closed again with it.
  let opened = [];

  const filter = () => {
    const sought = text.value.trim().toLowerCase();
    const active = sought || method.value || outcome.value || status.value;
    for (const fold of opened) fold.open = false;
    opened = [];
    const hits = new Map(groups.map((group) => [group, 0]));
    let shown = 0;
    for (const step of steps) {
      const group = step.closest(".group");
      const own = group.querySelector(":scope > summary");
      const fits = (!method.value || step.dataset.method === method.value)
        && (!outcome.value || step.dataset.outcome === outcome.value)
        && (!status.value || step.dataset.status === status.value)
        && (!sought || wordsOf(step).includes(sought) || (own && wordsOf(own).includes(sought)));
      step.hidden = !fits;
      if (fits) {
        shown += 1;
        hits.set(group, hits.get(group) + 1);
      }
    }
    let room = 20;
    for (const [group, number] of hits) {
      group.hidden = active && number === 0;
      for (const part of group.querySelectorAll(".part")) {
        part.hidden = active && !part.querySelector(".step:not([hidden])");
        if (active && !part.hidden && !part.open && room > 0) { part.open = true; opened.push(part); }
      }
      if (active && number > 0 && group.matches("details") && !group.open && room > 0) {
        group.open = true;
        opened.push(group);
        room -= 1;
      }
    }
    count.textContent = active ? `${shown} of ${steps.length} hooks` : "";
  };

  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); };
  text.addEventListener("input", soon);
  for (const choice of [method, outcome, status]) choice.addEventListener("change", filter);
  by("f-clear").addEventListener("click", () => {
    for (const field of [text, method, outcome, status]) field.value = "";
    filter();
    text.focus();
  });
  const all = (open) => {
    opened = [];
    for (const fold of document.querySelectorAll("details.session, details.part, details.finding")) fold.open = open;
    if (!open) for (const fold of document.querySelectorAll(".step > details[open]")) fold.open = false;
  };
  by("f-open").addEventListener("click", () => all(true));
  by("f-close").addEventListener("click", () => all(false));
  box.hidden = false;
})();
