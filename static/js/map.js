// Attaches to canvas.map: the whole meeting on one line. Speakers are colours with patterns, matches
// and the linked moment are ticks, the line is now. A press goes there. What it shows can be had by
// keyboard elsewhere (find, chapters, the seek bar), so assistive technology is not told of it.

import { bring } from "./scrolling.js";
import { clock, transcript } from "./transcript.js";

const canvas = document.querySelector("canvas.map");
const SPEAKERS_ON_MAP = 8;

class MeetingMap {
  constructor(strip) {
    this.strip = strip;
    this.duration = Math.max(Number(strip.dataset.duration) / 1000, transcript.duration);
    this.marks = { matches: [], now: null, linked: null };
    this.numbers = new Map(
      [...document.querySelectorAll("[data-number]")].map((one) => [one.dataset.who, Number(one.dataset.number)]),
    );
    strip.hidden = false;
    const draw = () => this.draw();
    new ResizeObserver(draw).observe(strip);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    const hears = { "reader:matches": "matches", "reader:now": "now", "reader:linked": "linked" };
    for (const [event, mark] of Object.entries(hears)) {
      document.addEventListener(event, ({ detail }) => {
        const shown = mark === "now" ? detail.second : detail;
        if (mark === "now" && this.isSamePixel(shown)) return;
        this.marks[mark] = shown;
        draw();
      });
    }
    strip.addEventListener("click", (event) => this.go(this.secondAt(event)));
    strip.addEventListener("pointermove", (event) => {
      strip.title = clock(this.secondAt(event));
    });
  }

  isSamePixel(second) {
    const x = (at) => (at === null ? -1 : Math.round((at / this.duration) * this.strip.width));
    return x(second) === x(this.marks.now);
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

  draw() {
    const ratio = devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.strip;
    this.strip.width = clientWidth * ratio;
    this.strip.height = clientHeight * ratio;
    const pen = this.strip.getContext("2d");
    const colours = getComputedStyle(this.strip);
    const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
    const x = (second) => (second / this.duration) * this.strip.width;
    const [top, height] = [4 * ratio, this.strip.height - 8 * ratio];
    pen.fillStyle = colour("rule");
    pen.fillRect(0, top, this.strip.width, height);
    const fills = new Map();
    for (const { turnIndex, start, end } of transcript.segments) {
      const number = this.numbers.get(transcript.turns[turnIndex].dataset.who);
      if (number === undefined || number >= SPEAKERS_ON_MAP) continue;
      if (!fills.has(number)) fills.set(number, pattern(pen, number, colour(`voice-${number % 4}`), colour("sheet"), ratio));
      pen.fillStyle = fills.get(number);
      pen.fillRect(x(start), top, Math.max(x(end) - x(start), 1), height);
    }
    const tick = (second, name, width) => {
      pen.fillStyle = colour(name);
      pen.fillRect(Math.round(x(second) - (width * ratio) / 2), 0, width * ratio, this.strip.height);
    };
    for (const second of this.marks.matches) tick(second, "ink", 1.5);
    if (this.marks.linked !== null) tick(this.marks.linked, "doubt", 3);
    if (this.marks.now !== null) tick(this.marks.now, "accent", 3);
  }
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
