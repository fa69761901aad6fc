// Attaches to form.find, the box above the transcript. Finds words in the whole transcript, across
// the borders of segments; Enter and Shift+Enter go on and back, Escape ends it at the place found.
// Tells the map where matches are ("reader:matches"), and keeps to the speakers that are chosen
// ("reader:speakers"). Without this script the form is hidden and the browser's own find remains.

import { Folded, fold } from "./folding.js";
import { bring, firstOnScreen } from "./scrolling.js";
import { lastNotAfter, rangeIn, transcript } from "./transcript.js";

const form = document.querySelector("form.find");
const canPaint = Boolean(globalThis.CSS?.highlights);
const PAUSE_MS = 80;

class Find {
  constructor(box) {
    this.box = box;
    this.input = box.elements.namedItem("words");
    this.told = box.querySelector("output");
    this.ats = []; // where the matches begin in all that is said,
    this.firsts = []; // and in which segments
    this.now = -1;
    this.near = new Set();
    this.chosen = null;
    if (canPaint) {
      CSS.highlights.set("found", (this.painted = new Highlight()));
      CSS.highlights.set("found-now", (this.paintedNow = new Highlight()));
      this.paintedNow.priority = 1;
    }
    this.watchChunks();
    this.listen();
    box.hidden = false;
  }

  listen() {
    let waiting = 0;
    this.input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.look(), PAUSE_MS);
    });
    this.input.addEventListener("focus", () => this.text, { once: true });
    this.box.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(waiting);
      if (fold(this.input.value) !== this.needle) this.look();
      else this.go(1);
    });
    this.box.elements.namedItem("previous").addEventListener("click", () => this.go(-1));
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.end(event);
      if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        this.go(-1);
      }
    });
    document.addEventListener("reader:speakers", ({ detail }) => {
      this.chosen = detail.size ? detail : null;
      if (this.needle) this.look({ moves: false });
    });
    document.addEventListener("reader:find", () => {
      this.input.focus({ preventScroll: getComputedStyle(this.box).position === "sticky" });
      this.input.select();
    });
  }

  // All words, folded: made when somebody first comes to the box.
  get text() {
    const texts = transcript.segments.map(({ element }) => element.textContent);
    const text = new Folded(texts);
    Object.defineProperty(this, "text", { value: text });
    return text;
  }

  look({ moves = true } = {}) {
    this.needle = fold(this.input.value);
    this.collect();
    this.now = -1;
    this.paintNear();
    const detail = [...new Set(this.firsts)].map((first) => transcript.segments[first].start);
    document.dispatchEvent(new CustomEvent("reader:matches", { detail }));
    if (moves && this.ats.length) {
      const from = firstOnScreen();
      const next = this.ats.findIndex((_at, number) => this.match(number).last >= from);
      this.now = next === -1 ? 0 : next;
      this.show();
    } else {
      this.paintNow();
    }
    this.tell();
  }

  // Where it is said, by those who are chosen. One letter is said a hundred thousand times: of each
  // match only these two numbers are kept.
  collect() {
    const { beginnings } = this.text;
    this.ats = [];
    this.firsts = [];
    let first = 0;
    for (const at of this.text.places(this.needle)) {
      while (first + 1 < beginnings.length && beginnings[first + 1] <= at) first += 1;
      if (!this.isChosen(first)) continue;
      this.ats.push(at);
      this.firsts.push(first);
    }
  }

  // Where a match begins and ends: segments, and characters in them.
  match(number) {
    const at = this.ats[number];
    const end = at + this.needle.length - 1;
    const { beginnings, offsets } = this.text;
    return {
      first: this.firsts[number],
      last: lastNotAfter(beginnings, end),
      from: offsets[at],
      to: offsets[end] + 1,
    };
  }

  isChosen(first) {
    const { turnIndex } = transcript.segments[first];
    return !this.chosen || this.chosen.has(transcript.turns[turnIndex].dataset.who);
  }

  go(step) {
    const count = this.ats.length;
    if (!count) return;
    this.now = (Math.max(this.now, step > 0 ? -1 : 0) + step + count) % count;
    this.show();
    this.tell();
  }

  show() {
    this.paintNow();
    document.dispatchEvent(new Event("reader:away"));
    bring(this.rangesOf(this.match(this.now))[0]);
  }

  tell() {
    const { count, none } = this.box.dataset;
    const facts = { number: this.now + 1, count: this.ats.length };
    let told = "";
    if (this.needle) {
      told = facts.count
        ? count.replace(/\{(\w+)\}/g, (_, name) => facts[name].toLocaleString(document.documentElement.lang))
        : none;
    }
    this.told.textContent = told;
    for (const name of ["previous", "next"]) {
      this.box.elements.namedItem(name).disabled = facts.count === 0;
    }
  }

  end(event) {
    if (!this.input.value) {
      this.input.blur();
      return;
    }
    event.preventDefault();
    const match = this.now === -1 ? null : this.match(this.now);
    this.input.value = "";
    this.look();
    if (!match) return;
    const turn = transcript.turns[transcript.segments[match.first].turnIndex];
    turn.querySelector(".at").focus({ preventScroll: true });
  }

  // One range for each segment, so that times and names between them are not marked.
  rangesOf({ first, last, from, to }) {
    const ranges = [];
    for (let index = first; index <= last; index += 1) {
      const { element } = transcript.segments[index];
      const end = index === last ? to : element.textContent.length;
      ranges.push(rangeIn(element, index === first ? from : 0, end));
    }
    return ranges;
  }

  paintNow() {
    const match = this.now === -1 ? null : this.match(this.now);
    if (!canPaint) {
      document.querySelector(".found-now")?.classList.remove("found-now");
      if (match) transcript.segments[match.first].element.classList.add("found-now");
      return;
    }
    this.paintedNow.clear();
    if (match) for (const range of this.rangesOf(match)) this.paintedNow.add(range);
  }

  // Only what is near the screen is painted: “the” is said thousands of times.
  watchChunks() {
    if (!canPaint) return;
    const watch = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) this.near.add(target);
          else this.near.delete(target);
        }
        if (this.ats.length) this.paintNear();
      },
      { rootMargin: "100%" },
    );
    for (const chunk of transcript.root.querySelectorAll(".chunk")) watch.observe(chunk);
  }

  paintNear() {
    if (!canPaint) return;
    this.painted.clear();
    if (!this.ats.length) return;
    const { firsts } = this;
    for (const chunk of this.near) {
      const all = chunk.querySelectorAll("[data-t]");
      if (!all.length) continue;
      const low = transcript.segmentOf(all[0]).index;
      const high = transcript.segmentOf(all[all.length - 1]).index;
      for (let at = lastNotAfter(firsts, low - 1) + 1; at < firsts.length; at += 1) {
        if (firsts[at] > high) break;
        for (const range of this.rangesOf(this.match(at))) this.painted.add(range);
      }
    }
  }
}

if (form && transcript.segments.length) new Find(form);
