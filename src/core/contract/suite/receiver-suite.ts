/**
 * The cases that a receiver is tested with, made from its contract and a seed alone.
 *
 * As an examiner who knows the syllabus: every edge of the contract is asked about, every combination
 * of options, something of each sort of damage; what is left of the number is filled with ordinary
 * questions and more damage. The same contract and seed give the same suite. What must happen is
 * asked of the same validator that guards the intake, so that both ends are held to one reading.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { integerBetween, type Random, randomFrom } from "../../../std/random.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS } from "../../../std/time.ts";
import { createSignalValidator, type SignalValidator } from "../signal.ts";
import type { PlainLimits } from "../../plain.ts";
import type { Contract, Signal } from "../types.ts";
import { listEdges } from "./boundary.ts";
import { createSignalMaker, innerEnvelopes, type SignalMaker } from "./envelope.ts";
import { listMutants, type Mutant } from "./hostile.ts";
import { makeInjections } from "./injected-case.ts";
import type { CaseKind, Expectation, ReceiverCase, ReceiverSuite } from "./types.ts";
import { makeMatching, ValueMaker } from "./value.ts";

export const CASES_LEAST = 500;

export type SuiteInput = {
  readonly seed: number;
  /** Cases at the least; what the contract calls for may be more. */
  readonly cases: number;
  readonly now: Instant;
  /** Subjects that exist, for most of the cases. */
  readonly subjects?: ReadonlyArray<string>;
  /** Signals that were really sent under this contract. */
  readonly examples?: ReadonlyArray<Signal>;
};

const GOLDEN_LEAST = 40;
const EXAMPLES_MAX = 60;
/** Damage within the payload; that of the envelope is tried whole. */
const HOSTILE_LEAST = 140;
const REPEATS = 60;
const DUPLICATES = 10;
/** Options beyond which not every combination is tried, and how many are instead. */
const ALL_COMBINATIONS_MAX = 8;
const COMBINATIONS_MAX = 300;

export function createReceiverSuite(contract: Contract, input: SuiteInput): ReceiverSuite {
  return new SuiteBuilder(contract, input).build();
}

class SuiteBuilder {
  readonly #contract: Contract;
  readonly #input: SuiteInput;
  readonly #cases: ReceiverCase[] = [];
  readonly #uncovered: string[] = [];
  readonly #validate: SignalValidator;
  readonly #validateWide: SignalValidator;
  readonly #values: ValueMaker;
  readonly #signals: SignalMaker;

