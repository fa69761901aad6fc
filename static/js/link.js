// Attaches to an address with #t=START,END&q=… (quotes.js) on a page with a transcript. Finds the
// words, marks them, brings them into view, and says in .link-note when their wording has changed
// since or when they are gone. The player is set to the time ("reader:cue"). Without this script
// ?t= in the same address marks the segment.

import { find, read } from "./quotes.js";
import { bring } from "./scrolling.js";
import { rangesOver, spokenIn } from "./spans.js";
import { clock, transcript } from "./transcript.js";

const note = document.querySelector(".link-note");
const canPaint = Boolean(globalThis.CSS?.highlights);

function open() {
  clear();
  const link = read(location.hash);
  if (!link || !transcript.segments.length) return;
  const lastFree = transcript.segments.at(-1).end;
  if (note.dataset.beyond && link.start >= lastFree) {
    // The server says it too, where the address has ?t=.
    if (!document.querySelector("#moment")) say("beyond", transcript.root.querySelector(".chunk"));
    bring(document.querySelector("#moment") ?? note);
    return;
  }
  document.dispatchEvent(new CustomEvent("reader:cue", { detail: link }));
  document.dispatchEvent(new CustomEvent("reader:linked", { detail: link.start }));
  const spoken = link.quote && spokenIn(0, transcript.segments.length - 1);
  const found = spoken && find(spoken.words, spoken.times, link);
  if (found) {
    const ranges = rangesOver(spoken.places, found.from, found.to);
    paint(ranges);
    const segment = transcript.segments[spoken.places[found.from].index];
    if (!found.isSame) say("changed", transcript.turns[segment.turnIndex], link.quote);
    bring(ranges[0]);
    return;
  }
  const said = transcript.segments.filter(({ start, end }) => end > link.start && start < link.end);
  const nearest = transcript.segments[Math.max(transcript.indexAt(link.start), 0)];
  const marked = said.length ? said : [nearest];
  paint(marked.map(({ element }) => wholeOf(element)));
  if (link.quote) say("gone", transcript.turns[marked[0].turnIndex], link.quote);
  bring(marked[0].element);
}

function wholeOf(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range;
}

function clear() {
  if (canPaint) CSS.highlights.delete("linked");
  for (const old of document.querySelectorAll(".linked")) old.classList.remove("linked");
  transcript.root?.classList.remove("has-link");
  note.hidden = true;
}

function paint(ranges) {
  transcript.root.classList.add("has-link");
  if (canPaint) CSS.highlights.set("linked", new Highlight(...ranges));
  else for (const range of ranges) transcript.segmentOf(range.startContainer).element.classList.add("linked");
}

// The note stands before what it speaks of, with the words that the link remembers.
function say(what, place, quote) {
  const text = note.dataset[what].replace("{time}", clock(read(location.hash).start));
  const remembered = quote && [quote.head, quote.tail].filter((part) => part.length);
  place.before(note);
  note.hidden = false;
  note.querySelector(".told").textContent = text;
  const words = note.querySelector(".remembered");
  words.hidden = !remembered;
  words.querySelector("q").textContent = (remembered ?? []).map((part) => part.join(" ")).join(" … ");
}

if (note) {
  addEventListener("hashchange", open);
  open();
}
