/** What a caller sent, read by what the route says it takes: the part after `?`, and a JSON body. */
import type { Problem } from "../../core/contract/types.ts";
import type { PlainLimits } from "../../core/plain.ts";
import { problem, quote } from "../../core/problem.ts";
import { compileSchema } from "../../core/schema.ts";
import { KB } from "./body.ts";
import { refuseInput, RefusedRequest } from "./errors.ts";
import { readPlainJson } from "./json.ts";
import type { Route, RouteBody } from "./route.ts";

/** What a JSON body may hold where the route does not say otherwise. */
const BODY_LIMITS: PlainLimits = {
  depthMax: 48,
  textMax: 64 * KB,
  itemsMax: 1_000,
  valuesMax: 50_000,
  bytesMax: 512 * KB,
};

/** From the bytes of a body to what the route's handler is given. Compiled once per route. */
export type BodyInput = (request: Request, bytes: Uint8Array) => unknown;

export function createBodyInput(body: RouteBody): BodyInput {
  if (body.kind === "bytes") return (_request, bytes) => bytes;
  const check = compileSchema(body.schema, "request");
  return (request, bytes) => {
    const type = contentTypeOf(request.headers);
    if (type !== "application/json") {
      throw new RefusedRequest(
        "server/unsupported-media-type",
        `the content type ${quote(type)} is not application/json`,
        { path: "/headers/content-type", help: "send JSON, with `content-type: application/json`" },
      );
    }
    const read = readPlainJson(bytes, body.limits ?? BODY_LIMITS);
    if (read.kind === "refused") throw refuseInput(read.problems);
    const problems = check(read.value);
    if (problems.length > 0) throw refuseInput(problems);
    return read.value;
  };
}

/** Without its parameters, in lower case; empty where there is none. */
export function contentTypeOf(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

export function readQuery(
  route: Route,
  given: URLSearchParams,
): { readonly [name: string]: number } {
  const read: Record<string, number> = {};
  const problems: Problem[] = [];
  for (const [name, allowed] of Object.entries(route.query ?? {})) {
    const text = given.get(name);
    const value = text === null ? allowed.default : /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    read[name] = value;
    if (value >= allowed.minimum && value <= allowed.maximum) continue;
    const range = `a whole number from ${allowed.minimum} to ${allowed.maximum}`;
    const message = `${quote(text)} is not ${range}`;
    problems.push(problem("request", "out-of-range", `/query/${name}`, message));
  }
  if (problems.length > 0) throw refuseInput(problems);
  return read;
}
