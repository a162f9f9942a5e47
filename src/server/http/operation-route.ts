/**
 * Every operation at one address: for whoever holds the operator's token, the command line first, and for
 * people as far as their roles go. A person acts as themselves: whatever field names who does it is theirs.
 */
import { normaliseEmail } from "../../core/charter/seat.ts";
import { isOpenTo } from "../../core/people/role.ts";
import type { PlainLimits } from "../../core/plain.ts";
import { listWords, quote, suggestion } from "../../core/problem.ts";
import { compileSchema, type SchemaCheck } from "../../core/schema.ts";
import type { SignedIn } from "../../engine/people.ts";
import { operations } from "../../operation/index.ts";
import type { Operation, OperationContext } from "../../operation/operation.ts";
import { findDepartments } from "../../operation/scope.ts";
import { KB } from "./body.ts";
import { refuseInput, RefusedRequest } from "./errors.ts";
import type { Route } from "./route.ts";

/** A day of observations of tens of thousands of subjects fits; the operator is trusted with it. */
const BODY_LIMITS: PlainLimits = {
  depthMax: 48,
  textMax: 512 * KB,
  itemsMax: 200_000,
  valuesMax: 4_000_000,
  bytesMax: 24 * 1024 * KB,
};

type AnyOperation = Operation<unknown, unknown>;
type Fields = { readonly [name: string]: unknown };

/** Its input is checked by its own schema before the handler sees it. */
export const OPERATIONS: ReadonlyMap<string, AnyOperation> = new Map(
  Object.values(operations).map((operation) => [operation.name, operation as AnyOperation]),
);

const checks = new Map<string, SchemaCheck>();

export const operationRoute: Route = {
  method: "POST",
  path: "/v1/operations/{name}",
  name: "operation.call",
  summary: "Calls an operation by its name, such as loop.show; the body is its input.",
  access: "operator-or-person",
  params: { name: { type: "string", description: "the operation's name" } },
  body: {
    kind: "json",
    schema: { type: "object" },
    bytesMax: BODY_LIMITS.bytesMax,
    limits: BODY_LIMITS,
  },
  answers: { 200: { description: "the operation's output", schema: {} } },
  refusals: [404, 409, 422],
  async handle({ server, caller, params, body }) {
    const { engine } = server;
    const operation = getOperation(params["name"] ?? "");
    if (caller.kind !== "person") {
      checkInput(operation, body);
      return { status: 200, body: await operation.handler({ engine }, body) };
    }
    const { signedIn } = caller;
    // Who may not call it at all learns nothing of what it takes.
    if (!signedIn.roles.some((grant) => isOpenTo([grant], operation.access, [grant.department]))) {
      throw refuseRole(operation, signedIn, undefined);
    }
    const input = actAs(operation, signedIn, body as Fields);
    checkInput(operation, input);
    const departments = await findDepartments(engine, operation, input);
    if (!isOpenTo(signedIn.roles, operation.access, departments)) {
      throw refuseRole(operation, signedIn, departments);
    }
    const context: OperationContext = { engine, signedIn };
    return { status: 200, body: await operation.handler(context, input) };
  },
};

function getOperation(name: string): AnyOperation {
  const operation = OPERATIONS.get(name);
  if (operation !== undefined) return operation;
  const names = [...OPERATIONS.keys()].sort();
  const message = `no operation is named ${quote(name)}${suggestion(name, names)}`;
  throw new RefusedRequest("server/not-found", message, {
    help: `the operations are ${names.join(", ")}`,
  });
}

function checkInput({ name, input }: AnyOperation, given: unknown): void {
  const check = checks.get(name) ?? compileSchema(input, "request");
  checks.set(name, check);
  const problems = check(given);
  if (problems.length > 0) throw refuseInput(problems);
}

/** `by` where there is one, because `person` is then whom it is about. */
function actAs({ input }: AnyOperation, { email }: SignedIn, given: Fields): Fields {
  const fields = (input as { readonly properties?: Fields }).properties ?? {};
  const actor = ["by", "person"].find((name) => Object.hasOwn(fields, name));
  if (actor === undefined) return given;
  const said = given[actor];
  if (typeof said === "string" && normaliseEmail(said) !== email) {
    throw new RefusedRequest(
      "server/forbidden",
      `you signed in as ${email}, not as ${quote(said)}`,
      {
        path: `/body/${actor}`,
        help: "leave it out: you act as yourself",
      },
    );
  }
  return { ...given, [actor]: email };
}

function refuseRole(
  { name, access }: AnyOperation,
  { email, roles }: SignedIn,
  departments: ReadonlyArray<string> | undefined,
): RefusedRequest {
  const where =
    departments === undefined ? "in every department" : `in ${listWords([...departments], "or")}`;
  const has =
    roles.length === 0
      ? "no role"
      : listWords(
          roles.map(({ role, department }) =>
            department === "" ? role : `${role} in ${department}`,
          ),
          "and",
        );
  return new RefusedRequest("server/forbidden", `${email} has ${has}; \`${name}\` asks for more`, {
    help: `ask an admin for a role that opens what is for ${access}, ${where}`,
  });
}
