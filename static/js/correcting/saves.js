// What goes to the server and what it says: fetching the lines of a version, saving a set of edits.
// For screen.js. Whatever happens, edits stay in the draft until the server has stored them.

const PATIENCE_MS = 60_000;

export class Saves {
  constructor(editor) {
    this.editor = editor;
    this.isUnderWay = false;
  }

  // The lines of a version, or null where they could not be had, which is said.
  async fetchLines(address) {
    const answer = await this.ask(address, {});
    if (!answer) return null;
    const version = await answer.json();
    this.csrf = version.csrf;
    return version;
  }

  async save() {
    const { editor } = this;
    const { draft } = editor;
    if (this.isUnderWay || !editor.sheet || !draft.edits.length) return;
    this.isUnderWay = true;
    editor.form.save.setAttribute("aria-busy", "true");
    try {
      draft.edits = together(draft.edits);
      draft.isSent = true;
      draft.keep();
      await this.send();
    } finally {
      this.isUnderWay = false;
      editor.form.save.removeAttribute("aria-busy");
      editor.count();
    }
  }

  async send({ isAgain = false } = {}) {
    const { editor } = this;
    const { name, edits, note } = editor.draft;
    const sent = [...edits];
    const answer = await this.ask(editor.version.save, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
      body: JSON.stringify({ draft: name, edits, note }),
      isQuiet: !isAgain,
    });
    if (answer === 403) {
      // Somebody signed in again in another tab: the page's token is of the session before.
      if (await this.fetchLines(editor.version.lines_url)) await this.send({ isAgain: true });
      return;
    }
    if (!answer) return;
    const said = await answer.json();
    if (answer.status === 200) await this.onSaved(said, sent);
    else if (answer.status === 409) await this.onMet(said, sent);
    else editor.say(said.error);
  }

  async onSaved(said, sent) {
    const { editor } = this;
    const { draft } = editor;
    const told = [editor.text("saved", said)];
    if (said.merged_with) told.push(editor.text("merged", said.merged_with));
    const { aside } = draft;
    const since = draft.edits.slice(sent.length); // made while the answer was on its way
    draft.clear();
    draft.base = said.id;
    draft.aside = aside;
    draft.edits = since;
    draft.keep();
    const version = await this.fetchLines(said.lines_url);
    if (!version) return;
    history.replaceState(null, "", said.edit);
    editor.begin(version);
    draft.keep();
    const resting = said.resting.length ? [list(editor.root.dataset.resting, said.resting)] : [];
    editor.say(told.join(" "), ...resting);
  }

  async onMet({ newest, fits, conflicts }, sent) {
    const { editor } = this;
    const { draft } = editor;
    const version = await this.fetchLines(newest.lines_url);
    if (!version) return;
    const since = draft.edits.slice(sent.length);
    draft.edits = [...fits.map((place) => sent[place]), ...since];
    draft.aside.push(
      ...conflicts.map((conflict) => ({
        ...conflict,
        edits: conflict.edits.map((place) => sent[place]),
        by: newest.by,
      })),
    );
    draft.undone = [];
    draft.base = newest.id;
    draft.touch();
    draft.keep();
    history.replaceState(null, "", newest.edit);
    editor.begin(version);
    editor.say(editor.text("met", { ...newest, fits: fits.length }));
  }

  // The answer, or null after saying why there is none. With `isQuiet` a 403 comes back as such.
  async ask(address, { isQuiet = false, ...options }) {
    const { editor } = this;
    const words = editor.root.dataset;
    let answer;
    try {
      answer = await fetch(address, {
        cache: "no-store",
        credentials: "same-origin",
        redirect: "manual",
        signal: AbortSignal.timeout?.(PATIENCE_MS),
        ...options,
      });
    } catch {
      editor.say(words.lost);
      return null;
    }
    if (answer.status === 403 && isQuiet) return 403;
    const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (isOurs) return answer;
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) {
      editor.say(words.signedOut, link(words.signIn, words.signIn));
    } else if (answer.status >= 500) {
      editor.say(words.lost);
    } else {
      editor.say(editor.text("refused", { status: answer.status }));
    }
    return null;
  }
}

// Words that were typed in bursts, as one edit.
function together(edits) {
  return edits.filter(([kind, id], place) => {
    const next = edits[place + 1];
    return !(kind === "reword" && next?.[0] === "reword" && next[1] === id);
  });
}

function list(heading, sentences) {
  const section = document.createElement("section");
  const paragraph = document.createElement("p");
  paragraph.textContent = heading;
  const rows = document.createElement("ul");
  for (const { text, article, url } of sentences) {
    const row = document.createElement("li");
    row.append(`${text} `, link(article, url));
    rows.append(row);
  }
  section.append(paragraph, rows);
  return section;
}

function link(text, url) {
  const anchor = document.createElement("a");
  Object.assign(anchor, { textContent: text, href: url, target: "_blank", rel: "noopener" });
  return anchor;
}
