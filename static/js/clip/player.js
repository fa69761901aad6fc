// Attaches to .clip-player (clips/_player.html): plays the spans of a clip and nothing else, exact at
// both ends, on a clock of its own that begins at nought. Nothing is fetched until somebody plays or
// seeks. Tells with "clip:now" {second, isPlaying} and listens to "clip:seek" {second, plays}.
// Without this script there is no player, and the page says so.

import { Stream } from "../stream.js";
import { clock } from "../transcript.js";
import { Source } from "./source.js";

const STEP_SECONDS = 5;
const NEAR_SECONDS = 0.2; // so shortly before an end, each picture is looked at
const SAID_AFTER_MS = 1000;

class ClipPlayer {
  constructor(root) {
    this.root = root;
    this.media = root.querySelector("video, audio");
    const { playlist, lifetime, lengthMs } = root.dataset;
    this.duration = Number(lengthMs) / 1000;
    this.source = new Source(playlist, Number(lifetime), (timeline) => this.onTimeline(timeline));
    this.stream = new Stream(this.media, this.source, (what) => this.say(what));
    this.buttons = Object.fromEntries(
      [...root.querySelectorAll("button[name]")].map((button) => [button.name, button]),
    );
    this.seekBar = root.querySelector("[name=seek]");
    this.soFar = root.querySelector(".so-far");
    this.second = Math.min(Math.max(Number(new URLSearchParams(location.search).get("t")) || 0, 0), this.duration);
    this.listen();
    this.show();
    root.querySelector(".controls").hidden = false;
    if (this.buttons.large) this.buttons.large.hidden = false;
    root.classList.add("is-ready");
  }

  listen() {
    const { media, buttons, root } = this;
    for (const kind of ["timeupdate", "playing", "seeked", "ratechange"]) {
      media.addEventListener(kind, () => this.look());
    }
    for (const kind of ["play", "pause", "volumechange"]) {
      media.addEventListener(kind, () => this.show());
    }
    media.addEventListener("ended", () => this.end());
    media.addEventListener("playing", () => this.count(), { once: true });
    media.addEventListener("click", () => this.toggle());
    for (const button of [buttons.play, buttons.large]) button?.addEventListener("click", () => this.toggle());
    buttons.mute.addEventListener("click", () => this.mute());
    buttons.captions?.addEventListener("click", () => this.toggleCaptions());
    buttons.screen?.addEventListener("click", () => this.fillScreen());
    this.seekBar.addEventListener("input", () => this.seek(Number(this.seekBar.value) / 1000));
    root.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("clip:seek", ({ detail }) => this.seek(detail.second, detail));
    if (!root.requestFullscreen && !media.webkitEnterFullscreen) buttons.screen?.remove();
  }

  // Single keys hold only while the focus is inside the player (WCAG 2.1.4).
  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const onButton = event.target.closest("button");
    const keys = {
      " ": onButton ? null : () => this.toggle(),
      k: () => this.toggle(),
      m: () => this.mute(),
      c: () => this.toggleCaptions(),
      f: () => this.fillScreen(),
      ArrowLeft: () => this.seek(this.second - this.step),
      ArrowRight: () => this.seek(this.second + this.step),
      Home: () => this.seek(0),
      End: () => this.seek(this.duration),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  get step() {
    return Math.min(STEP_SECONDS, Math.max(this.duration / 10, 0.5));
  }

  get isPlaying() {
    return !this.media.paused && !this.isOver;
  }

  toggle() {
    if (this.isPlaying) this.media.pause();
    else this.play();
  }

  play() {
    if (this.isOver || this.second >= this.duration) this.seek(0);
    if (this.stream.isOver) this.stream.retry();
    this.isWanted = true;
    this.start();
    this.media.play()?.catch(() => {}); // put off until there is something to play, or refused
  }

  // Ask where the spans lie, and fetch from there. A press on play is heard meanwhile.
  async start() {
    if (this.isStarted) return;
    this.isStarted = true;
    this.media.addEventListener("loadedmetadata", () => this.isWanted && this.media.play()?.catch(() => {}), {
      once: true,
    });
    try {
      await this.source.current();
    } catch (error) {
      this.isStarted = false;
      this.stream.refuse(error, () => this.start());
      return;
    }
    await this.stream.open(this.timeline.toMedia(this.second));
  }

  onTimeline(timeline) {
    const isAnother = Boolean(this.timeline);
    this.timeline = timeline;
    this.placeCaptions();
    if (isAnother) this.media.currentTime = timeline.toMedia(this.second);
  }

  seek(second, { plays = false } = {}) {
    this.second = Math.min(Math.max(second, 0), this.duration);
    this.isOver = false;
    if (this.timeline && this.isStarted) this.media.currentTime = this.timeline.toMedia(this.second);
    if (plays) this.play();
    this.show();
  }

  // Where it is, and when it is due to stop or to jump: told to everybody, and waited for.
  look() {
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.frame);
    if (!this.timeline || this.media.seeking || this.isOver) return;
    const { currentTime, playbackRate } = this.media;
    const { isOver, goTo, until } = this.timeline.at(currentTime);
    if (isOver) {
      this.end();
      return;
    }
    if (goTo !== undefined) {
      this.media.currentTime = goTo;
      return;
    }
    this.second = Math.min(this.timeline.toClip(currentTime), this.duration);
    this.show();
    if (this.media.paused) return;
    const left = (until - currentTime) / playbackRate;
    if (left < NEAR_SECONDS) this.frame = requestAnimationFrame(() => this.look());
    else this.waiting = setTimeout(() => this.look(), (left - NEAR_SECONDS / 2) * 1000);
  }

