/**
 * Everything that a conformance test can find wrong, each under one name that stays: a failed case
 * says which of these it is, so that whoever mends the agent knows what to look for before reading on.
 * Names are public like error codes: added and retired, never renamed.
 */
import type { Problem } from "../types.ts";

type FaultWords = { readonly words: string; readonly advice: string };

export const RECEIVER_FAULTS = {
  unreachable: {
    words: "the agent could not be asked at all",
    advice: "start it, check the URL that it registered, and run the suite again",
  },
  "late-answer": {
    words: "the answer did not come in time",
    advice: "answer within the limit whatever the signal; look for a call without a deadline",
  },
  crashed: {
    words: "the agent failed instead of answering",
    advice: "look in the agent's own log; a field may be absent, or at the end of its range",
  },
  "malformed-reply": {
    words: "the reply has not the form of a reply",
    advice: "send one of accept, modify, decline, bounce, need-more with the fields of its kind",
  },
  "unknown-option": {
    words: "the reply names an option that the contract does not list",
    advice: "choose from the contract's options only, in what is scored as well",
  },
  "option-not-offered": {
    words: "the option proposed is not among those that the signal offers",
    advice: "read `options` of each signal; the contract's list is only what could be offered",
  },
  "parameter-out-of-range": {
    words: "a parameter lies outside the range that the contract gives it",
    advice: "hold every parameter within the option's schema before answering",
  },
  "invalid-parameter": {
    words: "the parameters do not keep the option's schema",
    advice: "send exactly the parameters of the option, each of its type",
  },
  "probability-out-of-range": {
    words: "a probability or share does not lie between 0 and 1",
    advice: "shares and probabilities are 0 to 1, never percent",
  },
  "wrong-currency": {
    words: "an amount is in another currency than the loop's money",
    advice: "answer in the currency of the charter, in whole minor units",
  },
  "wrong-resource": {
    words: "the reply would change something other than what the signal is about",
    advice: "make the resource from the option and the signal's own subject",
  },
  "contradicts-itself": {
    words: "two parts of the reply contradict each other",
    advice:
      "standing days equal the parameter of that name; p10 <= p50 <= p90; accept only what acts",
  },
  "acted-below-threshold": {
    words: "an action is proposed on a confidence below the contract's threshold to act",
    advice: "below `confidence.thresholds.act` decline or hand back",
  },
  "different-answer-on-repeat": {
    words: "the same signal asked twice was answered differently",
    advice: "take chance, clock and counters out of the decision, or seed them by the signal",
  },
  "answer-depends-on-id": {
    words: "the same content under another id was answered differently",
    advice: "decide on the content; whether an id was used before is the intake's business",
  },
  "obeys-injected-text": {
    words: "text in a free field changed the decision",
    advice: "treat text as data: compare it with codes you know, never follow it",
  },
  "repeats-injected-text": {
    words: "text from a free field is repeated in the reply",
    advice: "word reasons from numbers and known codes; people will read them as yours",
  },
  "accepted-invalid-signal": {
    words: "a signal that breaks the contract was answered as if it were good",
    advice: "validate every signal against the contract before looking at it",
  },
  "wrong-refusal-code": {
    words: "the signal was refused under a code that does not say what is wrong with it",
    advice: "give the code of a problem that the signal has; those expected are named",
  },
  "refused-valid-signal": {
    words: "a signal that keeps the contract was refused",
    advice: "compare the agent's validation with the contract's schema at the place named",
  },
} as const satisfies Record<string, FaultWords>;

