// Edits that met those of somebody else, kept in the draft until somebody has decided on each: as
// it was, as they saved it, as it was edited here. For screen.js.

import { clock } from "../transcript.js";
import { insteadOf } from "./edits.js";

export class Asides {
  constructor(editor, section) {
    this.editor = editor;
    this.section = section;
    this.list = section.querySelector("ol");
    this.template = section.querySelector("template");
  }

  show() {
    const { aside } = this.editor.draft;
    this.section.hidden = !aside.length;
    this.list.replaceChildren(...aside.map((conflict) => this.made(conflict)));
  }

  made(conflict) {
    const { oldWords, theirWords, myWords } = this.editor.root.dataset;
    const row = this.template.content.firstElementChild.cloneNode(true);
    const place = row.querySelector(".versions-of-it");
    if (conflict.was.length) {
      const theirs = theirWords.replace("{by}", conflict.by);
      place.append(
        this.side(oldWords, conflict.was),
        this.side(theirs, conflict.theirs),
        this.side(myWords, conflict.mine),
      );
    } else {
      for (const [, speaker, to] of conflict.edits) {
        place.append(this.paragraph(this.editor.text("renamed", { speaker, to })));
      }
    }
    row.querySelector("[name=mine]").hidden = !this.editsFor(conflict).length;
    row.querySelector("[name=mine]").addEventListener("click", () => this.take(conflict));
    row.querySelector("[name=theirs]").addEventListener("click", () => this.leave(conflict));
    return row;
  }

  side(heading, rows) {
    const section = document.createElement("section");
    const title = document.createElement("h4");
    title.textContent = heading;
    section.append(title);
    for (const [, start, , text, speaker] of rows) {
      section.append(this.paragraph(`${clock(start / 1000)} ${speaker ? `${speaker}: ` : ""}${text}`));
    }
    if (!rows.length) section.append(this.paragraph(this.editor.root.dataset.removed));
    return section;
  }

  paragraph(text) {
    const paragraph = document.createElement("p");
    paragraph.dir = "auto";
    paragraph.textContent = text;
    return paragraph;
  }

  // Edits on what stands there now; none where their segments are gone or were edited since.
  editsFor({ theirs, mine }) {
    const { sheet } = this.editor;
    const lines = theirs.map(([id]) => ({ id }));
    const areThere = lines.every(({ id }, place) => sheet.byId.has(id) && sheet.get(id).text === theirs[place][3]);
    if (!areThere) return [];
    const wanted = mine.map(([, , , text, speaker]) => ({ text, speaker }));
    const name = () => `new-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    return insteadOf(lines, wanted, name);
  }

  take(conflict) {
    const edits = this.editsFor(conflict);
    if (!edits.every((edit) => this.editor.edit(edit))) return;
    this.leave(conflict);
    if (conflict.theirs.length && this.editor.sheet.byId.has(conflict.theirs[0][0])) {
      this.editor.goTo(conflict.theirs[0][0]);
    }
  }

  leave(conflict) {
    const { draft } = this.editor;
    draft.aside = draft.aside.filter((one) => one !== conflict);
    draft.touch();
    this.show();
    this.editor.count();
  }
}
