/** Every address of the HTTP door, in the order in which the document lists them. */
import { heartbeatRoute, registerRoute } from "./agent-routes.ts";
import { approveShowRoute, approveVoteRoute } from "./approve-routes.ts";
import { contractRoute, contractSchemaRoute } from "./contract-routes.ts";
import { evidenceRoute } from "./evidence-route.ts";
import { eventsRoute } from "./events-route.ts";
import { healthRoute } from "./health-route.ts";
import { metricsRoute, readyRoute } from "./monitor-routes.ts";
import { createOpenApiRoute } from "./open-api-route.ts";
import { mailReplyRoute } from "./mail-reply-route.ts";
import { observationRoute } from "./observation-route.ts";
import { operationRoute } from "./operation-route.ts";
import { answerRoute, takeRoute } from "./question-routes.ts";
import type { Route } from "./route.ts";
import { signInRoutes } from "./sign-in/routes.ts";
import { slackActionRoute, slackCommandRoute } from "./slack-route.ts";
import { signalsRoute } from "./signal-route.ts";

export function createRoutes(): ReadonlyArray<Route> {
  const routes: Route[] = [
    registerRoute,
    heartbeatRoute,
    signalsRoute,
    takeRoute,
    answerRoute,
    approveShowRoute,
    approveVoteRoute,
    contractRoute,
    contractSchemaRoute,
    slackActionRoute,
    slackCommandRoute,
    mailReplyRoute,
    observationRoute,
    evidenceRoute,
    ...signInRoutes,
    eventsRoute,
    healthRoute,
    readyRoute,
    metricsRoute,
    createOpenApiRoute(() => routes),
    operationRoute,
  ];
  return routes;
}
