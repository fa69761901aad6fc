// Attaches to .selection-bar. When words of the transcript are selected, the bar stands above or
// below the selection, never over it: copy the quotation, or copy a link that finds it again. Tab
// goes from the selection to the bar, Escape back. "reader:quote" and "reader:link" do the same for
// keys.js. Without this script the browser's own copy remains.

import { describe, write } from "./quotes.js";
import { freeSpan } from "./scrolling.js";
import { spokenIn } from "./spans.js";
import { clock, transcript } from "./transcript.js";

const bar = document.querySelector(".selection-bar");
const GAP = 8;
const AROUND = 4; // segments on each side, enough for the words that stand around the quotation

// What is selected, whole words at both ends; null when it is nothing of the transcript.
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(transcript.root)) return null;
  const { segments } = transcript;
  const first = firstWhere(segments, ({ element }) => range.comparePoint(element, element.childNodes.length) >= 0);
  const last = firstWhere(segments, ({ element }) => range.comparePoint(element, 0) > 0) - 1;
  if (first > last) return null;
  const spoken = spokenIn(first - AROUND, last + AROUND);
  const begin = offsetIn(segments[first].element, range.startContainer, range.startOffset, 0);
  const whole = segments[last].element.textContent.length;
  const end = offsetIn(segments[last].element, range.endContainer, range.endOffset, whole);
  const isIn = ({ index, from, to }) =>
    index >= first && index <= last && !(index === first && to <= begin) && !(index === last && from >= end);
  const from = spoken.places.findIndex(isIn);
  if (from === -1) return null;
  const to = spoken.places.findLastIndex(isIn) + 1;
  return { range, spoken, from, to };
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

function quotation({ spoken, from, to }) {
  const [first, last] = [spoken.places[from], spoken.places[to - 1]];
  const parts = [];
  const speakers = new Set();
  for (let index = first.index; index <= last.index; index += 1) {
    const segment = transcript.segments[index];
    if (transcript.turns[segment.turnIndex].hidden) continue;
    const text = segment.element.textContent;
    const begin = index === first.index ? first.from : 0;
    const end = index === last.index ? withSigns(text, last.to) : text.length;
    parts.push(text.slice(begin, end).trim());
    const name = transcript.speakerOf(segment);
    if (name) speakers.add(name);
  }
  const [start, end] = [transcript.segments[first.index].start, transcript.segments[last.index].end];
  return { text: parts.join(" "), speakers: [...speakers], start, end };
}

// A full stop or question mark belongs to the sentence that it ends.
function withSigns(text, end) {
  return end + /^[.!?…]*/u.exec(text.slice(end))[0].length;
}

function addressOf({ spoken, from, to }, { start, end }) {
  const fragment = write({ start, end, quote: describe(spoken.words, from, to) });
  return `${location.origin}${location.pathname}?t=${start}${fragment}`;
}

function asText(quote, address) {
  const who = new Intl.ListFormat(document.documentElement.lang || "en").format(quote.speakers);
  const source = [...(who ? [who] : []), bar.dataset.about, clock(quote.start)];
  return `“${quote.text}”\n— ${source.join(", ")}\n${address}`;
}

// Browsers give the clipboard to pages with a secure address only; the older way asks nothing.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    const kept = getSelection().rangeCount ? getSelection().getRangeAt(0).cloneRange() : null;
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    if (kept) {
      getSelection().removeAllRanges();
      getSelection().addRange(kept);
    }
    return isCopied;
  }
}

class SelectionBar {
  constructor() {
    this.told = bar.querySelector("[role=status]");
    this.isPressed = false;
    bar.querySelector("[name=quote]").addEventListener("click", () => this.take("quote"));
    bar.querySelector("[name=link]").addEventListener("click", () => this.take("link"));
    for (const what of ["quote", "link"]) {
      document.addEventListener(`reader:${what}`, () => this.take(what));
    }
    // While the pointer is down the selection is still being made.
    transcript.root.addEventListener("pointerdown", () => {
      this.isPressed = true;
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      addEventListener(kind, () => {
        this.isPressed = false;
        this.update();
      });
    }
    bar.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
    let waiting = 0;
    document.addEventListener("selectionchange", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.update(), 150);
    });
    addEventListener("scroll", () => this.place(), { passive: true });
    addEventListener("resize", () => this.place());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  update() {
    if (this.isPressed || bar.contains(document.activeElement)) return;
    this.now = selected();
    this.told.textContent = "";
    bar.hidden = !this.now;
    if (this.now) this.place();
  }

  place() {
    if (bar.hidden || !this.now) return;
    const boxes = [...this.now.range.getClientRects()].filter(({ width, height }) => width && height);
    if (!boxes.length) return;
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    const [low, high] = freeSpan();
    const { offsetWidth, offsetHeight } = bar;
    const [above, below] = [top - offsetHeight - GAP, bottom + GAP];
    // Longer than the screen, or out of sight: the bar waits until one end can be seen.
    const y = [above, below].find((place) => place >= low && place + offsetHeight <= high) ?? null;
    bar.classList.toggle("is-waiting", y === null);
    if (y === null) return;
    const at = y === above ? boxes[0] : boxes.at(-1);
    const x = Math.min(Math.max(at.left, GAP), document.documentElement.clientWidth - offsetWidth - GAP);
    bar.style.top = `${y}px`;
    bar.style.left = `${Math.max(x, 0)}px`;
  }

  async take(what) {
    this.now ??= selected();
    if (!this.now) return;
    const quote = quotation(this.now);
    const address = addressOf(this.now, quote);
    const isCopied = await copy(what === "quote" ? asText(quote, address) : address);
    this.told.textContent = isCopied ? bar.dataset.copied : bar.dataset.refused;
    this.place();
  }

  onKey(event) {
    if (bar.hidden || event.altKey || event.ctrlKey || event.metaKey) return;
    const isInBar = bar.contains(document.activeElement);
    if (event.key === "Tab" && !event.shiftKey && !isInBar && document.activeElement === document.body) {
      event.preventDefault();
      bar.querySelector("button").focus();
    }
    if (event.key === "Escape") {
      bar.hidden = true;
      if (isInBar) document.activeElement.blur();
    }
  }
}

if (bar && transcript.segments.length) new SelectionBar();
