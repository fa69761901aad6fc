// Edits of a transcript, as meetings/transcripts/edits.py does them when they are saved: staff see
// what will be stored. Pure; no page is needed. A test holds the two together.
//
// A line is {id, start, end, text, speaker, confidence}, times in milliseconds. An edit is a list:
//
//   ["reword", id, text]  ["assign", id, speaker]  ["rename", speaker, to]
//   ["split", id, at, newId]  ["join", id, nextId]  ["remove", id]
//
// `at` counts whole characters, not UTF-16 units.

const TEXT_MAX = 10_000;
const NAME_MAX = 200;

export class Refused extends Error {}

// Text on one line, without control characters and halves of characters.
export function tidy(text) {
  const whole = text.toWellFormed ? text.toWellFormed() : text;
  return trimmed(whole.replace(/[ \t\r\n\f\v]+/g, " ").replace(/[\x00-\x1f\x7f]/g, ""));
}

export function lengthOf(text) {
  return [...text].length;
}

export class Sheet {
  constructor(lines) {
    this.lines = [...lines];
    this.byId = new Map(this.lines.map((line) => [line.id, line]));
  }

  // A sheet on which all edits were made, and the place of the first that could not be, or -1.
  static after(lines, edits) {
    const sheet = new Sheet(lines);
    for (const [place, edit] of edits.entries()) {
      try {
        sheet.apply(edit);
      } catch (error) {
        if (error instanceof Refused) return { sheet, failed: place };
        throw error;
      }
    }
    return { sheet, failed: -1 };
  }

  get(id) {
    const line = this.byId.get(id);
    if (!line) throw new Refused("not-there");
    return line;
  }

  // Throws Refused with a word for why, and then nothing has changed.
  apply([kind, ...given]) {
    this[kind](...given);
  }

  put(line) {
    this.lines[this.lines.indexOf(this.byId.get(line.id))] = line;
    this.byId.set(line.id, line);
  }

  after(id) {
    return this.lines[this.lines.indexOf(this.get(id)) + 1];
  }

  reword(id, text) {
    const line = this.get(id);
    text = tidy(text);
    if (!text) throw new Refused("no-words");
    if (lengthOf(text) > TEXT_MAX) throw new Refused("too-long");
    if (text !== line.text) this.put({ ...line, text, confidence: null });
  }

  assign(id, speaker) {
    this.put({ ...this.get(id), speaker: named(speaker) });
  }

  rename(speaker, to) {
    const name = named(to);
    this.lines = this.lines.map((line) => (line.speaker === speaker ? { ...line, speaker: name } : line));
    this.byId = new Map(this.lines.map((line) => [line.id, line]));
  }

  split(id, at, newId) {
    const line = this.get(id);
    if (!newId || this.byId.has(newId)) throw new Refused("not-new");
    const letters = [...line.text];
    const left = letters.slice(0, Math.max(at, 0)).join("").replace(/ +$/, "");
    const right = letters.slice(Math.max(at, 0)).join("").replace(/^ +/, "");
    if (at <= 0 || !left || !right) throw new Refused("border");
    const next = this.after(id);
    const [before, behind] = [lengthOf(left), lengthOf(right)];
    const cut = line.start + Math.floor(((line.end - line.start) * before) / (before + behind));
    const latest = next ? next.start : line.end;
    const begins = Math.max(line.start, Math.min(cut, latest, line.end));
    const second = { ...line, id: newId, text: right, start: begins };
    const place = this.lines.indexOf(line);
    this.put({ ...line, text: left, end: Math.max(line.start, Math.min(cut, begins)) });
    this.lines.splice(place + 1, 0, second);
    this.byId.set(newId, second);
  }

  join(id, nextId) {
    const [line, next] = [this.get(id), this.get(nextId)];
    if (this.after(id) !== next) throw new Refused("not-next");
    const text = `${line.text} ${next.text}`;
    if (lengthOf(text) > TEXT_MAX) throw new Refused("too-long");
    const known = [line.confidence, next.confidence].filter((one) => one !== null);
    const confidence = known.length ? Math.min(...known) : null;
    this.put({ ...line, text, end: Math.max(line.end, next.end), confidence });
    this.drop(nextId);
  }

  remove(id) {
    this.get(id);
    if (this.lines.length === 1) throw new Refused("last");
    this.drop(id);
  }

  drop(id) {
    this.lines.splice(this.lines.indexOf(this.byId.get(id)), 1);
    this.byId.delete(id);
  }
}

function named(speaker) {
  const name = tidy(speaker);
  if (lengthOf(name) > NAME_MAX) throw new Refused("long-name");
  return name;
}

function trimmed(text) {
  return text.replace(/^ +| +$/g, "");
}

// Edits that make of the lines `theirs` what `mine` says, word by word and speaker by speaker.
// `newId` gives names for the parts of splits. For none on either side there is nothing to be done.
export function insteadOf(theirs, mine, newId) {
  if (!theirs.length) return [];
  if (!mine.length) return theirs.map(({ id }) => ["remove", id]);
  const [first, ...others] = theirs;
  const edits = others.map(({ id }) => ["join", first.id, id]);
  edits.push(["reword", first.id, mine.map(({ text }) => text).join(" ")]);
  let id = first.id;
  for (const [place, { text, speaker }] of mine.entries()) {
    edits.push(["assign", id, speaker]);
    if (place === mine.length - 1) break;
    const next = newId();
    edits.push(["split", id, lengthOf(text) + 1, next]);
    id = next;
  }
  return edits;
}
