// Attaches to .agenda and .chapter-now: the agenda item that plays is marked in the list and named
// under the player, and a press on an item goes there. Without this script its link opens the page
// at that moment.

import { player } from "./player.js";
import { lastNotAfter } from "./transcript.js";

const startOf = (item) => Number(item.dataset.start) / 1000;
const items = [...document.querySelectorAll(".agenda [data-start]")].sort(
  (one, other) => startOf(one) - startOf(other),
);
export const starts = items.map(startOf);
const line = document.querySelector(".chapter-now");
let now = -2;

function mark(second) {
  const index = lastNotAfter(starts, second + 0.01);
  if (index === now) return;
  items[now]?.removeAttribute("aria-current");
  now = index;
  items[now]?.setAttribute("aria-current", "true");
  if (items[now]) keepInList(items[now]);
  if (line) line.textContent = items[now]?.dataset.title ?? "";
}

// A list that scrolls by itself, beside the transcript, shows the item; the page stays where it is.
function keepInList(item) {
  const list = item.closest(".reader-side");
  if (list.scrollHeight <= list.clientHeight) return;
  const [box, frame] = [item.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top < frame.top || box.bottom > frame.bottom) {
    list.scrollTop += box.top - frame.top - frame.height / 3;
  }
}

if (items.length && player) {
  document.addEventListener("reader:now", ({ detail }) => mark(detail.second));
  mark(player.time);
  items.forEach((item, index) => {
    item.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const detail = { second: starts[index], plays: true };
      document.dispatchEvent(new CustomEvent("reader:seek", { detail }));
    });
  });
}
