import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, referenceCharter } from "../../../test/kit/reference-loop.ts";
import { listOwnSeats } from "./stand-in.model.ts";

const charter = referenceCharter();

test("a seat comes once however many charters give it, with its deputies and never oneself", () => {
  assert.deepEqual(listOwnSeats([charter, charter], "Head@Marketing.example.com", NOW), [
    { department: "marketing", deputies: ["deputy@marketing.example.com"] },
  ]);
  assert.deepEqual(listOwnSeats([charter], "deputy@marketing.example.com", NOW), [
    { department: "marketing", deputies: [] },
  ]);
});

test("whoever is in no charter has no seat", () => {
  assert.deepEqual(listOwnSeats([charter], "admin@example.com", NOW), []);
});
