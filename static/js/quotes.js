// Links that outlive an edit: words and a time, written into a fragment and found again.
// Pure functions over folded words (folding.js); link.js and selection.js use them.
//
//   #t=754.2,761.9&q=vote+on+the+budget&p=we+will+now&s=before+the+recess
//
// t  START,END in seconds (W3C Media Fragments, temporal dimension, npt)
// q  exact      } of a W3C TextQuoteSelector, as folded words: what is marked,
// p  prefix     } up to four words before it,
// s  suffix     } and up to four after it. An empty one is left out.
// n  of a long quotation, whose q is HEAD..TAIL: how many words, a full stop, and their checksum
//
// Case, accents and punctuation are not part of a wording, so mending them changes no link.

import { fold } from "./folding.js";

const CONTEXT = 4;
const WHOLE_MAX = 24;
const ENDS = 8;
const NEAR_SECONDS = 60;
const AROUND_SECONDS = 120;
const ALIKE_NEAR = 0.5;
const ALIKE_ANYWHERE = 0.75;
const FRAGMENT_MAX = 32_000; // 32 words of a hundred letters, each written with nine signs
const TELLING = 8; // so many words said once are the words that were meant, wherever they stand

// The quotation of words[from] up to words[to], which is not part of it.
export function describe(words, from, to) {
  const quoted = words.slice(from, to);
  const isLong = quoted.length > WHOLE_MAX;
  return {
    head: isLong ? quoted.slice(0, ENDS) : quoted,
    tail: isLong ? quoted.slice(-ENDS) : [],
    count: quoted.length,
    sum: isLong ? checksum(quoted) : "",
    prefix: words.slice(Math.max(from - CONTEXT, 0), from),
    suffix: words.slice(to, to + CONTEXT),
  };
}

export function write({ start, end, quote }) {
  const seconds = (value) => String(Math.round(value * 1000) / 1000);
  const parts = [`t=${seconds(start)},${seconds(end)}`];
  const text = (words) => words.map(encodeURIComponent).join("+");
  const ends = quote.tail.length ? `..${text(quote.tail)}` : "";
  parts.push(`q=${text(quote.head)}${ends}`);
  if (quote.prefix.length) parts.push(`p=${text(quote.prefix)}`);
  if (quote.suffix.length) parts.push(`s=${text(quote.suffix)}`);
  if (ends) parts.push(`n=${quote.count}.${quote.sum}`);
  return `#${parts.join("&")}`;
}

// What a fragment says, or null when it is not one of ours. Without words `quote` is null, and also
// when it is none that `write` would make: whoever made it up is shown the time, and costs nobody
// more than a link of ours.
export function read(fragment) {
  if (fragment.length > FRAGMENT_MAX) return null;
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const times = /^(?:npt:)?(\d{1,7}(?:\.\d{1,9})?)(?:,(\d{1,7}(?:\.\d{1,9})?))?$/.exec(given.get("t") ?? "");
  if (!times) return null;
  const start = Number(times[1]);
  const end = Math.max(Number(times[2] ?? start), start);
  return { start, end, quote: quoteOf(given) };
}

function quoteOf(given) {
  const list = (text) => fold((text ?? "").slice(0, FRAGMENT_MAX)).split(" ").filter(Boolean);
  const [head, tail = [], ...others] = (given.get("q") ?? "").split("..").map(list);
  if (!head.length || others.length) return null;
  const [, count, sum = ""] = /^(\d{1,6})\.(\w{1,8})$/.exec(given.get("n") ?? "") ?? [];
  const isWhole = !tail.length && head.length <= WHOLE_MAX;
  const isEnds = head.length === ENDS && tail.length === ENDS && Number(count) > WHOLE_MAX;
  if (!isWhole && !isEnds) return null;
  return {
    head,
    tail,
    count: isEnds ? Number(count) : head.length,
    sum,
    prefix: list(given.get("p")).slice(-CONTEXT),
    suffix: list(given.get("s")).slice(0, CONTEXT),
  };
}

// Where a quotation stands now: {from, to, isSame}, or null when its words are gone.
// `times` gives the second at which each word is said.
export function find(words, times, { start, quote }) {
  const text = { words, times, start, quote };
  const same = exact(text);
  if (same && same.context === 1) return { ...same, isSame: true };
  const between = framed(text);
  if (same && !(between && same.context < 0.5)) return { ...same, isSame: true };
  const changed = between ?? alike(text);
  return changed && { ...changed, isSame: false };
}

// The same words. Of several, the one whose neighbours and time fit best.
function exact({ words, times, start, quote }) {
  let best = null;
  const places = occurrences(words, quote.head).filter((from) => isWhole(words, from, quote));
  for (const from of places) {
    const to = from + quote.count;
    const context = contextAt(words, from, to, quote);
    const gap = Math.abs(times[from] - start);
    const isMeant =
      gap <= NEAR_SECONDS || context >= 0.5 || (places.length === 1 && quote.count >= TELLING);
    const score = context * 2 - Math.min(gap / AROUND_SECONDS, 3);
    if (isMeant && (!best || score > best.score)) best = { from, to, context, score };
  }
  return best;
}

