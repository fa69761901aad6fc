// The word that is said now, where a segment knows when each of its words begins: data-w holds one
// number for each word, in milliseconds from the segment's start. Only the segment that plays is
// read, and a step moves one range of a highlight, so the page itself does not change. For follow.js.

import { lastNotAfter, rangeIn } from "./transcript.js";

const WORD = /\S+/g;
const highlight = globalThis.Highlight && globalThis.CSS?.highlights ? new Highlight() : null;
if (highlight) CSS.highlights.set("said", highlight);

export class Said {
  constructor() {
    this.enter(null);
  }

  enter(segment) {
    this.segment = segment;
    this.index = -1;
    this.starts = highlight && segment ? startsOf(segment) : [];
    this.places = null;
    highlight?.clear();
  }

  // Mark the word at this second. Answers when the next one begins; Infinity if none does here.
  mark(second) {
    if (!this.starts.length) return Infinity;
    const index = lastNotAfter(this.starts, second);
    if (index !== this.index) this.show(index);
    return this.starts[index + 1] ?? Infinity;
  }

  show(index) {
    this.index = index;
    highlight.clear();
    const { element } = this.segment;
    this.places ??= [...element.textContent.matchAll(WORD)];
    const place = this.places[index];
    if (place) highlight.add(rangeIn(element, place.index, place.index + place[0].length));
  }
}

// Empty where they do not fit the words that stand there: better no word than a wrong one.
function startsOf({ element, start }) {
  const known = element.dataset.w;
  if (!known) return [];
  const starts = known.split(",").map((ms) => start + Number(ms) / 1000);
  const count = element.textContent.match(WORD)?.length ?? 0;
  return starts.length === count ? starts : [];
}
