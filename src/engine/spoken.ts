/**
 * Under which version of its contract is a signal read?
 *
 * Two versions live side by side while senders and receivers change over, as two editions of a form are
 * both taken at the counter for a while. A signal is read under the version that it names: the loop's own,
 * or an older one that both parties accepted and nobody has retired.
 *
 * A newer version than the loop's is not taken: no end was tested against it.
 */
import { contractHash } from "../core/contract/parse.ts";
import { createSignalValidator, type SignalValidator } from "../core/contract/signal.ts";
import type { Contract, Problem, Signal } from "../core/contract/types.ts";
import { compareVersions } from "../core/contract/compare/version.ts";
import type { Hash } from "../std/hash.ts";
import type { Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { keepSpokenContracts } from "../store/table/contract.ts";
import type { LoopWiring } from "./wiring.ts";

export type SpokenSignal =
  | {
      readonly kind: "valid";
      /** The version under which the case is opened. */
      readonly hash: Hash;
      /** The signal as that version has it. */
      readonly signal: Signal;
      /** Set when the signal was sent under this older version and its payload was migrated. */
      readonly migratedFrom?: string;
    }
  | { readonly kind: "invalid"; readonly hash: Hash; readonly problems: ReadonlyArray<Problem> };

type Spoken = {
  readonly contract: Contract;
  readonly hash: Hash;
  readonly validate: SignalValidator;
};

/** Reads signals under the versions that they name. Versions in use are kept as they are until `tx` ends. */
export type SpokenVersions = { read(raw: unknown, now: Instant): SpokenSignal };

export async function listSpokenVersions(
  tx: Tx,
  wiring: LoopWiring,
  signals: ReadonlyArray<unknown>,
): Promise<SpokenVersions> {
  const own = ownOf(wiring);
  const older = new Map<string, Spoken>();
  if (signals.some((raw) => versionOf(raw) !== own.contract.version)) {
    for (const { contract, hash } of await keepSpokenContracts(tx, own.contract.name)) {
      if (compareVersions(contract.version, own.contract.version) >= 0) continue;
      older.set(contract.version, spokenOf(contract, hash));
    }
  }
  return {
    read(raw, now) {
      const version = versionOf(raw);
      const spoken = (typeof version === "string" ? older.get(version) : undefined) ?? own;
      const checked = spoken.validate(raw, { now });
      return checked.ok
        ? { kind: "valid", hash: spoken.hash, signal: checked.signal }
        : { kind: "invalid", hash: spoken.hash, problems: checked.problems };
    },
  };
}

function versionOf(raw: unknown): unknown {
  return (raw as { readonly version?: unknown } | null | undefined)?.version;
}

const owned = new WeakMap<LoopWiring, Spoken>();
const kept = new Map<Hash, Spoken>();
const KEPT_MAX = 64;

function ownOf(wiring: LoopWiring): Spoken {
  let own = owned.get(wiring);
  if (own === undefined) {
    own = spokenOf(wiring.contract, contractHash(wiring.contract));
    owned.set(wiring, own);
  }
  return own;
}

/** A registered document never changes, so its validator is made once. */
function spokenOf(contract: Contract, hash: Hash): Spoken {
  let spoken = kept.get(hash);
  if (spoken === undefined) {
    spoken = { contract, hash, validate: createSignalValidator(contract) };
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(hash, spoken);
  }
  return spoken;
}