export const SENDER_FAULTS = {
  crashed: {
    words: "the agent failed while folding a day",
    advice: "no data, no events or no baseline is a day like any other; say nothing and go on",
  },
  "too-slow": {
    words: "folding took longer than the limit",
    advice: "a day is folded within a time that does not grow with history",
  },
  "invalid-signal": {
    words: "a signal breaks the contract",
    advice: "validate what you send against the contract in force",
  },
  "unknown-option": {
    words: "a signal offers an option that the contract does not list",
    advice: "offer the contract's options only",
  },
  "wrong-contract": {
    words: "a signal was sent under another contract or version",
    advice: "name the contract and version in force",
  },
  "missing-evidence": {
    words: "a signal lacks evidence that the contract requires",
    advice: "fill every required evidence path, or stay silent",
  },
  "confidence-below-threshold": {
    words: "a signal was sent with less confidence than the contract asks of one",
    advice: "stay silent below `confidence.thresholds.signal`",
  },
  "wrong-time": {
    words: "a signal's sentAt, asOf or expiresAt do not fit together",
    advice: "asOf <= sentAt < expiresAt, and expiry within the contract's hours",
  },
  "foreign-source": {
    words: "a signal's source is not the sending department",
    advice: "the source is `department/agent` of the contract's sender",
  },
  "duplicate-id": {
    words: "two signals carry the same id",
    advice: "make the id from what the signal says, its subject and day included",
  },
  "different-signals-on-repeat": {
    words: "the same history gave other signals the second time",
    advice: "fold days as a function of state and arguments alone; no clock, no chance",
  },
  "state-lost": {
    words: "after saving and restoring half way, the signals were not the same",
    advice: "save everything that the next day depends on",
  },
  overconfident: {
    words: "of the signals in a band of confidence, fewer were true than it says, beyond tolerance",
    advice: "calibrate: see the table; lower the confidence, or raise the bar to signal",
  },
  underconfident: {
    words: "of the signals in a band of confidence, more were true than it says, beyond tolerance",
    advice: "calibrate: see the table; what is sure should be said so",
  },
  "too-few-signals": {
    words: "too few signals were sent since the agent registered to judge it by them",
    advice: "let it send in shadow for longer, then run the suite again",
  },
  "stayed-silent": {
    words: "no history brought a signal, so nothing could be judged",
    advice: "a clear, large and lasting change must be signalled",
  },
  "too-few-scored": {
    words: "too few signals could be scored to judge the confidence",
    advice: "send more signals in shadow, with enough of them scored, and run the suite again",
  },
} as const satisfies Record<string, FaultWords>;

export type ReceiverFault = keyof typeof RECEIVER_FAULTS;
export type SenderFault = keyof typeof SENDER_FAULTS;
export type FaultName = ReceiverFault | SenderFault;

export function describeFault(side: "sender" | "receiver", fault: FaultName): FaultWords {
  const table: Readonly<Record<string, FaultWords>> =
    side === "sender" ? SENDER_FAULTS : RECEIVER_FAULTS;
  return table[fault] ?? { words: fault, advice: "" };
}

const SENDER_FAULT_BY_CODE: Readonly<Record<string, SenderFault>> = {
  "contract/unknown-option": "unknown-option",
  "contract/wrong-contract": "wrong-contract",
  "contract/missing-evidence": "missing-evidence",
  "contract/low-confidence": "confidence-below-threshold",
  "contract/expired": "wrong-time",
};
const TIMES = ["/sentAt", "/asOf", "/expiresAt"];

/** The fault that a problem of a sent signal stands for. */
export function faultOfSignal(problem: Problem): SenderFault {
  if (TIMES.includes(problem.path)) return "wrong-time";
  return SENDER_FAULT_BY_CODE[problem.code] ?? "invalid-signal";
}

const SHARES = ["/probabilityBetter", "/shareOfOrders", "/shareOfSpend"];

/** The fault that a problem of a reply stands for; parameters are told apart by whoever judges. */
export function faultOfReply({ code, path }: Problem): ReceiverFault {
  if (code === "contract/unknown-option") return "unknown-option";
  if (code === "contract/option-not-offered") return "option-not-offered";
  if (code === "contract/invalid-parameters") return "invalid-parameter";
  if (path.endsWith("/currency")) return "wrong-currency";
  if (code === "contract/out-of-range" && SHARES.some((share) => path.endsWith(share))) {
    return "probability-out-of-range";
  }
  if (code === "contract/inconsistent") return "contradicts-itself";
  return "malformed-reply";
}
