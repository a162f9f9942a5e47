import { createOpenApi } from "./open-api.ts";
import type { Route } from "./route.ts";

/** The document of all routes, itself included. */
export function createOpenApiRoute(listRoutes: () => ReadonlyArray<Route>): Route {
  return {
    method: "GET",
    path: "/v1/openapi.json",
    name: "openapi.get",
    summary: "This document.",
    access: "open",
    answers: { 200: { description: "OpenAPI 3.1", schema: { type: "object" } } },
    handle: ({ server }) =>
      Promise.resolve({ status: 200, body: createOpenApi(listRoutes(), server.version) }),
  };
}
