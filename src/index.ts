/**
 * The public API: what a program that builds on Interlock may import, and nothing else.
 *
 * Read it in the order in which one comes to need it: open an Interlock with a loop wired to it; call
 * operations; write a contract, a charter, an agent or a connector of one's own; check a ledger. What
 * is not named here may change without notice. A golden file lists these names, so that a change of
 * the API is seen for what it is.
 */

// Running it: a store, a clock and wired loops become one running Interlock.
export { openInterlock, DEFAULT_ZONE_OFFSET_MINUTES } from "./app/interlock.ts";
export type { Interlock, InterlockOptions } from "./app/interlock.ts";
export { startWorker } from "./app/worker.ts";
export type { Worker, WorkerOptions } from "./app/worker.ts";
export type { Driver, DriverOptions, Row, Tx } from "./store/driver/driver.ts";

/** The engine's moves (receive, fold, settle), and what it is told at the start. */
export type { Engine } from "./engine/engine.ts";
export { DEFAULT_LIMITS, REAL_PACE, VIRTUAL_PACE } from "./engine/wiring.ts";
export type {
  EngineLimits,
  LoopLearning,
  LoopWiring,
  Pace,
  SignalledChange,
} from "./engine/wiring.ts";
export type { FoldedDay } from "./engine/observe.ts";
export type { IntakeAnswer } from "./engine/intake.ts";

/** Replay and simulation: the same engine on a clock that stands still until it is moved. */
export { VirtualClock } from "./app/virtual-clock.ts";
export { runWorld } from "./app/run-world.ts";
export type { World } from "./app/run-world.ts";

/** Everything a person or a program can ask for, by name. */
export { operations } from "./operation/index.ts";
export { lintCharterText } from "./operation/lint-charter.ts";
export { lintContractText } from "./operation/lint-contract.ts";
export type { Operation, OperationContext } from "./operation/operation.ts";
export type { LintResult, PlacedFinding } from "./operation/lint-result.ts";

// The reference loop, and its two agents for loops of one's own.
export { loadPapers, wireLogisticsMarketing } from "../loops/logistics-marketing/loop.ts";
export type { LoopPorts, Papers } from "../loops/logistics-marketing/loop.ts";
export { createLogisticsAgent } from "./agent/logistics/agent.ts";
export type { LogisticsSettings } from "./agent/logistics/settings.ts";
export { createMarketingAgent } from "./agent/marketing/agent.ts";
export type { MarketingAgentOptions } from "./agent/marketing/agent.ts";
export { parseEconomics } from "./agent/marketing/economics.ts";
export type { Economics } from "./agent/marketing/economics.ts";

/** What the outside supplies: implement these to bring an agent, a platform or a channel. */
export type {
  Call,
  Clock,
  Connector,
  ConnectorClass,
  DayReading,
  Intervention,
  MarketingFacts,
  MarketingFactsSource,
  NearMiss,
  Notice,
  Notifier,
  Observation,
  ObservationBatch,
  Plan,
  ReceivingAgent,
  SendingAgent,
  Subject,
  TargetState,
} from "./core/port/types.ts";

// Contracts: what one agent promises another.
export { parseDocument } from "./core/document.ts";
export type { Document, Place } from "./core/document.ts";
export { checkContract, contractHash, parseContract } from "./core/contract/parse.ts";
export type { ContractCheck } from "./core/contract/parse.ts";
export { lintContract } from "./core/contract/lint.ts";
export { defineContract, defineReceiver, defineSender } from "./core/contract/define.ts";
export type {
  ContractDraft,
  OptionDraft,
  ProposalOf,
  ReceiverDraft,
  ReplyOf,
  ScoredOptionOf,
  SenderDraft,
  SignalOf,
  TypedContract,
} from "./core/contract/define.ts";
export type { SchemaSource, StandardSchema } from "./core/contract/standard-schema.ts";
export { compareContracts } from "./core/contract/compare/compare.ts";
export type { Change, Comparison } from "./core/contract/compare/types.ts";
export { judgeRelease } from "./core/contract/release.ts";
export type { ReleaseJudgement } from "./core/contract/release.ts";
export { migratePayload } from "./core/contract/migration.ts";
export type { MigrationResult } from "./core/contract/migration-step.ts";
export { generateContractText } from "./operation/generate-contract.ts";
export type { ContractFormat } from "./operation/generate-contract.ts";
export { renderSignal } from "./core/contract/words.ts";
export { createSignalValidator } from "./core/contract/signal.ts";
export type { SignalCheck, SignalValidator } from "./core/contract/signal.ts";
export { cloudEventToSignal, signalToCloudEvent } from "./core/contract/cloud-event.ts";
export type { CloudEvent, EventReading } from "./core/contract/cloud-event.ts";
export {
  readHttpSignal,
  writeHttpBatch,
  writeHttpSignal,
} from "./core/contract/cloud-event-http.ts";
export { validateReply } from "./core/contract/proposal.ts";
export { guardReceiver } from "./core/contract/guard.ts";
export { RefusedSignalError } from "./core/contract/refusal.ts";
export type {
  ConformanceReport,
  FoldInput,
  SenderHistory,
  SenderTrial,
} from "./core/contract/suite/types.ts";
export { sampleSignals } from "./core/contract/sample.ts";
export type {
  Contract,
  ContractOption,
  EvidenceItem,
  JsonSchema,
  Problem,
  Proposal,
  Reply,
  ScoredOption,
  Signal,
  ValueDistribution,
} from "./core/contract/types.ts";
export type { Finding } from "./core/problem.ts";

