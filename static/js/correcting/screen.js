// Attaches to .editor (admin/intake/transcript_edit.html): the words of a transcript, page by page,
// to be corrected in place. Edits are lists (edits.js), kept in the browser until they are saved
// (drafts.js) as one new version (saves.js). Which lines stand on
// the page is chosen in filters.js, and its rows are lines.js.

import { Asides } from "./asides.js";
import { Draft } from "./drafts.js";
import { Refused, Sheet } from "./edits.js";
import { Filters } from "./filters.js";
import { Lines } from "./lines.js";
import { Saves } from "./saves.js";

const PAGE = 100;
const BURST_MS = 1500;

class Editor {
  constructor(root) {
    this.root = root;
    this.told = root.querySelector(".told");
    this.form = root.querySelector("form.bar");
    this.draft = new Draft(root.dataset.transcript, root.dataset.account);
    this.page = 0;
    this.filters = new Filters(this, this.form);
    this.lines = new Lines(this, root.querySelector(".lines"));
    this.saves = new Saves(this);
    this.asides = new Asides(this, root.querySelector(".asides"));
    this.listen();
    this.open();
  }

  async open() {
    this.say(this.root.dataset.loading);
    if (!(await this.draft.hold())) {
      this.say(this.root.dataset.elsewhere);
      return;
    }
    const isKept = this.draft.read();
    const current = await this.saves.fetchLines(this.root.dataset.lines);
    if (!current) return;
    if (isKept && this.draft.base !== current.id) {
      const begun = await this.saves.fetchLines(this.root.dataset.anyLines.replace("/0/", `/${this.draft.base}/`));
      if (!begun) return;
      this.begin(begun);
      this.say(this.text("older", { ...current, version: begun.version, newest: current.version }));
    } else {
      this.begin(current);
      this.say("");
    }
    this.draft.keep();
    if (!this.draft.isKept) this.say(this.root.dataset.notKept);
  }

  // The lines of a version, with the draft's edits upon them.
  begin(version) {
    this.version = version;
    this.base = version.lines.map(([id, start, end, text, speaker, confidence]) => ({
      id, start, end, text, speaker, confidence,
    }));
    this.baseById = new Map(this.base.map((line) => [line.id, line]));
    this.draft.base = version.id;
    this.form.note.value = this.draft.note;
    this.root.classList.add("is-ready");
    this.replay();
    this.asides.show();
  }

  replay() {
    const { sheet, failed } = Sheet.after(this.base, this.draft.edits);
    this.sheet = sheet;
    if (failed !== -1) {
      const left = this.draft.edits.splice(failed);
      this.say(this.text("broken", { count: left.length }));
      this.draft.touch();
    }
    this.show();
  }

  // Make an edit. False where it cannot be made, which is said.
  edit(edit, { isTyped = false } = {}) {
    try {
      this.sheet.apply(edit);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say(this.root.dataset[camel(error.message)] ?? "");
      return false;
    }
    const { edits } = this.draft;
    const last = edits.at(-1);
    const goesOn = isTyped && this.typing === edit[1] && last?.[0] === "reword" && last[1] === edit[1];
    if (goesOn) edits[edits.length - 1] = edit;
    else edits.push(edit);
    this.typing = null;
    if (isTyped) {
      this.typing = edit[1];
      clearTimeout(this.burst);
      this.burst = setTimeout(() => (this.typing = null), BURST_MS);
    }
    this.draft.undone = [];
    this.draft.touch();
    if (this.told.dataset.isOfEdit) this.say("");
    if (isTyped) this.count();
    else this.show();
    return true;
  }

  undo() {
    const { edits, undone } = this.draft;
    if (!edits.length) return;
    this.move(undone, edits.pop());
  }

  redo() {
    const { edits, undone } = this.draft;
    if (!undone.length) return;
    this.move(edits, undone.pop());
  }

  move(to, edit) {
    this.typing = null;
    to.push(edit);
    this.draft.touch();
    this.replay();
    const id = edit[0] === "rename" ? null : edit[1];
    if (id && this.sheet.byId.has(id)) this.goTo(id);
  }

  isChanged(line) {
    const was = this.baseById.get(line.id);
    return !was || was.text !== line.text || was.speaker !== line.speaker || was.end !== line.end || was.start !== line.start;
  }

