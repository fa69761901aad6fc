// Attaches to .player (media/_player.html): plyr over hls.js, or over the browser's own HLS where
// it has no Media Source Extensions (an older iPhone). Nothing is fetched until somebody plays or
// seeks. A fresh token goes into each request (tokens.js). Others hear "reader:now" with the second
// that plays, and ask with "reader:seek" {second, plays} and "reader:cue" {start}.
// Volume, speed and captions are remembered by plyr, the position here; both go without where
// storage is forbidden. Without this script there is no player, and the page says so.

import Plyr from "../vendor/plyr.mjs";
import { Refused, Tokens, isPlayback, withToken } from "./tokens.js";

const STEP_SECONDS = 5;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const SAVED_EVERY_MS = 5000;
const AGAIN_AFTER_MS = 3000;
const NEARLY_OVER_SECONDS = 15;

class Player {
  constructor(root) {
    this.root = root;
    this.media = root.querySelector("video, audio");
    this.note = root.querySelector(".player-note");
    const { playlist, lifetime } = root.dataset;
    this.tokens = new Tokens(playlist, Number(lifetime), (token) => this.onToken(token));
    this.duration = Number(root.dataset.lengthMs) / 1000;
    this.place = new Place(root.dataset.meeting);
    this.startAt = this.place.read(this.duration);
    this.plyr = new Plyr(this.media, this.options());
    this.listen();
    root.classList.add("is-ready");
  }

