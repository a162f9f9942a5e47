import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import {
  goodProposal,
  goodSignal,
  NOW,
  referenceContract,
} from "../../../test/kit/reference-loop.ts";
import { zodContract } from "../../../test/kit/zod-contract.ts";
import { InvalidDocumentError } from "../document.ts";
import {
  type ContractDraft,
  defineContract,
  defineReceiver,
  defineSender,
  type ProposalOf,
  type ReplyOf,
  type SignalOf,
} from "./define.ts";
import { lintContract } from "./lint.ts";
import { contractHash } from "./parse.ts";
import { validateReply } from "./proposal.ts";
import { createSignalValidator } from "./signal.ts";

type GeoRisk = SignalOf<typeof zodContract>;

/** The draft of a small contract, with its payload or its settings changed. */
function draftWith(change: Partial<ContractDraft>): ContractDraft {
  const { payload, options, ...rest } = referenceContract();
  return { ...rest, payload, options, evidence: { required: [] }, ...change };
}

function problemsOf(run: () => unknown): ReadonlyArray<string> {
  try {
    run();
  } catch (thrown) {
    assert(thrown instanceof InvalidDocumentError);
    return thrown.problems.map(({ path, code, message }) => `${path} ${code} ${message}`);
  }
  return [];
}

function signal(change: Partial<GeoRisk> = {}): GeoRisk {
  return { ...(goodSignal() as unknown as GeoRisk), ...change };
}

test("the reference contract in Zod is the reference contract in YAML, with the same hash", () => {
  assert.deepEqual(zodContract, referenceContract());
  assert.equal(contractHash(zodContract), contractHash(referenceContract()));
  assert.deepEqual(lintContract(zodContract), []);
});

test("a plain JSON Schema is taken as it is, with the same hash", () => {
  const { options, payload } = referenceContract();
  const contract = defineContract({ ...referenceContract(), payload, options });
  assert.equal(contractHash(contract), contractHash(referenceContract()));
});

test("a change in one unit changes the hash", () => {
  const payload = z.strictObject({ days: z.int().min(0).meta({ unit: "days" }) });
  const other = z.strictObject({ days: z.int().min(0).meta({ unit: "hours" }) });
  assert.notEqual(
    contractHash(defineContract(draftWith({ payload }))),
    contractHash(defineContract(draftWith({ payload: other }))),
  );
});

test("what a library writes beside what its author said is left out", () => {
  const line = z.strictObject({ sku: z.string().max(20) }).meta({ id: "Line", title: "Line" });
  const payload = z.strictObject({
    count: z.int(),
    capped: z.int().max(5),
    on: z.iso.date(),
    at: z.iso.datetime(),
    mail: z.email(),
    name: z.string().regex(/^[a-z]+$/),
    kind: z.enum(["a", "b"]),
    one: z.literal(1),
    type: z.string().max(3).optional(),
    lines: z.array(line),
    more: line,
    id: z.union([z.string().max(3), z.null()]),
  });
  const defined = defineContract(draftWith({ payload })).payload;
  assert.deepEqual(defined, {
    type: "object",
    additionalProperties: false,
    required: Object.keys(payload.shape).filter((name) => name !== "type"),
    properties: {
      count: { type: "integer" },
      capped: { type: "integer", maximum: 5 },
      on: { type: "string", format: "date" },
      at: { type: "string", format: "date-time" },
      mail: { type: "string", format: "email" },
      name: { type: "string", pattern: "^[a-z]+$" },
      kind: { enum: ["a", "b"] },
      one: { const: 1 },
      type: { type: "string", maxLength: 3 },
      lines: { type: "array", items: { $ref: "#/$defs/Line" } },
      more: { $ref: "#/$defs/Line" },
      id: { anyOf: [{ type: "string", maxLength: 3 }, { type: "null" }] },
    },
    $defs: {
      Line: {
        type: "object",
        title: "Line",
        additionalProperties: false,
        required: ["sku"],
        properties: { sku: { type: "string", maxLength: 20 } },
      },
    },
  });
});

test("the schema of what travels is taken, not of what a library makes of it", () => {
  const payload = z.strictObject({ n: z.string().max(9).transform(Number), d: z.int().default(3) });
  const contract = defineContract({ ...draftWith({}), payload });
  assert.deepEqual(contract.payload["properties"], {
    n: { type: "string", maxLength: 9 },
    d: { type: "integer", default: 3 },
  });
  const typed: SignalOf<typeof contract>["payload"] = { n: "4" };
  assert.equal(typed.d, undefined);
});

test("what cannot be written as JSON Schema is a problem at its place", () => {
  assert.match(
    problemsOf(() => defineContract(draftWith({ payload: z.strictObject({ at: z.date() }) })))[0] ??
      "",
    /^\/payload contract\/bad-schema zod cannot write the schema as JSON Schema: /,
  );
  const [first, ...others] = draftWith({}).options;
  assert(first);
  const options = [{ ...first, parameters: z.strictObject({ n: z.bigint() }) }, ...others];
  assert.match(
    problemsOf(() => defineContract(draftWith({ options })))[0] ?? "",
    /^\/options\/0\/parameters contract\/bad-schema /,
  );
});

test("a library that writes no JSON Schema is named, and can be helped with toJsonSchema", () => {
  const payload = { "~standard": { version: 1, vendor: "quill" } } as const;
  assert.deepEqual(
    problemsOf(() => defineContract(draftWith({ payload }))),
    ["/payload contract/bad-schema schemas of quill do not say what they are as JSON Schema"],
  );
  const toJsonSchema = () => ({ type: "object", properties: { a: { type: "boolean" } } });
  const contract = defineContract(draftWith({ payload }), {
    toJsonSchema,
  });
  assert.deepEqual(contract.payload, toJsonSchema());
});

