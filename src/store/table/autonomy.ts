/** Steps of the autonomy ladder: proposed on evidence, signed, taken; or dropped. */
import type { AutonomyLevel } from "../../core/charter/types.ts";
import type { AutonomyEvidence } from "../../core/loop/autonomy.ts";
import type { Envelope } from "../../core/sign/envelope.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type AutonomyStepRow = {
  readonly id: number;
  readonly loop: string;
  readonly charter_hash: Hash;
  readonly kind: "promotion" | "demotion";
  readonly from_level: AutonomyLevel;
  readonly to_level: AutonomyLevel;
  readonly evidence: { readonly words: ReadonlyArray<string> };
  readonly evidence_hash: Hash;
  readonly made_at: Instant;
  readonly taken_at: Instant | null;
};

const COLUMNS =
  "id, loop, charter_hash, kind, from_level, to_level, evidence, evidence_hash, made_at, taken_at";

export async function insertAutonomyStep(
  tx: Tx,
  row: Omit<AutonomyStepRow, "id">,
): Promise<AutonomyStepRow | undefined> {
  const rows = await tx.query<AutonomyStepRow>(
    `insert into autonomy_step
       (loop, charter_hash, kind, from_level, to_level, evidence, evidence_hash, made_at, taken_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9)
     on conflict do nothing
     returning ${COLUMNS}`,
    [
      row.loop,
      row.charter_hash,
      row.kind,
      row.from_level,
      row.to_level,
      JSON.stringify(row.evidence),
      row.evidence_hash,
      row.made_at,
      row.taken_at,
    ],
  );
  return rows[0];
}

/** The step that waits for signatures. */
export async function findOpenStep(tx: Tx, loop: string): Promise<AutonomyStepRow | undefined> {
  const rows = await tx.query<AutonomyStepRow>(
    `select ${COLUMNS} from autonomy_step
     where loop = $1 and taken_at is null and dropped_at is null`,
    [loop],
  );
  return rows[0];
}

export async function takeStep(tx: Tx, id: number, now: Instant): Promise<void> {
  await tx.query("update autonomy_step set taken_at = $2 where id = $1", [id, now]);
}

export async function dropOpenStep(tx: Tx, loop: string, now: Instant): Promise<void> {
  await tx.query(
    `update autonomy_step set dropped_at = $2
     where loop = $1 and taken_at is null and dropped_at is null`,
    [loop, now],
  );
}

export async function insertAutonomySignature(
  tx: Tx,
  stepId: number,
  said: {
    readonly party: string;
    readonly person: string;
    readonly keyId: string;
    readonly envelope: Envelope;
  },
  now: Instant,
): Promise<void> {
  await tx.query(
    `insert into autonomy_signature (step_id, party, person, key_id, envelope, signed_at)
     values ($1, $2, $3, $4, $5::jsonb, $6)
     on conflict (step_id, party) do nothing`,
    [stepId, said.party, said.person, said.keyId, JSON.stringify(said.envelope), now],
  );
}

export async function listStepSigners(
  tx: Tx,
  stepId: number,
): Promise<ReadonlyArray<{ readonly party: string; readonly person: string }>> {
  return tx.query(
    "select party, person from autonomy_signature where step_id = $1 order by party",
    [stepId],
  );
}

/** What the cases of a loop show since an instant, and how many did harm since another. */
export async function countAutonomyEvidence(
  tx: Tx,
  loop: string,
  since: Instant,
  lately: Instant,
): Promise<Omit<AutonomyEvidence, "isCalibrated">> {
  const [row] = await tx.query<Omit<AutonomyEvidence, "isCalibrated">>(
    `select (select count(*)::int from signal_case
             where loop = $1 and decided_by = 'autonomy' and closed_at > $2) as "verdicts",
            count(*) filter (where outcome = 'helped' and measured_at > $2)::int as "helped",
            count(*) filter (where outcome = 'no-effect' and measured_at > $2)::int as "noEffect",
            count(*) filter (where outcome = 'harmed' and measured_at > $2)::int as "harmed",
            count(*) filter (where outcome = 'undetermined' and measured_at > $2)::int as "undetermined",
            count(*) filter (where outcome = 'harmed' and measured_at > $3)::int as "harmedLately"
     from signal_case
     where loop = $1 and measured_at > least($2::timestamptz, $3::timestamptz)`,
    [loop, since, lately],
  );
  return (
    row ?? { verdicts: 0, helped: 0, noEffect: 0, harmed: 0, undetermined: 0, harmedLately: 0 }
  );
}
