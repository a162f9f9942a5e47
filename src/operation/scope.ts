/**
 * Which departments an operation concerns, read from what is asked: a loop's two parties, a case's loop,
 * a department named. Undefined where it cannot be told: then it concerns all of them.
 */
import type { Engine } from "../engine/engine.ts";
import { findCase } from "../store/table/signal-case.ts";
import { CASE_FIELD, type Operation } from "./operation.ts";

type Asked = { readonly [field: string]: unknown };
type AnyOperation = Pick<Operation<never, unknown>, "input">;

export async function findDepartments(
  engine: Engine,
  { input }: AnyOperation,
  asked: unknown,
): Promise<ReadonlyArray<string> | undefined> {
  const fields = asked as Asked;
  const properties = (input as { readonly properties?: Asked }).properties ?? {};
  if (typeof fields["department"] === "string") return [fields["department"]];
  if (typeof fields["loop"] === "string") return departmentsOf(engine, fields["loop"]);
  if (properties["id"] === CASE_FIELD && typeof fields["id"] === "string") {
    const of = await findCase(engine.context.driver, fields["id"]);
    return of === undefined ? undefined : departmentsOf(engine, of.loop);
  }
  const { scope, name } = fields;
  if (typeof scope !== "string" || typeof name !== "string") return undefined;
  if (scope === "loop") return departmentsOf(engine, name);
  return scope === "department" ? [name] : undefined;
}

/** The sender's and the receiver's; undefined for a loop that is not here. */
export function departmentsOf(engine: Engine, loop: string): ReadonlyArray<string> | undefined {
  const contract = engine.wiringOf(loop)?.contract;
  return contract && [contract.sender.department, contract.receiver.department];
}
