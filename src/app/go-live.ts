/**
 * Takes a loop live as people would: both departments accept and sign, both ends are tested, the
 * receiver is trusted, a drill is run, and somebody activates it.
 *
 * False while the receiver knows its own domain too little to be trusted; then it is tried again later.
 * Only what its gate still asks for is done, so one that was interrupted goes on where it stopped.
 */
import { charterHash } from "../core/charter/parse.ts";
import type { GateName } from "../core/loop/gates.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoopWiring } from "../engine/wiring.ts";
import type { Side } from "../core/contract/suite/types.ts";
import { type ConformanceInput, contractConform } from "../operation/check-conformance.ts";
import { loopDrill } from "../operation/drill-loop.ts";
import { contractAccept } from "../operation/move-contract.ts";
import { loopActivate } from "../operation/move-loop.ts";
import { loopShow } from "../operation/show-loop.ts";
import { findEvidence } from "../store/table/evidence.ts";
import { agentCalibrate, agentTrust } from "../operation/trust-agent.ts";
import { InterlockError } from "../std/errors.ts";
import { signAsOwner } from "./simulated-owners.ts";

/** What `contract conformance` takes where nobody says otherwise. */
export const CONFORMANCE_CASES = 500;

export async function goLive(
  engine: Engine,
  wiring: LoopWiring,
  /** Cases that each end is tested with, at the least. */
  cases: number,
): Promise<boolean> {
  const context = { engine };
  const loop = wiring.name;
  const { contract, charter } = wiring;
  const { gates } = await loopShow.handler(context, { loop });
  const isOpen = (name: GateName) => gates.some((gate) => gate.name === name && !gate.holds);
  for (const { department, owner } of charter.parties) {
    const { name, version } = contract;
    const person = owner.email;
    await contractAccept.handler(context, { name, version, department, person });
    await signAsOwner(engine, loop, charter, charterHash(charter), department);
  }
  for (const side of ["sender", "receiver"] as const) {
    if (isOpen(`${side}-conforms`)) await test(engine, { loop, side, cases });
  }
  if (isOpen("receiver-trusted")) {
    const head = charter.parties.find((one) => one.department === contract.receiver.department);
    if (!(await trust(engine, loop, head?.owner.email ?? ""))) return false;
  }
  if (isOpen("drilled")) await loopDrill.handler(context, { loop });
  await loopActivate.handler(context, { loop });
  return true;
}

async function test(
  engine: Engine,
  input: ConformanceInput & { readonly side: Side },
): Promise<void> {
  const { loop, side } = input;
  const { passed, reports } = await contractConform.handler({ engine }, input);
  if (passed) return;
  const [failure] = reports.flatMap(({ failures }) => failures);
  throw new InterlockError(
    "loop/gates-unmet",
    `the ${side} does not conform: ${failure?.fault ?? ""}: ${failure?.words ?? ""}`,
    { help: `contract conformance ${loop} --side ${side} lists every failure` },
  );
}

/** False when its record is not good enough, or not long enough, to be trusted yet. */
async function trust(engine: Engine, loop: string, person: string): Promise<boolean> {
  const { driver, clock } = engine.context;
  const shown = await findEvidence(driver, loop, "receiver-calibration");
  if (shown?.made_at !== clock.now()) await agentCalibrate.handler({ engine }, { loop });
  try {
    await agentTrust.handler({ engine }, { loop, person });
    return true;
  } catch (error) {
    if (error instanceof InterlockError && error.code === "agent/record-off") return false;
    throw error;
  }
}
