// Attaches to .matches: what is opened is marked as read. The request outlives the page. Without this
// script the button of each match does it.

const list = document.querySelector(".matches");

function read({ target }) {
  const link = target.closest?.("h2 a");
  const match = link?.closest(".is-unread");
  if (!match) return;
  const form = match.querySelector("form");
  const body = new FormData(form);
  body.set("do", "read");
  fetch(form.action, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  match.classList.remove("is-unread");
  match.querySelector(".new")?.remove();
}

list?.addEventListener("click", read);
list?.addEventListener("auxclick", read);