  show() {
    this.filters.show();
    const lines = this.filters.chosen;
    const pages = Math.max(Math.ceil(lines.length / PAGE), 1);
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    this.lines.show(lines.slice(this.page * PAGE, (this.page + 1) * PAGE));
    const pager = this.root.querySelector(".work .pager");
    pager.hidden = pages === 1;
    pager.querySelector("output").textContent = this.text("page", { page: this.page + 1, pages });
    pager.querySelector("[name=previous]").disabled = this.page === 0;
    pager.querySelector("[name=next]").disabled = this.page === pages - 1;
    this.form.querySelector(".found").textContent = this.text("found", { count: lines.length.toLocaleString() });
    this.count();
  }

  count() {
    const { edits, undone, aside } = this.draft;
    const { none, one } = this.root.dataset;
    const many = this.text("many", { count: edits.length });
    this.form.querySelector(".count").textContent = edits.length === 0 ? none : edits.length === 1 ? one : many;
    this.form.undo.disabled = !edits.length;
    this.form.redo.disabled = !undone.length;
    this.form.discard.disabled = !edits.length && !aside.length;
    this.form.save.disabled = !edits.length;
  }

  // Bring a line onto the page, and the cursor into it.
  goTo(id, caret) {
    const { chosen } = this.filters;
    let place = chosen.findIndex((line) => line.id === id);
    if (place === -1) {
      this.filters.clear();
      this.show();
      place = this.sheet.lines.findIndex((line) => line.id === id);
    }
    const page = Math.floor(place / PAGE);
    if (page !== this.page || place === -1) {
      this.page = page;
      this.show();
    }
    this.lines.focus(id, caret);
  }

  goToTime(ms) {
    const { lines } = this.sheet;
    const after = lines.findIndex((line) => line.start > ms);
    const line = lines[(after === -1 ? lines.length : Math.max(after, 1)) - 1];
    if (line) this.goTo(line.id);
  }

  listen() {
    const { form, root } = this;
    form.note.addEventListener("input", () => {
      this.draft.note = form.note.value;
      this.draft.touch();
    });
    form.note.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    form.undo.addEventListener("click", () => this.undo());
    form.redo.addEventListener("click", () => this.redo());
    form.discard.addEventListener("click", () => this.discard());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.saves.save();
    });
    for (const [name, step] of [["previous", -1], ["next", 1]]) {
      root.querySelector(`.work .pager [name=${name}]`).addEventListener("click", () => {
        this.page += step;
        this.show();
        root.querySelector(".lines").scrollIntoView({ block: "start" });
      });
    }
    document.addEventListener("keydown", (event) => this.onKey(event));
    addEventListener("pagehide", () => this.draft.keep());
    addEventListener("beforeunload", (event) => {
      if (!this.draft.keep() && !this.draft.isEmpty) event.preventDefault();
    });
    root.querySelector(".show-now")?.addEventListener("click", () => this.goToTime(this.second * 1000));
    document.addEventListener("reader:now", ({ detail }) => {
      this.second = detail.second;
      if (this.sheet) this.lines.markNow(detail.second * 1000);
    });
  }

  onKey(event) {
    const isOurs = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const does = {
      s: () => this.saves.save(),
      z: () => (event.shiftKey ? this.redo() : this.undo()),
      y: () => this.redo(),
      " ": () => (event.shiftKey ? this.lines.playFocused() : this.player?.toggle()),
    }[key];
    const isOfField = event.target.matches("input, select") && key !== "s";
    if (isOurs && does && this.sheet && !isOfField) {
      event.preventDefault();
      does();
    } else if (event.key === "F3") {
      event.preventDefault();
      this.form.words.focus();
    }
  }

  play(ms) {
    document.dispatchEvent(new CustomEvent("reader:seek", { detail: { second: ms / 1000, plays: true } }));
  }

  async attachPlayer() {
    if (!document.querySelector(".player[data-playlist]")) return;
    ({ player: this.player } = await import("../player.js"));
  }

  discard() {
    if (!confirm(this.root.dataset.discard)) return;
    this.draft.clear();
    this.draft.base = this.version.id;
    this.form.note.value = "";
    this.draft.keep();
    this.asides.show();
    this.replay();
  }

  text(name, values) {
    return this.root.dataset[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  }

  say(text, ...more) {
    this.told.replaceChildren(text, ...more);
    this.told.dataset.isOfEdit = text && !more.length ? "yes" : "";
  }
}

function camel(word) {
  return word.replace(/-(\w)/g, (_dash, letter) => letter.toUpperCase());
}

const root = document.querySelector(".editor");
if (root) new Editor(root).attachPlayer();