function isWhole(words, from, { tail, count, sum }) {
  if (!tail.length) return true;
  return startsAt(words, tail, from + count - tail.length) && checksum(words.slice(from, from + count)) === sum;
}

// The same neighbours with other words between them, near the time.
function framed({ words, times, start, quote }) {
  const { prefix, suffix, count } = quote;
  if (prefix.length < 2 || suffix.length < 2) return null;
  let best = null;
  for (const at of occurrences(words, prefix)) {
    const from = at + prefix.length;
    const gap = Math.abs(times[Math.min(from, words.length - 1)] - start);
    if (gap > AROUND_SECONDS || (best && gap >= best.gap)) continue;
    const last = Math.min(from + count * 2 + ENDS, words.length - suffix.length);
    for (let to = from + 1; to <= last; to += 1) {
      if (!startsAt(words, suffix, to)) continue;
      best = { from, to, gap };
      break;
    }
  }
  return best && { from: best.from, to: best.to };
}

// Words that are much alike: near the time, and if there are none, anywhere.
function alike({ words, times, start, quote }) {
  const low = times.findIndex((second) => second >= start - NEAR_SECONDS);
  const after = times.findIndex((second) => second > start + NEAR_SECONDS);
  const near = low === -1 ? null : [low, after === -1 ? words.length : after];
  const spans = [[near, ALIKE_NEAR], [[0, words.length], ALIKE_ANYWHERE]];
  for (const [span, least] of spans) {
    if (!span) continue;
    const head = closest(words, quote.head, ...span, least);
    if (!quote.tail.length) {
      if (head) return head;
      continue;
    }
    const reach = quote.count * 2 + ENDS;
    const tail = head
      ? closest(words, quote.tail, head.to, Math.min(head.to + reach, words.length), least)
      : closest(words, quote.tail, ...span, least);
    if (head && tail) return { from: head.from, to: tail.to };
    if (head) return { from: head.from, to: Math.min(head.from + quote.count, words.length) };
    if (tail) return { from: Math.max(tail.to - quote.count, 0), to: tail.to };
  }
  return null;
}

// The run of words between low and high that needs the fewest changes to become `wanted`, if that
// leaves at least the share `least` of it alone. (Sellers 1980, over words.)
function closest(words, wanted, low, high, least) {
  const size = wanted.length;
  let [costs, nextCosts] = [new Int32Array(size + 1), new Int32Array(size + 1)];
  let [begins, nextBegins] = [new Int32Array(size + 1).fill(low), new Int32Array(size + 1)];
  for (let row = 0; row <= size; row += 1) costs[row] = row;
  let best = null;
  for (let at = low; at < high; at += 1) {
    nextCosts[0] = 0;
    nextBegins[0] = at + 1;
    for (let row = 1; row <= size; row += 1) {
      const swap = costs[row - 1] + (words[at] === wanted[row - 1] ? 0 : 1);
      const skip = costs[row] + 1;
      const lack = nextCosts[row - 1] + 1;
      const cost = Math.min(swap, skip, lack);
      nextCosts[row] = cost;
      if (cost === swap) nextBegins[row] = row === 1 ? at : begins[row - 1];
      else nextBegins[row] = cost === skip ? begins[row] : nextBegins[row - 1];
    }
    [costs, nextCosts, begins, nextBegins] = [nextCosts, costs, nextBegins, begins];
    if (at + 1 > begins[size] && (!best || costs[size] < best.cost)) {
      best = { from: begins[size], to: at + 1, cost: costs[size] };
    }
  }
  if (!best || 1 - best.cost / size < least) return null;
  return { from: best.from, to: best.to };
}

function occurrences(words, wanted) {
  const found = [];
  for (let at = words.indexOf(wanted[0]); at !== -1; at = words.indexOf(wanted[0], at + 1)) {
    if (startsAt(words, wanted, at)) found.push(at);
  }
  return found;
}

function startsAt(words, wanted, at) {
  return at + wanted.length <= words.length && wanted.every((word, n) => words[at + n] === word);
}

// Which share of the remembered neighbours is still there, from the quotation outwards.
function contextAt(words, from, to, { prefix, suffix }) {
  const all = prefix.length + suffix.length;
  if (!all) return 1;
  let kept = 0;
  while (kept < prefix.length && words[from - 1 - kept] === prefix[prefix.length - 1 - kept]) kept += 1;
  let after = 0;
  while (after < suffix.length && words[to + after] === suffix[after]) after += 1;
  return (kept + after) / all;
}

// FNV-1a over UTF-16 units, in base 36: tells a changed wording, keeps no secret.
function checksum(words) {
  let sum = 0x811c9dc5;
  const text = words.join(" ");
  for (let at = 0; at < text.length; at += 1) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return sum.toString(36);
}
