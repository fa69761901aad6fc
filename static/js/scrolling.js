// Brings a place of the transcript into view. Chunks that were never near the screen have guessed
// heights (content-visibility), so after a jump the place is looked at again until it stays.

import { transcript } from "./transcript.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");
const find = document.querySelector("form.find");
const FRAMES_MAX = 12;
let latest = 0;

// `place` is an Element or a Range. Far jumps are never animated: nobody can read on the way. What
// is not shown, because other speakers are chosen, has no place; with `lazy`, what can be seen stays
// where it is.
export function bring(place, { smooth = false, lazy = false } = {}) {
  const element = place.startContainer?.parentElement ?? place;
  if (element.closest("[hidden]")) return;
  latest += 1;
  const turn = latest;
  if (lazy && isSeen(place)) return;
  const gap = distance(place);
  const isNear = Math.abs(gap) < innerHeight * 1.5;
  if (smooth && isNear && !still.matches) {
    scrollBy({ top: gap, behavior: "smooth" });
    return;
  }
  let quiet = 0;
  let frames = 0;
  const settle = () => {
    if (turn !== latest || frames === FRAMES_MAX) return;
    frames += 1;
    const rest = distance(place);
    if (Math.abs(rest) > 2) {
      const before = scrollY;
      scrollBy({ top: rest, behavior: "instant" });
      quiet = scrollY === before ? quiet + 1 : 0;
    } else {
      quiet += 1;
    }
    if (quiet < 3) requestAnimationFrame(settle);
  };
  // Laid out once before it is measured: what lies in a chunk that is skipped has no place.
  element.scrollIntoView({ block: "center", behavior: "instant" });
  settle();
}

// A person who scrolls is not held back.
export function letGo() {
  latest += 1;
}

// How far the place is below where it is read best: the middle of what the page leaves free.
function distance(place) {
  const box = place.getBoundingClientRect();
  const [top, bottom] = freeSpan();
  const room = bottom - top;
  const wanted = box.height < room * 0.6 ? top + (room - box.height) * 0.4 : top + 16;
  return box.top - wanted;
}

function isSeen(place) {
  const box = place.getBoundingClientRect();
  const [top, bottom] = freeSpan();
  return box.height > 0 && box.top >= top && box.bottom <= bottom;
}

// The part of the screen that nothing covers, in pixels from its top: the player on a phone, the find
// box while it is in use, and the sheet in which a clip is made.
export function freeSpan() {
  const pad = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  const box = find && getComputedStyle(find).position === "sticky" ? find.getBoundingClientRect() : null;
  const sheet = document.querySelector("dialog.clip-dialog[open]");
  const isSheet = sheet && getComputedStyle(sheet).position === "fixed";
  const bottom = isSheet ? sheet.getBoundingClientRect().top : innerHeight;
  return [box && box.top <= pad ? Math.max(box.bottom, pad) : pad, bottom];
}

// The first segment that can be seen, so that finding begins where one reads.
export function firstOnScreen() {
  const box = transcript.root.getBoundingClientRect();
  const [top, bottom] = freeSpan();
  for (let y = Math.max(top, box.top) + 8; y < bottom; y += 24) {
    for (const element of document.elementsFromPoint(box.left + box.width / 2, y)) {
      const first = element.closest(".turn")?.querySelector("[data-t]");
      if (first) return transcript.segmentOf(first).index;
    }
  }
  return 0;
}

for (const kind of ["wheel", "touchmove"]) addEventListener(kind, letGo, { passive: true });
