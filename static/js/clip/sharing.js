// Attaches to the buttons [name=copy-link] and [name=copy-embed] of a clip's page: they put the
// address, or the code of the frame, on the clipboard and say so. Without this script the address is
// in the browser's own bar, and the code can be selected.

import { copy } from "../copying.js";

const SAID_MS = 4000;

function attach(button, textOf) {
  const said = button.parentElement.querySelector(".copied");
  let waiting = 0;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const isCopied = await copy(textOf());
    said.textContent = isCopied ? button.dataset.copied : button.dataset.refused;
    clearTimeout(waiting);
    waiting = setTimeout(() => (said.textContent = ""), SAID_MS);
  });
}

const link = document.querySelector("[name=copy-link]");
if (link) attach(link, () => link.dataset.text);
const code = document.querySelector("[name=copy-embed]");
if (code) attach(code, () => code.parentElement.querySelector("textarea").value);
