/** Every address of the HTTP door, in the order in which the document lists them. */
import { heartbeatRoute, registerRoute } from "./agent-routes.ts";
import { contractRoute, contractSchemaRoute } from "./contract-routes.ts";
import { healthRoute } from "./health-route.ts";
import { operationRoute } from "./operation-route.ts";
import type { Route } from "./route.ts";

export function createRoutes(): ReadonlyArray<Route> {
  return [
    registerRoute,
    heartbeatRoute,
    contractRoute,
    contractSchemaRoute,
    operationRoute,
    healthRoute,
  ];
}
