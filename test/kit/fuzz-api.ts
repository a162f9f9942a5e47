/**
 * Holds a running server to its own OpenAPI document, by requests drawn from that document.
 *
 * Think of an inspector who has the building's plan and every kind of pass: at each door, with each pass,
 * he first does what the plan says, then one thing that it forbids. What he demands of every answer:
 *
 *   never 5xx         whatever was sent
 *   documented        the status and the content type are in the document, and the body keeps its schema
 *   doors             who the document does not let in gets 401 or 403, and whoever it does does not get 401
 *   bad is refused    what breaks the document's schema is answered with 4xx, with code, path and reason
 *   no secrets        no credential of anybody comes back in an answer
 *
 * What may be done by whom beyond the kind of credential, role by role, is `access.test.ts`.
 */
import assert from "node:assert/strict";
import { type RoleGrant, ROLES } from "../../src/core/people/role.ts";
import { randomFrom } from "../../src/std/random.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import {
  type Asked,
  breaks,
  type Described,
  type DescribedAnswer,
  drawGood,
  type Pass,
  spoil,
  toRequest,
} from "./api-request.ts";
import { HERE, LOOP } from "./engine-world.ts";
import { type HttpWorld, MONITOR_TOKEN, openHttpWorld, OPERATOR_TOKEN } from "./http-world.ts";
import type { Known } from "./schema-arbitrary.ts";
import { signInAs } from "./signed-in.ts";

type Document = {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Described } };
  readonly components: { readonly responses: { readonly [name: string]: DescribedAnswer } };
};

export type ApiFuzzOptions = {
  readonly seed: number;
  /** Requests for each address and pass: as many good ones, and as many with one thing wrong. */
  readonly draws: number;
  /** Every address as every role; without it, as one role after the other in turn. */
  readonly everyRole: boolean;
  onProgress?(done: number, total: number): void;
};

export type ApiFuzzReport = {
  readonly addresses: number;
  readonly calls: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Requests that broke the document and were refused. */
  readonly badRefused: number;
  readonly faults: ReadonlyArray<string>;
};

/** They test, replay or verify for seconds, whoever asks; a few calls show what there is to see. */
const SLOW = new Set(["contract.conform", "agent.calibrate", "loop.drill", "charter.simulate"]);
/** They would end the very pass that calls, and with it the rest of the walk; the last one does. */
const ENDING = ["operation.person.disable", "operation.role.revoke", "session.end"];

/** Opens a world on the store, walks it from end to end, and sees that nothing unexpected was logged. */
export async function exerciseApi(driver: Driver, options: ApiFuzzOptions): Promise<ApiFuzzReport> {
  const much = 1_000_000;
  const http = await openHttpWorld(driver, {
    rateLimits: { person: much, department: much, signIn: much },
  });
  http.engine.context.publicUrl = http.server.url.replace("127.0.0.1", "localhost");
  try {
    const report = await fuzzApi(http, options);
    assert.equal((await http.ask("GET", "/v1/health", { key: "" })).status, 200);
    assert.equal(({} as { isAdmin?: unknown }).isAdmin, undefined);
    return {
      ...report,
      faults: [...report.faults, ...http.log.map((line) => JSON.stringify(line))],
    };
  } finally {
    await http.server.close();
  }
}

async function fuzzApi(http: HttpWorld, options: ApiFuzzOptions): Promise<ApiFuzzReport> {
  const document = await readDocument(http);
  const passes = await makePasses(http);
  const caseId = await http.world.signalOn(HERE);
  await http.world.settle();
  const known: Known = {
    loop: [LOOP],
    id: [caseId],
    department: ["logistics", "marketing"],
    side: ["sender", "receiver"],
  };
  const walk = new Walk(http, document, passes);
  const addresses = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, of]) => ({ path, method: method.toUpperCase(), of })),
  );
  // Whatever ends something for the others comes last, signing out after all else.
  addresses.sort((a, b) => endsWhat(a.of) - endsWhat(b.of));
  for (const [index, { path, method, of }] of addresses.entries()) {
    const isSlow = SLOW.has(of.operationId.replace(/^operation\./, ""));
    const roles = passes.filter(({ scheme }) => scheme === "session");
    const role = options.everyRole ? undefined : roles[index % roles.length];
    for (const [place, pass] of passes.entries()) {
      if (role !== undefined && pass.scheme === "session" && pass !== role) continue;
      const random = randomFrom(options.seed, index, place);
      const draws = isSlow ? 1 : options.draws;
      const good = endsWhat(of) > 0 ? [] : drawGood(of, known, draws, random);
      for (const asked of good) await walk.call(path, method, of, pass, asked);
      for (const asked of drawGood(of, known, draws, random)) {
        await walk.call(path, method, of, pass, spoil(of, pass, asked, random));
      }
    }
    options.onProgress?.(index + 1, addresses.length);
  }
  return { addresses: addresses.length, ...walk.report() };
}

/** 0 for what ends nothing. */
function endsWhat({ operationId }: Described): number {
  return ENDING.indexOf(operationId) + 1;
}

async function readDocument(http: HttpWorld): Promise<Document> {
  const { status, body } = await http.ask("GET", "/v1/openapi.json", { key: "" });
  assert.equal(status, 200);
  return body.json as Document;
}

