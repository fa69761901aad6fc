// Attaches to .transcript: a press on a time plays from there, a press on words goes there. From the
// keyboard too: the time is a link, and when it has the focus, Tab leads on through the segments of
// its turn, where Enter does the same. Other turns stay out of the way, so that thousands of
// segments do not become thousands of stops.

import { player } from "./player.js";
import { transcript } from "./transcript.js";

function go(segment, plays) {
  const detail = { second: segment.start, plays };
  document.dispatchEvent(new CustomEvent("reader:seek", { detail }));
}

function attach(root) {
  let hadSelection = false;
  let open = null;
  root.addEventListener("pointerdown", () => {
    hadSelection = !getSelection().isCollapsed;
  });
  root.addEventListener("click", (event) => {
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!isPlain || event.button) return;
    const time = event.target.closest(".turn .at");
    const words = time ? time.closest(".turn").querySelector("[data-t]") : event.target;
    const segment = transcript.segmentOf(words);
    if (!segment) return;
    if (time) {
      event.preventDefault();
      go(segment, true);
    } else if (!hadSelection && getSelection().isCollapsed) {
      go(segment, false); // not at the end of a selection, nor when one is taken back
    }
  });
  root.addEventListener("focusin", ({ target }) => {
    const turn = target.closest(".turn");
    if (!turn || turn === open) return;
    for (const words of open?.querySelectorAll("[data-t]") ?? []) words.removeAttribute("tabindex");
    for (const words of turn.querySelectorAll("[data-t]")) words.tabIndex = 0;
    open = turn;
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-t]")) return;
    event.preventDefault();
    go(transcript.segmentOf(event.target), true);
  });
}

if (player && transcript.segments.length) attach(transcript.root);
