/**
 * A contract written in TypeScript: the document that YAML gives, with the same hash, and the types of
 * its signals and replies for agents in this process.
 *
 *   const contract = defineContract({ name: "logistics.geo-risk", ..., payload: z.strictObject(...) });
 *   type GeoRisk = SignalOf<typeof contract>;      // payload and options by name
 *   const receiver = defineReceiver(contract, { name, version, evaluate: async ({ signal }) => ... });
 *
 * The types are a promise that the validator keeps: a guard before the agent refuses what breaks the
 * contract, whoever asks. They exist for the compiler alone; at run time a defined contract is
 * its canonical form and nothing more.
 */
import { InvalidDocumentError } from "../document.ts";
import type { DayReading, ReceivingAgent, SendingAgent } from "../port/types.ts";
import { guardReceiver } from "./guard.ts";
import { DOCUMENT_LIMITS, parseContract } from "./parse.ts";
import {
  type InputOf,
  readSchema,
  type SchemaSource,
  type ToJsonSchema,
} from "./standard-schema.ts";
import type {
  Contract,
  ContractOption,
  Problem,
  Proposal,
  Reply,
  ScoredOption,
  Signal,
} from "./types.ts";

/** An option as it is written: its parameters in any schema. */
export type OptionDraft = Omit<ContractOption, "parameters"> & {
  readonly parameters: SchemaSource;
};

export type ContractDraft = Omit<Contract, "interlock" | "payload" | "options"> & {
  readonly payload: SchemaSource;
  readonly options: ReadonlyArray<OptionDraft>;
};

declare const TYPES: unique symbol;

/** What the compiler knows of a contract beyond its being one. */
export type ContractTypes = {
  readonly name: string;
  readonly version: string;
  readonly payload: unknown;
  /** Option -> its parameters. */
  readonly parameters: { readonly [option: string]: unknown };
  /** Names of the options that act. */
  readonly acts: string;
};

/** A contract with the types of what is said under it. */
export type TypedContract<T extends ContractTypes = ContractTypes> = Contract & {
  readonly [TYPES]?: T;
};

type TypesOfDraft<D extends ContractDraft> = {
  readonly name: D["name"];
  readonly version: D["version"];
  readonly payload: InputOf<D["payload"]>;
  readonly parameters: {
    readonly [O in D["options"][number] as O["name"]]: InputOf<O["parameters"]>;
  };
  readonly acts: Extract<D["options"][number], { readonly kind: "act" }>["name"];
};

type TypesOf<C extends TypedContract> = NonNullable<C[typeof TYPES]>;
type NameOf<C extends TypedContract> = keyof TypesOf<C>["parameters"] & string;
type ParametersOf<C extends TypedContract, Name extends string> = TypesOf<C>["parameters"][Name];

/** A signal under the contract. */
export type SignalOf<C extends TypedContract> = Omit<
  Signal,
  "contract" | "version" | "options" | "payload"
> & {
  readonly contract: TypesOf<C>["name"];
  readonly version: TypesOf<C>["version"];
  readonly options: ReadonlyArray<NameOf<C>>;
  readonly payload: TypesOf<C>["payload"];
};

/** One option as the receiver scored it: name and parameters belong together. */
export type ScoredOptionOf<C extends TypedContract> = {
  [Name in NameOf<C>]: Omit<ScoredOption, "option" | "parameters"> & {
    readonly option: Name;
    readonly parameters: ParametersOf<C, Name>;
  };
}[NameOf<C>];

/** What may be proposed: an option that acts. */
export type ProposalOf<C extends TypedContract> = {
  [Name in TypesOf<C>["acts"]]: Omit<Proposal, "option" | "parameters" | "scored"> & {
    readonly option: Name;
    readonly parameters: ParametersOf<C, Name>;
    readonly scored: ReadonlyArray<ScoredOptionOf<C>>;
  };
}[TypesOf<C>["acts"]];

type ReplyPart<C extends TypedContract, R> = R extends { readonly proposal: Proposal }
  ? Omit<R, "proposal"> & { readonly proposal: ProposalOf<C> }
  : R extends { readonly scored: unknown }
    ? Omit<R, "scored"> & { readonly scored: ReadonlyArray<ScoredOptionOf<C>> }
    : R;

/** The receiver's answer. */
export type ReplyOf<C extends TypedContract> = ReplyPart<C, Reply>;

/** Throws `InvalidDocumentError` with every problem, as `parseContract` does. */
export function defineContract<const D extends ContractDraft>(
  draft: D,
  settings: { readonly toJsonSchema?: ToJsonSchema } = {},
): TypedContract<TypesOfDraft<D>> {
  const problems: Problem[] = [];
  const read = (source: SchemaSource, at: string): unknown => {
    const reading = readSchema(source, at, DOCUMENT_LIMITS, settings.toJsonSchema);
    if (reading.ok) return reading.schema;
    problems.push(...reading.problems);
    return undefined;
  };
  const written = {
    ...draft,
    interlock: "contract/1",
    payload: read(draft.payload, "/payload"),
    options: draft.options.map((option, i) => ({
      ...option,
      parameters: read(option.parameters, `/options/${i}/parameters`),
    })),
  };
  if (problems.length > 0) throw new InvalidDocumentError("not a contract", problems);
  return parseContract(written);
}

/** A receiving agent that is written against the contract's own types. */
export type ReceiverDraft<C extends TypedContract> = Omit<
  ReceivingAgent,
  "department" | "evaluate"
> & {
  evaluate(
    request: Omit<Parameters<ReceivingAgent["evaluate"]>[0], "signal"> & {
      readonly signal: SignalOf<C>;
    },
  ): Promise<ReplyOf<C>>;
};

/** The agent's department is the contract's. */
export function defineReceiver<C extends TypedContract>(
  contract: C,
  agent: ReceiverDraft<C>,
): ReceivingAgent {
  const predict = agent.predictOwnDomain?.bind(agent);
  return guardReceiver({
    department: contract.receiver.department,
    name: agent.name,
    version: agent.version,
    ...(agent.isRemote === undefined ? {} : { isRemote: agent.isRemote }),
    ...(predict === undefined ? {} : { predictOwnDomain: predict }),
    // What comes was checked by the guard, and what goes is checked again by whoever asked.
    evaluate: (request) => agent.evaluate({ ...request, signal: request.signal }) as Promise<Reply>,
  });
}

/** A sending agent that is written against the contract's own types. */
export type SenderDraft<C extends TypedContract> = Omit<SendingAgent, "department" | "foldDay"> & {
  foldDay(
    input: Parameters<SendingAgent["foldDay"]>[0],
  ): Omit<DayReading, "signals"> & { readonly signals: ReadonlyArray<SignalOf<C>> };
};

/** The agent's department is the contract's. */
export function defineSender<C extends TypedContract>(
  contract: C,
  agent: SenderDraft<C>,
): SendingAgent {
  return {
    department: contract.sender.department,
    name: agent.name,
    version: agent.version,
    foldDay: (input) => agent.foldDay(input) as DayReading,
    save: () => agent.save(),
    restore: (state) => {
      agent.restore(state);
    },
  };
}
