import { type AgentRow, listAgents } from "../store/table/agent.ts";
import { inputSchema, type Operation } from "./operation.ts";

export const agentList: Operation<Record<string, never>, ReadonlyArray<AgentRow>> = {
  name: "agent.list",
  summary: "The agent at each end of every loop, how it is reached and when it was last heard.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  handler: ({ engine }) => listAgents(engine.context.driver),
};
