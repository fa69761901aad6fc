// Attaches to the section .clip-files of a clip's page. While a file is being made, it loads the
// section again every two seconds; its buttons are pressed without leaving the page. Without this
// script they are plain forms, and the page shows the progress when it is loaded again.

const EVERY_MS = 2000;
const SLOWER_MS = 15000; // when the server does not answer

function section() {
  return document.querySelector(".clip-files");
}

async function replace(answer) {
  if (!answer.ok) return false;
  const text = await answer.text();
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(".clip-files");
  const old = section();
  if (!fresh || !old) return false;
  const focused = old.contains(document.activeElement) && document.activeElement.closest("li");
  const place = focused ? [...old.querySelectorAll("li")].indexOf(focused) : -1;
  old.replaceWith(fresh);
  fresh.querySelectorAll("li")[place]?.querySelector("button, a")?.focus();
  return true;
}

let waiting = 0;

function wait(ms) {
  clearTimeout(waiting);
  if (section()?.hasAttribute("data-under-way")) waiting = setTimeout(look, ms);
}

async function look() {
  let done = false;
  try {
    if (!document.hidden) done = await replace(await fetch(section().dataset.address));
  } catch {
    done = false; // the connection is lost; it is asked again
  }
  wait(done || document.hidden ? EVERY_MS : SLOWER_MS);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!section()?.contains(form)) return;
  event.preventDefault();
  const sent = { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } };
  try {
    if (await replace(await fetch(form.action, sent))) {
      wait(EVERY_MS);
      return;
    }
  } catch {
    // Then as a form by itself, which shows what is the matter.
  }
  form.submit();
});

wait(EVERY_MS);
