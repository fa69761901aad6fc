// Attaches to .behind, what the marks of an article open: its link can be copied. (It opens and
// closes without a script.)

import { copy } from "./copying.js";

for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    if (!(await copy(button.dataset.copies))) return;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 2000);
  });
}
