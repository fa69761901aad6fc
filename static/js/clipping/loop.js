// Plays the parts of a clip one after the other, and again from the first: what is to be saved is
// heard as it will be. Ends when somebody pauses or goes elsewhere. No behaviour of its own: for
// form.js.

import { player } from "../player.js";

const REST_MS = 600; // before it begins again
const ARRIVED_MS = 350; // the nearest frame that can be shown
const ELSEWHERE_MS = 1000;

export class Loop {
  // `onChange` is told whether it plays.
  constructor(onChange) {
    this.onChange = onChange;
    this.spans = [];
    this.at = -1;
    this.isResting = false;
  }

  get isOn() {
    return this.at >= 0;
  }

  // `spans` are {start, end} in milliseconds.
  start(spans) {
    if (!spans.length || !player) return;
    this.spans = spans;
    this.goTo(0);
    this.onChange(true);
    this.watch();
  }

  stop() {
    if (!this.isOn) return;
    this.at = -1;
    this.isResting = false;
    clearTimeout(this.resting);
    cancelAnimationFrame(this.frame);
    player.media.pause();
    this.onChange(false);
  }

  // The parts were changed: go on with them as they are now.
  change(spans) {
    if (!this.isOn) return;
    this.spans = spans;
    if (spans.length) this.goTo(0);
    else this.stop();
  }

  goTo(number) {
    this.at = number;
    this.isResting = this.hasArrived = false;
    clearTimeout(this.resting);
    const detail = { second: this.spans[number].start / 1000, plays: true };
    document.dispatchEvent(new CustomEvent("reader:seek", { detail }));
  }

  watch() {
    this.frame = requestAnimationFrame(() => {
      if (!this.isOn) return;
      this.look();
      if (this.isOn) this.watch();
    });
  }

  look() {
    const { media } = player;
    if (this.isResting || media.seeking || media.readyState < 2) return;
    const { start, end } = this.spans[this.at];
    const now = media.currentTime * 1000;
    if (!this.hasArrived) {
      this.hasArrived = !media.paused && now >= start - ARRIVED_MS && now < end;
      return;
    }
    if (now >= end && now < end + ELSEWHERE_MS) this.next();
    else if (media.ended) this.next();
    else if (media.paused || now < start - ELSEWHERE_MS || now >= end) this.stop();
  }

  next() {
    if (this.at + 1 < this.spans.length) {
      this.goTo(this.at + 1);
      return;
    }
    player.media.pause();
    this.isResting = true;
    this.resting = setTimeout(() => this.isOn && this.goTo(0), REST_MS);
  }
}
