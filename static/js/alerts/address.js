// Attaches to [data-copies], which names the field whose text it copies.

import { copy } from "../copying.js";

for (const button of document.querySelectorAll("[data-copies]")) {
  const told = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const isCopied = await copy(document.getElementById(button.dataset.copies).value);
    told.textContent = isCopied ? button.dataset.copied : button.dataset.refused;
  });
}
