/**
 * Whether a batch can be stored at all: its counts add up, nothing is said twice in it, and every count is of
 * a subject that is known. A batch is taken whole or refused whole, with the place of the first fault.
 */
import type { ObservationBatch } from "../core/port/types.ts";
import { quote } from "../core/problem.ts";
import { InterlockError } from "../std/errors.ts";
import type { Tx } from "../store/driver/driver.ts";
import { listKnownSubjects } from "../store/table/subject.ts";

export async function checkBatch(
  tx: Tx,
  { subjects, observations }: ObservationBatch,
): Promise<void> {
  const named = new Set<string>();
  for (const [index, { id, parent }] of subjects.entries()) {
    if (named.has(id)) throw refuse(`/subjects/${index}/id`, `${quote(id)} is there twice`);
    if (parent === id) throw refuse(`/subjects/${index}/parent`, `${quote(id)} lies in itself`);
    named.add(id);
  }
  const counted = new Set<string>();
  const unknown = new Map<string, number>();
  for (const [index, { metric, subject, day, stratum, n, k }] of observations.entries()) {
    const place = `/observations/${index}`;
    if (k > n) throw refuse(`${place}/k`, `${k} events are more than the ${n} trials`);
    const key = JSON.stringify([metric, subject, day, stratum]);
    if (counted.has(key)) throw refuse(place, `${quote(subject)} on ${day} is counted twice`);
    counted.add(key);
    if (!named.has(subject) && !unknown.has(subject)) unknown.set(subject, index);
  }
  if (unknown.size === 0) return;
  for (const id of await listKnownSubjects(tx, [...unknown.keys()])) unknown.delete(id);
  for (const [subject, index] of unknown) {
    throw refuse(`/observations/${index}/subject`, `nothing is known of ${quote(subject)}`);
  }
}

function refuse(path: string, message: string): InterlockError {
  return new InterlockError("data/invalid-batch", message, {
    path: `/batch${path}`,
    help: "nothing of this batch was taken; mend it, and send it again under the same id",
  });
}