test("a contract that YAML could not be is not one in TypeScript either", () => {
  const problems = problemsOf(() =>
    defineContract(draftWith({ payload: z.strictObject({}), version: "1" })),
  );
  assert.deepEqual(
    problems.map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["/version contract/wrong-format"],
  );
});

test("a typed signal and a typed reply keep the contract that they are typed by", async () => {
  const receiver = defineReceiver(zodContract, {
    name: "bids",
    version: "1.0.0",
    evaluate: async ({ signal: { payload, options } }): Promise<ReplyOf<typeof zodContract>> => {
      // Every field has its type: no cast, no check.
      const excess: number = payload.measure.rate - payload.baseline.rate;
      const parts: ReadonlyArray<string> = payload.cause.split.map(({ dimension }) => dimension);
      if (excess < 0.05 || parts.length === 0 || !options.includes("exclude_geo")) {
        return Promise.resolve({ kind: "decline", reason: "too little", scored: [] });
      }
      const { value, valueAtStake, blastRadius, resource } = goodProposal();
      const proposal: ProposalOf<typeof zodContract> = {
        option: "exclude_geo",
        parameters: { standingDays: 14, probeShare: 0.1 },
        resource,
        value,
        valueAtStake,
        blastRadius,
        standingDays: 14,
        scored: [
          {
            option: "exclude_geo",
            parameters: { standingDays: 14, probeShare: 0.1 },
            value,
            feasible: true,
            reason: "saves the most",
          },
          { option: "do_nothing", parameters: {}, value, feasible: true, reason: "goes on" },
        ],
        reasons: [`non-delivery rose by ${excess}`],
      };
      return Promise.resolve({ kind: "accept", proposal });
    },
  });
  assert.equal(receiver.department, "marketing");
  const request = { caseId: "case-1", contract: zodContract, now: NOW };
  const reply = await receiver.evaluate({ ...request, signal: goodSignal() });
  assert.equal(reply.kind, "accept");
  assert.deepEqual(validateReply(zodContract, goodSignal(), reply), []);
  assert.equal(createSignalValidator(zodContract)(signal(), { now: NOW }).ok, true);
});

test("a typed sender is an agent of the contract's department that keeps its own state", () => {
  class Watch {
    readonly name = "watch";
    readonly version = "1.0.0";
    #days = 0;
    foldDay(input: { readonly day: string }) {
      this.#days += 1;
      const signals = this.#days > 1 ? [signal({ id: input.day })] : [];
      return { day: input.day, evaluated: 1, notEvaluated: [], signals, nearMisses: [] };
    }
    save() {
      return new Uint8Array([this.#days]);
    }
    restore([days = 0]: Uint8Array) {
      this.#days = days;
    }
  }
  const sender = defineSender(zodContract, new Watch());
  const input = { now: NOW, subjects: new Map(), observations: [], acted: new Set<string>() };
  assert.equal(sender.department, "logistics");
  assert.deepEqual(sender.foldDay({ ...input, day: "2026-03-01" }).signals, []);
  assert.equal(sender.foldDay({ ...input, day: "2026-03-02" }).signals[0]?.id, "2026-03-02");
  assert.deepEqual(sender.save(), new Uint8Array([2]));
});

/** Never called: each line below a mark must be an error to the compiler, or `tsc` fails. */
export function typesThatMustNotCompile(good: GeoRisk): void {
  const { payload } = good;
  // @ts-expect-error a misspelt field
  void payload.mesure;
  // @ts-expect-error a field of a nested object that is not there
  void payload.measure.ratio;
  // @ts-expect-error an enumerated value that is not one
  signal({ payload: { ...payload, level: "city" } });
  // @ts-expect-error a text where a number must be
  signal({ payload: { ...payload, maturity: "0.9" } });
  // @ts-expect-error an option that the contract does not list
  signal({ options: ["exclude_country"] });
  // @ts-expect-error another contract
  signal({ contract: "logistics.other" });
  // @ts-expect-error another version
  signal({ version: "2.0.0" });

  const propose = (proposal: ProposalOf<typeof zodContract>): void => void proposal;
  const rest = { ...goodProposal(), scored: [] };
  const returned = { to: "logistics", reason: "x" } as const;
  const handBack = { ...rest, option: "hand_back", parameters: returned } as const;
  // @ts-expect-error hand_back does not act
  propose(handBack);
  const excluding = { standingDays: 3, probeShare: 0.1 };
  const mixed = { ...rest, option: "lower_bid", parameters: excluding } as const;
  // @ts-expect-error parameters of another option
  propose(mixed);
  const short = { ...rest, option: "exclude_geo", parameters: { standingDays: 3 } } as const;
  // @ts-expect-error a parameter is missing
  propose(short);
  propose({ ...rest, option: "prepaid_only", parameters: { standingDays: 3 } });
  // @ts-expect-error an answer that is none
  const reply: ReplyOf<typeof zodContract> = { kind: "perhaps", reason: "x" };
  void reply;

  const untyped = async () => Promise.resolve({ kind: "accept", proposal: rest } as const);
  // @ts-expect-error a receiver that answers with an untyped proposal
  defineReceiver(zodContract, { name: "a", version: "1", evaluate: untyped });
  const { options, ...draft } = referenceContract();
  // @ts-expect-error an option of a kind that is none
  defineContract({ ...draft, options: [{ ...options[0], kind: "maybe" }] });
  // @ts-expect-error a contract without confidence
  defineContract({ ...draft, options, confidence: undefined });
}
