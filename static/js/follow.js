// Attaches to the transcript and .back-to-now: what is said now is marked and kept in view while it
// plays. A reader who scrolls is left alone and offered the way back. A press on a time or on words
// goes there. Each step moves one class: the place is found by halving, the next one by a timer.

import { player } from "./player.js";
import { bring, freeSpan } from "./scrolling.js";
import { transcript } from "./transcript.js";

const SCROLLING_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "]);
const LEAST_WAIT_MS = 20;
const HAND_MS = 500;

class Follow {
  constructor(button) {
    this.button = button;
    this.now = -1;
    this.isFollowing = true;
    this.waiting = 0;
    this.handledUntil = 0;
    document.addEventListener("reader:now", ({ detail }) => this.hear(detail));
    document.addEventListener("reader:away", () => this.pause());
    document.addEventListener("reader:follow", () => this.toggle());
    button.addEventListener("click", () => this.resume());
    // Only what a hand does counts: a page that is laid out anew scrolls by itself as well.
    for (const kind of ["wheel", "touchmove"]) {
      addEventListener(kind, () => this.onHand(), { passive: true });
    }
    addEventListener("keydown", (event) => {
      const isHandled = event.defaultPrevented || event.target.closest?.("input, button, summary, .plyr");
      if (SCROLLING_KEYS.has(event.key) && !isHandled) this.onHand();
    });
    addEventListener("scroll", () => this.isHandled && this.pause(), { passive: true });
    addEventListener("pointerdown", (event) => {
      if (event.target === document.documentElement) this.pause(); // the scrollbar
    });
    this.attachPresses();
  }

  // A hand over the agenda may scroll the agenda alone; until it is known, nothing moves against it.
  onHand() {
    this.handledUntil = performance.now() + HAND_MS;
  }

  get isHandled() {
    return performance.now() < this.handledUntil;
  }

  hear({ second, isPlaying, rate }) {
    this.mark(transcript.indexAt(second + 0.01), second);
    clearTimeout(this.waiting);
    if (!isPlaying) return;
    // Told four times a second; in between the clock says when the next segment begins.
    const next = transcript.starts[this.now + 1];
    const wait = ((next - second) / rate) * 1000;
    if (wait < 300) {
      this.waiting = setTimeout(() => this.mark(this.now + 1, next), Math.max(wait, LEAST_WAIT_MS));
    }
  }

  mark(index) {
    if (index === this.now || index >= transcript.segments.length) return;
    transcript.segments[this.now]?.element.classList.remove("now");
    this.now = index;
    const segment = transcript.segments[index];
    if (!segment) return;
    segment.element.classList.add("now");
    if (!this.isFollowing) this.offer();
    else if (!this.isHandled) this.keepInView(segment.element);
  }

  keepInView(element) {
    const [top, bottom] = freeSpan();
    const box = element.getBoundingClientRect();
    const room = bottom - top;
    const isCalm = box.top >= top + room * 0.1 && box.bottom <= bottom - room * 0.25;
    if (!isCalm || !box.height) bring(element, { smooth: true });
  }

  pause() {
    if (!this.isFollowing || this.now < 0) return;
    this.isFollowing = false;
    this.offer();
  }

  offer() {
    this.button.hidden = false;
  }

  resume() {
    this.isFollowing = true;
    this.handledUntil = 0;
    this.button.hidden = true;
    const segment = transcript.segments[Math.max(this.now, 0)];
    if (segment) bring(segment.element);
  }

  toggle() {
    if (this.isFollowing && this.now >= 0) this.pause();
    else this.resume();
  }

  go(segment, options) {
    this.isFollowing = true;
    this.handledUntil = 0;
    this.button.hidden = true;
    player.seek(segment.start, options);
    this.mark(segment.index);
  }

  attachPresses() {
    let hadSelection = false;
    transcript.root.addEventListener("pointerdown", () => {
      hadSelection = !getSelection().isCollapsed;
    });
    transcript.root.addEventListener("click", (event) => {
      const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
      if (!isPlain || event.button) return;
      const time = event.target.closest(".turn .at");
      if (time) {
        event.preventDefault();
        const words = time.closest(".turn").querySelector("[data-t]");
        this.go(transcript.segmentOf(words), { plays: true });
        return;
      }
      // Words: a press goes there, but the end of a selection, or taking one back, does not.
      const segment = transcript.segmentOf(event.target);
      if (segment && !hadSelection && getSelection().isCollapsed) this.go(segment);
    });
  }
}

const button = document.querySelector(".back-to-now");
if (button && player && transcript.segments.length) new Follow(button);
