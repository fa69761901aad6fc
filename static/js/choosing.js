// Attaches to the turns of .transcript: words are chosen without a mouse. The turn that has the
// pointer, the focus or a finger gets a button that selects all of it and leads to the bar of
// selection.js ("reader:choose"). From a time or segment that has the focus, Shift with an arrow
// selects the segment, and with each further one a segment more or less.

import { bring } from "./scrolling.js";
import { select } from "./selected.js";
import { transcript } from "./transcript.js";

const bar = document.querySelector(".selection-bar");
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

class Choosing {
  constructor(root) {
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "choose";
    this.button.lang = document.documentElement.lang;
    this.button.textContent = bar.dataset.choose;
    this.button.addEventListener("click", () => this.choose());
    for (const kind of ["pointerover", "focusin", "click"]) {
      root.addEventListener(kind, ({ target }) => this.come(target.closest?.(".turn")));
    }
    root.addEventListener("keydown", (event) => this.onKey(event));
  }

  // One button for all turns: thousands would be thousands of stops.
  come(turn) {
    if (!turn || this.button.parentElement === turn || document.activeElement === this.button) return;
    const time = turn.querySelector(".at");
    this.button.setAttribute("aria-label", `${bar.dataset.choose}: ${time.getAttribute("aria-label")}`);
    turn.append(this.button);
  }

  choose() {
    const { first, last } = edgesOf(this.button.parentElement);
    const detail = { first, last, from: this.button };
    document.dispatchEvent(new CustomEvent("reader:choose", { detail }));
  }

  onKey(event) {
    const step = STEPS[event.key];
    if (!step || !event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    const place = event.target.closest?.("[data-t], .at");
    if (!place) return;
    event.preventDefault();
    const own = place.matches(".at")
      ? edgesOf(place.closest(".turn")).first
      : transcript.segmentOf(place).index;
    if (this.place !== place || getSelection().isCollapsed) [this.place, this.reach] = [place, null];
    // The segment that one began with stays; the other end moves to either side of it.
    const reach = this.reach === null ? own : this.reach + step;
    this.reach = Math.min(Math.max(reach, 0), transcript.segments.length - 1);
    select(Math.min(own, this.reach), Math.max(own, this.reach));
    bring(transcript.segments[this.reach].element, { smooth: true, lazy: true });
  }
}

function edgesOf(turn) {
  const all = turn.querySelectorAll("[data-t]");
  return { first: transcript.segmentOf(all[0]).index, last: transcript.segmentOf(all[all.length - 1]).index };
}

if (bar && transcript.segments.length) new Choosing(transcript.root);
