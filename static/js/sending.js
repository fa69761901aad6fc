// Sends a recording in pieces, for files of many gigabytes and lines that break.
//
// Attaches to [data-sending] (templates/admin/intake/_sending.html), whose data attributes hold the
// sentences. The protocol is tus-js-client's (`tus`, loaded before). What was begun is known by the
// server and listed on the page: a file of the same name, size and date goes on from there, in this
// browser or another.

import { fill, Rate, size, time } from "./remaining.js";

const RETRY_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000, 60000, 60000];
const ASK_EVERY_MS = 2000;
const GB = 1e9;

class Sending {
  constructor(place) {
    this.place = place;
    this.say = place.dataset;
    this.upload = null;
    this.file = null;
    const find = (selector) => place.querySelector(selector);
    this.drop = find("[data-drop]");
    this.input = find("input[type=file]");
    this.now = find("[data-now]");
    this.bar = find("progress");
    this.pauseButton = find("[data-pause]");
    this.goOnButton = find("[data-go-on]");
    this.field = this.say.field ? document.getElementById(this.say.field) : null;
    this.drop.hidden = false;
    this.input.hasChangeListener = true; // unfold would look for a text field beside it
    this.input.addEventListener("change", () => this.choose(this.input.files[0]));
    this.pauseButton.addEventListener("click", () => this.pause());
    this.goOnButton.addEventListener("click", () => this.goOn());
    find("[data-cancel]").addEventListener("click", () => this.cancel());
    place.addEventListener("click", (event) => this.pressed(event.target));
    this.takeDrops();
    this.guard();
  }

