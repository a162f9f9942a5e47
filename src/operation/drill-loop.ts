import { type DrillReport, runDrill } from "../engine/drill.ts";
import { getWiring, inputSchema, LOOP_FIELD, type Operation } from "./operation.ts";

export const loopDrill: Operation<{ readonly loop: string }, DrillReport> = {
  name: "loop.drill",
  summary: "Sends a marked signal along the whole way of a loop; nothing outside is changed.",
  access: "operator",
  errors: ["loop/not-found", "loop/gates-unmet"],
  input: inputSchema({ loop: LOOP_FIELD }),
  handler: (context, { loop }) => runDrill(context.engine.context, getWiring(context, loop)),
};
