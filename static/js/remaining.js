// How much of something is there, and how long the rest will take: numbers and words for both.
// Pure functions and a small memory; sending.js uses them.

const RATE_OVER_MS = 20000;

// A sentence with {names} in it, and what stands for them.
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// As the server writes it, so that one size does not read as two.
export function size(bytes) {
  const locale = document.documentElement.lang || "en";
  const [unit, power] = bytes >= 2 ** 30 ? ["GB", 30] : bytes >= 2 ** 20 ? ["MB", 20] : ["KB", 10];
  const divisor = 2 ** power;
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${new Intl.NumberFormat(locale, digits).format(bytes / divisor)} ${unit}`;
}

// How fast bytes went over the last while, so that a pause or a fast line shows soon.
export class Rate {
  constructor() {
    this.seen = [];
  }

  note(bytes, now) {
    this.seen.push({ bytes, now });
    while (this.seen.length > 2 && this.seen[0].now < now - RATE_OVER_MS) this.seen.shift();
  }

  secondsFor(bytes) {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    const gone = last.bytes - first.bytes;
    const seconds = (last.now - first.now) / 1000;
    return seconds >= 1 && gone > 0 ? (bytes * seconds) / gone : null;
  }
}

// Sentences with {n}, or {h} and {m}: for seconds, minutes and hours.
export function time(seconds, say) {
  if (seconds < 90) return fill(say.seconds, { n: Math.max(Math.ceil(seconds), 1) });
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return fill(say.minutes, { n: minutes });
  return fill(say.hours, { h: Math.floor(minutes / 60), m: minutes % 60 });
}