  constructor(contract: Contract, input: SuiteInput) {
    this.#contract = contract;
    this.#input = input;
    this.#validate = createSignalValidator(contract);
    this.#validateWide = createSignalValidator(contract, WIDE_LIMITS);
    this.#values = new ValueMaker(contract.payload, input.now);
    const made = makeMatching(contract.subject.pattern, 1, 200);
    const subjects = (input.subjects ?? []).filter((subject) =>
      new RegExp(contract.subject.pattern, "u").test(subject),
    );
    if (subjects.length === 0 && made === undefined) {
      this.#uncovered.push("no subject was found that matches the contract's pattern");
    }
    this.#signals = createSignalMaker(contract, {
      now: input.now,
      seed: input.seed,
      subjects: subjects.length > 0 ? subjects : [made ?? ""],
    });
  }

  build(): ReceiverSuite {
    const full = this.#values.full();
    if (full === undefined) {
      const why = "no payload was found that keeps the contract's schema";
      return { cases: [], uncovered: [why] };
    }
    const bases = this.#bases(full);
    const golden = this.#golden(bases);
    for (let i = 0; i < GOLDEN_LEAST; i++) golden.next();
    this.#boundaries(bases);
    this.#combinations(bases);
    this.#injections(bases);
    this.#duplicates(bases);
    const all = listMutants(this.#contract, this.#signals, full);
    const mutants = this.#mutants(all);
    this.#wholeMutants(all);
    for (let i = 0; i < HOSTILE_LEAST; i++) mutants.next();
    const rest = this.#input.cases - REPEATS;
    while (this.#cases.length < rest) {
      golden.next();
      if (this.#cases.length < rest) mutants.next();
    }
    this.#repeats();
    return { cases: this.#cases, uncovered: this.#uncovered };
  }

  #random(...keys: ReadonlyArray<string | number>): Random {
    return randomFrom(this.#input.seed, "receiver-suite", ...keys);
  }

  /** Payloads that differ as much as payloads of this contract do. */
  #bases(full: Json): ReadonlyArray<Json> {
    const examples = (this.#input.examples ?? []).map(({ payload }) => payload as Json);
    const random = Array.from({ length: 8 }, (_, i) =>
      this.#values.random(this.#random("base", i)),
    );
    const all = [full, ...examples.slice(0, 8), ...random.filter((base) => base !== undefined)];
    return all.filter((payload) => this.#validates(this.#signals.make(payload)));
  }

  *#golden(bases: ReadonlyArray<Json>): Generator<void> {
    const { examples = [], now } = this.#input;
    const chosen = examples.slice(0, EXAMPLES_MAX);
    for (const [i, example] of chosen.entries()) {
      const sentAt = addMs(now, -MINUTE_MS);
      this.#add("golden", `as sent: ${example.subject}`, {
        ...this.#signals.make(example.payload),
        subject: example.subject,
        confidence: example.confidence,
        options: example.options,
        sentAt,
        asOf: addMs(sentAt, -HOUR_MS * (1 + (i % 24))),
      });
      yield;
    }
    const { signal } = this.#contract.confidence.thresholds;
    for (let i = 0; ; i++) {
      const random = this.#random("golden", i);
      const payload = this.#values.random(random) ?? bases[i % bases.length] ?? null;
      this.#add(
        "golden",
        `content ${i + 1}`,
        this.#signals.make(payload, {
          confidence: Math.round((signal + (1 - signal) * random.next()) * 10_000) / 10_000,
          options: pickSome(random, this.#signals.names),
        }),
      );
      yield;
    }
  }

  #boundaries(bases: ReadonlyArray<Json>): void {
    const { edges, uncovered } = listEdges(this.#values, bases);
    this.#uncovered.push(...uncovered);
    for (const { about, payload } of edges) {
      const isIn = this.#add("boundary", about, this.#signals.make(payload), "answer");
      if (!isIn) this.#noteRefused(about, payload);
    }
    const [base = null] = bases;
    for (const { about, change } of innerEnvelopes(this.#contract, this.#input.now)) {
      this.#add("boundary", about, this.#signals.make(base, change), "answer");
    }
  }

  /** What keeps the schema and no signal can carry, or lacks evidence, is a case for refusal. */
  #noteRefused(about: string, payload: Json): void {
    const codes = this.#codesOf(this.#signals.make(payload));
    if (codes.includes("contract/missing-evidence")) {
      this.#add("hostile", about, this.#signals.make(payload), "refusal");
    } else {
      this.#uncovered.push(`${about}: no signal can carry it (${codes.join(", ")})`);
    }
  }

  #combinations(bases: ReadonlyArray<Json>): void {
    const { act, signal } = this.#contract.confidence.thresholds;
    const subsets = listSubsets(this.#signals.names, this.#random("subsets"));
    for (const [i, options] of subsets.entries()) {
      const confidence = i % 5 === 4 ? signal : Math.max(act, 0.9);
      const payload = bases[i % bases.length] ?? null;
      const about = `offering ${options.join(", ")}`;
      this.#add(
        "combination",
        about,
        this.#signals.make(payload, { options, confidence }),
        "answer",
      );
    }
  }

  #injections(bases: ReadonlyArray<Json>): void {
    const groups = makeInjections(this.#contract, this.#signals, bases, (signal) =>
      this.#validates(signal),
    );
    for (const { plain, about, injected } of groups) {
      this.#add("injection", `${about} in plain words`, plain, "answer");
      const to = this.#cases.at(-1)?.id ?? "";
      for (const { signal, style, texts } of injected) {
        this.#add("injection", `${about}, ${style}`, signal, "answer", {
          case: to,
          same: "decision",
          injected: texts,
        });
      }
    }
  }

  /** One id with two contents: the second is answered on its content, as if under a new id. */
  #duplicates(bases: ReadonlyArray<Json>): void {
    for (let i = 0; i < DUPLICATES; i++) {
      const first = this.#signals.make(bases[i % bases.length] ?? null);
      const other = this.#values.random(this.#random("duplicate", i)) ?? null;
      const second = this.#signals.make(other, { subject: first.subject });
      this.#add("duplicate-id", `pair ${i + 1}, first content`, first, "answer");
      this.#add("duplicate-id", `pair ${i + 1}, second content under its own id`, second, "answer");
      const own = this.#cases.at(-1)?.id ?? "";
      const about = `pair ${i + 1}, second content under the first id`;
      this.#add("duplicate-id", about, { ...second, id: first.id }, "answer", {
        case: own,
        same: "decision-by-content",
      });
    }
  }

  #wholeMutants(all: ReadonlyArray<Mutant>): void {
    for (const { about, signal } of all.filter(({ sort }) => WHOLE_SORTS.includes(sort))) {
      this.#add("hostile", about, signal, "refusal");
    }
  }

  /** Sort by sort in turn, in an order drawn by the seed, so that a prefix has something of each. */
  *#mutants(all: ReadonlyArray<Mutant>): Generator<void> {
    const bySort = new Map<string, Mutant[]>();
    for (const mutant of all.filter(({ sort }) => !WHOLE_SORTS.includes(sort))) {
      bySort.set(mutant.sort, [...(bySort.get(mutant.sort) ?? []), mutant]);
    }
    const lists = [...bySort].map(([sort, list]) => shuffle(list, this.#random("mutants", sort)));
    for (let i = 0; lists.some((list) => i < list.length); i++) {
      for (const list of lists) {
        const mutant = list[i];
        if (mutant === undefined) continue;
        if (this.#add("hostile", mutant.about, mutant.signal, "refusal")) yield;
      }
    }
    // Every damage was tried; what is still wanted is ordinary.
    for (;;) yield;
  }

  #repeats(): void {
    const again = this.#cases.filter(
      ({ expect, kind }) => expect.kind === "answer" && kind !== "duplicate-id",
    );
    const wanted = Math.max(REPEATS, this.#input.cases - this.#cases.length);
    for (const one of shuffle(again, this.#random("repeats")).slice(0, wanted)) {
      this.#add("repeat", `again: ${one.about}`, one.signal, "answer", {
        case: one.id,
        same: "answer",
      });
    }
  }

  /** False, and nothing added, when the signal is not what it was made to be. */
  #add(
    kind: CaseKind,
    about: string,
    signal: unknown,
    wanted: Expectation["kind"] = "answer",
    like?: ReceiverCase["like"],
  ): boolean {
    const codes = this.#codesOf(signal);
    const expect: Expectation =
      codes.length === 0 ? { kind: "answer" } : { kind: "refusal", codes };
    if (expect.kind !== wanted) return false;
    const id = `r-${String(this.#cases.length + 1).padStart(4, "0")}`;
    this.#cases.push({ id, kind, about, signal, expect, ...(like === undefined ? {} : { like }) });
    return true;
  }

  #validates(signal: Signal): boolean {
    return this.#validate(signal, { now: this.#input.now }).ok;
  }

  /**
   * The codes of everything that is wrong. Our validator stops at what is too large; an agent that
   * reads on and complains of the content is right as well.
   */
  #codesOf(signal: unknown): ReadonlyArray<string> {
    const at = { now: this.#input.now };
    const first = this.#validate(signal, at);
    if (first.ok) return [];
    const second = this.#validateWide(signal, at);
    const problems = [...first.problems, ...(second.ok ? [] : second.problems)];
    return [...new Set(problems.map(({ code }) => code))];
  }
}

