// Attaches to .watch: tells the style sheet how much of the screen the player covers where it sticks
// to the top (--player-height), so that nothing is scrolled to behind it.

const watch = document.querySelector(".watch");
if (watch) {
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--player-height", `${watch.offsetHeight}px`);
  }).observe(watch);
}
