/**
 * Is there a number within these limits? The number line, cut from both ends, with a ruler laid on it.
 *
 * Whole rulers (`integer`, `multipleOf: 5`) are laid together exactly, by their least common multiple.
 * A ruler in fractions (`multipleOf: 0.01`) is marked where binary floating point puts the marks,
 * because that is how validators divide; two of those are compared only where the comparison is exact.
 *
 * Left out: whole numbers beyond 2^53, which JSON does not carry from one program to another exactly
 * (RFC 8259, section 6).
 */
import { type Answer, found, NONE, unknown } from "./answer.ts";
import { readDecimal } from "../migration-step.ts";
import { isMultiple } from "./evaluate.ts";
import type { NumberKeyword } from "./keyword.ts";

export type SignedNumberKeyword = { readonly keyword: NumberKeyword; readonly holds: boolean };

/** Marks of a ruler that are looked at one by one. */
const MARKS_MAX = 5_000;

type End = { readonly at: number; readonly open: boolean };

export function findNumber(
  constraints: ReadonlyArray<SignedNumberKeyword>,
  excluded: ReadonlySet<unknown>,
): Answer {
  let low: End = { at: -Infinity, open: true };
  let high: End = { at: Infinity, open: true };
  const rulers: number[] = [];
  const missed: number[] = [];
  for (const { keyword, holds } of constraints) {
    if (keyword.k === "multipleOf") (holds ? rulers : missed).push(keyword.of);
    else {
      const open = keyword.open === holds;
      const end = { at: keyword.limit, open };
      if ((keyword.k === "minimum") === holds) low = tighter(low, end, 1);
      else high = tighter(high, end, -1);
    }
  }
  if (low.at > high.at || (low.at === high.at && (low.open || high.open))) return NONE;
  const fits = (value: number): boolean =>
    Number.isFinite(value) &&
    (low.open ? value > low.at : value >= low.at) &&
    (high.open ? value < high.at : value <= high.at) &&
    !excluded.has(value) &&
    rulers.every((ruler) => isMultiple(value, ruler)) &&
    !missed.some((ruler) => isMultiple(value, ruler));

  if (low.at === high.at) return fits(low.at) ? found(clean(low.at)) : NONE;
  const pool = new Set([...rulers, ...missed]);
  for (const value of candidates(low.at, high.at, pool)) {
    if (fits(value)) return found(clean(value));
  }
  return proveNone(low.at, high.at, rulers, missed, fits);
}

function tighter(a: End, b: End, sign: 1 | -1): End {
  if (a.at === b.at) return a.open ? a : b;
  return (a.at - b.at) * sign > 0 ? a : b;
}

/** Numbers a person would try: near the ends, in the middle, small, and on the rulers. */
function* candidates(low: number, high: number, rulers: Iterable<number>): Generator<number> {
  const ends = [low, high].filter(Number.isFinite);
  const near = ends.length === 0 ? [0] : ends;
  for (const end of near) {
    for (const step of [0, 1, 2, 3]) yield* [Math.ceil(end) + step, Math.floor(end) - step];
  }
  if (ends.length === 2) {
    const middle = low + (high - low) / 2;
    for (const digits of [1, 2, 3, 6]) yield Number(middle.toFixed(digits));
    yield* [middle, low + (high - low) / 4, low + ((high - low) * 3) / 4, low + (high - low) / 3];
  }
  for (const end of near) {
    yield end;
    for (const gap of [0.5, 0.1, 0.01, 0.001, 1e-6, 1e-9]) {
      yield* [roundTo(end + gap), roundTo(end - gap), end + gap, end - gap];
    }
    for (const ruler of rulers) {
      for (const k of [0, 1, -1, 2, -2, 3, -3, 5, 7, 10]) {
        const mark = (Math.round(end / ruler) + k) * ruler;
        yield* [mark, roundTo(mark)];
      }
    }
  }
  if (ends.length < 2) yield* [0, 1, -1, 0.5, 1.5, -0.5, 2, 3, 1e6, -1e6, 1e9 + 0.5, -1e9 - 0.5];
}

function roundTo(value: number): number {
  return Number(value.toPrecision(12));
}

function clean(value: number): number {
  return value === 0 ? 0 : value;
}

