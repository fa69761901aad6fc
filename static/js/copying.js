// Puts text on the clipboard. Browsers give it to pages with a secure address only; the older way
// asks nothing, and what was selected and focused stays so.

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const selection = getSelection();
    const kept = selection.rangeCount ? selection.getRangeAt(0).cloneRange() : null;
    const focused = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    focused?.focus?.({ preventScroll: true });
    if (kept) {
      selection.removeAllRanges();
      selection.addRange(kept);
    }
    return isCopied;
  }
}
