// What bench/reader.py asks of the page. Run before the page's own scripts.

globalThis.bench = {
  // The find box stands there, all is read, and a frame has been painted since.
  ready: new Promise((done) => {
    const look = (watch) => {
      const box = document.querySelector("form.find");
      if (!box || box.hidden || document.readyState === "loading") return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => done(performance.now())));
    };
    new MutationObserver((_, watch) => look(watch)).observe(document, {
      subtree: true,
      attributes: true,
      attributeFilter: ["hidden"],
    });
  }),

  paint: () => performance.getEntriesByName("first-contentful-paint")[0].startTime,

  // From a typed word to the count of its matches.
  find: (word) =>
    new Promise((done) => {
      const box = document.querySelector("form.find");
      const begun = performance.now();
      new MutationObserver((_, watch) => {
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
      }).observe(box.querySelector("output"), { childList: true, subtree: true, characterData: true });
      bench.type(box, word);
    }),

  clear: () => bench.type(document.querySelector("form.find"), ""),

  type: (box, word) => {
    const field = box.elements.namedItem("words");
    field.value = word;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  },

  // The milliseconds between one frame and the next.
  frames: (seconds, act) =>
    new Promise((done) => {
      const gaps = [];
      let before = 0;
      const begun = performance.now();
      const frame = (now) => {
        if (before) gaps.push(now - before);
        before = now;
        if (now - begun > seconds * 1000) {
          done(gaps);
          return;
        }
        act?.(now - begun);
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }),

  // From the middle of the meeting on, as the player tells it, four times as fast.
  follow: (seconds) => {
    const [from, rate] = [7200, 4];
    let told = -1;
    return bench.frames(seconds, (passed) => {
      if (Math.floor(passed / 100) === told) return;
      told = Math.floor(passed / 100);
      const detail = { second: from + (passed / 1000) * rate, isPlaying: true, rate };
      document.dispatchEvent(new CustomEvent("reader:now", { detail }));
    });
  },

  // Is what is said now marked, and on the screen?
  follows: () => {
    const box = document.querySelector(".transcript .now")?.getBoundingClientRect();
    return Boolean(box?.height && box.top >= 0 && box.bottom <= innerHeight);
  },

  scroll: (seconds) => {
    scrollTo({ top: 0, behavior: "instant" });
    return bench.frames(seconds, () => scrollBy({ top: 60, behavior: "instant" }));
  },
};
