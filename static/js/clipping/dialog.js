// Attaches to dialog.clip-dialog of the reader. "clipping:take" {start, end} (selection.js) opens it with
// these seconds as its first part, and gives it one more while it is open; "reader:in" and "reader:out"
// (the keys i and o) mark a beginning and an end while something plays. It stands beside the player
// and not over the words, so that one goes on listening and choosing. Escape closes it.

import { player } from "../player.js";
import { clock } from "../transcript.js";
import { Form, read } from "./form.js";

const TOLD_MS = 6000;

class Dialog {
  constructor(element) {
    this.element = element;
    this.body = element.querySelector(".clip-body");
    this.note = document.querySelector(".clip-note");
    this.begins = null;
    document.addEventListener("clipping:take", ({ detail }) => this.take(detail));
    document.addEventListener("reader:in", () => this.markIn());
    document.addEventListener("reader:out", () => this.markOut());
    element.querySelector(".clip-close").addEventListener("click", () => this.close());
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      this.close();
    });
  }

  async take(span) {
    if (this.element.open && this.form?.element) {
      if (!(await this.form.add(span))) return;
      this.form.tell(`${this.form.part.querySelector("legend").textContent}: ${clock(span.start)}–${clock(span.end)}`);
      return;
    }
    this.cameFrom = span.from ?? document.activeElement;
    if (!this.element.open) this.element.show();
    this.body.textContent = this.element.dataset.waiting;
    const { form: address, meeting, lost } = this.element.dataset;
    const seconds = (value) => String(Math.round(value * 1000) / 1000);
    const query = new URLSearchParams({ meeting, from: seconds(span.start), to: seconds(span.end) });
    try {
      const answer = await fetch(`${address}?${query}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const { form } = read(await answer.text());
      this.body.replaceChildren(form);
    } catch {
      this.body.textContent = lost;
      return;
    }
    if (this.form) this.form.drawn();
    else this.form = new Form(this.body);
    this.form.announce();
    this.element.querySelector("h2").focus();
  }

  markIn() {
    if (this.element.open && this.form?.element) {
      this.form.mark("from");
      return;
    }
    this.begins = player.time;
    this.tell(this.element.dataset.begun.replace("{time}", clock(this.begins)));
  }

  markOut() {
    if (this.element.open && this.form?.element) {
      this.form.mark("to");
      return;
    }
    const end = player.time;
    if (this.begins === null || end <= this.begins) {
      this.tell(this.element.dataset.unbegun);
      return;
    }
    this.note.hidden = true;
    this.take({ start: this.begins, end });
    this.begins = null;
  }

  tell(text) {
    this.note.hidden = false;
    this.note.textContent = text;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => (this.note.hidden = true), TOLD_MS);
  }

  close() {
    this.form?.loop.stop();
    this.element.close();
    this.body.replaceChildren();
    if (this.cameFrom?.isConnected && this.cameFrom.checkVisibility()) this.cameFrom.focus();
  }
}

const element = document.querySelector("dialog.clip-dialog");
if (element && player) new Dialog(element);
