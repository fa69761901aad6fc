// Playback addresses are good for minutes, a playlist is read once. Keeps a token that is good now,
// by asking the playlist again before the old one ends. No behaviour of its own: for player.js.

const PLAYBACK = /\/playback\/([^/\s]+)\//;
const RENEWED_AT = 0.6; // of its life

export class Refused extends Error {
  constructor(status) {
    super(`The playlist answered ${status}.`);
    this.status = status;
  }
}

export class Tokens {
  // `onNew` is told of each token: what was made with the old one can be made anew.
  constructor(playlist, lifetimeSeconds, onNew) {
    this.playlist = playlist;
    this.lifetime = lifetimeSeconds * 1000;
    this.onNew = onNew;
    this.asked = null;
    this.askedAt = 0;
  }

  // The token, asked for if there is none or the old one comes to its end. Raises Refused.
  current() {
    if (!this.asked || Date.now() - this.askedAt > this.lifetime * RENEWED_AT) {
      this.askedAt = Date.now();
      this.asked = this.ask().catch((error) => {
        this.asked = null;
        throw error;
      });
    }
    return this.asked;
  }

  async ask() {
    const answer = await fetch(this.playlist, { cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) throw new Refused(answer.status);
    const token = this.read(await answer.text());
    this.onNew?.(token);
    return token;
  }

  // A playlist that came anyway brings a token as well.
  take(playlist) {
    const token = this.read(playlist);
    this.askedAt = Date.now();
    this.asked = Promise.resolve(token);
    this.onNew?.(token);
  }

  // What a playlist says of its addresses: here the one token that all of them have.
  read(playlist) {
    return tokenIn(playlist);
  }

  // An address of a playlist, good now. Raises Refused.
  async addressed(address) {
    return withToken(address, await this.current());
  }

  forget() {
    this.asked = null;
  }
}

function tokenIn(playlist) {
  const found = PLAYBACK.exec(playlist);
  if (!found) throw new Refused(0);
  return found[1];
}

export function isPlayback(address) {
  return PLAYBACK.test(address);
}

function withToken(address, token) {
  return address.replace(PLAYBACK, `/playback/${token}/`);
}
