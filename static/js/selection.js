// Attaches to .selection-bar. When words of the transcript are selected, the bar stands above or
// below them, never over them. Each button has a name, and TAKES says what it does with the
// quotation: another one is a button in the template and a line here. "reader:quote", "reader:link"
// and "reader:clip" do the same for keys.js; with nothing selected, for the segment that has the
// focus or is being said. Tab goes from the selection to the bar and on behind the selection,
// Escape back. A screen reader hears how much is selected. Without this script the browser's own
// copy remains.

import { copy } from "./copying.js";
import { freeSpan } from "./scrolling.js";
import { asText, endsOf, isUnsure, quotation, select, selected } from "./selected.js";
import { transcript } from "./transcript.js";

const bar = document.querySelector(".selection-bar");
const live = document.querySelector(".selection-told");
const find = document.querySelector("form.find");
const coarse = matchMedia("(pointer: coarse)");
const GAP = 8;
const HANDLES = 40; // what a touch screen hangs below a selection
const SETTLED_MS = 150;
const TOLD_MS = 700;
const LONGEST = 1500; // characters of a search that an address is given; far more than a phrase has

const TAKES = {
  quote: (quote) => copy(asText(quote, bar.dataset.about)),
  link: (quote) => copy(quote.address),
  clip: ({ spoken }, from) => {
    const detail = { ...spoken, from };
    document.dispatchEvent(new CustomEvent("clipping:take", { detail }));
    return null; // nothing was copied
  },
  alert: ({ voices }) => {
    const words = voices.map(({ text }) => text).join(" ").replace(/["“”„‟«»]/g, " ");
    const { address } = bar.querySelector("[name=alert]").dataset;
    location.assign(`${address}?${new URLSearchParams({ q: `"${words}"`.slice(0, LONGEST) })}`);
    return null;
  },
};

class SelectionBar {
  constructor() {
    this.buttons = [...bar.querySelectorAll("button")];
    this.told = bar.querySelector("[role=status]");
    this.doubt = bar.querySelector(".hard-to-hear");
    this.isPressed = false;
    this.isFresh = false; // nothing else has had the focus since the selection was made
    this.cameFrom = null;
    for (const what of Object.keys(TAKES)) {
      const button = bar.querySelector(`[name=${what}]`);
      if (!button) continue;
      button.addEventListener("click", () => this.take(what));
      document.addEventListener(`reader:${what}`, () => this.takeAny(what));
    }
    document.addEventListener("reader:choose", ({ detail }) => this.open(detail));
    this.listen();
  }

  listen() {
    // While the pointer is down the selection is still being made.
    transcript.root.addEventListener("pointerdown", ({ button }) => {
      this.isPressed = button === 0;
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      addEventListener(kind, () => {
        this.isPressed = false;
        this.update();
      });
    }
    bar.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
    let settling = 0;
    document.addEventListener("selectionchange", () => {
      this.isFresh = true;
      clearTimeout(settling);
      settling = setTimeout(() => this.update(), SETTLED_MS);
    });
    document.addEventListener("focusin", ({ target }) => {
      if (!bar.contains(target)) this.isFresh = false;
    });
    let frame = 0;
    const place = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => this.place());
    };
    addEventListener("scroll", place, { passive: true });
    addEventListener("resize", place);
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  update() {
    if (this.isPressed || bar.contains(document.activeElement)) return;
    this.show(selected());
  }

  show(now) {
    this.now = now;
    this.told.textContent = "";
    bar.hidden = !now;
    clearTimeout(this.telling);
    if (!now) {
      live.textContent = "";
      return;
    }
    if (this.doubt) this.doubt.hidden = !isUnsure(now);
    this.place();
    this.telling = setTimeout(() => this.tell(), TOLD_MS);
  }

  // For those who do not see the bar: how much is selected, and the way to it.
  tell() {
    const quote = this.now && quotation(this.now);
    if (!quote) return;
    const { selected: words, selectedOne: one } = bar.dataset;
    const count = quote.count.toLocaleString(document.documentElement.lang);
    live.textContent = (quote.count === 1 ? one : words).replace("{count}", count);
  }

  place() {
    if (bar.hidden || !this.now) return;
    const ends = endsOf(this.now);
    const [low, high] = freeSpan();
    const { offsetWidth, offsetHeight } = bar;
    const isTouched = coarse.matches;
    const above = ends && Math.min(...ends.above.map((box) => box.top)) - offsetHeight - GAP;
    const below = ends && Math.max(...ends.below.map((box) => box.bottom)) + (isTouched ? HANDLES : GAP);
    // A phone has a bar of its own above, and the find box stands in the way if there is another
    // place. Longer than the screen, or out of sight: the bar waits until one end can be seen.
    const isBelowFirst = isTouched || above < (find?.getBoundingClientRect().bottom ?? 0);
    const places = isBelowFirst ? [below, above] : [above, below];
    let y = ends && places.find((one) => one >= low && one + offsetHeight <= high);
    // Who is in the bar by keyboard would lose it and their place: it stays, even over the words.
    if (typeof y !== "number" && bar.contains(document.activeElement)) {
      if (!ends) return;
      y = Math.min(Math.max(below, low), high - offsetHeight);
    }
    bar.classList.toggle("is-waiting", typeof y !== "number");
    if (typeof y !== "number") return;
    const at = y === above ? ends.above[0] : ends.below.at(-1);
    const most = document.documentElement.clientWidth - offsetWidth - GAP;
    bar.style.top = `${y}px`;
    bar.style.left = `${Math.max(Math.min(Math.max(at.left, GAP), most), 0)}px`;
  }

  // Select segments, and go to the bar.
  open({ first, last, from }) {
    select(first, last);
    this.show(selected());
    if (this.now) this.enter(from);
  }

  enter(from) {
    this.cameFrom = from ?? null;
    this.buttons[0].focus({ preventScroll: true });
  }

  takeAny(what) {
    this.now = selected();
    if (!this.now) {
      const turn = document.activeElement?.closest?.(".turn")?.querySelectorAll("[data-t]");
      const at = document.activeElement?.closest?.("[data-t]") ?? transcript.root.querySelector(".now");
      const [head, tail] = at ? [at, at] : turn ? [turn[0], turn[turn.length - 1]] : [];
      if (!head) return;
      select(transcript.segmentOf(head).index, transcript.segmentOf(tail).index);
      this.show(selected());
    }
    this.take(what);
  }

  async take(what) {
    const quote = this.now && quotation(this.now);
    if (!quote) return;
    this.told.textContent = "";
    const isDone = await TAKES[what](quote, this.cameFrom);
    if (isDone === null) {
      bar.hidden = true;
      return;
    }
    this.told.textContent = isDone ? bar.dataset.copied : bar.dataset.refused;
    this.place();
  }

  onKey(event) {
    if (bar.hidden || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.buttons.indexOf(document.activeElement);
    if (event.key === "Escape") this.leave(event, at !== -1);
    else if (at !== -1) this.onKeyInBar(event, at);
    else if (event.key === "Tab" && !event.shiftKey && this.isFresh) {
      event.preventDefault();
      this.enter(document.activeElement);
    }
  }

  onKeyInBar(event, at) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Tab: event.shiftKey ? -1 : 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const isOut = at + step < 0 || at + step >= this.buttons.length;
    if (!isOut || event.key !== "Tab") {
      this.buttons.at((at + step) % this.buttons.length).focus();
      return;
    }
    // Back to where one came from, or on to what stands behind the selection.
    const last = transcript.segments[this.now.last];
    const next = transcript.turns[last.turnIndex + 1]?.querySelector(".at");
    const target = event.shiftKey ? this.cameFrom : next;
    if (target?.isConnected && target !== document.body) target.focus();
    else document.activeElement.blur();
  }

  leave(event, isInBar) {
    bar.hidden = true;
    live.textContent = "";
    if (!isInBar) return;
    event.preventDefault();
    if (this.cameFrom?.isConnected && this.cameFrom !== document.body) this.cameFrom.focus();
    else document.activeElement.blur();
  }
}

if (bar && live && transcript.segments.length) new SelectionBar();
