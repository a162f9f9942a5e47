/** The contract of a loop, for every agent that wants to keep it. */
import { contractHash } from "../../core/contract/parse.ts";
import { getWiring } from "../../operation/operation.ts";
import type { Route } from "./route.ts";
import { LOOP_PARAM, object, text } from "./schemas.ts";

export const contractRoute: Route = {
  method: "GET",
  path: "/v1/loops/{loop}/contract",
  name: "contract.get",
  summary: "The contract of the loop: payload, options, confidence, evidence, expiry.",
  access: "department-or-operator",
  params: { loop: LOOP_PARAM },
  answers: {
    200: {
      description: "the contract and its hash",
      schema: object({
        hash: text("SHA-256 of the contract's canonical JSON"),
        contract: { type: "object", description: "the contract, as its authors wrote it" },
      }),
    },
  },
  refusals: [404],
  handle(call) {
    const { contract } = getWiring(call.server, call.params["loop"] ?? "");
    return Promise.resolve({ status: 200, body: { hash: contractHash(contract), contract } });
  },
};

export const contractSchemaRoute: Route = {
  method: "GET",
  path: "/v1/loops/{loop}/contract/schema",
  name: "contract.schema",
  summary: "The JSON Schema (2020-12) of a signal's payload under the loop's contract.",
  access: "department-or-operator",
  params: { loop: LOOP_PARAM },
  answers: {
    200: {
      description: "a JSON Schema; `unit` and `denominator` are notes for readers",
      schema: { type: "object" },
    },
  },
  refusals: [404],
  handle(call) {
    const { contract } = getWiring(call.server, call.params["loop"] ?? "");
    const { name, version, title, payload } = contract;
    return Promise.resolve({
      status: 200,
      headers: { "content-type": "application/schema+json" },
      body: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: `${title}: payload of ${name} ${version}`,
        ...payload,
      },
    });
  },
};
