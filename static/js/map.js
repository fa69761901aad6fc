// Attaches to canvas.map: the whole meeting on one line. Speakers are colours with patterns, matches
// and the linked moment are ticks, the line is now. A press goes there. What it shows can be had by
// keyboard elsewhere (find, chapters, the seek bar), so assistive technology is not told of it.
// Who speaks is painted once; while it plays that picture is laid down again and a line over it.

import { bring } from "./scrolling.js";
import { clock, transcript } from "./transcript.js";

const canvas = document.querySelector("canvas.map");
const SPEAKERS_ON_MAP = 8;
const PAUSE_SECONDS = 4; // a breath between two sentences is not worth a gap

class MeetingMap {
  constructor(strip) {
    this.strip = strip;
    this.pen = strip.getContext("2d");
    this.duration = Math.max(Number(strip.dataset.duration) / 1000, transcript.duration);
    this.marks = { matches: [], now: null, linked: null };
    this.stretches = stretches();
    strip.hidden = false;
    const repaint = () => this.repaint();
    new ResizeObserver(repaint).observe(strip);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    const hears = { "reader:matches": "matches", "reader:now": "now", "reader:linked": "linked" };
    for (const [event, mark] of Object.entries(hears)) {
      document.addEventListener(event, ({ detail }) => {
        const shown = mark === "now" ? detail.second : detail;
        if (mark === "now" && this.isSamePixel(shown)) return;
        this.marks[mark] = shown;
        this.draw();
      });
    }
    strip.addEventListener("click", (event) => this.go(this.secondAt(event)));
    strip.addEventListener("pointermove", (event) => {
      strip.title = clock(this.secondAt(event));
    });
  }

  x(second) {
    return (second / this.duration) * this.strip.width;
  }

  isSamePixel(second) {
    const { now } = this.marks;
    return now !== null && Math.round(this.x(second)) === Math.round(this.x(now));
  }

  secondAt(event) {
    const box = this.strip.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.min(Math.max(share, 0), 1) * this.duration;
  }

  go(second) {
    document.dispatchEvent(new CustomEvent("reader:seek", { detail: { second } }));
    const segment = transcript.segments[Math.max(transcript.indexAt(second), 0)];
    if (segment) bring(segment.element);
  }

  colour(name) {
    return getComputedStyle(this.strip).getPropertyValue(`--${name}`).trim();
  }

  // Colours or size are new: the picture of who speaks, and what is drawn over it.
  repaint() {
    this.ratio = devicePixelRatio || 1;
    const { strip, ratio } = this;
    strip.width = strip.clientWidth * ratio;
    strip.height = strip.clientHeight * ratio;
    this.inks = { now: this.colour("accent"), match: this.colour("ink"), linked: this.colour("doubt") };
    this.picture = document.createElement("canvas");
    this.picture.width = strip.width;
    this.picture.height = strip.height;
    const pen = this.picture.getContext("2d");
    const [top, height] = [4 * ratio, strip.height - 8 * ratio];
    pen.beginPath();
    pen.roundRect(0, top, strip.width, height, 3 * ratio);
    pen.clip();
    pen.fillStyle = this.colour("rule");
    pen.fillRect(0, top, strip.width, height);
    const fills = new Map();
    for (const { number, start, end } of this.stretches) {
      if (!fills.has(number)) {
        const voice = this.colour(`voice-${number % 4}`);
        fills.set(number, pattern(pen, number, voice, this.colour("sheet"), ratio));
      }
      pen.fillStyle = fills.get(number);
      pen.fillRect(this.x(start), top, Math.max(this.x(end) - this.x(start), 1), height);
    }
    this.draw();
  }

  draw() {
    const { strip, pen, picture, ratio, inks, marks } = this;
    if (!picture?.width || !picture.height) return;
    pen.clearRect(0, 0, strip.width, strip.height);
    pen.drawImage(picture, 0, 0);
    const tick = (second, ink, width) => {
      pen.fillStyle = ink;
      pen.fillRect(Math.round(this.x(second) - (width * ratio) / 2), 0, width * ratio, strip.height);
    };
    for (const second of marks.matches) tick(second, inks.match, 1.5);
    if (marks.linked !== null) tick(marks.linked, inks.linked, 3);
    if (marks.now !== null) tick(marks.now, inks.now, 3);
  }
}

// Who speaks from when to when, without the breaths. Those who speak least have no colour.
function stretches() {
  const numbers = new Map(
    [...document.querySelectorAll("[data-number]")].map((one) => [one.dataset.who, Number(one.dataset.number)]),
  );
  const found = [];
  for (const { turnIndex, start, end } of transcript.segments) {
    const number = numbers.get(transcript.turns[turnIndex].dataset.who) ?? SPEAKERS_ON_MAP;
    const before = found.at(-1);
    if (before?.number === number && start - before.end < PAUSE_SECONDS) {
      before.end = Math.max(before.end, end);
    } else {
      found.push({ number, start, end });
    }
  }
  return found.filter(({ number }) => number < SPEAKERS_ON_MAP);
}

// The first four speakers are plain colours, the next four the same with stripes.
function pattern(pen, number, colour, ground, ratio) {
  if (number < 4) return colour;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6 * ratio;
  const brush = tile.getContext("2d");
  brush.fillStyle = colour;
  brush.fillRect(0, 0, tile.width, tile.height);
  brush.fillStyle = ground;
  brush.fillRect(0, 0, tile.width / 3, tile.height);
  return pen.createPattern(tile, "repeat");
}

if (canvas && transcript.segments.length) new MeetingMap(canvas);
