/**
 * The contract as TypeScript types, in one module that imports nothing.
 *
 * Every value that keeps the contract has the type; a type cannot say ranges, lengths and patterns, so
 * these stand in the comments and the validator keeps them. Where a schema says something that types
 * cannot (`not`, `if`), the type is the wider one.
 */
import { contractHash } from "../parse.ts";
import type { Contract } from "../types.ts";
import { Names, pascalCase } from "./names.ts";
import { comment, TypeWriter, union } from "./type-writer.ts";

export function contractToTypeScript(contract: Contract): string {
  const stem = pascalCase(contract.name.split(".").slice(1).join(" ") || contract.name);
  const names = new Names(["Json", "Money", "ValueDistribution", "BlastRadius"]);
  const payloadName = names.take(`${stem}Payload`);
  const signalName = names.take(`${stem}Signal`);
  const optionName = names.take(`${stem}Option`);
  const scoredName = names.take(`${stem}ScoredOption`);
  const proposalName = names.take(`${stem}Proposal`);
  const replyName = names.take(`${stem}Reply`);
  const parameters = contract.options.map((option) => ({
    option,
    type: names.take(`${pascalCase(option.name)}Parameters`),
  }));
  const payload = new TypeWriter(contract.payload, names, stem);
  const parts = [
    `// Generated from contract ${contract.name} ${contract.version}; do not edit.\n// ${contractHash(contract)}`,
    payload.declare(payloadName, contract.payload, contract.title),
    ...parameters.map(({ option, type }) => {
      const writer = new TypeWriter(option.parameters, names, pascalCase(option.name));
      const declared = writer.declare(type, option.parameters, option.description);
      return [declared, ...writer.definitions()].join("\n\n");
    }),
    ...payload.definitions(),
    optionType(optionName, contract),
    signalType(contract, { signalName, optionName, payloadName }),
    SHARED_TYPES,
    scoredType(scoredName, parameters),
    proposalType(proposalName, scoredName, parameters),
    replyType(replyName, proposalName, scoredName),
  ];
  return `${parts.join("\n\n")}\n`;
}

function optionType(name: string, { options }: Contract): string {
  const names = options.map((option) => JSON.stringify(option.name));
  return `${comment("An option's name.")}export type ${name} = ${union(names)};`;
}

function signalType(
  contract: Contract,
  names: { readonly signalName: string; readonly optionName: string; readonly payloadName: string },
): string {
  const { confidence } = contract;
  const inside = (text: string): string => comment(text).trimEnd().replaceAll("\n", "\n  ");
  return `${comment(contract.description)}export type ${names.signalName} = {
  /** Unique for ever together with source. */
  readonly id: string;
  /** department/agent. */
  readonly source: string;
  readonly contract: ${JSON.stringify(contract.name)};
  readonly version: ${JSON.stringify(contract.version)};
  ${inside(`A ${contract.subject.kind}: ${contract.subject.description}.`)}
  readonly subject: string;
  /** Instants are UTC with milliseconds: 2026-01-05T00:30:00.000Z. */
  readonly sentAt: string;
  /** The data behind it is complete up to here. */
  readonly asOf: string;
  /** At most ${contract.expiry.afterHours} hours after sentAt. */
  readonly expiresAt: string;
  ${inside(`${confidence.thresholds.signal} to 1. ${confidence.meaning}`)}
  readonly confidence: number;
  readonly options: ReadonlyArray<${names.optionName}>;
  readonly payload: ${names.payloadName};
};`;
}

const SHARED_TYPES = `/** Whole minor units, such as paise, of an ISO 4217 currency. */
export type Money = { readonly amountMinor: number; readonly currency: string };

/** A distribution of money; probabilityBetter compares with doing nothing. */
export type ValueDistribution = {
  readonly mean: Money;
  readonly p10: Money;
  readonly p50: Money;
  readonly p90: Money;
  readonly probabilityBetter: number;
};

/** Shares are 0 to 1 of all the company's orders and of all its ad spend. */
export type BlastRadius = {
  readonly subjects: number;
  readonly shareOfOrders: number;
  readonly shareOfSpend: number;
};`;

type Parameters = ReadonlyArray<{
  readonly option: Contract["options"][number];
  readonly type: string;
}>;

function choices(parameters: Parameters): string {
  const each = parameters.map(
    ({ option, type }) =>
      `\n  | { readonly option: ${JSON.stringify(option.name)}; readonly parameters: ${type} }`,
  );
  return each.length === 0 ? " never" : each.join("");
}

function scoredType(name: string, parameters: Parameters): string {
  return `${comment("An option as it was scored.")}export type ${name} = {
  readonly value: ValueDistribution;
  readonly feasible: boolean;
  readonly reason: string;
} & (${choices(parameters)}
);`;
}

function proposalType(name: string, scored: string, parameters: Parameters): string {
  const acting = parameters.filter(({ option }) => option.kind === "act");
  return `${comment("What is to be done: an option that acts.")}export type ${name} = {
  readonly resource: string;
  readonly value: ValueDistribution;
  readonly valueAtStake: Money;
  readonly blastRadius: BlastRadius;
  readonly standingDays: number;
  readonly scored: ReadonlyArray<${scored}>;
  readonly reasons: ReadonlyArray<string>;
} & (${choices(acting)}
);`;
}

function replyType(name: string, proposal: string, scored: string): string {
  return `${comment("The answer to a signal.")}export type ${name} =
  | { readonly kind: "accept"; readonly proposal: ${proposal} }
  | { readonly kind: "modify"; readonly proposal: ${proposal}; readonly changed: string }
  | {
      readonly kind: "decline";
      readonly reason: string;
      readonly scored: ReadonlyArray<${scored}>;
    }
  | {
      readonly kind: "bounce";
      readonly to: string;
      readonly reason: string;
      readonly scored: ReadonlyArray<${scored}>;
    }
  | { readonly kind: "need-more"; readonly missing: ReadonlyArray<string>; readonly reason: string };`;
}
