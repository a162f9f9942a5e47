/**
 * Does the receiver's answer keep the contract? An agent may be a model or a program elsewhere, so its
 * answer is checked like a stranger's: only options that the contract lists and this signal offers,
 * parameters within their schemas, numbers that can be numbers, one currency, bounded words.
 *
 * What an answer is worth and whether it may run is not decided here but by the charter.
 */
import { isResource } from "./resource.ts";
import type { Money } from "../../std/money.ts";
import { type PlainLimits, toPlainJson } from "../plain.ts";
import { listWords, problem, quote, suggestion } from "../problem.ts";
import { compileSchema, type SchemaCheck } from "../schema.ts";
import { findOption } from "./option.ts";
import { getShapeChecks, REASON_LENGTH_MAX, REPLY_FIELDS } from "./reply-shape.ts";
import { unknownOption } from "./signal.ts";
import type {
  Contract,
  Problem,
  Proposal,
  Reply,
  ScoredOption,
  Signal,
  ValueDistribution,
} from "./types.ts";

const REPLY_LIMITS: PlainLimits = {
  depthMax: 32,
  textMax: REASON_LENGTH_MAX,
  itemsMax: 1_000,
  valuesMax: 20_000,
  bytesMax: 256 * 1024,
};

/** Compiled parameter schemas, as long as the contract object lives. */
const parameterChecks = new WeakMap<Contract, Map<string, SchemaCheck>>();

function parameterCheckOf(contract: Contract, option: string): SchemaCheck | undefined {
  let compiled = parameterChecks.get(contract);
  if (!compiled) {
    compiled = new Map(
      contract.options.map((o) => [o.name, compileSchema(o.parameters, "contract")]),
    );
    parameterChecks.set(contract, compiled);
  }
  return compiled.get(option);
}

/** Every way in which `reply` breaks the contract; empty when it keeps it. Never throws. */
export function validateReply(
  contract: Contract,
  signal: Signal,
  reply: unknown,
): ReadonlyArray<Problem> {
  const plain = toPlainJson(reply, REPLY_LIMITS, "contract");
  if (plain.kind === "refused") return plain.problems;
  const given = plain.value;
  const kinds = Object.keys(REPLY_FIELDS);
  const kind =
    typeof given === "object" && given !== null && "kind" in given ? given.kind : undefined;
  const check = typeof kind === "string" ? getShapeChecks().replies.get(kind) : undefined;
  if (!check) {
    const near = typeof kind === "string" ? suggestion(kind, kinds) : "";
    const message = `${quote(kind)} is not a kind of reply${near}`;
    const help = `a reply is one of ${listWords(kinds)}`;
    return [problem("contract", "wrong-value", "/kind", message, help)];
  }
  const shape = check(given);
  if (shape.length > 0) return shape;
  const typed = given as unknown as Reply;
  if (typed.kind === "accept" || typed.kind === "modify") {
    const problems = findProposalProblems(contract, signal, typed.proposal, "/proposal");
    return [...problems, ...findIdleProblems(contract, typed.proposal)];
  }
  if (typed.kind === "need-more") return [];
  return findScoredProblems(contract, typed.scored, "/scored");
}

/** Every way in which `proposal` breaks the contract; empty when it keeps it. Never throws. */
export function validateProposal(
  contract: Contract,
  signal: Signal,
  proposal: unknown,
): ReadonlyArray<Problem> {
  const plain = toPlainJson(proposal, REPLY_LIMITS, "contract");
  if (plain.kind === "refused") return plain.problems;
  return findProposalProblems(contract, signal, plain.value, "");
}

/** What changes nothing outside is answered as such; only what acts goes on to the charter. */
function findIdleProblems(contract: Contract, proposal: Proposal): Problem[] {
  const kind = findOption(contract, proposal.option)?.kind;
  if (kind === undefined || kind === "act") return [];
  const message = `${quote(proposal.option)} does not act, so there is nothing to accept`;
  const help = `answer \`${kind === "none" ? "decline" : "bounce"}\` with the reason`;
  return [problem("contract", "inconsistent", "/proposal/option", message, help)];
}

function findProposalProblems(
  contract: Contract,
  signal: Signal,
  given: unknown,
  at: string,
): ReadonlyArray<Problem> {
  const shape = getShapeChecks().proposal(given, at);
  if (shape.length > 0) return shape;
  const proposal = given as Proposal;
  return [
    ...findChoiceProblems(contract, signal, proposal, at),
    ...findStandingProblems(contract, proposal, at),
    ...findValueProblems(proposal.value, `${at}/value`),
    ...findScoredProblems(contract, proposal.scored, `${at}/scored`),
    ...findCurrencyProblems(proposal, at),
  ];
}

