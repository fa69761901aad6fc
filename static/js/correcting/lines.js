// The rows of one page of segments: words, speaker, time, and what can be done to them. For
// screen.js, which makes the edits and says which lines stand on the page.

import { clock } from "../transcript.js";
import { lengthOf, tidy } from "./edits.js";

export class Lines {
  constructor(editor, list) {
    this.editor = editor;
    this.list = list;
    this.template = editor.root.querySelector("template.row");
    this.dialog = editor.root.querySelector("dialog.speaker");
    this.shown = [];
    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("input", (event) => this.onInput(event));
    list.addEventListener("focusout", (event) => this.onLeave(event));
    list.addEventListener("keydown", (event) => this.onKey(event));
    this.dialog.addEventListener("close", () => this.onSpeaker());
  }

  // Rows whose line is the same stay, with what is selected in them.
  show(lines) {
    const there = new Map([...this.list.children].map((row) => [row.dataset.id, row]));
    const active = document.activeElement?.closest?.(".line")?.dataset.id;
    const rows = lines.map((line) => there.get(line.id) ?? this.made(line));
    const isSame = rows.length === this.list.children.length && rows.every((row, n) => row === this.list.children[n]);
    if (!isSame) this.list.replaceChildren(...rows);
    lines.forEach((line, place) => this.fill(rows[place], line));
    this.shown = lines;
    if (active && !isSame) this.rowOf(active)?.querySelector("textarea").focus();
  }

  made(line) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.dataset.id = line.id;
    return row;
  }

  fill(row, line) {
    const text = row.querySelector("textarea");
    if (text.value !== line.text) text.value = line.text;
    if (!CSS.supports("field-sizing", "content")) text.rows = Math.ceil(line.text.length / 60) || 1;
    row.querySelector(".at").textContent = clock(line.start / 1000);
    row.querySelector(".who").textContent = line.speaker || this.editor.root.dataset.nobody;
    row.querySelector(".who").classList.toggle("is-nobody", !line.speaker);
    row.classList.toggle("is-changed", this.editor.isChanged(line));
    row.classList.toggle("is-unsure", line.confidence !== null && line.confidence < 0.6);
  }

  rowOf(id) {
    return this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  focus(id, caret = 0) {
    const text = this.rowOf(id)?.querySelector("textarea");
    if (!text) return;
    text.focus();
    text.setSelectionRange(caret, caret);
    text.closest(".line").scrollIntoView({ block: "nearest" });
  }

  onClick(event) {
    const row = event.target.closest(".line");
    const button = event.target.closest("button");
    if (!row || !button) return;
    if (button.classList.contains("at")) this.editor.play(this.editor.sheet.get(row.dataset.id).start);
    else if (button.classList.contains("who")) this.ask(row.dataset.id);
    else this[button.name](row);
  }

  onInput(event) {
    const row = event.target.closest(".line");
    const text = tidy(event.target.value);
    if (!text) {
      this.editor.say(this.editor.root.dataset.empty);
      return;
    }
    const isTyped = true;
    if (this.editor.edit(["reword", row.dataset.id, text], { isTyped })) {
      row.classList.toggle("is-changed", this.editor.isChanged(this.editor.sheet.get(row.dataset.id)));
    }
  }

  onLeave(event) {
    if (event.target.tagName !== "TEXTAREA" || !event.target.isConnected) return;
    const { id } = event.target.closest(".line").dataset;
    if (!this.editor.sheet.byId.has(id)) return;
    const isEmpty = !tidy(event.target.value);
    if (isEmpty && this.editor.edit(["remove", id])) return;
    event.target.value = this.editor.sheet.get(id).text;
  }

  onKey(event) {
    const row = event.target.closest(".line");
    if (!row) return;
    const isOurs = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && event.target.tagName === "TEXTAREA") {
      event.preventDefault(); // a segment is one line
      if (isOurs && event.shiftKey) this.join(row);
      else if (isOurs) this.split(row);
    } else if (event.key === "F2") {
      event.preventDefault();
      this.ask(row.dataset.id);
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      this.step(row.dataset.id, event.key === "ArrowUp" ? -1 : 1);
    }
  }

  step(id, by) {
    const { chosen } = this.editor.filters;
    const next = chosen[chosen.findIndex((line) => line.id === id) + by];
    if (next) this.editor.goTo(next.id);
  }

  split(row) {
    const text = row.querySelector("textarea");
    const { id } = row.dataset;
    const newId = `new-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    // What is written may not be tidy yet; the cut is counted in what is kept.
    const kept = this.editor.sheet.get(id).text;
    const before = tidy(text.value.slice(0, text.selectionStart));
    const isBetween = /\s/.test(text.value.slice(text.selectionStart - 1, text.selectionStart + 1));
    const at = lengthOf(before) + (isBetween ? 1 : 0);
    if (!kept.startsWith(before)) return;
    if (this.editor.edit(["split", id, at, newId])) this.editor.goTo(newId);
  }

  join(row) {
    const { id } = row.dataset;
    const { sheet } = this.editor;
    const next = sheet.after(id);
    if (!next) return;
    const caret = sheet.get(id).text.length + 1;
    if (this.editor.edit(["join", id, next.id])) this.focus(id, caret);
  }

  remove(row) {
    const { id } = row.dataset;
    const next = this.editor.sheet.after(id) ?? this.editor.sheet.lines.at(-2);
    if (this.editor.edit(["remove", id]) && next) this.editor.goTo(next.id);
  }

  ask(id) {
    const { speaker } = this.editor.sheet.get(id);
    const { root, filters } = this.editor;
    const form = this.dialog.querySelector("form");
    this.asked = id;
    form.elements.name.value = speaker;
    form.elements.which.value = "one";
    const count = filters.speakers.get(speaker) ?? 0;
    const all = form.querySelector("[value=all]").closest("label");
    all.querySelector("span").textContent = this.editor.text("allOf", {
      count: count.toLocaleString(),
      speaker: speaker || root.dataset.nobody,
    });
    this.dialog.returnValue = "";
    this.dialog.showModal();
    form.elements.name.select();
  }

  onSpeaker() {
    const { asked } = this;
    if (this.dialog.returnValue === "yes" && this.editor.sheet.byId.has(asked)) {
      const { name, which } = this.dialog.querySelector("form").elements;
      const { speaker } = this.editor.sheet.get(asked);
      const to = tidy(name.value);
      if (to !== speaker) {
        this.editor.edit(which.value === "all" ? ["rename", speaker, to] : ["assign", asked, to]);
      }
    }
    this.focus(asked);
  }

  playFocused() {
    const { id } = document.activeElement?.closest?.(".line")?.dataset ?? {};
    if (id) this.editor.play(this.editor.sheet.get(id).start);
  }

  markNow(ms) {
    for (const line of this.shown) {
      this.rowOf(line.id)?.classList.toggle("is-now", line.start <= ms && ms < line.end);
    }
  }
}
