// Attaches to form.clipping (clips/_making.html), on its page and in the reader's dialog: times are
// taken from the player, parts play in a loop, and what the words are and what the guard says comes
// from the server while one writes. Every button that the form has without this script does the same
// with it, and the page stays.

import { player } from "../player.js";
import { Loop } from "./loop.js";
import { milliseconds, written } from "./times.js";

const QUIET_MS = 400;
const STEPS = { ArrowUp: 100, ArrowDown: -100 };

export class Form {
  // `root` holds the form, which is replaced when the server draws it anew.
  constructor(root) {
    this.root = root;
    this.loop = new Loop((isOn) => this.showLoop(isOn));
    this.isSaving = this.isSaved = false;
    root.addEventListener("submit", (event) => this.onSubmit(event));
    root.addEventListener("click", ({ target }) => this.onClick(target.closest("button")));
    root.addEventListener("input", ({ target }) => target.matches(".ends input") && this.onTime());
    root.addEventListener("keydown", (event) => this.onKey(event));
    root.addEventListener("focusin", ({ target }) => {
      const part = target.closest(".part");
      if (part) this.chosen = this.parts.indexOf(part);
    });
    this.drawn();
  }

  get element() {
    return this.root.querySelector("form.clipping");
  }

  get parts() {
    return [...this.root.querySelectorAll(".part")];
  }

  // The parts that can be played, in the order in which they were said.
  get spans() {
    return this.parts
      .map((part) => ({ start: timeIn(part, "from"), end: timeIn(part, "to") }))
      .filter(({ start, end }) => start !== null && end !== null && start < end)
      .sort((one, other) => one.start - other.start);
  }

  // The part that the keys and the buttons mean: where one wrote last, else the last one.
  get part() {
    return this.parts[this.chosen] ?? this.parts.at(-1);
  }

  // What only works with this script appears with it.
  drawn() {
    for (const button of this.root.querySelectorAll(".playhead, .loop")) button.hidden = !player;
    const check = this.root.querySelector(".check");
    if (check) check.hidden = true; // it happens by itself
    this.chosen = -1;
  }

  // "from" or "to" of the part that is meant, at this millisecond.
  mark(end, ms = player.time * 1000) {
    const field = this.part?.querySelector(`[name=${end}]`);
    if (!field) return;
    field.value = written(Math.max(Math.round(ms), 0));
    this.onTime();
    this.tell(`${field.labels[0].textContent.trim()} ${field.value}`);
  }

  // One more part. It takes the place of one in which nothing is written yet.
  async add({ start, end }) {
    const isEmpty = (one) => !one.querySelector("[name=from]").value;
    if (!this.parts.some(isEmpty)) await this.ask(this.buttonOf("more"), { isMoved: false });
    const part = this.parts.findLast(isEmpty);
    if (!part) return false;
    this.chosen = this.parts.indexOf(part);
    part.querySelector("[name=from]").value = written(Math.round(start * 1000));
    part.querySelector("[name=to]").value = written(Math.round(end * 1000));
    await this.check();
    return true;
  }

  buttonOf(verb) {
    return this.root.querySelector(`button[value=${verb}]:not([aria-hidden])`);
  }

  onClick(button) {
    if (!button) return;
    if (button.matches(".loop")) {
      if (this.loop.isOn) this.loop.stop();
      else this.loop.start(this.spans);
    } else if (button.matches(".playhead")) {
      this.chosen = this.parts.indexOf(button.closest(".part"));
      this.mark(button.name.slice("now-".length));
    }
  }

  // Up and down in a field moves it by a tenth of a second, with Shift by a whole one.
  onKey(event) {
    const step = STEPS[event.key];
    if (!step || !event.target.matches(".ends input") || event.altKey || event.ctrlKey) return;
    const ms = milliseconds(event.target.value);
    if (ms === null) return;
    event.preventDefault();
    event.target.value = written(Math.max(ms + step * (event.shiftKey ? 10 : 1), 0));
    this.onTime();
  }

  onTime() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.check(), QUIET_MS);
  }

  // What is said in the parts now. The fields stay as they are, and who writes in one stays there.
  async check() {
    clearTimeout(this.waiting);
    this.loop.change(this.spans);
    const drawn = await this.fetch(this.buttonOf("check"));
    if (!drawn || drawn.parts.length !== this.parts.length) return;
    this.parts.forEach((part, number) => renew(part, drawn.parts[number], ".said"));
    for (const what of [".sum", ".wrong", ".last"]) renew(this.root, drawn.form, what);
    this.suggest(drawn.form);
    for (const name of ["seen", "suggested"]) {
      this.root.querySelector(`[name=${name}]`).value = drawn.form.querySelector(`[name=${name}]`).value;
    }
    this.announce();
  }

  // A title that nobody has touched follows the words.
  suggest(drawn) {
    const title = this.root.querySelector("[name=title]");
    const isOurs = title.value === this.root.querySelector("[name=suggested]").value;
    if (isOurs) title.value = drawn.querySelector("[name=title]").value;
  }

  onSubmit(event) {
    event.preventDefault();
    if (!this.isSaving) this.ask(event.submitter);
  }

  // The server's answer to a button takes the place of the form; with `isMoved`, the focus goes to
  // what it is about.
  async ask(button, { isMoved = true } = {}) {
    if (!button) return;
    clearTimeout(this.waiting);
    const number = button.closest(".part")?.dataset.number;
    this.isSaving = button.value === "cut"; // once, however often it is pressed
    const drawn = await this.fetch(button);
    this.isSaving = this.isSaved;
    if (!drawn) return;
    this.element.replaceWith(drawn.form);
    this.drawn();
    this.loop.change(this.spans);
    this.announce();
    if (!isMoved) return;
    const part = button.value === "more" ? this.parts.at(-1) : (this.parts[number] ?? this.parts.at(-1));
    const amiss = button.value === "cut" && this.root.querySelector("[aria-invalid=true], .widen");
    (amiss || part.querySelector("[name=from]")).focus();
  }

  async fetch(button) {
    const form = this.element;
    const body = new URLSearchParams(new FormData(form, button?.form === form ? button : null));
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { "HX-Request": "true" },
        signal: asked.signal,
      });
      if (answer.status === 201) {
        this.isSaved = true;
        location.assign(answer.headers.get("Location"));
        return null;
      }
      if (answer.redirected || [401, 402, 403].includes(answer.status)) {
        this.tell(form.dataset.refused);
        return null;
      }
      if (!answer.ok && answer.status !== 422) throw new Error(answer.statusText);
      return read(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") this.tell(form.dataset.lost);
      return null;
    }
  }

  // For those who do not see them come.
  announce() {
    const warnings = [...this.root.querySelectorAll(".guard p")].map((one) => one.textContent.trim());
    this.root.querySelector(".announced").textContent = warnings.join(" ");
  }

  tell(text) {
    this.root.querySelector(".told").textContent = text;
  }

  showLoop(isOn) {
    const button = this.root.querySelector(".loop");
    button?.setAttribute("aria-pressed", String(isOn));
  }
}

export function read(html) {
  const form = new DOMParser().parseFromString(html, "text/html").querySelector("form.clipping");
  if (!form) throw new Error("no form");
  return { form, parts: [...form.querySelectorAll(".part")] };
}

// Only what has changed, so that nobody loses their place.
function renew(here, there, what) {
  const [old, now] = [here, there].map((one) => one.querySelector(what));
  if (!old.isEqualNode(now)) old.replaceWith(now);
}

function timeIn(part, name) {
  return milliseconds(part.querySelector(`[name=${name}]`).value);
}