  options() {
    const { icons, title, ...words } = this.root.dataset;
    const isVideo = this.media.tagName === "VIDEO";
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
      keyboard: { focused: true, global: false },
      storage: { enabled: true, key: "player" },
      fullscreen: { enabled: true, iosNative: true },
      tooltips: { controls: false, seek: true },
      invertTime: false,
      toggleInvert: false,
      markers: { enabled: isVideo, points: isVideo ? this.chapters() : [] },
      controls: [
        ...(isVideo ? ["play-large"] : []),
        "play", "progress", "current-time", "duration", "mute", "volume",
        ...(isVideo ? ["captions", "settings", "pip", "airplay", "fullscreen"] : ["settings"]),
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
    media.addEventListener("play", () => this.start());
    media.addEventListener("seeking", () => this.start());
    for (const kind of ["timeupdate", "seeked", "play", "pause", "ratechange"]) {
      media.addEventListener(kind, () => this.tell());
    }
    media.addEventListener("timeupdate", () => this.place.keepSometimes(this.time, this.duration));
    media.addEventListener("pause", () => this.place.keep(this.time, this.duration));
    addEventListener("pagehide", () => this.isStarted && this.place.keep(this.time, this.duration));
    document.addEventListener("reader:seek", ({ detail }) => this.seek(detail.second, detail));
    document.addEventListener("reader:cue", ({ detail }) => {
      if (this.isStarted) this.seek(detail.start);
      else this.startAt = detail.start;
    });
    // The pictures on the seek bar are fetched when somebody comes near, with a token that is good.
    this.root.querySelector(".plyr__progress")?.addEventListener("pointerenter", () => {
      if (this.isStarted) this.tokens.current().catch(() => {});
    });
    addEventListener("online", () => this.again?.());
  }

  get time() {
    return this.isStarted ? this.media.currentTime : (this.startAt ?? 0);
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

  step(seconds) {
    this.seek(this.time + seconds);
  }

  faster(steps) {
    const at = SPEEDS.indexOf(this.plyr.speed);
    const next = Math.min(Math.max((at === -1 ? SPEEDS.indexOf(1) : at) + steps, 0), SPEEDS.length - 1);
    this.plyr.speed = SPEEDS[next];
    return SPEEDS[next];
  }

  // Fetch and go to where one asked, or was the last time. A press on play before was heard.
  async start(at = this.startAt ?? 0) {
    if (this.isStarted) return;
    this.isStarted = true;
    this.media.defaultPlaybackRate = this.media.playbackRate; // loading goes back to this one
    const wantsToPlay = () => !this.media.paused;
    let isWanted = wantsToPlay();
    this.media.addEventListener("play", () => (isWanted = true), { once: true });
    try {
      const { default: Hls } = await import("../vendor/hls.mjs");
      isWanted ||= wantsToPlay();
      if (Hls.isSupported()) this.startInScript(Hls, at);
      else await this.startNatively(at);
    } catch (error) {
      this.refuse(error);
      return;
    }
    this.media.addEventListener("loadedmetadata", () => isWanted && this.play(), { once: true });
  }

  startInScript(Hls, at) {
    const hls = new Hls({
      startPosition: at,
      maxBufferLength: 30,
      backBufferLength: 60,
      xhrSetup: async (request, address) => {
        if (!isPlayback(address)) return;
        try {
          request.open("GET", withToken(address, await this.tokens.current()), true);
        } catch (error) {
          if (isRefusal(error.status)) {
            this.refuse(error);
            hls.stopLoad();
          }
          throw error;
        }
      },
    });
    hls.on(Hls.Events.LEVEL_LOADED, (_event, { networkDetails }) => {
      this.tokens.take(networkDetails.responseText);
      this.say("");
    });
    hls.on(Hls.Events.FRAG_LOADED, () => this.isOver || this.say(""));
    hls.on(Hls.Events.ERROR, (_event, error) => this.onTrouble(Hls, hls, error));
    hls.loadSource(this.tokens.playlist);
    hls.attachMedia(this.media);
  }

  // hls.js asks again by itself, and xhrSetup gives it a token that is good.
  onTrouble(Hls, hls, { fatal, type, response }) {
    // A clock that was set, a computer that slept: the token is older than it seemed.
    if (response?.code === 403) this.tokens.forget();
    if (!fatal || this.isOver) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR) {
      hls.recoverMediaError();
      return;
    }
    if (isRefusal(response?.code)) {
      this.refuse(new Refused(response.code));
      return;
    }
    this.say("lost");
    const again = () => {
      if (this.again !== again) return;
      this.again = null;
      if (hls.levels.length) hls.startLoad();
      else hls.loadSource(this.tokens.playlist);
    };
    this.again = again;
    setTimeout(again, AGAIN_AFTER_MS);
  }

  // The browser reads the playlist itself and no token can be put into its requests: before the
  // token ends, the playlist is loaded again at the same second.
  async startNatively(at) {
    const load = (second, plays) => {
      this.media.src = `${this.tokens.playlist}#t=${second}`;
      this.loadedAt = Date.now();
      if (plays) this.play();
    };
    await this.tokens.current();
    load(at, this.isPlaying);
    const isOld = () => Date.now() - this.loadedAt > this.tokens.lifetime * 0.8;
    const renew = async () => {
      if (!isOld() || this.isRenewing) return;
      this.isRenewing = true;
      try {
        this.tokens.forget();
        await this.tokens.current();
        load(this.media.currentTime, this.isPlaying);
      } catch (error) {
        this.refuse(error);
      } finally {
        this.isRenewing = false;
      }
    };
    for (const kind of ["timeupdate", "play", "stalled", "error"]) {
      this.media.addEventListener(kind, renew);
    }
  }

  onToken(token) {
    const below = `/playback/${token}/`;
    if (!this.token) this.addCaptions();
    if (token !== this.token && this.root.dataset.thumbnails) {
      this.plyr.setPreviewThumbnails({ enabled: true, src: `${below}thumbnails.vtt` });
    }
    this.token = token;
  }

  addCaptions() {
    const { captionsSrc, captionsLanguage, captionsLabel } = this.root.dataset;
    if (!captionsSrc) return;
    const track = document.createElement("track");
    Object.assign(track, { kind: "captions", srclang: captionsLanguage, label: captionsLabel });
    track.src = captionsSrc;
    this.media.append(track);
  }

  refuse(error) {
    this.media.pause();
    this.isOver = isRefusal(error.status);
    this.say(this.isOver ? "over" : "lost");
    if (!this.isOver) this.isStarted = false;
  }

  say(what) {
    const text = what ? this.root.dataset[what] : "";
    if (this.note.textContent !== text) this.note.textContent = text;
  }
}

// No right to play, or nothing to play any more: asking again would not help.
function isRefusal(status) {
  return [401, 402, 403, 404, 410].includes(status);
}

// Where one stopped, for each meeting, in this browser alone.
class Place {
  constructor(meeting) {
    this.key = `position:${meeting}`;
    this.keptAt = 0;
  }

  read(duration) {
    try {
      const second = Number(localStorage.getItem(this.key));
      return second > 0 && second < duration - NEARLY_OVER_SECONDS ? second : null;
    } catch {
      return null;
    }
  }

  keepSometimes(second, duration) {
    if (Date.now() - this.keptAt > SAVED_EVERY_MS) this.keep(second, duration);
  }

  keep(second, duration) {
    this.keptAt = Date.now();
    try {
      if (second > duration - NEARLY_OVER_SECONDS || !second) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, second.toFixed(1));
    } catch {
      // Storage is forbidden here; one begins at the start the next time.
    }
  }
}

const root = document.querySelector(".player[data-playlist]");
export const player = root ? new Player(root) : null;
