// Attaches to .player (media/_player.html): plyr's controls over what stream.js brings. Nothing is
// fetched until somebody plays or seeks. Others hear "reader:now" {second, isPlaying, rate}, and ask
// with "reader:seek" {second, plays} and "reader:cue" {start}, which only says where play begins.
// plyr remembers volume, speed and captions, place.js the position. Without this script there is no
// player, and the page says so.

import Plyr from "../vendor/plyr.mjs";
import { Place } from "./place.js";
import { Stream } from "./stream.js";
import { Tokens } from "./tokens.js";
import { clock } from "./transcript.js";

const STEP_SECONDS = 5;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

class Player {
  constructor(root) {
    this.root = root;
    this.media = root.querySelector("video, audio");
    const { playlist, lifetime, lengthMs, meeting } = root.dataset;
    this.duration = Number(lengthMs) / 1000;
    this.place = new Place(meeting);
    this.tokens = new Tokens(playlist, Number(lifetime), (token) => this.onToken(token));
    this.stream = new Stream(this.media, this.tokens, (what) => this.say(what));
    this.isVideo = this.media.tagName === "VIDEO";
    this.plyr = new Plyr(this.media, this.options());
    this.listen();
    this.chooseStart();
    root.classList.add("is-ready");
  }

  options() {
    const { icons, title, ...words } = this.root.dataset;
    const { isVideo } = this;
    return {
      title,
      iconUrl: icons,
      blankVideo: "",
      i18n: words,
      duration: this.duration,
      seekTime: STEP_SECONDS,
      speed: { selected: 1, options: SPEEDS },
      settings: ["captions", "speed"],
      captions: { active: false, update: true },
      keyboard: { focused: false, global: false }, // keys.js has the keys, inside the player too
      storage: { enabled: true, key: "player" },
      fullscreen: { enabled: true, iosNative: true },
      tooltips: { controls: false, seek: true },
      invertTime: false,
      toggleInvert: false,
      markers: { enabled: isVideo, points: isVideo ? this.chapters() : [] },
      controls: [
        ...(isVideo ? ["play-large"] : []),
        ...["play", "progress", "current-time", "duration", "mute", "volume"],
        ...(isVideo ? ["captions", "settings", "pip", "fullscreen"] : ["settings"]),
      ],
    };
  }

  // plyr writes the labels as HTML, and titles of agenda items are what somebody wrote.
  chapters() {
    const escaper = document.createElement("i");
    return [...document.querySelectorAll(".agenda [data-start]")].map((item) => {
      escaper.textContent = item.dataset.title;
      return { time: Number(item.dataset.start) / 1000, label: escaper.innerHTML };
    });
  }

  listen() {
    const { media } = this;
    media.addEventListener("play", () => (this.isStarted ? this.stream.retry() : this.start()));
    media.addEventListener("seeking", () => this.start());
    for (const kind of ["timeupdate", "seeked", "play", "pause", "ratechange"]) {
      media.addEventListener(kind, () => this.tell());
    }
    media.addEventListener("timeupdate", () => this.place.keepSometimes(this.time, this.duration));
    media.addEventListener("pause", () => this.place.keep(this.time, this.duration));
    addEventListener("pagehide", () => this.isStarted && this.place.keep(this.time, this.duration));
    document.addEventListener("reader:seek", ({ detail }) => this.seek(detail.second, detail));
    document.addEventListener("reader:cue", ({ detail }) => {
      this.resumes?.setAttribute("hidden", "");
      if (this.isStarted) this.seek(detail.start);
      else this.startAt = detail.start;
    });
    this.root.querySelector(".plyr__progress")?.addEventListener("pointerenter", () => this.preview());
    // The words of four hours are fetched for somebody who is about to watch, not with the page.
    for (const kind of ["pointerenter", "focusin"]) {
      this.root.addEventListener(kind, () => this.addCaptions(), { once: true });
    }
  }

