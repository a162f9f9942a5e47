/** Where figures and traces go, by the names that OpenTelemetry gives them. */
import type { ServeOptions } from "../app/serve.ts";
import { quote } from "../core/problem.ts";
import { InterlockError } from "../std/errors.ts";

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

export function readMonitoring(
  env: NodeJS.ProcessEnv,
): Pick<ServeOptions, "monitorToken" | "tracesUrl" | "tracesHeaders"> {
  const {
    INTERLOCK_METRICS_TOKEN: monitorToken,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces,
  } = env;
  const tracesUrl =
    traces ?? (endpoint === undefined ? undefined : `${endpoint.replace(/\/$/, "")}/v1/traces`);
  const variable = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"].find(
    (name) => env[name] !== undefined,
  );
  return {
    ...(monitorToken === undefined || monitorToken === "" ? {} : { monitorToken }),
    ...(tracesUrl === undefined ? {} : { tracesUrl }),
    ...(variable === undefined
      ? {}
      : { tracesHeaders: parseHeaders(variable, env[variable] ?? "") }),
  };
}

/** `api-key=abc,team=b%20c` */
function parseHeaders(variable: string, text: string): { readonly [name: string]: string } {
  const pairs = text.split(",").flatMap((pair, index) => {
    if (pair.trim() === "") return [];
    const refuse = (message: string) =>
      new InterlockError("cli/usage", `${variable}, pair ${index + 1}: ${message}`, {
        help: "write name=value with commas between, and what is special in a value as %20",
      });
    return [parsePair(pair, refuse)];
  });
  return Object.fromEntries(pairs);
}

/** A value may be a secret: a refusal says its header, never the value. */
function parsePair(
  pair: string,
  refuse: (message: string) => InterlockError,
): readonly [name: string, value: string] {
  const [before = "", value] = pair.split(/=(.*)/s, 2);
  const name = before.trim();
  if (value === undefined) throw refuse("it has no `=`");
  if (!HEADER_NAME.test(name)) throw refuse("what stands before `=` is no name of a header");
  try {
    return [name, decodeURIComponent(value.trim())];
  } catch {
    throw refuse(`the value of ${quote(name)} has a \`%\` that stands for no character`);
  }
}
