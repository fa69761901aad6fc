// Between a selection and what is quoted: which words are selected, who says them, and the address
// that finds them again. Pure reading of the page, for selection.js.

import { describe, write } from "./quotes.js";
import { spokenIn, timesOf } from "./spans.js";
import { clock, rangeIn, transcript } from "./transcript.js";

const AROUND = 4; // segments on each side, enough for the words that stand around the quotation
const LEFT_OUT = "[…]";
const WORD = /[\p{L}\p{N}]/u;

// What is selected of the transcript, or null: segments first to last, from a character of the
// first to a character of the last. Cheap, because it is asked at each change of a selection.
export function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(transcript.root)) return null;
  const { segments } = transcript;
  const first = firstWhere(segments, ({ element }) => range.comparePoint(element, element.childNodes.length) >= 0);
  const last = firstWhere(segments, ({ element }) => range.comparePoint(element, 0) > 0) - 1;
  if (first > last) return null;
  const begin = offsetIn(segments[first].element, range.startContainer, range.startOffset, 0);
  const whole = segments[last].element.textContent.length;
  const end = offsetIn(segments[last].element, range.endContainer, range.endOffset, whole);
  const now = { range, first, last, begin, end };
  return last - first > 1 || piecesOf(now).some((piece) => WORD.test(piece)) ? now : null;
}

function piecesOf({ first, last, begin, end }) {
  const pieces = [];
  for (let index = first; index <= last; index += 1) {
    const text = transcript.segments[index].element.textContent;
    pieces.push(text.slice(index === first ? begin : 0, index === last ? end : text.length));
  }
  return pieces;
}

// The first index for which a test holds that holds for all after it.
function firstWhere(list, holds) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

function offsetIn(element, container, offset, otherwise) {
  if (!element.contains(container)) return otherwise;
  const before = document.createRange();
  before.setStart(element, 0);
  before.setEnd(container, offset);
  return before.toString().length;
}

// The boxes of its first and last lines. (Of a whole meeting, all boxes would take seconds.)
export function endsOf({ range, first, last }) {
  const [head, tail] = [range.cloneRange(), range.cloneRange()];
  const { segments } = transcript;
  if (last > first) {
    head.setEndAfter(segments[first].element);
    tail.setStartBefore(segments[last].element);
  }
  const boxes = (one) => [...one.getClientRects()].filter(({ width, height }) => width && height);
  const [above, below] = [boxes(head), last > first ? boxes(tail) : boxes(head)];
  return above.length && below.length ? { above, below } : null;
}

// Whether any of it was hard to hear.
export function isUnsure({ range, first, last }) {
  for (let index = first; index <= last; index += 1) {
    const { element } = transcript.segments[index];
    if (element.classList.contains("unsure")) return true;
    for (const words of element.querySelectorAll(".unsure")) {
      if (range.intersectsNode(words)) return true;
    }
  }
  return false;
}

// The quotation: whole words at both ends, and each speaker's own part of it. What is not shown,
// because other speakers are chosen, is not quoted, and it is said that something is left out.
export function quotation({ first, last, begin, end }) {
  const spoken = spokenIn(first - AROUND, last + AROUND);
  const isIn = (place) =>
    place.index >= first &&
    place.index <= last &&
    !(place.index === first && place.to <= begin) &&
    !(place.index === last && place.from >= end);
  const from = spoken.places.findIndex(isIn);
  if (from === -1) return null;
  const to = spoken.places.findLastIndex(isIn) + 1;
  const [head, tail] = [spoken.places[from], spoken.places[to - 1]];
  const start = transcript.segments[head.index].start;
  const till = transcript.segments[tail.index].end;
  const fragment = write({ start, end: till, quote: describe(spoken.words, from, to) });
  return {
    start,
    end: till,
    spoken: { start: timesOf(head).start, end: timesOf(tail).end },
    count: to - from,
    voices: voicesOf(head, tail),
    address: `${location.origin}${location.pathname}?t=${start}${fragment}`,
  };
}

function voicesOf(head, tail) {
  const voices = [];
  let isCut = false;
  for (let index = head.index; index <= tail.index; index += 1) {
    const segment = transcript.segments[index];
    if (transcript.turns[segment.turnIndex].hidden) {
      isCut = true;
      continue;
    }
    const text = segment.element.textContent;
    const from = index === head.index ? head.from : 0;
    const to = index === tail.index ? withSigns(text, tail.to) : text.length;
    const name = transcript.speakerOf(segment);
    if (voices.at(-1)?.name !== name) voices.push({ name, parts: [] });
    if (isCut) voices.at(-1).parts.push(LEFT_OUT);
    isCut = false;
    voices.at(-1).parts.push(text.slice(from, to).trim());
  }
  return voices.map(({ name, parts }) => ({ name, text: parts.join(" ") }));
}

// A full stop or question mark belongs to the sentence that it ends.
function withSigns(text, end) {
  return end + /^[.!?…。！？؟۔।]*/u.exec(text.slice(end))[0].length;
}

// As it is pasted: the words with who says them, the meeting with its day, the time, the address.
// One speaker is named below the words; of several, each before their own.
export function asText({ voices, start, address }, about) {
  const source = [about, clock(start)];
  if (voices.length === 1) {
    const [{ name, text }] = voices;
    return `“${text}”\n— ${[...(name ? [name] : []), ...source].join(", ")}\n${address}`;
  }
  const lines = voices.map(({ name, text }) => (name ? `${name}: “${text}”` : `“${text}”`));
  return `${lines.join("\n")}\n— ${source.join(", ")}\n${address}`;
}

// Select segments first to last as a hand would.
export function select(first, last) {
  const [from, to] = [transcript.segments[first].element, transcript.segments[last].element];
  const begin = rangeIn(from, 0, 1);
  const end = rangeIn(to, 0, to.textContent.length);
  getSelection().setBaseAndExtent(begin.startContainer, begin.startOffset, end.endContainer, end.endOffset);
}
