/** Every operation at one address, for whoever holds the operator's token: the command line first. */
import { compileSchema, type SchemaCheck } from "../../core/schema.ts";
import type { PlainLimits } from "../../core/plain.ts";
import { suggestion, quote } from "../../core/problem.ts";
import { operations } from "../../operation/index.ts";
import type { Operation } from "../../operation/operation.ts";
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
  access: "operator",
  params: { name: { type: "string", description: "the operation's name" } },
  body: {
    kind: "json",
    schema: { type: "object" },
    bytesMax: BODY_LIMITS.bytesMax,
    limits: BODY_LIMITS,
  },
  answers: { 200: { description: "the operation's output", schema: {} } },
  refusals: [404, 409, 422],
  async handle({ server, params, body }) {
    const { name = "" } = params;
    const operation = OPERATIONS.get(name);
    if (operation === undefined) {
      const names = [...OPERATIONS.keys()].sort();
      const message = `no operation is named ${quote(name)}${suggestion(name, names)}`;
      throw new RefusedRequest("server/not-found", message, {
        help: `the operations are ${names.join(", ")}`,
      });
    }
    const check = checks.get(name) ?? compileSchema(operation.input, "request");
    checks.set(name, check);
    const problems = check(body);
    if (problems.length > 0) throw refuseInput(problems);
    return { status: 200, body: await operation.handler(server, body) };
  },
};
