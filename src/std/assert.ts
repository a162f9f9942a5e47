/**
 * A fact that must hold if our own code is right. A failure is a bug of ours: it is never caught
 * inside a turn, never retried and never shown as an outcome of a case.
 */
export function assert(fact: unknown, message: string): asserts fact {
  if (!fact) throw new AssertionFailed(message);
}

export class AssertionFailed extends Error {
  override name = "AssertionFailed";
}

/** Marks a place the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable value \`${JSON.stringify(value)}\``);
}
