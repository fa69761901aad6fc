// Where one stopped in a meeting, in this browser alone. For player.js; it goes without where
// storage is forbidden, and then one begins at the start each time.

const SAVED_EVERY_MS = 5000;
const NEARLY_OVER_SECONDS = 15;

export class Place {
  constructor(meeting) {
    this.key = `position:${meeting}`;
    this.keptAt = 0;
  }

  // The second, or null where there is none that is worth going back to.
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
      // Forbidden here.
    }
  }
}