  end() {
    if (this.isOver) return;
    this.isOver = true;
    this.isWanted = false;
    this.media.pause();
    this.second = this.duration;
    this.show();
  }

  show() {
    const { play, large, mute } = this.buttons;
    const { play: toPlay, pause, again, time } = this.root.dataset;
    const label = this.isPlaying ? pause : this.isOver ? again : toPlay;
    for (const button of [play, large]) button?.setAttribute("aria-label", label);
    this.root.classList.toggle("is-playing", this.isPlaying);
    this.root.classList.toggle("is-muted", this.media.muted);
    mute.setAttribute("aria-pressed", String(this.media.muted));
    this.soFar.textContent = clock(this.second);
    this.seekBar.value = String(Math.round(this.second * 1000));
    this.seekBar.style.setProperty("--played", `${(this.second / this.duration) * 100}%`);
    const said = time.replace("{now}", clock(this.second)).replace("{length}", clock(this.duration));
    this.seekBar.setAttribute("aria-valuetext", said);
    const detail = { second: this.second, isPlaying: this.isPlaying };
    document.dispatchEvent(new CustomEvent("clip:now", { detail }));
  }

  mute() {
    this.media.muted = !this.media.muted;
  }

  // Captions lie on the clip's clock; where the spans lie elsewhere, they go with them.
  placeCaptions() {
    if (!this.buttons.captions) return;
    this.track ??= this.media.addTextTrack("captions", this.root.dataset.captions, this.root.dataset.language);
    const wasShown = this.track.mode;
    this.track.mode = "hidden"; // or it would have no cues to remove
    for (const cue of [...(this.track.cues ?? [])]) this.track.removeCue(cue);
    for (const [start, end, text] of cues()) {
      const from = this.timeline.toMedia(start / 1000);
      this.track.addCue(new VTTCue(from, from + (end - start) / 1000, text));
    }
    this.track.mode = this.areCaptionsOn ? "showing" : wasShown === "disabled" ? "hidden" : wasShown;
  }

  toggleCaptions() {
    if (!this.buttons.captions) return;
    this.areCaptionsOn = !this.areCaptionsOn;
    this.buttons.captions.setAttribute("aria-pressed", String(this.areCaptionsOn));
    if (this.track) this.track.mode = this.areCaptionsOn ? "showing" : "hidden";
  }

  fillScreen() {
    const isFull = document.fullscreenElement === this.root;
    if (isFull) document.exitFullscreen();
    else if (this.root.requestFullscreen) this.root.requestFullscreen().catch(() => {});
    else this.media.webkitEnterFullscreen?.();
  }

  // That it was played is told once, a second after it began: a press by mistake is no play.
  count() {
    setTimeout(() => {
      if (this.second <= 0 && !this.isOver) return;
      fetch(this.root.dataset.played, { method: "POST", keepalive: true }).catch(() => {});
    }, SAID_AFTER_MS);
  }

  // The sentences stand in the page; one is shown at most.
  say(what) {
    for (const sentence of this.root.querySelectorAll(".player-note [data-when]")) {
      sentence.hidden = sentence.dataset.when !== what;
    }
  }
}

function cues() {
  return JSON.parse(document.getElementById("clip-captions")?.textContent ?? "{}").cues ?? [];
}

const root = document.querySelector(".clip-player");
export const player = root ? new ClipPlayer(root) : null;
