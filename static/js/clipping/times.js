// Times as the form of a clip writes them: 12:34.5, 1:02:03.125, or seconds. Pure; the server reads
// them the same way (wanted.py).

const TIME = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,7})(?:[.,](\d{1,9}))?$/;

// In milliseconds, or null where it is no time.
export function milliseconds(text) {
  const found = TIME.exec(text.trim());
  if (!found) return null;
  const [, hours = 0, minutes = 0, seconds, rest = "0"] = found;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole * 1000 + Number(rest.slice(0, 3).padEnd(3, "0"));
}

export function written(ms) {
  const two = (number) => String(number).padStart(2, "0");
  const [whole, rest] = [Math.floor(ms / 1000), ms % 1000];
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const clock = hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return rest ? `${clock}.${String(rest).padStart(3, "0")}`.replace(/0+$/, "") : clock;
}
