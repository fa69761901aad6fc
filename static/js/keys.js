// Attaches to dialog.shortcuts and the button that opens it. Single keys play, seek, find, follow,
// quote and clip. They are silent in fields, menus and dialogs (but that of a clip, which stands
// beside the player) and with Ctrl, Alt or Meta, so that neither browser nor screen reader loses a
// key; and they can be turned off (WCAG 2.1.4), which this browser remembers.

import { starts as chapters } from "./chapters.js";
import { player } from "./player.js";
import { lastNotAfter, transcript } from "./transcript.js";

const dialog = document.querySelector("dialog.shortcuts");
const opener = document.querySelector(".shortcuts-open");
const OFF = "shortcuts";
// The seek bar alone of all fields: there the arrows do here what they would do there.
const IN_FIELD = [
  ...["input:not([data-plyr=seek])", "textarea", "select", "[contenteditable]"],
  ...["dialog:not(.clip-dialog)", ".plyr__menu__container"],
].join();
const TOLERANCE = 0.01;
// Back within its first seconds a segment or chapter is the one before, after them its start.
const [AGAIN_SEGMENT, AGAIN_CHAPTER] = [1, 3];

const ask = (name, detail) => document.dispatchEvent(new CustomEvent(`reader:${name}`, { detail }));

function along(times, step, again) {
  const at = lastNotAfter(times, player.time + TOLERANCE);
  const isLate = step < 0 && at >= 0 && player.time - times[at] > again;
  const second = times[Math.max(isLate ? at : at + step, 0)];
  if (second !== undefined) ask("seek", { second });
}

const KEYS = {
  k: () => player.toggle(),
  j: () => player.step(-1),
  l: () => player.step(1),
  ArrowLeft: () => player.step(-1),
  ArrowRight: () => player.step(1),
  p: () => along(transcript.starts, -1, AGAIN_SEGMENT),
  n: () => along(transcript.starts, 1, AGAIN_SEGMENT),
  P: () => along(chapters, -1, AGAIN_CHAPTER),
  N: () => along(chapters, 1, AGAIN_CHAPTER),
  "<": () => player.faster(-1),
  ">": () => player.faster(1),
  m: () => player.toggleSound(),
  c: () => player.toggleCaptions(),
  "/": () => ask("find"),
  f: () => ask("follow"),
  q: () => ask("quote"),
  u: () => ask("link"),
  x: () => ask("clip"),
  i: () => ask("in"),
  o: () => ask("out"),
  "?": () => dialog.showModal(),
};

function isOn() {
  try {
    return localStorage.getItem(OFF) !== "off";
  } catch {
    return true;
  }
}

function attach() {
  const box = dialog.querySelector("[name=on]");
  box.checked = isOn();
  let areOn = box.checked;
  box.addEventListener("change", () => {
    areOn = box.checked;
    try {
      localStorage.setItem(OFF, areOn ? "on" : "off");
    } catch {
      // Storage is forbidden here; it holds for this page.
    }
  });
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  document.addEventListener("keydown", onKey);
  // Before plyr hears of it, which would stop until the key is let go.
  const onSeekBar = (event) => {
    if (!event.target.matches?.("[data-plyr=seek]")) return;
    onKey(event);
    if (event.defaultPrevented) event.stopPropagation();
  };
  document.addEventListener("keydown", onSeekBar, { capture: true });

  function onKey(event) {
    const act = KEYS[event.key];
    if (!act || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!areOn && event.key !== "?") return;
    if (event.target.closest?.(IN_FIELD)) return;
    if (event.shiftKey && event.key.startsWith("Arrow")) return; // extends a selection
    event.preventDefault();
    act();
  }
}

if (dialog && opener && player) attach();
