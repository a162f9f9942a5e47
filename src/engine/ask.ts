/** Asks the receiving agent about one signal. Asking changes nothing, so it may be asked again. */
import type { Case, ResolvedTarget } from "../core/case/types.ts";
import { validateReply } from "../core/contract/proposal.ts";
import type { Contract, Reply, Signal } from "../core/contract/types.ts";
import type { Call } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import type { EffectRow } from "../store/table/effect.ts";
import { REAL_TIMER } from "./deadline.ts";
import type { Ending } from "./ending.ts";
import { findConnector, keepPlan, planChange } from "./prepare.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export async function askReceiver(
  context: EngineContext,
  effect: EffectRow,
  of: Case,
  call: Call,
): Promise<Ending> {
  if (of.state !== "evaluating" || of.steps !== effect.step) {
    return { kind: "done", result: { moot: `the case is ${of.state}` } };
  }
  const wiring = context.loops.get(of.loop);
  assert(wiring, `the loop \`${of.loop}\` is wired`);
  const { contract } = await getTerms(context.driver, of.contractHash, of.charterHash);
  const now = context.clock.now();
  await context.reached?.("ask/before-question");
  const answered = await Promise.race([
    wiring.receiver.evaluate({ caseId: of.id, signal: of.signal, contract, now }),
    rejectOnAbort(call.signal),
  ]);
  await context.reached?.("ask/after-answer");
  const reply = checkReply(wiring.receiver.name, contract, of.signal, answered);
  const target = await resolveTarget(context, wiring, of, reply, call);
  return {
    kind: "done",
    result: { reply: reply.kind },
    letter: {
      kind: "reply.received",
      at: now,
      step: effect.step,
      reply,
      ...(target === undefined ? {} : { target }),
    },
  };
}

/**
 * What the proposal would change, as it stands now: people vote on that, and the dispatch compares. A
 * target that refuses the change is found out again by the dispatch, which says so; one that cannot be
 * read now is tried again with the question.
 */
async function resolveTarget(
  { clock, timer = REAL_TIMER }: EngineContext,
  wiring: LoopWiring,
  of: Case,
  reply: Reply,
  call: Call,
): Promise<ResolvedTarget | undefined> {
  if (!("proposal" in reply)) return undefined;
  const { option, parameters, resource } = reply.proposal;
  const connector = findConnector(wiring, option);
  if (connector === undefined) return undefined;
  const intervention = { option, parameters, subject: of.signal.subject, resource };
  try {
    const readAt = timer.now();
    const plan = await planChange(connector, intervention, call);
    const { before, after } = plan;
    const target = { connector: connector.name, before, after, readAt: clock.now() };
    keepPlan(target, { plan, intervention, readAt });
    return target;
  } catch (error) {
    if (error instanceof InterlockError && error.retry === "never") return undefined;
    throw error;
  }
}

/** A copy, so that what was checked is what is kept, whatever the agent does with its own object. */
export function checkReply(
  agent: string,
  contract: Contract,
  signal: Signal,
  answered: Reply,
): Reply {
  const reply = structuredClone(answered);
  const [first] = validateReply(contract, signal, reply);
  if (first === undefined) return reply;
  throw new InterlockError(
    "agent/invalid-reply",
    `\`${agent}\` broke the contract at \`${first.path}\`: ${first.message}`,
    // An agent may be mended or replaced while its case waits.
    { retry: "later" },
  );
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () =>
      reject(
        new InterlockError("agent/failed", "the agent did not answer in time", { retry: "later" }),
      );
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}
