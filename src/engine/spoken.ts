/**
 * Under which version of its contract is a signal read?
 *
 * Two versions live side by side while senders and receivers change over, as two editions of a form are
 * both taken at the counter for a while. A signal is read under the version that it names: the loop's own,
 * or an older one that both parties accepted and nobody has retired. Where the loop's version, accepted
 * too, says how old payloads become its own, the clerk copies the old form onto the new one; where it does
 * not, or where the copy would not keep the new version, the case goes on under the old one, because a
 * sender that kept its promise is not turned away.
 *
 * A newer version than the loop's is not taken: no end was tested against it.
 */
import { compareVersions } from "../core/contract/compare/version.ts";
import { migratePayload } from "../core/contract/migration.ts";
import { contractHash } from "../core/contract/parse.ts";
import { createSignalValidator, type SignalValidator } from "../core/contract/signal.ts";
import type { Contract, Problem, Signal } from "../core/contract/types.ts";
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
  let isOwnAccepted = false;
  if (signals.some((raw) => versionOf(raw) !== own.contract.version)) {
    for (const { contract, hash } of await keepSpokenContracts(tx, own.contract.name)) {
      if (hash === own.hash) isOwnAccepted = true;
      if (compareVersions(contract.version, own.contract.version) >= 0) continue;
      older.set(contract.version, spokenOf(contract, hash));
    }
  }
  return {
    read(raw, now) {
      const version = versionOf(raw);
      const spoken = (typeof version === "string" ? older.get(version) : undefined) ?? own;
      const checked = spoken.validate(raw, { now });
      if (!checked.ok) return { kind: "invalid", hash: spoken.hash, problems: checked.problems };
      const { signal } = checked;
      const migrated = spoken === own || !isOwnAccepted ? undefined : migrate(own, signal, now);
      return migrated === undefined
        ? { kind: "valid", hash: spoken.hash, signal }
        : { kind: "valid", hash: own.hash, signal: migrated, migratedFrom: signal.version };
    },
  };
}

/** The signal in the words of the newer version; undefined if that says not how, or not for this one. */
function migrate({ contract, validate }: Spoken, signal: Signal, now: Instant): Signal | undefined {
  if (contract.migrations?.some(({ from }) => from === signal.version) !== true) return undefined;
  const result = migratePayload(contract, signal.payload, signal.version, "up");
  if (result.kind === "refused") return undefined;
  const names = contract.options.map(({ name }) => name);
  const checked = validate(
    {
      ...signal,
      version: contract.version,
      options: signal.options.filter((option) => names.includes(option)),
      payload: result.payload,
    },
    { now },
  );
  return checked.ok ? checked.signal : undefined;
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
