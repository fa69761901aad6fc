// Attaches to a[data-quote], the hits of a search. Has each lead to its very words (quotes.js finds
// them) and not only to its segment. Without this script ?t= in the address marks the segment, and
// #moment brings it into view.

function sharpen(root) {
  for (const link of root.querySelectorAll("a[data-quote]")) link.hash = link.dataset.quote;
}

sharpen(document);
document.addEventListener("htmx:load", ({ target }) => sharpen(target));
