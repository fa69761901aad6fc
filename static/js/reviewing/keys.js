// Single keys on an article's screen, for reviewing/screen.js: n, p and f go from sentence to
// sentence, and what a button or link of the sentence says in aria-keyshortcuts presses it. They are
// silent in fields and with Ctrl, Alt or Meta, and can be turned off (WCAG 2.1.4), which this browser
// remembers together with the reader's own.

const OFF = "shortcuts";
const FIELD = "input:not([type=checkbox], [data-plyr=seek]), textarea, select, [contenteditable]";
const STEPS = { j: -1, l: 1 };

export function attachKeys(screen) {
  const { root } = screen;
  const box = root.querySelector("[name=keys]");
  box.checked = isOn();
  box.addEventListener("change", () => keep(box.checked));

  const go = (step, isWanted = () => true) => {
    const { rows, row } = screen;
    const at = rows.indexOf(row);
    const order = step > 0 ? rows.slice(at + 1) : rows.slice(0, Math.max(at, 0)).reverse();
    const next = order.find(isWanted) ?? (at === -1 ? rows.find(isWanted) : null);
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "start" });
  };
  const own = {
    n: () => go(1),
    p: () => go(-1),
    f: () => go(1, (row) => "look" in row.dataset),
    y: () => {
      const target = root.querySelector(".publishing :is(textarea, button, a)");
      target?.focus();
    },
    h: () => press(root.querySelector(".headline [aria-keyshortcuts=h]")),
    k: () => screen.moments.toggle(),
    j: () => screen.moments.step(STEPS.j),
    l: () => screen.moments.step(STEPS.l),
    "?": () => {
      const list = root.querySelector(".shortcuts");
      list.open = true;
      list.querySelector("summary").focus();
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const isIn = event.target.closest?.(FIELD);
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "s" && save(event.target)) event.preventDefault();
      return;
    }
    if (event.key === "Escape" && leave(event.target)) return;
    if (isIn || (!box.checked && event.key !== "?")) return;
    const act = own[event.key] ?? pressing(screen.row, event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function pressing(row, key) {
  if (!row || !/^[a-z]$/.test(key)) return null;
  const target = row.querySelector(`[aria-keyshortcuts="${key}"]`);
  return target && (() => press(target));
}

function press(target) {
  target?.click();
  const details = target?.closest("summary")?.parentElement;
  if (details?.open) writeIn(details);
}

// Whoever opens a form wants to write in it.
export function writeIn(details) {
  details.querySelector("textarea, input:not([type=hidden]), button")?.focus();
}

// Ctrl+S sends the form that one writes in.
function save(target) {
  const form = target.closest?.("form[data-here]");
  if (!form) return false;
  form.requestSubmit(form.querySelector("button[name=do]"));
  return true;
}

// Esc gives the words back as they were, and goes back to the sentence.
function leave(target) {
  const details = target.closest?.("details.verb[open]");
  if (!details) return false;
  details.querySelector("form").reset();
  details.open = false;
  (details.closest(".sentence, .insight") ?? details.querySelector("summary")).focus();
  return true;
}

function isOn() {
  try {
    return localStorage.getItem(OFF) !== "off";
  } catch {
    return true;
  }
}

function keep(areOn) {
  try {
    localStorage.setItem(OFF, areOn ? "on" : "off");
  } catch {
    // Storage is forbidden here; it holds for this page.
  }
}
