// Attaches to .transcript: its segments as data, in the order of the page, which is the order of
// time. Changes nothing. Other modules read the one `transcript` that is made here.
//
// A segment is a span with data-t="START,END", milliseconds from the start of the recording.

export class Transcript {
  constructor(root) {
    this.root = root;
    this.turns = root ? [...root.querySelectorAll(".turn")] : [];
    this.segments = [];
    this.turns.forEach((turn, turnIndex) => {
      for (const element of turn.querySelectorAll("[data-t]")) {
        const [start, end] = element.dataset.t.split(",").map((ms) => Number(ms) / 1000);
        this.segments.push({ element, start, end, turnIndex, index: this.segments.length });
      }
    });
    this.starts = Float64Array.from(this.segments, (segment) => segment.start);
    this.byElement = new Map(this.segments.map((segment) => [segment.element, segment]));
  }

  get duration() {
    return this.segments.reduce((latest, segment) => Math.max(latest, segment.end), 0);
  }

  // The last segment that has begun at this second, or -1 before the first word.
  indexAt(seconds) {
    return lastNotAfter(this.starts, seconds);
  }

  // The segment around a node of the page, if it is in one.
  segmentOf(node) {
    const element = node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement;
    return this.byElement.get(element?.closest("[data-t]"));
  }

  // Who says a segment. The name stands where a speaker begins, not on each turn that goes on.
  speakerOf(segment) {
    for (let number = segment.turnIndex; number >= 0; number -= 1) {
      const turn = this.turns[number];
      if (turn.dataset.who !== this.turns[segment.turnIndex].dataset.who) return "";
      const name = turn.querySelector(".who");
      if (name) return name.textContent.trim();
    }
    return "";
  }
}

// The last index whose number is not after `value`, by halving; -1 if all are.
export function lastNotAfter(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// The part of an element's text from one character to another, as a Range.
export function rangeIn(element, from, to) {
  const range = document.createRange();
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let passed = 0;
  let begun = false;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const after = passed + node.length;
    if (!begun && from < after) {
      range.setStart(node, from - passed);
      begun = true;
    }
    if (begun && to <= after) {
      range.setEnd(node, to - passed);
      return range;
    }
    passed = after;
  }
  range.selectNodeContents(element);
  return range;
}

// 754.2 as 12:34, or 1:02:03 from an hour on, as the page writes it.
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export const transcript = new Transcript(document.querySelector(".transcript"));
