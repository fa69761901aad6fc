// Attaches to .chunk, a stretch of the transcript that is laid out only near the screen. Tells each
// one the height that its text will need, so that the scrollbar is right and jumps land.

const SAMPLE = 3;
const chunks = [...document.querySelectorAll(".transcript .chunk")];

function guess() {
  // The first chunks are laid out: what they need for each sign holds for the others.
  const known = chunks.slice(0, SAMPLE).map((chunk) => {
    const contents = document.createRange();
    contents.selectNodeContents(chunk);
    return { height: contents.getBoundingClientRect().height, signs: chunk.textContent.length };
  });
  const signs = known.reduce((sum, chunk) => sum + chunk.signs, 0);
  const height = known.reduce((sum, chunk) => sum + chunk.height, 0);
  if (!signs || !height) return;
  for (const chunk of chunks) {
    const wanted = Math.round((chunk.textContent.length * height) / signs);
    chunk.style.setProperty("contain-intrinsic-block-size", `auto ${wanted}px`);
  }
}

if (chunks.length > SAMPLE) guess();
