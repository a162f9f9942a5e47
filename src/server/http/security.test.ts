/** What every answer tells a browser, whoever asks and whatever for. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { type HttpWorld, OPERATOR_TOKEN, useHttpWorlds } from "../../../test/kit/http-world.ts";
import { forgetPeople, signInAs } from "../../../test/kit/signed-in.ts";

let http: HttpWorld;

useHttpWorlds(async (opened) => {
  http = opened;
  await forgetPeople(http);
});

const ASKED: ReadonlyArray<readonly [method: string, path: string, status: number]> = [
  ["GET", "/v1/health", 200],
  ["GET", "/v1/openapi.json", 200],
  ["GET", "/v1/metrics", 200],
  ["POST", "/v1/operations/loop.list", 200],
  ["POST", "/v1/operations/none", 404],
  ["GET", "/v1/nowhere", 404],
  ["DELETE", "/v1/health", 405],
  ["GET", "/v1/approve/nonsense", 401],
];

async function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const body = method === "POST" ? "{}" : null;
  const response = await fetch(new URL(path, http.server.url), {
    method,
    body,
    headers: {
      authorization: `Bearer ${OPERATOR_TOKEN}`,
      ...(body === null ? {} : { "content-type": "application/json" }),
      ...headers,
    },
  });
  await response.arrayBuffer();
  return response;
}

test("every answer, good or refused, a page or data, carries its shield", async () => {
  for (const accept of ["application/json", "text/html"]) {
    for (const [method, path, status] of ASKED) {
      const { headers, status: was } = await ask(method, path, { accept });
      const where = `${method} ${path} as ${accept}`;
      assert.equal(was, status, where);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/, where);
      assert.match(policy, /frame-ancestors 'none'/, where);
      assert.equal(headers.get("x-content-type-options"), "nosniff", where);
      assert.equal(headers.get("referrer-policy"), "no-referrer", where);
      assert.equal(headers.get("cache-control"), "no-store", where);
      assert.equal(headers.get("strict-transport-security"), null, where);
    }
  }
});

test("under an https address every answer says that only TLS will do", async () => {
  http.engine.context.publicUrl = "https://interlock.example.com";
  for (const [method, path] of ASKED) {
    const { headers } = await ask(method, path);
    assert.match(headers.get("strict-transport-security") ?? "", /^max-age=31536000/);
  }
});

test("no other site is let in by CORS", async () => {
  for (const method of ["GET", "POST", "OPTIONS"]) {
    const { headers } = await ask(method, "/v1/operations/loop.list", {
      origin: "https://elsewhere.example.com",
      "access-control-request-method": "POST",
    });
    assert.equal(headers.get("access-control-allow-origin"), null, method);
    assert.equal(headers.get("access-control-allow-credentials"), null, method);
  }
});

test("methods that nobody needs are refused", async () => {
  for (const method of ["TRACE", "PATCH", "PROPFIND"]) {
    const { port, hostname } = new URL(http.server.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asking = request({ method, port, hostname, path: "/v1/health" }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asking.on("error", reject).end();
    });
    assert(status === 405 || status === 404, `${method}: ${status}`);
  }
});

test("signing out tells the browser to forget", async () => {
  const browser = await signInAs(http, "viewer@example.com", [{ role: "viewer", department: "" }]);
  const { headers, status } = await browser.ask("DELETE", "/v1/session");
  assert(status < 300, `${status}`);
  assert.equal(headers.get("clear-site-data"), '"cache", "cookies", "storage"');
});
