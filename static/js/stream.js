// Brings the recording to the media element, with an address that is good: through hls.js, or by the
// browser's own HLS where scripts cannot feed it (an older iPhone). For player.js, which is told how
// it goes by `onTold`: "" is well, "lost" no connection, and what asking again would not help:
// "ended" no right to play, "gone" no recording, "broken" nothing that this browser can play.

import { Refused, isPlayback } from "./tokens.js";

const AGAIN_AFTER_MS = 3000;
const REPAIRS_MAX = 3;
const FINAL = new Set(["ended", "gone", "broken"]);
// Tried again at once a few times; after that it is said, and tried until the connection is back.
const RETRY = { maxNumRetry: 2, retryDelayMs: 500, maxRetryDelayMs: 1500 };
const POLICY = {
  default: {
    maxTimeToFirstByteMs: 10_000,
    maxLoadTimeMs: 60_000,
    timeoutRetry: RETRY,
    errorRetry: RETRY,
  },
};

export class Stream {
  constructor(media, tokens, onTold) {
    this.media = media;
    this.tokens = tokens;
    this.onTold = onTold;
    this.told = "";
    addEventListener("online", () => this.again?.());
  }

  get isOver() {
    return FINAL.has(this.told);
  }

  // Fetch, and be ready at this second.
  async open(second) {
    try {
      const { default: Hls } = await import("../vendor/hls.mjs");
      if (Hls.isSupported()) this.openInScript(Hls, second);
      else await this.openNatively(second);
    } catch (error) {
      this.refuse(error, () => this.open(second));
    }
  }

  // Somebody presses play although it was over: a membership may have come back meanwhile.
  retry() {
    if (!this.isOver || !this.reopen) return;
    this.tell("");
    this.tokens.forget();
    this.reopen();
  }

  // Nobody sees it any more: nothing further is fetched.
  close() {
    this.hls?.destroy();
    this.media.removeAttribute("src");
  }

  openInScript(Hls, second) {
    const hls = new Hls({
      startPosition: second,
      maxBufferLength: 30,
      backBufferLength: 60,
      fragLoadPolicy: POLICY,
      xhrSetup: async (request, address) => {
        if (!isPlayback(address)) return;
        try {
          request.open("GET", await this.tokens.addressed(address), true);
        } catch (error) {
          if (refusal(error.status)) {
            hls.stopLoad();
            this.refuse(error);
          }
          throw error;
        }
      },
    });
    this.hls = hls;
    let repairs = 0;
    this.reopen = () => (hls.levels.length ? hls.startLoad() : hls.loadSource(this.tokens.playlist));
    hls.on(Hls.Events.LEVEL_LOADED, (_event, { networkDetails }) => {
      this.tokens.take(networkDetails.responseText);
    });
    hls.on(Hls.Events.FRAG_LOADED, () => this.isOver || this.tell(""));
    hls.on(Hls.Events.ERROR, (_event, { fatal, type, response }) => {
      // A clock that was set, a computer that slept: the token is older than it seemed.
      if (response?.code === 403) this.tokens.forget();
      if (this.isOver) return;
      if (type === Hls.ErrorTypes.NETWORK_ERROR) {
        if (fatal) this.refuse(new Refused(response?.code), this.reopen);
        else if (!navigator.onLine) this.tell("lost");
      } else if (fatal && type === Hls.ErrorTypes.MEDIA_ERROR && repairs < REPAIRS_MAX) {
        repairs += 1;
        hls.recoverMediaError();
      } else if (fatal) {
        this.tell("broken");
      }
    });
    hls.loadSource(this.tokens.playlist);
    hls.attachMedia(this.media);
  }

  // The browser reads the playlist itself and no token can be put into its requests: before the
  // token ends, the playlist is loaded again at the same second.
  async openNatively(second) {
    let loadedAt = 0;
    let isRenewing = false;
    const load = async (at, plays) => {
      this.tokens.forget();
      await this.tokens.current();
      loadedAt = Date.now();
      this.media.src = `${this.tokens.playlist}#t=${at}`;
      if (plays) this.media.play()?.catch(() => {}); // put off until there is something to play
      this.tell("");
    };
    const renew = async () => {
      if (isRenewing || this.isOver) return;
      isRenewing = true;
      const { currentTime, paused, ended } = this.media;
      try {
        await load(currentTime, !paused && !ended);
      } catch (error) {
        this.refuse(error, renew);
      } finally {
        isRenewing = false;
      }
    };
    this.reopen = renew;
    await load(second, !this.media.paused);
    const renewOld = () => Date.now() - loadedAt > this.tokens.lifetime * 0.8 && renew();
    for (const kind of ["timeupdate", "play", "stalled"]) {
      this.media.addEventListener(kind, renewOld);
    }
    this.media.addEventListener("error", () => {
      const { code } = this.media.error;
      if (Date.now() - loadedAt > this.tokens.lifetime * 0.8) renew();
      else if (code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED) this.tell("broken");
      else this.refuse(this.media.error, renew);
    });
  }

  // No right to play is said and it ends; no connection is said, and `again` is tried until it works.
  refuse({ status }, again) {
    const what = refusal(status);
    this.tell(what || "lost");
    if (what) {
      this.media.pause();
      this.reopen ??= again;
      return;
    }
    if (!again) return;
    const once = () => {
      if (this.again !== once) return;
      this.again = null;
      again();
    };
    this.again = once;
    setTimeout(once, AGAIN_AFTER_MS);
  }

  tell(what) {
    if (what === this.told) return;
    this.told = what;
    this.onTold(what);
  }
}

// What a status means for whoever watches; "" where asking again may help.
function refusal(status) {
  if (status === 401 || status === 402) return "ended";
  return [403, 404, 410].includes(status) ? "gone" : "";
}
