/** What a balancer and a monitor ask. */
import { listMigrations, listPendingMigrations } from "../../store/migrate.ts";
import { RefusedRequest } from "./errors.ts";
import type { Route } from "./route.ts";
import { object } from "./schemas.ts";

export const readyRoute: Route = {
  method: "GET",
  path: "/v1/ready",
  name: "ready.get",
  summary:
    "Answers 200 when work can be sent here: the store answers and has this version's tables.",
  access: "open",
  answers: {
    200: {
      description: "work may come",
      schema: object({ ready: { const: true }, migrations: { type: "integer", minimum: 1 } }),
    },
  },
  refusals: [503],
  async handle({ server }) {
    const { driver } = server.engine.context;
    const pending = await listPendingMigrations(driver).catch(() => undefined);
    if (pending?.length === 0) {
      return { status: 200, body: { ready: true, migrations: listMigrations().length } };
    }
    const why =
      pending === undefined ? "the store does not answer" : `it lacks ${pending.join(", ")}`;
    throw new RefusedRequest("server/not-ready", why, {
      retry: "later",
      help: "whoever starts the server brings the tables up to date",
    });
  },
};

export const metricsRoute: Route = {
  method: "GET",
  path: "/v1/metrics",
  name: "metrics.get",
  summary: "Loops, gates, cases, actions, effects and requests, for Prometheus.",
  description:
    "Asked with the token that the server was given in `INTERLOCK_METRICS_TOKEN`, or with the operator's.",
  access: "monitor-or-operator",
  answers: {
    200: { description: "Prometheus text", type: "text/plain", schema: { type: "string" } },
  },
  async handle({ server: { engine, feed, metrics } }) {
    return {
      status: 200,
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      body: await metrics.read(engine, feed),
    };
  },
};
