// Attaches to the transcript and .back-to-now: what is said now is marked and kept in view while it
// plays. A reader who scrolls is left alone and offered the way back. Each step moves one class, and
// one range where the times of words are known (said.js): the place is found by halving, and between
// two reports of the player a timer waits for what comes next.

import { player } from "./player.js";
import { Said } from "./said.js";
import { bring, freeSpan } from "./scrolling.js";
import { transcript } from "./transcript.js";

const SCROLLING_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "]);
const LEAST_WAIT_MS = 20;
const REPORTED_WITHIN_MS = 300; // the player tells four times a second where it is
const HAND_MS = 500;
const TOLERANCE = 0.01;

class Follow {
  constructor(button) {
    this.button = button;
    this.said = new Said();
    this.now = -1;
    this.isFollowing = true;
    this.waiting = 0;
    this.handledUntil = 0;
    document.addEventListener("reader:now", ({ detail }) => this.hear(detail));
    document.addEventListener("reader:seek", ({ detail }) => this.goWith(detail.second));
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
  }

  // A hand over the agenda may scroll the agenda alone; until it is known, nothing moves against it.
  onHand() {
    this.handledUntil = performance.now() + HAND_MS;
  }

  get isHandled() {
    return performance.now() < this.handledUntil;
  }

  hear(report) {
    this.report = { ...report, at: performance.now() };
    this.stepTo(report.second);
  }

  // Mark what is said at this second, and wait for what comes before the next report.
  stepTo(second) {
    this.mark(transcript.indexAt(second + TOLERANCE));
    const nextWord = this.said.mark(second + TOLERANCE);
    clearTimeout(this.waiting);
    const { isPlaying, rate, at } = this.report;
    if (!isPlaying) return;
    const next = Math.min(nextWord, transcript.starts[this.now + 1] ?? Infinity);
    const wait = ((next - second) / rate) * 1000;
    if (performance.now() - at + wait > REPORTED_WITHIN_MS) return;
    this.waiting = setTimeout(() => this.stepTo(next), Math.max(wait, LEAST_WAIT_MS));
  }

  mark(index) {
    if (index === this.now || index >= transcript.segments.length) return;
    transcript.segments[this.now]?.element.classList.remove("now");
    this.now = index;
    const segment = transcript.segments[index];
    this.said.enter(segment);
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

  // What somebody asked for, they want to see.
  goWith(second) {
    this.isFollowing = true;
    this.handledUntil = 0;
    this.button.hidden = true;
    const index = Math.max(transcript.indexAt(second + TOLERANCE), 0);
    if (index === this.now) this.keepInView(transcript.segments[index].element);
    else this.mark(index);
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
}

const button = document.querySelector(".back-to-now");
if (button && player && transcript.segments.length) new Follow(button);
