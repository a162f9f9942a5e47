import { listPersons, type PersonSummary } from "../store/table/person.ts";
import { inputSchema, type Operation } from "./operation.ts";

export const personList: Operation<Record<string, never>, ReadonlyArray<PersonSummary>> = {
  name: "person.list",
  summary: "Everybody who may sign in, with their roles and when they last did.",
  access: "admin",
  errors: [],
  input: inputSchema({}),
  handler: ({ engine }) => listPersons(engine.context.driver),
};
