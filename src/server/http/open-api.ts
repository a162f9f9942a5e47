/**
 * The OpenAPI 3.1 document, written from the routes that answer: the same schemas that refuse a
 * request describe it, so the document cannot promise anything else. Operations are listed one by one,
 * each with its own input.
 */
import type { JsonSchema } from "../../core/contract/types.ts";
import type { Json } from "../../std/canonical-json.ts";
import { OPERATIONS, operationRoute } from "./operation-route.ts";
import type { Access, Route } from "./route.ts";
import { PROBLEM_SCHEMA, REFUSAL_SCHEMA } from "./schemas.ts";

type JsonObject = { readonly [key: string]: Json };

const SECURITY: Record<Access, ReadonlyArray<JsonObject>> = {
  open: [],
  department: [{ departmentKey: [] }],
  person: [{ session: [] }],
  "operator-or-person": [{ operatorToken: [] }, { session: [] }],
  "department-or-operator": [{ departmentKey: [] }, { operatorToken: [] }],
  "monitor-or-operator": [{ monitorToken: [] }, { operatorToken: [] }],
};

const DESCRIPTION = [
  "Agents of any language stand at the ends of Interlock's loops by this API: they register, say that",
  "they live, send signals as CloudEvents 1.0, and answer questions. Every refusal has one shape, with",
  "a stable code, the place and what to do. docs/reference/agents.md tells it step by step.",
].join(" ");

export function createOpenApi(routes: ReadonlyArray<Route>, version: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes.flatMap(expand)) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = describe(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Interlock",
      version,
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "wherever this document was fetched" }],
    paths,
    components: {
      securitySchemes: {
        departmentKey: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "ilk_<id>_<secret>",
          description: "made by `interlock agent key create`; speaks for one department",
        },
        operatorToken: {
          type: "http",
          scheme: "bearer",
          description: "of whoever started the server; opens every operation",
        },
        monitorToken: {
          type: "http",
          scheme: "bearer",
          description:
            "given to the server in INTERLOCK_METRICS_TOKEN; reads metrics and nothing else",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "interlock_session",
          description: "of a person who signed in; opens what their roles open",
        },
      },
      schemas: { Problem: PROBLEM_SCHEMA, Refusal: withProblemRefs(REFUSAL_SCHEMA) },
      responses: {
        Refusal: {
          description: "refused: the first reason in `error`, all of them in `problems`",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Refusal" } } },
        },
      },
    },
  };
}

/** The one address of all operations is, in the document, an address for each. */
function expand(route: Route): ReadonlyArray<Route> {
  if (route !== operationRoute) return [route];
  return [...OPERATIONS.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary, input, access, errors }) => {
      const { params: _name, ...rest } = route;
      return {
        ...rest,
        path: `/v1/operations/${name}`,
        name: `operation.${name}`,
        summary,
        description:
          `For: ${access}.` + (errors.length === 0 ? "" : ` May refuse with ${errors.join(", ")}.`),
        body: { kind: "json", schema: input, bytesMax: 0 },
      };
    });
}

function describe(route: Route): JsonObject {
  const parameters = parametersOf(route);
  const { body, description, access } = route;
  return {
    operationId: route.name,
    summary: route.summary,
    ...(description === undefined ? {} : { description }),
    security: SECURITY[access],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: contentOf(
              body.kind === "json" ? { "application/json": body.schema } : body.types,
            ),
          },
        }),
    responses: responsesOf(route),
  };
}

function parametersOf({ params = {}, query = {}, headers = {} }: Route): ReadonlyArray<Json> {
  return [
    ...Object.entries(params).map(([name, schema]) => ({
      name,
      in: "path",
      required: true,
      ...toParameter(schema),
    })),
    ...Object.entries(query).map(([name, { description, ...range }]) => ({
      name,
      in: "query",
      description,
      schema: { type: "integer", ...range },
    })),
    ...Object.entries(headers).map(([name, schema]) => ({
      name,
      in: "header",
      ...toParameter(schema),
    })),
  ];
}

function toParameter({ description, ...schema }: JsonSchema): JsonObject {
  return { ...(description === undefined ? {} : { description }), schema };
}

function responsesOf(route: Route): JsonObject {
  const good = Object.entries(route.answers).map(([status, { description, schema, type }]) => [
    status,
    {
      description,
      ...(schema === undefined
        ? {}
        : { content: contentOf({ [type ?? "application/json"]: schema }) }),
    },
  ]);
  const refusals = new Set([...(route.refusals ?? []), ...usualRefusals(route)]);
  for (const status of Object.keys(route.answers)) refusals.delete(Number(status));
  const refused = [...refusals]
    .sort((a, b) => a - b)
    .map((status) => [String(status), { $ref: "#/components/responses/Refusal" }]);
  return Object.fromEntries([...good, ...refused]) as JsonObject;
}

/** What any route may answer, by what it takes and who may call it. */
function usualRefusals({ access, body, query }: Route): ReadonlyArray<number> {
  return [
    ...(access === "open" ? [] : [401, 403]),
    ...(body === undefined ? [] : [400, 413, 415]),
    ...(query === undefined ? [] : [400]),
    429,
    503,
  ];
}

function contentOf(types: { readonly [contentType: string]: JsonSchema }): JsonObject {
  return Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }]));
}

function withProblemRefs(schema: JsonSchema): JsonSchema {
  const ref = { $ref: "#/components/schemas/Problem" };
  const { properties } = schema as { readonly properties: JsonObject };
  const { problems } = properties as { readonly problems: JsonObject };
  return {
    ...schema,
    properties: { ...properties, error: ref, problems: { ...problems, items: ref } },
  };
}
