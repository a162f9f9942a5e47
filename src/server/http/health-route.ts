import type { Route } from "./route.ts";
import { instant, object, text } from "./schemas.ts";

export const healthRoute: Route = {
  method: "GET",
  path: "/v1/health",
  name: "health.get",
  summary: "Answers when the server and its store do.",
  access: "open",
  answers: {
    200: {
      description: "both answer",
      schema: object({
        ok: { const: true },
        version: text("the version of Interlock"),
        now: instant("the server's business time; agents date their signals by it"),
      }),
    },
  },
  async handle({ server }) {
    const { driver, clock } = server.engine.context;
    await driver.query("select 1");
    return { status: 200, body: { ok: true, version: server.version, now: clock.now() } };
  },
};
