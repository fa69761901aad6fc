// Between the clock of a clip and that of its media element. Pure. The playlist says where each span
// lies on its own clock (#EXT-X-CLIP-SPAN); on the clip's clock the spans follow without a gap.

const SPAN = /^#EXT-X-CLIP-SPAN:START=(\d+(?:\.\d+)?),END=(\d+(?:\.\d+)?)$/gm;
const TOUCHING = 0.001;

export class Timeline {
  // `spans`: {start, end} in seconds of the media element, in order.
  constructor(spans) {
    let at = 0;
    this.spans = spans.map(({ start, end }) => {
      const span = { start, end, at, lasts: end - start };
      at += span.lasts;
      return span;
    });
    this.duration = at;
  }

  static of(playlist) {
    const found = [...playlist.matchAll(SPAN)];
    return new Timeline(found.map(([, start, end]) => ({ start: Number(start), end: Number(end) })));
  }

  isSameAs(other) {
    return (
      this.spans.length === other.spans.length &&
      this.spans.every(({ start, end }, n) => other.spans[n].start === start && other.spans[n].end === end)
    );
  }

  // Seconds of the media element for a second of the clip.
  toMedia(second) {
    const span = this.spans.findLast(({ at }) => at <= second) ?? this.spans[0];
    return span.start + Math.min(Math.max(second - span.at, 0), span.lasts);
  }

  // A second of the clip for one of the media element; outside of all spans, the nearest that comes.
  toClip(second) {
    const span = this.spans.find(({ end }) => second < end);
    return span ? span.at + Math.max(second - span.start, 0) : this.duration;
  }

  // What to do at a second of the media element: {isOver} at the end, {goTo} where it must jump,
  // {until} where it may play on to.
  at(second) {
    const span = this.spans.find(({ end }) => second < end - TOUCHING);
    if (!span) return { isOver: true };
    return second < span.start - TOUCHING ? { goTo: span.start } : { until: span.end };
  }
}
