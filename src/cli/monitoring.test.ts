import assert from "node:assert/strict";
import { test } from "node:test";
import { InterlockError } from "../std/errors.ts";
import { readMonitoring } from "./monitoring.ts";

const read = (headers: string) => readMonitoring({ OTEL_EXPORTER_OTLP_HEADERS: headers });

test("headers of traces are read as OpenTelemetry writes them; those of traces alone come first", () => {
  assert.deepEqual(read("api-key=a=b, team=b%20c,").tracesHeaders, {
    "api-key": "a=b",
    team: "b c",
  });
  const both = {
    OTEL_EXPORTER_OTLP_HEADERS: "a=1",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "b=2",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
  };
  assert.deepEqual(readMonitoring(both), {
    tracesUrl: "http://collector:4318/v1/traces",
    tracesHeaders: { b: "2" },
  });
  assert.deepEqual(readMonitoring({}), {});
});

test("a header that cannot be read is refused by variable and pair, without its value", () => {
  for (const [headers, words] of [
    ["team=a,api-key=s3cret%zz", /OTEL_EXPORTER_OTLP_HEADERS, pair 2: the value of `api-key` .*%/],
    ["s3cret", /pair 1: it has no `=`/],
    ["s3cret key=1", /pair 1: .* no name of a header/],
  ] as const) {
    assert.throws(
      () => read(headers),
      (thrown) =>
        thrown instanceof InterlockError &&
        thrown.code === "cli/usage" &&
        words.test(thrown.message) &&
        !thrown.message.includes("s3cret"),
      headers,
    );
  }
});
