// Text as it is compared: words in lower case without accents, one space between, no punctuation.
// "Don’t – the Café!" folds to "dont the cafe". Pure functions; used by find and by durable links.

const WORD = /[\p{L}\p{N}\p{M}]+(?:['’ʼ][\p{L}\p{N}\p{M}]+)*/gu;
const folded = new Map();

function foldSign(sign) {
  let known = folded.get(sign);
  if (known === undefined) {
    known = sign.normalize("NFKD").replace(/[^\p{L}\p{N}]|ʼ/gu, "").toLowerCase().normalize("NFC");
    folded.set(sign, known);
  }
  return known;
}

// The words of a text: [{word, from, to}], with the characters that they stand at.
export function words(text) {
  const found = [];
  for (const match of text.matchAll(WORD)) {
    let word = "";
    for (const sign of match[0]) word += foldSign(sign);
    if (word) found.push({ word, from: match.index, to: match.index + match[0].length });
  }
  return found;
}

export function fold(text) {
  return words(text).map(({ word }) => word).join(" ");
}

// Many texts as one folded text, in which every character knows where it came from.
export class Folded {
  constructor(texts) {
    const parts = [];
    const offsets = [];
    this.beginnings = new Int32Array(texts.length);
    texts.forEach((text, index) => {
      this.beginnings[index] = offsets.length;
      for (const match of text.matchAll(WORD)) {
        let place = match.index;
        const before = offsets.length;
        for (const sign of match[0]) {
          const plain = foldSign(sign);
          for (let unit = 0; unit < plain.length; unit += 1) offsets.push(place);
          if (plain) parts.push(plain);
          place += sign.length;
        }
        if (offsets.length === before) continue;
        parts.push(" ");
        offsets.push(place);
      }
    });
    this.text = parts.join("");
    this.offsets = Int32Array.from(offsets);
  }

  // Every place where the folded needle stands, as indexes into `text`; none within another.
  places(needle) {
    const found = [];
    if (!needle) return found;
    let at = this.text.indexOf(needle);
    while (at !== -1) {
      found.push(at);
      at = this.text.indexOf(needle, at + needle.length);
    }
    return found;
  }
}
