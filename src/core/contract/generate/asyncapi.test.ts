import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { goodSignal, referenceContract } from "../../../../test/kit/reference-loop.ts";
import { signalToCloudEvent } from "../cloud-event.ts";
import { contractHash } from "../parse.ts";
import { valueAt } from "../evidence.ts";
import type { Contract, JsonSchema } from "../types.ts";
import { contractToAsyncApi } from "./asyncapi.ts";
import { exampleSignals } from "./examples.ts";
import { oddContract } from "./odd-contract.fixture.ts";

const SPECIFICATION = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve("@asyncapi/specs/schemas/3.0.0-without-$id.json"),
    "utf8",
  ),
) as object;

const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
addFormats.default(ajv);
const checkDocument = ajv.compile(SPECIFICATION);

const contracts: ReadonlyArray<[string, () => Contract]> = [
  ["the reference contract", referenceContract],
  ["the odd contract", oddContract],
];

for (const [name, contract] of contracts) {
  test(`the document of ${name} is AsyncAPI 3.0 by AsyncAPI's own schema`, () => {
    const isValid = checkDocument(contractToAsyncApi(contract()));
    assert.ok(isValid, JSON.stringify(checkDocument.errors?.slice(0, 3)));
  });

  test(`every reference in the document of ${name} leads somewhere in it`, () => {
    const document = contractToAsyncApi(contract());
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)];
    assert.ok(references.length >= 8);
    for (const [, pointer = ""] of references) {
      assert.notEqual(valueAt(document, pointer), undefined, pointer);
    }
  });

  test(`the message of ${name} is the CloudEvent that is sent`, () => {
    const payload = valueAt(contractToAsyncApi(contract()), "/components/messages/signal/payload");
    const given = payload as JsonSchema;
    const schema = (given["schemaFormat"] === undefined ? given : given["schema"]) as JsonSchema;
    const validator = new Ajv2020({ strict: false, logger: false });
    addFormats.default(validator);
    const isEvent = validator.compile(schema);
    const [example] = name.includes("odd") ? exampleSignals(contract()) : [goodSignal()];
    assert(example);
    const event = signalToCloudEvent(example);
    assert.ok(isEvent(event), JSON.stringify(isEvent.errors));
    assert.equal(isEvent({ ...event, specversion: "0.3" }), false);
    assert.equal(isEvent({ ...event, subject: "?" }), false);
    assert.equal(isEvent({ ...event, data: { ...event.data, payload: {} } }), false);
  });
}

test("the document names its contract, its channels and both operations", () => {
  const document = contractToAsyncApi(referenceContract());
  const at = (pointer: string) => valueAt(document, pointer);
  assert.equal(at("/asyncapi"), "3.0.0");
  assert.equal(at("/id"), "urn:interlock:contract:logistics.geo-risk:1.0.0");
  assert.equal(at("/info/x-interlock-contract-hash"), contractHash(referenceContract()));
  assert.equal(at("/channels/signals/address"), "/v1/loops/{loop}/signals");
  assert.equal(at("/operations/receiveSignal/action"), "receive");
  assert.equal(at("/operations/askReceiver/action"), "send");
  assert.equal(at("/components/messages/signal/contentType"), "application/cloudevents+json");
});

test("what is newer than draft-07 says so, and the rest is plain", () => {
  const format = (contract: Contract) =>
    valueAt(contractToAsyncApi(contract), "/components/messages/signal/payload/schemaFormat");
  assert.equal(format(referenceContract()), undefined);
  assert.equal(format(oddContract()), "application/schema+json;version=draft-2020-12");
});

test("a document that is not AsyncAPI is told from one that is", () => {
  const { info: _, ...broken } = contractToAsyncApi(referenceContract());
  assert.equal(checkDocument(broken), false);
});
