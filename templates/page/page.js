/* SPDX-License-Identifier: GPL-2.0-or-later */
"use strict";
(() => {
  const all = (of, what) => Array.from(of.querySelectorAll(what));
  const byId = (id) => document.getElementById(id);
  const findings = all(document, "article.finding");
  const seen = () => findings.filter((one) => !one.hidden);

  // Filter: what is left out is hidden, with its line in the index, and patches without any.
  const tools = byId("tools");
  const filters = { severity: byId("by-severity"), rule: byId("by-rule"), patch: byId("by-patch") };
  function filter() {
    const set = Object.entries(filters).filter(([, choice]) => choice.value);
    for (const one of findings) one.hidden = set.some(([key, choice]) => one.dataset[key] !== choice.value);
    const left = new Set(seen().map((one) => one.id));
    for (const line of all(document, ".index > li")) line.hidden = !left.has(line.dataset.finding);
    for (const patch of all(document, "section.patch"))
      patch.hidden = set.length > 0 && !all(patch, "article.finding").some((one) => !one.hidden);
    byId("matching").textContent = `${left.size} of ${findings.length} finding${findings.length === 1 ? "" : "s"}`;
  }
  if (tools) {
    tools.hidden = false;
    for (const choice of Object.values(filters)) choice.addEventListener("change", filter);
    filter();
  }

  // Permalinks: what is folded around the target is unfolded, what is filtered out comes back.
  function unfold(target) {
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      if (at.hidden && tools) {
        for (const choice of Object.values(filters)) choice.value = "";
        filter();
      }
    }
  }
  function arrive() {
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch { /* as it stands */ }
    const target = name && byId(name);
    if (!target) return;
    unfold(target);
    target.scrollIntoView();
  }
  addEventListener("hashchange", arrive);
  arrive();

  // Keys.
  function move(by) {
    const list = seen();
    const at = list.indexOf(document.activeElement.closest("article.finding"));
    const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by];
    if (!next) return;
    unfold(next);
    history.replaceState(null, "", `#${encodeURIComponent(next.id)}`);
    next.focus({ preventScroll: true });
    next.scrollIntoView();
  }
  function toggle() {
    const one = document.activeElement.closest("article.finding");
    const parts = one ? all(one, "details") : [];
    const open = parts.some((part) => !part.open);
    for (const part of parts) part.open = open;
  }
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, textarea")) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "e") toggle();
  });

  // Films: the controls move the picture and mark the step.
  for (const film of all(document, "details.film")) {
    const beats = all(film, ".beats > tbody > tr");
    const frames = all(film, "template.frame");
    const screen = film.querySelector(".screen");
    const slide = film.querySelector("input");
    const told = film.querySelector("output");
    const steps = { first: () => 0, back: (at) => at - 1, on: (at) => at + 1, last: () => beats.length };
    const show = () => {
      const at = Number(slide.value);
      beats.forEach((beat, n) => {
        beat.classList.toggle("now", n + 1 === at);
        beat.classList.toggle("later", n + 1 > at);
      });
      if (frames[at]) screen.replaceChildren(frames[at].content.cloneNode(true));
      screen.hidden = frames.length === 0;
      told.textContent = at === 0 ? "at the start" : `after step ${at} of ${beats.length}`;
      if (at > 0 && !frames[at] && frames.length) told.textContent += ", not drawn";
    };
    for (const button of all(film, "button"))
      button.addEventListener("click", () => {
        slide.value = String(steps[button.dataset.go](Number(slide.value)));
        show();
      });
    slide.addEventListener("input", show);
    film.querySelector(".controls").hidden = false;
    show();
  }

  // On paper all is unfolded, but what the series mends itself and the long tables of counts.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all(document, "details:not([open], .wide, .brief, .brief details)");
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
  });
})();
