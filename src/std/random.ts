/**
 * Chance from outside: a small seeded generator, so that a run can be told again word for word.
 *
 * `randomFrom(seed, ...keys)` makes an independent stream for any key ("geo 17, day 40"), which lets
 * a simulation be asked for any day without having lived the days before it.
 * The generator is xoshiro128** (Blackman and Vigna, 2018) seeded by a 128-bit mix of the keys.
 */
export type Random = {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
};

export function randomFrom(seed: number | string, ...keys: ReadonlyArray<number | string>): Random {
  let [a, b, c, d] = mixKeys([seed, ...keys]);
  return {
    next() {
      const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9);
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = rotateLeft(d, 11);
      return (scrambled >>> 0) / 4_294_967_296;
    },
  };
}

/** Four 32-bit words from any keys: FNV-1a over the text with four offsets, then a finaliser. */
function mixKeys(keys: ReadonlyArray<number | string>): [number, number, number, number] {
  const text = keys.join("\u0001");
  const words = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35].map((offset) => {
    let h = offset;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    return (h ^ (h >>> 16)) | 1;
  });
  return words as [number, number, number, number];
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** Standard normal by Box and Muller's polar form. */
export function normal(random: Random): number {
  for (;;) {
    const u = 2 * random.next() - 1;
    const v = 2 * random.next() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Uniform integer in [from, until). */
export function integerBetween(random: Random, from: number, until: number): number {
  return from + Math.floor(random.next() * (until - from));
}
