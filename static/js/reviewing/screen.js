// Attaches to .reviewing (admin/intake/article_review.html): forms and links marked data-here are
// answered in place, so that neither the film nor the place in the list is lost; without this script
// they load the page. What is typed and not sent stays, whatever else is done meanwhile. Moments are
// played in the player beside (moments.js), keys are keys.js.

import { attachKeys, writeIn } from "./keys.js";
import { attachMoments } from "./moments.js";

const ROW = ".sentence, .insight";

class Screen {
  constructor(root) {
    this.root = root;
    this.isBusy = false;
    root.addEventListener("submit", (event) => this.onSubmit(event));
    root.addEventListener("click", (event) => this.onClick(event));
    root.addEventListener("toggle", (event) => onToggle(event), { capture: true });
    addEventListener("beforeunload", (event) => {
      if (this.unsent().length) event.preventDefault();
    });
    this.moments = attachMoments(root);
    attachKeys(this);
    this.arrive(location.hash.slice(1));
  }

  get sheet() {
    return this.root.querySelector(".sheet");
  }

  get rows() {
    return [...this.root.querySelectorAll(ROW)];
  }

  // The sentence that one is at.
  get row() {
    return document.activeElement?.closest?.(ROW) ?? null;
  }

  onSubmit(event) {
    const form = event.target.closest("form[data-here]");
    if (!form) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    this.ask(location.pathname, { method: "POST", body }, form);
  }

  onClick(event) {
    const link = event.target.closest("a[data-here]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { pathname, search, hash } = new URL(link.href);
    this.ask(`${pathname}${search}${hash}`, {}, null);
  }

  // `sent` is the form, whose own text is on its way and is not kept.
  async ask(address, options, sent) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.root.classList.add("is-busy");
    try {
      const answer = await fetch(address, { credentials: "same-origin", ...options });
      const { pathname } = new URL(answer.url); // it has lost the fragment by now
      if (pathname === this.root.dataset.signIn || pathname.startsWith("/accounts/")) {
        this.say(this.root.dataset.signedOut);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const sheet = page.querySelector(".reviewing .sheet");
      if (!sheet && answer.redirected) {
        this.sheet.remove(); // nothing is asked on leaving
        location.assign(answer.url);
      } else if (sheet) {
        const place = sent?.closest("[id]");
        const places = [place, place?.nextElementSibling, place?.previousElementSibling];
        const asked = new URL(address, location.href).hash.slice(1);
        this.show(sheet, sent);
        const ids = [asked, ...places.map((one) => one?.id)];
        this.arrive(ids.find((id) => id && document.getElementById(id)));
      } else {
        this.say(this.root.dataset.unread.replace("{status}", answer.status));
      }
    } catch {
      this.say(this.root.dataset.lost);
    } finally {
      this.isBusy = false;
      this.root.classList.remove("is-busy");
    }
  }

  show(sheet, sent) {
    const kept = this.unsent(sent);
    const told = sheet.querySelector(".told");
    const said = [...told.childNodes];
    told.replaceChildren();
    this.sheet.replaceWith(document.adoptNode(sheet));
    this.sheet.querySelector(".told").replaceChildren(...said); // now there to be read out
    for (const one of kept) this.giveBack(one);
    this.moments.show();
  }

  // Texts that were typed and not sent, each with what its sentence was when it was opened.
  unsent(sent) {
    const forms = [...this.root.querySelectorAll(".sheet form")].filter((form) => form !== sent);
    const found = [];
    for (const form of forms) {
      for (const field of form.querySelectorAll("textarea, input:not([type=hidden])")) {
        if (field.value === field.defaultValue) continue;
        found.push({
          row: form.elements.row?.value,
          name: field.name,
          value: field.value,
          seen: form.elements.seen?.value,
          does: form.querySelector("button[name=do]").value,
        });
      }
    }
    return found;
  }

  giveBack({ row, name, value, seen, does }) {
    for (const form of this.sheet.querySelectorAll("form")) {
      const isIt = form.elements.row?.value === row;
      if (!isIt || form.querySelector("button[name=do]").value !== does) continue;
      const field = form.elements[name];
      if (!field) continue;
      field.value = value;
      if (form.elements.seen) form.elements.seen.value = seen;
      const details = form.closest("details");
      if (details) details.open = true;
    }
  }

  // Go on from here: at what was refused, at what is offered, else at the sentence itself.
  arrive(id) {
    const refused = this.root.querySelector(".refused");
    const row = id && document.getElementById(id);
    const target = refused ?? row?.querySelector?.(".offers") ?? row;
    if (!target) return;
    target.closest("details")?.setAttribute("open", "");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  }

  say(text) {
    const told = this.root.querySelector(".told");
    told.classList.add("is-wrong");
    told.textContent = text;
    told.scrollIntoView({ block: "nearest" });
  }
}

function onToggle({ target }) {
  if (target.matches?.("details.verb[open]")) writeIn(target);
}

const root = document.querySelector(".reviewing[data-sign-in]");
if (root) new Screen(root);