function proveNone(
  low: number,
  high: number,
  rulers: ReadonlyArray<number>,
  missed: ReadonlyArray<number>,
  fits: (value: number) => boolean,
): Answer {
  // A mark of the coarser ruler is one of the finer where the factor is a power of two, or all is whole.
  const covered = rulers.some((ruler) => missed.some((finer) => coversMarks(ruler, finer)));
  if (covered) return NONE;
  const whole = rulers.filter(Number.isSafeInteger);
  let step = 1;
  for (const ruler of whole) {
    step = (step / greatestDivisor(step, ruler)) * ruler;
    if (!Number.isSafeInteger(step)) return unknown("its multiples are too large to compare");
  }
  if (whole.length === 0) {
    if (rulers.length > 0) return fractions(low, high, rulers, fits);
    return unknown(
      missed.length > 0
        ? "no number was found that is off every multiple"
        : "no number was found in so narrow a range",
    );
  }
  if (missed.some((finer) => coversMarks(step, finer))) return NONE;
  const from = Math.ceil(low / step);
  const to = Math.floor(high / step);
  // Outwards from an end, or from zero, as far as it is worth it.
  const begin = Number.isFinite(from) ? from : Number.isFinite(to) ? to : 0;
  for (let n = 0; n <= MARKS_MAX; n++) {
    for (const k of [begin + n, begin - n]) if (fits(k * step)) return found(clean(k * step));
  }
  if (to - from <= MARKS_MAX) return NONE;
  return unknown("the multiples that are asked for cannot be compared");
}

/** Every multiple of `coarse` is a multiple of `fine`, as the validator divides. */
function coversMarks(coarse: number, fine: number): boolean {
  const factor = coarse / fine;
  if (Number.isSafeInteger(coarse) && Number.isSafeInteger(fine)) return Number.isInteger(factor);
  if (Number.isSafeInteger(coarse * 2 ** 20)) return coversExact(coarse, fine);
  return (
    Number.isInteger(factor) && Number.isInteger(Math.log2(factor)) && fine * factor === coarse
  );
}

/**
 * Multiples of 1, 0.5 or 0.25 are what they are in binary too. Divided by a decimal fraction that goes
 * into them, 3 / 0.01 say, they come out whole when the binary fraction is off its decimal by at most
 * 2^-54 of itself: the quotient is then off by less than half of its last binary place, and rounding
 * mends it.
 */
function coversExact(coarse: number, fine: number): boolean {
  const [c, f] = [readDecimal(coarse), readDecimal(fine)];
  if (f.digits <= 0n || f.exponent > 0 || f.exponent < -30 || c.exponent < -30) return false;
  const shift = c.exponent - f.exponent;
  const [left, right] =
    shift >= 0
      ? [c.digits * 10n ** BigInt(shift), f.digits]
      : [c.digits, f.digits * 10n ** BigInt(-shift)];
  if (left % right !== 0n) return false;
  let binary = fine;
  let twos = 1n;
  while (!Number.isInteger(binary)) {
    binary *= 2;
    twos *= 2n;
  }
  const off = BigInt(binary) * 10n ** BigInt(-f.exponent) - f.digits * twos;
  return (off < 0n ? -off : off) * 2n ** 54n <= f.digits * twos;
}

/** One ruler of fractions with no mark in the range leaves nothing; anything finer is not decided. */
function fractions(
  low: number,
  high: number,
  rulers: ReadonlyArray<number>,
  fits: (value: number) => boolean,
): Answer {
  for (const ruler of rulers) {
    const [from, to] = [low / ruler, high / ruler];
    const slack = Number.EPSILON * Math.max(Math.abs(from), Math.abs(to)) * 4;
    const isBounded = Number.isFinite(from) && Number.isFinite(to);
    const [first, last] = [Math.ceil(from - slack), Math.floor(to + slack)];
    if (isBounded && first > last) return NONE;
    const begin = Number.isFinite(first) ? first : Number.isFinite(last) ? last : 0;
    for (let n = 0; n <= MARKS_MAX; n++) {
      for (const k of [begin + n, begin - n]) {
        for (const value of [k * ruler, roundTo(k * ruler)]) {
          if (fits(value)) return found(clean(value));
        }
      }
    }
  }
  return unknown(
    "multiples of a fraction are compared in binary floating point, which is not exact",
  );
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestDivisor(b, a % b);
}
