/**
 * Every error code, with one sentence. Codes are public: a program may match them, so they are
 * added and retired, never renamed. The part before the slash is the folder that raises it.
 */
export const ERROR_CODES = {
  "document/invalid-syntax": "a YAML or JSON document could not be parsed",
  "document/invalid-shape": "a document parses but does not have the fields it must have",
  "contract/unknown-option": "a proposal or signal names an option that the contract does not list",
  "contract/invalid-parameters": "an option's parameters break the contract's schema for them",
  "contract/invalid-signal": "a signal does not keep its contract",
  "contract/not-found": "no contract of that name and version is registered",
  "charter/not-found": "no charter of that name is registered",
  "charter/not-in-force": "the charter is unsigned, expired or not yet effective",
  "loop/not-found": "no loop of that name exists",
  "loop/gates-unmet": "the loop cannot go live because a gate does not hold",
  "loop/wrong-state": "the loop's lifecycle does not allow this from its present state",
  "case/not-found": "no case of that id exists",
  "case/not-held": "the case is not waiting for votes",
  "case/vote-refused": "the vote was refused: wrong party, person, digest or moment",
  "case/signal-conflict": "the same signal id was used before with other content",
  "store/locked": "another process holds the data directory",
  "store/no-space": "the disk has too little free space to accept writes safely",
  "store/not-durable": "the storage self-test found that a commit did not reach the disk",
  "store/unavailable": "the database cannot be reached",
  "store/schema-newer": "the database was migrated by a newer version of Interlock",
  "store/closed": "the driver was closed while work was queued",
  "ledger/broken": "the ledger's chain does not verify",
  "connector/rate-limited": "the outside system asked us to slow down",
  "connector/unavailable": "the outside system could not be reached or failed before acting",
  "connector/unauthorised": "the outside system refused our credentials",
  "connector/rejected": "the outside system understood the request and refused it",
  "connector/unknown-outcome": "the call was sent and no trustworthy answer came back",
  "connector/conflict": "the target is no longer in the state we left it in",
  "connector/malformed-answer": "the outside system answered with something we cannot read",
  "agent/failed": "an agent failed while folding a day or answering a request",
  "agent/invalid-reply": "an agent's reply does not keep the contract",
  "import/unreadable-file": "a file could not be opened or is of an unknown format",
  "import/invalid-mapping": "a shipment mapping is wrong or does not fit the file",
  "cli/usage": "a command was called with wrong arguments",
  "twin/invalid-setting": "a setting of the simulated company is out of range",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERROR_CODES;