async function makePasses(http: HttpWorld): Promise<ReadonlyArray<Pass>> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const people = await Promise.all(
    ROLES.map(async (role): Promise<Pass> => {
      const grants: ReadonlyArray<RoleGrant> = [{ role, department: "" }];
      const { headers } = await signInAs(http, `${role}.fuzz@example.com`, grants);
      const from = { "sec-fetch-site": "same-origin" };
      return { name: role, scheme: "session", headers: { ...headers, ...from } };
    }),
  );
  return [
    { name: "nobody", scheme: undefined, headers: {} },
    { name: "a forged key", scheme: undefined, headers: bearer("ilk_0_forged") },
    { name: "a department", scheme: "departmentKey", headers: bearer(http.keys.logistics) },
    { name: "the operator", scheme: "operatorToken", headers: bearer(OPERATOR_TOKEN) },
    { name: "a monitor", scheme: "monitorToken", headers: bearer(MONITOR_TOKEN) },
    ...people,
  ];
}

/** One inspector: goes from door to door and writes down what is not as the plan says. */
class Walk {
  readonly #http: HttpWorld;
  readonly #document: Document;
  readonly #secrets: ReadonlyArray<string>;
  readonly #faults: string[] = [];
  readonly #byStatus: Record<string, number> = {};
  #calls = 0;
  #badRefused = 0;

  constructor(http: HttpWorld, document: Document, passes: ReadonlyArray<Pass>) {
    this.#http = http;
    this.#document = document;
    this.#secrets = passes.flatMap(({ headers, scheme }) =>
      scheme === undefined
        ? []
        : [headers["authorization"] ?? headers["cookie"] ?? ""].map(
            (text) => text.split(/[ =]/).at(-1) ?? "",
          ),
    );
  }

  report(): Omit<ApiFuzzReport, "addresses"> {
    return {
      calls: this.#calls,
      byStatus: this.#byStatus,
      badRefused: this.#badRefused,
      faults: this.#faults,
    };
  }

  async call(path: string, method: string, of: Described, pass: Pass, asked: Asked): Promise<void> {
    const request = toRequest(path, of, asked);
    const what = `${method} ${request.path} as ${pass.name}: ${(request.body ?? "").slice(0, 300)}`;
    const gone = new AbortController();
    const answer = await fetch(new URL(request.path, this.#http.server.url), {
      method,
      redirect: "manual",
      signal: gone.signal,
      headers: { ...request.headers, ...pass.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    this.#calls += 1;
    this.#byStatus[answer.status] = (this.#byStatus[answer.status] ?? 0) + 1;
    const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
    // A line that stays open has said what it is by its headers.
    if (type === "text/event-stream") gone.abort();
    const text = type === "text/event-stream" ? "" : await answer.text();
    const fault = this.#faultOf(of, pass, asked, { status: answer.status, type, text });
    if (fault !== undefined) this.#faults.push(`${what}\n  -> ${answer.status}: ${fault}`);
    else if (asked.isBad) this.#badRefused += 1;
  }

  #faultOf(
    of: Described,
    pass: Pass,
    asked: Asked,
    {
      status,
      type,
      text,
    }: { readonly status: number; readonly type: string; readonly text: string },
  ): string | undefined {
    if (status >= 500 && status !== 503) return `broke: ${text.slice(0, 300)}`;
    if (this.#secrets.some((secret) => text.includes(secret))) return "a credential came back";
    const isDoorOpen =
      of.security.length === 0 ||
      (pass.scheme !== undefined &&
        of.security.some((one) => Object.hasOwn(one, pass.scheme ?? "")));
    if (!isDoorOpen) {
      // Some addresses do not exist for what was asked; they say so before anybody is let in.
      return [401, 403, 404].includes(status) ? undefined : "let in whom the document does not";
    }
    if (of.security.length > 0 && text.includes('"server/unauthorised"')) {
      return "does not know whom the document lets in";
    }
    if (asked.isBad && status < 400) return "took what breaks its schema";
    const said = of.responses[status];
    if (said === undefined) {
      // A path is matched before the document's address is known; what is none is nowhere.
      return status === 404 && Object.keys(asked.values).length > 0
        ? undefined
        : `not documented; it is: ${text.slice(0, 200)}`;
    }
    return this.#faultOfBody(said, type, text);
  }

  #faultOfBody(said: DescribedAnswer, type: string, text: string): string | undefined {
    const name = said.$ref?.split("/").at(-1);
    const { content } =
      name === undefined ? said : (this.#document.components.responses[name] ?? {});
    if (content === undefined) return undefined;
    const schema = content[type]?.schema;
    if (schema === undefined)
      return `answered as ${type}, documented as ${Object.keys(content).join()}`;
    if (type !== "application/json") return undefined;
    const value: unknown = JSON.parse(text);
    if (name === "Refusal") return faultOfRefusal(value);
    return breaks(schema, value)
      ? `the body is not as documented: ${text.slice(0, 300)}`
      : undefined;
  }
}

function faultOfRefusal(value: unknown): string | undefined {
  const { error } = value as { readonly error?: { readonly [field: string]: unknown } };
  for (const field of ["code", "message"]) {
    if (typeof error?.[field] !== "string") return `a refusal without its ${field}`;
  }
  return undefined;
}
