// The playlist of a clip: where its spans lie, and addresses that are good now. Each run of segments
// has a token of its own, so renewing one means to look the segment up in a playlist that is new.
// No behaviour of its own: for clip/player.js, and for stream.js, which takes it as its tokens.

import { Tokens } from "../tokens.js";
import { Timeline } from "./timeline.js";

const NAME = /\/playback\/[^/\s"]+\/([^/\s"]+)/g;

export class Source extends Tokens {
  // `onTimeline` is told where the spans lie, and again when they lie elsewhere in a new playlist.
  constructor(playlist, lifetimeSeconds, onTimeline) {
    super(playlist, lifetimeSeconds);
    this.onTimeline = onTimeline;
    this.timeline = null;
    this.addresses = new Map();
  }

  // Of a whole recording a playlist has one token; here it has addresses.
  read(playlist) {
    for (const [address, name] of playlist.matchAll(NAME)) this.addresses.set(name, address);
    const timeline = Timeline.of(playlist);
    if (!this.timeline?.isSameAs(timeline)) {
      this.timeline = timeline;
      this.onTimeline(timeline);
    }
    return this.addresses;
  }

  async addressed(address) {
    const addresses = await this.current();
    const [[, name]] = address.matchAll(NAME);
    return addresses.get(name) ?? address;
  }
}
