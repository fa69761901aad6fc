// Attaches to .speakers, the list of who speaks and for how long. Makes each name a button that
// shows only what this person says; several can be chosen. Tells others with "reader:speakers".

import { bring, firstOnScreen, freeSpan } from "./scrolling.js";
import { transcript } from "./transcript.js";

const list = document.querySelector(".speakers");

function make(name, chosen) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = name.className;
  button.append(...name.childNodes);
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const { speaker } = name.dataset;
    const isChosen = !chosen.delete(speaker);
    if (isChosen) chosen.add(speaker);
    button.setAttribute("aria-pressed", String(isChosen));
    show(chosen);
  });
  name.replaceWith(button);
}

function show(chosen) {
  const isReading = transcript.root.getBoundingClientRect().top < freeSpan()[0];
  const read = isReading ? transcript.segments[firstOnScreen()].turnIndex : null;
  for (const turn of transcript.turns) {
    turn.hidden = chosen.size > 0 && !chosen.has(turn.dataset.who);
  }
  const everybody = list.querySelector(".everybody");
  if (everybody) everybody.hidden = !chosen.size;
  transcript.root.classList.toggle("is-filtered", chosen.size > 0);
  document.dispatchEvent(new CustomEvent("reader:speakers", { detail: chosen }));
  // Who was in the middle of it goes on near there.
  const next = read === null ? null : (transcript.turns.slice(read).find(isShown) ?? transcript.turns.findLast(isShown));
  if (next) bring(next.querySelector("[data-t]"));
}

function isShown(turn) {
  return !turn.hidden;
}

if (list && transcript.segments.length) {
  const chosen = new Set();
  for (const name of list.querySelectorAll("[data-speaker]")) make(name, chosen);
  list.querySelector(".everybody")?.addEventListener("click", () => {
    chosen.clear();
    for (const button of list.querySelectorAll("[aria-pressed]")) {
      button.setAttribute("aria-pressed", "false");
    }
    show(chosen);
    list.querySelector("button[aria-pressed]").focus();
  });
}
