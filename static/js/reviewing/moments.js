// Plays the moments of sentences in the player beside them, for reviewing/screen.js: from where the
// evidence begins, and it stops where that ends. Whoever presses play again goes on. Buttons
// .plays-here are hidden until there is a player.

export function attachMoments(root) {
  const moments = new Moments(root);
  moments.open();
  return moments;
}

class Moments {
  constructor(root) {
    this.root = root;
    this.player = null;
    this.end = Infinity;
  }

  async open() {
    if (!document.querySelector(".player[data-playlist]")) return;
    ({ player: this.player } = await import("../player.js"));
    this.show();
    this.root.addEventListener("click", ({ target }) => {
      const button = target.closest?.(".plays-here");
      if (button) this.play(button.dataset);
    });
    document.addEventListener("reader:now", ({ detail }) => {
      if (detail.isPlaying && detail.second >= this.end) {
        this.end = Infinity;
        this.player.toggle();
      }
    });
  }

  show() {
    if (!this.player) return;
    for (const button of this.root.querySelectorAll(".plays-here")) button.hidden = false;
  }

  play({ startMs, endMs }) {
    const second = Number(startMs) / 1000;
    this.end = Infinity; // the place where it stands may lie behind
    document.dispatchEvent(new CustomEvent("reader:seek", { detail: { second, plays: true } }));
    const arrive = ({ detail }) => {
      if (detail.second < second - 0.5 || detail.second > Number(endMs) / 1000) return;
      document.removeEventListener("reader:now", arrive);
      this.end = Number(endMs) / 1000;
    };
    document.addEventListener("reader:now", arrive);
  }

  toggle() {
    this.player?.toggle();
  }

  step(steps) {
    this.player?.step(steps);
  }
}
