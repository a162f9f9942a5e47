/** The catalogue: everything that can be asked of Interlock. */
import { absenceDeclare, absenceEnd, absenceList, caseDelegate } from "./absence.ts";
import { signerAdd } from "./add-signer.ts";
import { archiveDrop, archiveList, archivePlan, archiveRead, archiveSeal } from "./archive.ts";
import { glassBreak, glassClose, glassList } from "./break-glass.ts";
import { caseAsk } from "./ask-again.ts";
import { contractCompare } from "./compare-contracts.ts";
import { contractConform } from "./check-conformance.ts";
import { invariantCheck } from "./check-invariants.ts";
import { roleGrant, roleRevoke } from "./grant-role.ts";
import { personDisable, personEnable, personInvite } from "./invite-person.ts";
import { keyCreate } from "./create-key.ts";
import { loopDrill } from "./drill-loop.ts";
import { effectDiscard, effectList, effectRetry, effectShow } from "./effect.ts";
import { charterExplain } from "./explain-charter.ts";
import { caseExplain } from "./explain-case.ts";
import { agentList } from "./list-agents.ts";
import { caseList } from "./list-cases.ts";
import { contractList } from "./list-contracts.ts";
import { charterList } from "./list-charters.ts";
import { keyList } from "./list-keys.ts";
import { caseExport } from "./export-case.ts";
import { ledgerHeads } from "./list-heads.ts";
import { ledgerPublish, ledgerRotate } from "./publish-ledger.ts";
import { ledgerList } from "./list-ledger.ts";
import { loopList } from "./list-loops.ts";
import { placeList } from "./list-places.ts";
import { personList } from "./list-people.ts";
import { signerList } from "./list-signers.ts";
import { loopMap } from "./map-loops.ts";
import { contractAccept, contractDeprecate, contractRetire } from "./move-contract.ts";
import { loopActivate, loopPause } from "./move-loop.ts";
import { observationReceive } from "./receive-observations.ts";
import { stopList, stopPress, stopRelease } from "./press-stop.ts";
import { loopPromote } from "./promote-loop.ts";
import { charterPropose } from "./propose-charter.ts";
import { contractPropose } from "./propose-contract.ts";
import { keyRevoke } from "./revoke-key.ts";
import { signerRevoke } from "./revoke-signer.ts";
import { charterSimulate } from "./simulate-charter.ts";
import { caseShow } from "./show-case.ts";
import { contractShow } from "./show-contract.ts";
import { caseEvidence } from "./show-evidence.ts";
import { outcomeShow } from "./show-outcomes.ts";
import { loopShow } from "./show-loop.ts";
import { todayShow } from "./show-today.ts";
import { charterReview } from "./review-charter.ts";
import { charterSign } from "./sign-charter.ts";
import { agentCalibrate, agentTrust } from "./trust-agent.ts";
import { caseUndo } from "./undo-case.ts";
import { ledgerExport } from "./export-ledger.ts";
import { ledgerProve } from "./prove-ledger.ts";
import { ledgerVerify } from "./verify-ledger.ts";
import { batchVote } from "./vote-batch.ts";
import { caseVote } from "./vote-case.ts";
import { webhookAdd, webhookList, webhookRemove, webhookResume } from "./webhook.ts";
import { charterWithdraw } from "./withdraw-charter.ts";

export const operations = {
  absenceDeclare,
  absenceEnd,
  absenceList,
  agentCalibrate,
  agentList,
  agentTrust,
  archiveDrop,
  archiveList,
  archivePlan,
  archiveRead,
  archiveSeal,
  batchVote,
  caseAsk,
  caseDelegate,
  caseEvidence,
  caseExplain,
  caseList,
  caseShow,
  caseUndo,
  caseVote,
  charterExplain,
  charterList,
  charterPropose,
  charterReview,
  charterSign,
  charterSimulate,
  charterWithdraw,
  contractAccept,
  contractCompare,
  contractConform,
  contractDeprecate,
  contractList,
  contractPropose,
  contractRetire,
  contractShow,
  effectDiscard,
  effectList,
  effectRetry,
  effectShow,
  glassBreak,
  glassClose,
  glassList,
  invariantCheck,
  keyCreate,
  keyList,
  keyRevoke,
  caseExport,
  ledgerExport,
  ledgerHeads,
  ledgerList,
  ledgerProve,
  ledgerPublish,
  ledgerRotate,
  ledgerVerify,
  loopActivate,
  loopDrill,
  loopList,
  loopMap,
  loopPause,
  loopPromote,
  loopShow,
  observationReceive,
  outcomeShow,
  personDisable,
  personEnable,
  personInvite,
  personList,
  placeList,
  roleGrant,
  roleRevoke,
  signerAdd,
  signerList,
  signerRevoke,
  stopList,
  stopPress,
  stopRelease,
  todayShow,
  webhookAdd,
  webhookList,
  webhookRemove,
  webhookResume,
};
