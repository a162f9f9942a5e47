import { charterHash, parseCharter } from "../core/charter/parse.ts";
import { type PastCase, simulateCharter, type SimulationReport } from "../core/charter/simulate.ts";
import type { Case } from "../core/case/types.ts";
import { parseDocument } from "../core/document.ts";
import { getLoopTerms } from "../engine/terms.ts";
import { addDays, type Day } from "../std/time.ts";
import { startOfDay } from "../std/zone.ts";
import { listGovernedCases } from "../store/table/signal-case.ts";
import { getWiring, inputSchema, LOOP_FIELD, type Operation } from "./operation.ts";

export type SimulateInput = {
  readonly loop: string;
  readonly from: Day;
  /** The last day. */
  readonly to: Day;
  /** Another charter, YAML or JSON; the one that stands when left out. */
  readonly document?: string;
};

export type CharterSimulation = SimulationReport & {
  readonly loop: string;
  readonly version: number;
  readonly currency: string;
  readonly from: Day;
  readonly to: Day;
};

const DAY_FIELD = { type: "string", format: "date", description: "a day of the charter's zone" };

export const charterSimulate: Operation<SimulateInput, CharterSimulation> = {
  name: "charter.simulate",
  summary:
    "Replays a loop's governed cases under another charter: what would have run, waited, ended.",
  access: "viewer",
  errors: ["loop/not-found", "document/invalid-shape"],
  input: inputSchema(
    {
      loop: LOOP_FIELD,
      from: DAY_FIELD,
      to: DAY_FIELD,
      document: { type: "string", maxLength: 1_000_000, description: "another charter" },
    },
    ["document"],
  ),
  async handler(context, { loop, from, to, document }) {
    getWiring(context, loop);
    const { driver } = context.engine.context;
    const standing = await getLoopTerms(driver, loop);
    const charter =
      document === undefined
        ? standing.charter
        : parseCharter(parseDocument(document, "the charter").value);
    const { timeZone } = charter;
    const cases = await listGovernedCases(
      driver,
      loop,
      startOfDay(from, timeZone),
      startOfDay(addDays(to, 1), timeZone),
    );
    const { version, currency } = charter;
    const report = simulateCharter(charter, charterHash(charter), cases.flatMap(toPast));
    return { loop, version, currency, from, to, ...report };
  },
};

function toPast(of: Case): ReadonlyArray<PastCase> {
  const { proposal, verdict, signal } = of;
  if (proposal === undefined || verdict === undefined) return [];
  const { facts } = verdict;
  return [
    {
      case: of.id,
      at: facts.now,
      loop: of.loop,
      subject: signal.subject,
      proposal,
      confidence: facts.confidence,
      confidenceToAct: facts.confidenceToAct,
      reversible: facts.reversible,
      then: { kind: verdict.kind, rule: verdict.rule },
      answers: of.clocks.flatMap(({ party, answeredAt, waitedMs }) => {
        const vote = of.votes.find((one) => one.party === party);
        return vote === undefined || answeredAt === undefined || waitedMs === undefined
          ? []
          : [{ party, choice: vote.choice, waitedMs }];
      }),
    },
  ];
}
