// Edits that are not saved yet, kept in this browser: they outlive a reload and the end of a
// session. One draft for each transcript, written by one tab at a time. No behaviour of its own:
// for screen.js.

const SAVED_AFTER_MS = 250;

export class Draft {
  // `base` is the version's id on which the edits were made, `aside` what met another's edits.
  constructor(key, account) {
    this.key = `transcript-draft:${account}:${key}`;
    this.isKept = true;
    this.clear();
  }

  clear() {
    this.base = null;
    this.name = newName();
    this.edits = [];
    this.undone = [];
    this.aside = [];
    this.note = "";
    this.isSent = false;
  }

  // A set that was sent and whose answer was lost is known by its name when it is sent again. With
  // other edits in it, it is another set.
  touch() {
    if (this.isSent) this.name = newName();
    this.isSent = false;
    this.keepSoon();
  }

  get isEmpty() {
    return !this.edits.length && !this.aside.length && !this.note;
  }

  read() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.key));
    } catch {
      this.isKept = false;
    }
    if (!kept || !Array.isArray(kept.edits) || typeof kept.base !== "number") return false;
    const { base, name, edits, aside = [], note = "", isSent = false } = kept;
    Object.assign(this, { base, name, edits, aside, note, isSent, undone: [] });
    return true;
  }

  keepSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.keep(), SAVED_AFTER_MS);
  }

  // Whether the browser keeps it.
  keep() {
    clearTimeout(this.waiting);
    const { base, name, edits, aside, note, isSent } = this;
    try {
      if (this.isEmpty) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify({ base, name, edits, aside, note, isSent }));
      this.isKept = true;
    } catch {
      this.isKept = false;
    }
    return this.isKept;
  }

  // True in the one tab that holds the draft; false in others until that one is closed.
  async hold() {
    if (!navigator.locks) return true;
    return new Promise((answer) => {
      navigator.locks.request(this.key, { ifAvailable: true }, (lock) => {
        answer(Boolean(lock));
        return lock ? new Promise(() => {}) : null;
      });
    });
  }
}

// Where a page is not served over TLS there is no randomUUID.
function newName() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
