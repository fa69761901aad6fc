// Attaches to .clip-words: what is said now is marked, and a press on words or on a time goes there
// ("clip:seek"). Without this script the words can be read.

const root = document.querySelector(".clip-words");

class Words {
  constructor(root) {
    this.segments = [...root.querySelectorAll("[data-t]")].map((element) => {
      const [start, end] = element.dataset.t.split(",").map((ms) => Number(ms) / 1000);
      return { element, start, end };
    });
    this.now = null;
    document.addEventListener("clip:now", ({ detail }) => this.mark(detail));
    root.addEventListener("click", (event) => this.onPress(event));
  }

  mark({ second, isPlaying }) {
    const isUnder = second > 0 || isPlaying;
    const said = isUnder ? this.segments.findLast(({ start }) => start <= second + 0.01) : null;
    if (said === this.now) return;
    this.now?.element.classList.remove("now");
    said?.element.classList.add("now");
    this.now = said;
  }

  onPress(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const time = event.target.closest(".at");
    const element = time ? time.closest(".turn").querySelector("[data-t]") : event.target.closest("[data-t]");
    const segment = this.segments.find((one) => one.element === element);
    if (!segment || !getSelection().isCollapsed) return;
    if (time) event.preventDefault();
    const detail = { second: segment.start, plays: Boolean(time) };
    document.dispatchEvent(new CustomEvent("clip:seek", { detail }));
  }
}

if (root) new Words(root);