  // A moment that the address names, else where one stopped.
  chooseStart() {
    const asked = new URLSearchParams(location.search).get("t");
    if (asked) {
      this.startAt = Math.min(Math.max(Number(asked) || 0, 0), this.duration);
      return;
    }
    this.startAt = this.place.read(this.duration);
    this.resumes = this.root.querySelector(".resumes");
    if (this.startAt === null || !this.resumes) return;
    this.resumes.querySelector("time").textContent = clock(this.startAt);
    this.resumes.hidden = false;
    this.resumes.querySelector("button").addEventListener("click", () => {
      this.startAt = 0;
      this.play();
      this.root.querySelector("[data-plyr=play]").focus(); // the button itself goes
    });
  }

  // Until the film has come to where it starts, that is the place, and not the 0 that it stands at.
  get time() {
    return this.hasArrived ? this.media.currentTime : (this.startAt ?? 0);
  }

  get isPlaying() {
    return !this.media.paused && !this.media.ended;
  }

  tell() {
    if (!this.isStarted) return;
    const { time, isPlaying, media } = this;
    const detail = { second: time, isPlaying, rate: media.playbackRate };
    document.dispatchEvent(new CustomEvent("reader:now", { detail }));
  }

  seek(second, { plays = false } = {}) {
    const at = Math.min(Math.max(second, 0), Math.max(this.duration - 0.1, 0));
    if (!this.hasArrived) this.startAt = at;
    if (this.isStarted) this.media.currentTime = at;
    else this.start(at);
    if (plays) this.play();
  }

  play() {
    this.media.play()?.catch(() => {}); // put off until there is something to play, or refused
  }

  toggle() {
    if (this.isPlaying) this.media.pause();
    else this.play();
  }

  step(steps) {
    this.seek(this.time + steps * STEP_SECONDS);
  }

  faster(steps) {
    const at = SPEEDS.indexOf(this.plyr.speed);
    const next = Math.min(Math.max((at === -1 ? SPEEDS.indexOf(1) : at) + steps, 0), SPEEDS.length - 1);
    this.plyr.speed = SPEEDS[next];
  }

  toggleSound() {
    this.plyr.muted = !this.plyr.muted;
  }

  toggleCaptions() {
    if (this.isVideo) this.plyr.toggleCaptions();
  }

  // Fetch, and go to where one asked or was the last time. A press on play is heard meanwhile.
  start(at = this.startAt ?? 0) {
    if (this.isStarted) return;
    this.isStarted = true;
    this.startAt = at;
    for (const kind of at ? ["seeked", "playing"] : ["loadedmetadata"]) {
      this.media.addEventListener(kind, () => (this.hasArrived = true), { once: true });
    }
    this.resumes?.setAttribute("hidden", "");
    this.addCaptions();
    this.media.defaultPlaybackRate = this.media.playbackRate; // loading goes back to this one
    let isWanted = !this.media.paused;
    this.media.addEventListener("play", () => (isWanted = true), { once: true });
    this.media.addEventListener("loadedmetadata", () => isWanted && this.play(), { once: true });
    this.stream.open(at);
  }

  onToken(token) {
    const isFirst = !this.token;
    this.token = token;
    if (isFirst) this.preview();
  }

  // Pictures on the seek bar lie below a token too: asked for anew when somebody comes near and it
  // is another one by now.
  async preview() {
    if (!this.token || !("thumbnails" in this.root.dataset)) return;
    const token = await this.tokens.current().catch(() => null);
    if (!token || token === this.previewed) return;
    this.previewed = token;
    this.plyr.setPreviewThumbnails({ enabled: true, src: `/playback/${token}/thumbnails.vtt` });
  }

  addCaptions() {
    const { captionsSrc, captionsLanguage, captionsLabel } = this.root.dataset;
    if (!captionsSrc || !this.isVideo || this.media.querySelector("track")) return;
    const track = document.createElement("track");
    Object.assign(track, { kind: "captions", srclang: captionsLanguage, label: captionsLabel });
    track.src = captionsSrc;
    this.media.append(track);
  }

  // The sentences stand in the page; one is shown at most.
  say(what) {
    for (const sentence of this.root.querySelectorAll(".player-note [data-when]")) {
      sentence.hidden = sentence.dataset.when !== what;
    }
  }
}

const root = document.querySelector(".player[data-playlist]");
export const player = root ? new Player(root) : null;
