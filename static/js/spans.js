// Between words and the page: which words a stretch of the transcript has, and where a word stands.
// Pure reading of transcript.js, for link.js and selected.js.

import { words } from "./folding.js";
import { rangeIn, transcript } from "./transcript.js";

const TOKEN = /\S+/g;

// The words of segments first to last: the folded words, their seconds (as if all were said
// evenly), and their places.
export function spokenIn(first, last) {
  const spoken = { words: [], times: [], places: [] };
  for (let index = Math.max(first, 0); index <= last; index += 1) {
    const segment = transcript.segments[index];
    if (!segment) break;
    const text = segment.element.textContent;
    const lasts = (segment.end - segment.start) / (text.length || 1);
    for (const { word, from, to } of words(text)) {
      spoken.words.push(word);
      spoken.times.push(segment.start + from * lasts);
      spoken.places.push({ index, from, to });
    }
  }
  return spoken;
}

// When the word at a place is said, with what is written to it: its own time where the segment knows
// that (data-w), else its share of the segment by its letters.
export function timesOf({ index, from }) {
  const { element, start, end } = transcript.segments[index];
  const text = element.textContent;
  const tokens = [...text.matchAll(TOKEN)];
  const number = tokens.findLastIndex((token) => token.index <= from);
  const known = element.dataset.w?.split(",").map((ms) => start + Number(ms) / 1000) ?? [];
  const begins = (at) => {
    if (!tokens[at]) return end;
    if (known.length === tokens.length) return known[at];
    return start + ((end - start) * tokens[at].index) / (text.trimEnd().length || 1);
  };
  return { start: begins(number), end: begins(number + 1) };
}

// Ranges over places[from] up to places[to - 1], one for each segment.
export function rangesOver(places, from, to) {
  const [first, last] = [places[from], places[to - 1]];
  const ranges = [];
  for (let index = first.index; index <= last.index; index += 1) {
    const { element } = transcript.segments[index];
    const begin = index === first.index ? first.from : 0;
    const end = index === last.index ? last.to : element.textContent.length;
    ranges.push(rangeIn(element, begin, end));
  }
  return ranges;
}
