// Attaches to .plays, hidden until this script is there: plays a moment where it stands, in a player
// of the browser's own. One plays at a time. It stops where the moment ends, and goes on for whoever
// presses play again.

import { Stream } from "./stream.js";
import { Tokens } from "./tokens.js";

let playing = null;

class InPlace {
  constructor(part, { playlist, lifetime, startMs, endMs, label, video, poster }) {
    this.part = part;
    this.end = Number(endMs) / 1000;
    this.media = document.createElement(video === undefined ? "audio" : "video");
    Object.assign(this.media, { controls: true, playsInline: true, poster: poster ?? "" });
    this.media.setAttribute("aria-label", label);
    this.stream = new Stream(this.media, new Tokens(playlist, Number(lifetime)), (what) => this.say(what));
    this.media.addEventListener("loadedmetadata", () => this.play(), { once: true });
    this.media.addEventListener("play", () => {
      this.stream.retry();
      become(this);
    });
    this.stopAtEnd();
    part.querySelector("button").replaceWith(this.media);
    this.media.focus();
    this.stream.open(Number(startMs) / 1000);
  }

  play() {
    this.media.play()?.catch(() => {}); // the browser wants another press: its controls are there
  }

  stopAtEnd() {
    const stop = () => {
      if (this.media.currentTime < this.end) return;
      this.media.removeEventListener("timeupdate", stop);
      this.media.pause();
    };
    this.media.addEventListener("timeupdate", stop);
  }

  say(what) {
    for (const sentence of this.part.querySelectorAll("[data-when]")) {
      sentence.hidden = sentence.dataset.when !== what;
    }
  }
}

function become(next) {
  if (playing && playing !== next) playing.media.pause();
  playing = next;
}

function show(root) {
  for (const part of root.querySelectorAll(".plays")) part.hidden = false;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(".plays > button");
  if (button) become(new InPlace(button.parentElement, button.dataset));
});
// What was opened to be played and is closed again falls silent.
document.addEventListener(
  "toggle",
  ({ target, newState }) => {
    if (newState === "closed" && playing && target.contains(playing.media)) playing.media.pause();
  },
  true,
);
document.addEventListener("htmx:load", ({ target }) => show(target));
// Before another search takes its place: htmx copies what it replaces, and the film with it.
document.addEventListener("htmx:beforeSwap", ({ detail: { shouldSwap, target } }) => {
  if (!shouldSwap || !playing || !target.contains(playing.media)) return;
  playing.media.pause();
  playing.stream.close();
  playing = null;
});
show(document);
