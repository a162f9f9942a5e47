/** The catalogue: everything that can be asked of Interlock. */
import { loopDrill } from "./drill-loop.ts";
import { caseExplain } from "./explain-case.ts";
import { caseList } from "./list-cases.ts";
import { contractList } from "./list-contracts.ts";
import { loopList } from "./list-loops.ts";
import { loopMap } from "./map-loops.ts";
import { contractAccept, contractDeprecate, contractRetire } from "./move-contract.ts";
import { loopActivate, loopPause } from "./move-loop.ts";
import { contractPropose } from "./propose-contract.ts";
import { caseShow } from "./show-case.ts";
import { contractShow } from "./show-contract.ts";
import { loopShow } from "./show-loop.ts";
import { charterSign } from "./sign-charter.ts";
import { caseUndo } from "./undo-case.ts";
import { ledgerVerify } from "./verify-ledger.ts";
import { caseVote } from "./vote-case.ts";

export const operations = {
  caseExplain,
  caseList,
  caseShow,
  caseUndo,
  caseVote,
  charterSign,
  contractAccept,
  contractDeprecate,
  contractList,
  contractPropose,
  contractRetire,
  contractShow,
  ledgerVerify,
  loopActivate,
  loopDrill,
  loopList,
  loopMap,
  loopPause,
  loopShow,
};