function findChoiceProblems(
  contract: Contract,
  signal: Signal,
  proposal: Proposal,
  at: string,
): Problem[] {
  const { option, parameters: given } = proposal;
  if (!findOption(contract, option)) return [unknownOption(contract, option, `${at}/option`)];
  const problems: Problem[] = [];
  if (!signal.options.includes(option)) {
    problems.push(
      problem(
        "contract",
        "option-not-offered",
        `${at}/option`,
        `option ${quote(option)} is not among those that the signal offers`,
        `the signal offers ${listWords(signal.options, "and")}`,
      ),
    );
  }
  problems.push(...findParameterProblems(contract, option, given, `${at}/parameters`));
  const rejected = proposal.scored.filter((s) => s.option === option);
  if (rejected.length > 0 && rejected.every((s) => !s.feasible)) {
    const message = `${quote(option)} is proposed and scored as not feasible`;
    problems.push(problem("contract", "inconsistent", `${at}/option`, message));
  }
  return problems;
}

function findParameterProblems(
  contract: Contract,
  option: string,
  given: unknown,
  at: string,
): Problem[] {
  const found = parameterCheckOf(contract, option)?.(given, at) ?? [];
  return found.map((p) => ({ ...p, code: "contract/invalid-parameters" }));
}

/**
 * INVARIANT (no-ungoverned-action): the charter limits `standingDays` of the proposal, the connector
 * obeys the parameter of the same name, so the two must say the same.
 */
function findStandingProblems(contract: Contract, proposal: Proposal, at: string): Problem[] {
  const problems: Problem[] = [];
  const acts = findOption(contract, proposal.option)?.kind === "act";
  if (acts && proposal.standingDays < 1) {
    const message = `\`${proposal.standingDays}\` days is too short for something that acts`;
    problems.push(problem("contract", "out-of-range", `${at}/standingDays`, message));
    return problems;
  }
  if (acts && proposal.resource === "") {
    const message = "it does not say what would be changed";
    problems.push(problem("contract", "missing-field", `${at}/resource`, message));
  } else if (acts && !isResource(proposal.resource)) {
    const message = `${quote(proposal.resource)} is not the name of a resource`;
    const help = "write system:whole/part, such as ads:google/1234567890/geo/IN-560001";
    problems.push(problem("contract", "wrong-format", `${at}/resource`, message, help));
  }
  const parameter = proposal.parameters["standingDays"];
  if (parameter !== undefined && parameter !== proposal.standingDays) {
    const message =
      `standingDays is \`${proposal.standingDays}\`, but the parameter of that name ` +
      `is ${quote(parameter)}`;
    problems.push(problem("contract", "inconsistent", `${at}/standingDays`, message));
  }
  return problems;
}

function findScoredProblems(
  contract: Contract,
  list: ReadonlyArray<ScoredOption>,
  at: string,
): Problem[] {
  return list.flatMap((item, i) => {
    if (!findOption(contract, item.option)) {
      return [unknownOption(contract, item.option, `${at}/${i}/option`)];
    }
    // What was not feasible may have had no valid parameters to begin with.
    const bad = item.feasible
      ? findParameterProblems(contract, item.option, item.parameters, `${at}/${i}/parameters`)
      : [];
    return [...bad, ...findValueProblems(item.value, `${at}/${i}/value`)];
  });
}

function findValueProblems({ p10, p50, p90 }: ValueDistribution, at: string): Problem[] {
  if (p10.amountMinor <= p50.amountMinor && p50.amountMinor <= p90.amountMinor) return [];
  const amounts = [p10, p50, p90].map(({ amountMinor }) => `\`${amountMinor}\``).join(", ");
  const message = `p10, p50 and p90 are ${amounts}, which is not in rising order`;
  return [problem("contract", "inconsistent", at, message)];
}

function findCurrencyProblems(proposal: Proposal, at: string): Problem[] {
  const { currency } = proposal.valueAtStake;
  const amounts: Array<[string, Money]> = [];
  const add = (path: string, { mean, p10, p50, p90 }: ValueDistribution): void => {
    for (const [key, amount] of Object.entries({ mean, p10, p50, p90 })) {
      amounts.push([`${path}/${key}/currency`, amount]);
    }
  };
  add(`${at}/value`, proposal.value);
  for (const [i, item] of proposal.scored.entries()) add(`${at}/scored/${i}/value`, item.value);
  const other = amounts.find(([, amount]) => amount.currency !== currency);
  if (!other) return [];
  const message = `${quote(other[1].currency)} and ${currency} are mixed in one proposal`;
  return [problem("contract", "inconsistent", other[0], message)];
}
