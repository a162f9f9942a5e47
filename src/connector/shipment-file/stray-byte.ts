/** Where text stops being UTF-8; Node says only whether it does. */
import { isUtf8 } from "node:buffer";

/** Index of the first byte that no UTF-8 text can have there. */
export function firstStrayByte(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  // Longest valid prefix by halving; a prefix cut inside a character counts as up to that character.
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isValidPrefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return bad - 1;
}

function isValidPrefix(bytes: Buffer): boolean {
  for (let cut = 0; cut <= 3 && cut <= bytes.length; cut++) {
    if (isUtf8(bytes.subarray(0, bytes.length - cut))) return cut === 0 || isLead(bytes, cut);
  }
  return false;
}

/** True when the last `cut` bytes begin a character that is longer than they are. */
function isLead(bytes: Buffer, cut: number): boolean {
  const lead = bytes[bytes.length - cut] ?? 0;
  const length = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (lead > 0xf4 || length <= cut) return false;
  for (let i = bytes.length - cut + 1; i < bytes.length; i++) {
    if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return false;
  }
  return true;
}
