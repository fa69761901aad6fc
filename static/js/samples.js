// Attaches to .sample, a program on the page of the API or a new token: it can be copied.

import { copy } from "./copying.js";

for (const sample of document.querySelectorAll(".sample")) {
  const button = sample.querySelector("button");
  const told = sample.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const isCopied = await copy(sample.querySelector("code").textContent);
    told.textContent = isCopied ? button.dataset.copied : button.dataset.refused;
  });
}
