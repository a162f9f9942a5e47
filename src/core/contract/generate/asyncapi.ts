/**
 * The contract as an AsyncAPI 3.0 document, for the catalogues and code generators that read those.
 *
 * It is written from Interlock's side, which stands between the two agents: it receives signals, as
 * CloudEvents, and asks the receiving agent, which replies. Addresses are those of Interlock's HTTP
 * API; which host serves them is not the contract's to say.
 *
 * Schemas are written out without references, because tools disagree on what a reference inside a
 * message's schema is relative to.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { EVENT_ATTRIBUTES } from "../cloud-event.ts";
import { STRUCTURED_TYPE } from "../cloud-event-http.ts";
import { contractHash } from "../parse.ts";
import { isObject } from "../payload.ts";
import type { Contract, JsonSchema } from "../types.ts";
import { isModern, replySchema, signalSchema } from "./json-schema.ts";
import { writeOut } from "./schema-form.ts";

export function contractToAsyncApi(contract: Contract): JsonSchema {
  const loop = {
    parameters: { loop: { description: "the loop's name, such as logistics-marketing" } },
  };
  const post = { http: { method: "POST", bindingVersion: "0.3.0" } };
  const document = {
    asyncapi: "3.0.0",
    id: `urn:interlock:contract:${contract.name}:${contract.version}`,
    info: {
      title: `${contract.name}: ${contract.title}`,
      version: contract.version,
      description: contract.description,
      tags: [{ name: contract.sender.department }, { name: contract.receiver.department }],
      "x-interlock-contract-hash": contractHash(contract),
    },
    defaultContentType: "application/json",
    channels: {
      signals: {
        address: "/v1/loops/{loop}/signals",
        title: "Signals",
        description: `What ${contract.sender.department} sends; id and source together are unique for ever.`,
        ...loop,
        messages: { signal: { $ref: "#/components/messages/signal" } },
      },
      questions: {
        address: "/v1/loops/{loop}/receiver/questions",
        title: "Questions",
        description: `What ${contract.receiver.department} is asked: one signal, to be answered once.`,
        ...loop,
        messages: { question: { $ref: "#/components/messages/question" } },
      },
      replies: {
        address: "/v1/loops/{loop}/receiver/questions/{id}/answer",
        title: "Replies",
        description: `What ${contract.receiver.department} answers.`,
        parameters: { ...loop.parameters, id: { description: "the question's id" } },
        messages: { reply: { $ref: "#/components/messages/reply" } },
      },
    },
    operations: {
      receiveSignal: {
        action: "receive",
        channel: { $ref: "#/channels/signals" },
        title: "Take in a signal",
        messages: [{ $ref: "#/channels/signals/messages/signal" }],
        bindings: post,
      },
      askReceiver: {
        action: "send",
        channel: { $ref: "#/channels/questions" },
        title: "Ask the receiving agent what to do",
        messages: [{ $ref: "#/channels/questions/messages/question" }],
        reply: {
          channel: { $ref: "#/channels/replies" },
          messages: [{ $ref: "#/channels/replies/messages/reply" }],
        },
      },
    },
    components: {
      messages: {
        signal: {
          name: contract.name,
          title: contract.title,
          summary: `A CloudEvent 1.0 that carries one signal about one ${contract.subject.kind}.`,
          contentType: STRUCTURED_TYPE,
          correlationId: { location: "$message.payload#/id", description: "the signal's id" },
          payload: toPayload(eventSchema(contract)),
        },
        question: {
          name: "question",
          title: "A signal to be answered",
          contentType: "application/json",
          correlationId: { location: "$message.payload#/id", description: "the question's id" },
          payload: toPayload(questionSchema(contract)),
        },
        reply: {
          name: "reply",
          title: "Accept, modify, decline, bounce or need more",
          contentType: "application/json",
          payload: toPayload(replySchema(contract)),
        },
      },
    },
  };
  return structuredClone(document);
}

/** AsyncAPI's own schemas are those of draft-07; what is newer names its dialect. */
function toPayload(schema: JsonSchema): Json {
  const written = writeOut(schema);
  if (!isModern(written)) return written;
  return { schemaFormat: "application/schema+json;version=draft-2020-12", schema: written };
}

/** The structured form of a signal: the fields of its label are attributes, the rest is `data`. */
function eventSchema(contract: Contract): JsonSchema {
  const signal = signalSchema(contract);
  const fields = signal["properties"] as { readonly [field: string]: JsonSchema };
  const attributes: { [name: string]: Json } = {
    specversion: { const: "1.0", description: "of CloudEvents" },
  };
  for (const [name, { field, about }] of Object.entries(EVENT_ATTRIBUTES)) {
    const { pattern, ...shape } = fields[field] ?? {};
    // A CloudEvents timestamp may be spelt in more ways than ours.
    const isTime = shape["format"] === "date-time";
    const kept = pattern === undefined || isTime ? shape : { ...shape, pattern };
    attributes[name] = { ...kept, description: kept["description"] ?? about };
  }
  attributes["dataschema"] = {
    const: `urn:interlock:contract:${contract.name}:${contract.version}`,
    description: "the contract and its version",
  };
  attributes["datacontenttype"] = { type: "string", description: "application/json" };
  attributes["data"] = {
    type: "object",
    required: ["confidence", "options", "payload"],
    additionalProperties: false,
    properties: Object.fromEntries(
      ["confidence", "options", "payload"].map((field) => [field, fields[field] ?? {}]),
    ),
  };
  return {
    title: `${contract.name} ${contract.version} as a CloudEvent`,
    type: "object",
    required: Object.keys(attributes).filter((name) => name !== "datacontenttype"),
    properties: attributes,
    ...(isObject(signal["$defs"]) ? { $defs: signal["$defs"] } : {}),
  };
}

function questionSchema(contract: Contract): JsonSchema {
  const { $defs, ...signal } = signalSchema(contract);
  const text = (description: string): JsonSchema => ({ type: "string", description });
  const instant = { type: "string", format: "date-time" };
  const object = (properties: { readonly [name: string]: Json }): JsonSchema => ({
    type: "object",
    required: Object.keys(properties),
    properties,
  });
  return {
    ...object({
      id: text("stable: the same question asked again has the same id"),
      dueAt: { ...instant, description: "an answer after this is too late" },
      request: object({
        caseId: text("the case that waits for the answer"),
        signal,
        contract: object({
          name: { const: contract.name },
          version: { const: contract.version },
          hash: { const: contractHash(contract) },
        }),
        now: { ...instant, description: "the instant of asking" },
      }),
    }),
    $defs: $defs ?? {},
  };
}