  takeDrops() {
    const isFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    for (const kind of ["dragenter", "dragover"]) {
      this.drop.addEventListener(kind, (event) => {
        if (!isFile(event)) return;
        event.preventDefault();
        this.drop.classList.add("is-over");
      });
    }
    this.drop.addEventListener("dragleave", () => this.drop.classList.remove("is-over"));
    this.drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.drop.classList.remove("is-over");
      this.choose(event.dataTransfer.files[0]);
    });
  }

  // Nobody leaves by mistake while bytes go; and a form waits for its recording.
  guard() {
    window.addEventListener("beforeunload", (event) => {
      if (this.isGoing) event.preventDefault();
    });
    window.addEventListener("online", () => this.wasCut && this.goOn());
    this.field?.form.addEventListener("submit", (event) => {
      if (!this.upload) return;
      event.preventDefault();
      this.goesWrong(this.say.wait);
      this.place.scrollIntoView({ block: "center" });
    });
  }

  choose(file) {
    if (!file) return;
    if (this.upload) return this.goesWrong(this.say.one);
    if (file.size === 0) return this.goesWrong(this.say.empty);
    if (file.size > Number(this.say.most) * GB) return this.goesWrong(this.say.tooLarge);
    this.file = file;
    this.goesWrong("");
    const begun = this.begun(file);
    const metadata = { filename: file.name, modified: String(file.lastModified) };
    if (this.say.meeting) metadata.meeting = this.say.meeting;
    this.upload = new tus.Upload(file, {
      endpoint: this.say.uploads,
      uploadUrl: begun?.url,
      chunkSize: Number(this.say.piece) || Infinity,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      metadata,
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", this.token),
      onShouldRetry: (error) => this.shouldRetry(error),
      onProgress: (sent, all) => this.progress(sent, all),
      onError: (error) => this.failed(error),
      onSuccess: () => this.arrived(),
    });
    this.rate = new Rate();
    this.isNew = !begun;
    if (begun) begun.row.hidden = true;
    this.place.querySelector("[data-name]").textContent = file.name;
    this.bar.value = 0;
    this.now.hidden = false;
    this.drop.hidden = true;
    this.input.value = "";
    if (this.isNew) this.tell(fill(this.say.starts, { name: file.name }));
    this.goOn();
    this.pauseButton.focus();
  }

  // The upload of this very file that the page lists as begun.
  begun(file) {
    const row = [...this.place.querySelectorAll("[data-key]")].find(
      ({ dataset }) =>
        dataset.state === "arriving" &&
        dataset.fileName === file.name &&
        Number(dataset.size) === file.size &&
        Number(dataset.modified) === file.lastModified,
    );
    return row && { row, url: this.address(row.dataset.key) };
  }

  address(key) {
    return `${this.say.uploads}${key}/`;
  }

  get token() {
    return this.place.querySelector("[name=csrfmiddlewaretoken]").value;
  }

  goOn() {
    if (!this.upload) return;
    this.goesWrong("");
    this.wasCut = false;
    this.rate = new Rate();
    this.going(true);
    this.upload.start();
  }

  pause() {
    this.upload?.abort();
    this.going(false);
    this.tell(fill(this.say.paused, { hours: this.say.keptHours }));
    this.goOnButton.focus();
  }

  async cancel() {
    const { upload, file } = this;
    if (!upload) return;
    this.going(false);
    try {
      await upload.abort(true);
    } catch {
      // It is swept when its time is over, and listed until then.
    }
    this.done();
    this.tell(fill(this.say.canceled, { name: file.name }));
    this.input.focus();
  }

  going(isGoing) {
    this.isGoing = isGoing;
    this.pauseButton.hidden = !isGoing;
    this.goOnButton.hidden = isGoing;
  }

  progress(sent, all) {
    if (!this.isNew && sent > 0) {
      const percent = Math.floor((sent * 100) / all);
      this.tell(fill(this.say.goesOn, { name: this.file.name, percent }));
      this.isNew = true;
    }
    if (this.wasCut) {
      this.wasCut = false;
      this.goesWrong("");
    }
    this.rate.note(sent, performance.now());
    const seconds = this.rate.secondsFor(all - sent);
    const percent = Math.floor((sent * 100) / all);
    const left = seconds === null ? "" : fill(this.say.left, { time: time(seconds, this.say) });
    this.bar.value = percent;
    const how = fill(this.say.howFar, { percent, size: size(all) });
    this.place.querySelector("[data-how]").textContent = `${how} ${left}`.trim();
  }

  // A line that is cut, a server that starts again, another request for the same file, a piece that
  // was damaged: all these may heal by themselves. A full disk and a refusal do not.
  shouldRetry(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    const heals = [0, 408, 409, 423, 425, 429, 460, 500, 502, 503, 504].includes(status);
    if (heals && !this.wasCut) {
      this.wasCut = true;
      this.goesWrong(this.say.cut);
    }
    return heals && !this.isElsewhere(error);
  }

  failed(error) {
    this.going(false);
    this.goesWrong(this.reason(error));
    if (this.wasLost(error)) this.done();
    else this.goOnButton.focus();
  }

  reason(error) {
    const answer = error.originalResponse;
    if (!answer) return error.originalRequest ? this.say.cut : this.say.unreadable;
    const status = answer.getStatus();
    // Our own refusals are sentences in plain text.
    const isOurs = answer.getHeader("Tus-Resumable") && answer.getBody();
    if (this.isElsewhere(error) || (status === 403 && !isOurs)) return this.say.signedOut;
    if (isOurs) return answer.getBody();
    if (status === 0) return this.say.cut;
    if (status === 404) return this.say.gone;
    if (status === 413) return this.say.proxy;
    return fill(this.say.failed, { status });
  }

  // Whoever is signed out is led to the sign-in page, which answers 200 and knows no uploads.
  isElsewhere(error) {
    const url = error.originalResponse?.getUnderlyingObject?.()?.responseURL;
    return Boolean(url) && !new URL(url).pathname.startsWith(this.say.uploads);
  }

  wasLost(error) {
    return [404, 410].includes(error.originalResponse?.getStatus());
  }

  arrived() {
    const key = this.upload.url.split("/").filter(Boolean).at(-1);
    const name = this.file.name;
    this.done();
    if (this.field) {
      this.field.value = key;
      this.tell(fill(this.say.arrived, { name }));
    } else {
      this.tell(fill(this.say.looking, { name }));
      this.follow(key, name);
    }
  }

  // What the worker says of it.
  async follow(key, name) {
    const answer = await fetch(this.address(key)).catch(() => null);
    const became = answer?.ok ? await answer.json().catch(() => null) : null;
    if (became?.state === "refused") return this.goesWrong(became.says);
    if (became?.state === "taken") return this.tell(fill(this.say.taken, { name }));
    setTimeout(() => this.follow(key, name), ASK_EVERY_MS);
  }

  async pressed(target) {
    const row = target.closest("[data-key]");
    if (target.closest("[data-use]")) {
      this.field.value = row.dataset.key;
      this.tell(fill(this.say.arrived, { name: row.dataset.fileName }));
    } else if (target.closest("[data-remove]")) {
      const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.token };
      const answer = await fetch(this.address(row.dataset.key), { method: "DELETE", headers });
      if (!answer.ok && answer.status !== 404) return this.goesWrong(await answer.text());
      if (this.field?.value === row.dataset.key) this.field.value = "";
      this.tell(fill(this.say.canceled, { name: row.dataset.fileName }));
      row.remove();
      this.input.focus();
    }
  }

  done() {
    this.upload = null;
    this.wasCut = false;
    this.going(false);
    this.now.hidden = true;
    this.drop.hidden = false;
  }

  tell(sentence) {
    this.place.querySelector("[data-said]").textContent = sentence;
  }

  goesWrong(sentence) {
    this.place.querySelector("[data-wrong]").textContent = sentence;
  }
}

for (const place of document.querySelectorAll("[data-sending]")) new Sending(place);