/** Sorts of which every mutant is in every suite: they are few, and each is a rule of its own. */
const WHOLE_SORTS = ["envelope", "missing in the envelope", "no signal at all", "missing evidence"];

const WIDE_LIMITS: PlainLimits = {
  depthMax: 1_000,
  textMax: 4_000_000,
  itemsMax: 100_000,
  valuesMax: 1_000_000,
  bytesMax: 16_000_000,
};

function pickSome(random: Random, names: ReadonlyArray<string>): ReadonlyArray<string> {
  const some = names.filter(() => random.next() < 0.7);
  return some.length > 0 ? some : names;
}

export function shuffle<T>(list: ReadonlyArray<T>, random: Random): T[] {
  const mixed = [...list];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = integerBetween(random, 0, i + 1);
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}

/** Every choice of at least one name; of many names, all small and all nearly whole ones, then some. */
export function listSubsets(
  names: ReadonlyArray<string>,
  random: Random,
): ReadonlyArray<ReadonlyArray<string>> {
  if (names.length <= ALL_COMBINATIONS_MAX) {
    return Array.from({ length: 2 ** names.length - 1 }, (_, i) =>
      names.filter((_name, bit) => ((i + 1) >> bit) % 2 === 1),
    );
  }
  const subsets = [
    names,
    ...names.map((name) => [name]),
    ...names.map((name) => names.filter((other) => other !== name)),
    ...names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b])),
  ];
  while (subsets.length < COMBINATIONS_MAX) {
    const some = names.filter(() => random.next() < 0.5);
    if (some.length > 0) subsets.push(some);
  }
  return subsets.slice(0, COMBINATIONS_MAX);
}