// Charters: what both departments allow.
export { charterHash, checkCharter, parseCharter } from "./core/charter/parse.ts";
export type { CharterCheck } from "./core/charter/parse.ts";
export { lintCharter } from "./core/charter/lint.ts";
export { findGaps } from "./core/charter/space/gaps.ts";
export type { GapReport } from "./core/charter/space/gaps.ts";
export type { GapFinding, GapKind, Suggestion } from "./core/charter/space/finding.ts";
export type { Region, Where } from "./core/charter/space/region.ts";
export { decideAt, decideTable, locate } from "./core/charter/space/decided-table.ts";
export type { Location } from "./core/charter/space/decided-table.ts";
export { compareCharters } from "./core/charter/space/compare.ts";
export type { CharterChange, CharterComparison } from "./core/charter/space/compare.ts";
export { computeMatrix } from "./core/charter/space/matrix.ts";
export type { Matrix } from "./core/charter/space/matrix.ts";
export { matrixToText } from "./core/charter/space/matrix-text.ts";
export { matrixToSvg } from "./core/charter/space/matrix-svg.ts";
export { computeVerdict } from "./core/charter/verdict.ts";
export { tallyVotes } from "./core/charter/votes.ts";
export type { CastVote, Tally } from "./core/charter/votes.ts";
export type {
  Charter,
  Guardrails,
  NotifyTarget,
  Party,
  Person,
  Range,
  Rule,
  RuleConditions,
  RuleEffect,
  Verdict,
  VerdictFacts,
  VoteRequirement,
} from "./core/charter/types.ts";

/** Cases: the pure function that moves one, the digest that votes bind to, the account people read. */
export { transition } from "./core/case/transition.ts";
export { computeActionDigest } from "./core/case/digest.ts";
export { renderAccount } from "./core/case/letter.ts";
export { CASE_STATES, CLOSE_REASONS } from "./core/case/types.ts";
export type {
  ActionRecord,
  Case,
  CaseEffect,
  CaseEvent,
  CaseEventKind,
  CaseState,
  CaseVote,
  CloseReason,
  Letter,
  NoticeTopic,
  Outcome,
  PartyClock,
  Terms,
  Turn,
  UndoCause,
} from "./core/case/types.ts";

// Loops: what must hold before one is live.
export { computeGates } from "./core/loop/gates.ts";
export type { Gate, GateEvidence, GateName } from "./core/loop/gates.ts";
export { computeLoopStep, LOOP_STATES } from "./core/loop/lifecycle.ts";
export type { LoopRequest, LoopState, LoopStep } from "./core/loop/lifecycle.ts";

/** The ledger, checked without trusting the database it came from. */
export { verifyCaseFile } from "./core/case/case-file.ts";
export type { CaseFile, CaseFileCheck } from "./core/case/case-file.ts";
export type { LedgerDraft, LedgerEntry } from "./core/ledger/entry.ts";
export { checkHeads, readHead } from "./core/ledger/head.ts";
export type { LedgerHead } from "./core/ledger/head.ts";
export { createWitness, judgeHead } from "./core/ledger/witness.ts";
export type { Witness, Witnessed, WitnessMemory } from "./core/ledger/witness.ts";
export { isConsistent, isIncluded } from "./core/ledger/proof.ts";
export type { TreeHead } from "./core/ledger/proof.ts";
export { computeRoot, EMPTY_TREE } from "./core/ledger/tree.ts";
export type { Tree, TreeHasher } from "./core/ledger/tree.ts";
export { verifyEntries, verifyTexts } from "./core/ledger/verify.ts";
export type { KnownRoots, LedgerFault } from "./core/ledger/verify.ts";

// Errors, and the few plain types that the rest is made of.
export { ERROR_CODES } from "./std/error-codes.ts";
export type { ErrorCode } from "./std/error-codes.ts";
export { errorToText, InterlockError } from "./std/errors.ts";
export type { ErrorOptions } from "./std/errors.ts";
export { canonicalJson } from "./std/canonical-json.ts";
export type { Json } from "./std/canonical-json.ts";
export { hashJson, hashText } from "./std/hash.ts";
export type { Hash } from "./std/hash.ts";
export type { Money } from "./std/money.ts";
export type { Day, Instant } from "./std/time.ts";
