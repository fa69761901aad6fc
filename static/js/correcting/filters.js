// The fields above the lines: search within, a speaker, only what is edited, a time to go to. For
// screen.js, which shows the lines that are chosen here.

export class Filters {
  constructor(editor, form) {
    this.editor = editor;
    this.form = form;
    this.speakers = new Map();
    const refilter = () => {
      editor.page = 0;
      editor.show();
    };
    form.words.addEventListener("input", refilter);
    form.speaker.addEventListener("change", refilter);
    form.changed.addEventListener("change", refilter);
    form.words.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    form.time.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const ms = milliseconds(form.time.value);
      if (ms !== null && editor.sheet) editor.goToTime(ms);
    });
  }

  get chosen() {
    const { words, speaker, changed } = this.form;
    const { lines } = this.editor.sheet;
    const wanted = words.value.trim().toLowerCase();
    const who = speaker.value;
    if (!wanted && who === "*" && !changed.checked) return lines;
    return lines.filter(
      (line) =>
        (!wanted || line.text.toLowerCase().includes(wanted)) &&
        (who === "*" || line.speaker === who.slice(1)) &&
        (!changed.checked || this.editor.isChanged(line)),
    );
  }

  clear() {
    this.form.words.value = "";
    this.form.speaker.value = "*";
    this.form.changed.checked = false;
  }

  // Everybody who speaks, with the number of their segments: to choose from, and to be typed.
  show() {
    const { root, sheet } = this.editor;
    const counts = new Map();
    for (const { speaker } of sheet.lines) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
    this.speakers = counts;
    const names = [...counts.keys()].sort((a, b) => a.localeCompare(b));
    const select = this.form.speaker;
    const value = select.value || "*";
    const { everybody, nobody } = root.dataset;
    const options = names.map((name) => new Option(`${name || nobody} (${counts.get(name)})`, `=${name}`));
    select.replaceChildren(new Option(everybody, "*"), ...options);
    select.value = [...select.options].some((option) => option.value === value) ? value : "*";
    const list = root.querySelector("#speakers");
    list.replaceChildren(...names.filter(Boolean).map((name) => new Option(name, name)));
  }
}

// 1:02:03, 62:03 or 3723 as milliseconds, or null.
function milliseconds(text) {
  if (!/^\s*\d+(:\d{1,2}){0,2}\s*$/.test(text)) return null;
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}
