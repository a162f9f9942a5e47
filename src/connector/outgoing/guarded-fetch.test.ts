import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { createGuardedFetch, isAllowed, readNetwork } from "./guarded-fetch.ts";

let server: Server;
let port: number;
let calls = 0;

before(async () => {
  server = createServer((_request, response) => {
    calls += 1;
    response.end("here");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
after(() => server.close());

const WHERE: ReadonlyArray<readonly [address: string, allowed: boolean, what: string]> = [
  ["93.184.216.34", true, "a public address"],
  ["2606:2800:220:1:248:1893:25c8:1946", true, "a public IPv6 address"],
  ["127.0.0.1", true, "this machine"],
  ["::1", true, "this machine"],
  ["169.254.169.254", false, "a cloud's metadata"],
  ["fd00:ec2::254", false, "a cloud's metadata over IPv6"],
  ["fe80::1", false, "a neighbour on the link"],
  ["10.0.0.1", false, "a private network"],
  ["172.16.0.1", false, "a private network"],
  ["192.168.1.1", false, "a private network"],
  ["100.64.0.1", false, "behind a carrier's translation"],
  ["0.0.0.0", false, "no address"],
  ["::", false, "no address"],
  ["224.0.0.1", false, "many at once"],
  ["255.255.255.255", false, "everybody"],
  ["::ffff:169.254.169.254", false, "IPv4 written as IPv6"],
  ["::ffff:10.0.0.1", false, "IPv4 written as IPv6"],
  ["64:ff9b::a00:1", false, "IPv4 behind a translator"],
  ["2002:a00:1::", false, "IPv4 in a tunnel"],
];

for (const [address, allowed, what] of WHERE) {
  test(`${address}, ${what}, is ${allowed ? "called" : "not called"}`, () => {
    assert.equal(isAllowed(address, []), allowed);
  });
}

test("a network that the operator names is called, and nothing beside it", () => {
  const named = [readNetwork("10.20.0.0/16"), readNetwork("fd00::/8")];
  assert(isAllowed("10.20.3.4", named) && isAllowed("fd12::1", named));
  assert(isAllowed("::ffff:10.20.3.4", named));
  assert(!isAllowed("10.21.3.4", named) && !isAllowed("fe80::1", named));
  assert.throws(() => readNetwork("10.20.0.0"), /is not a network/);
});

test("no address of a private range gets through, however it is written", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const privately = fc.oneof(
    fc.tuple(fc.constant(10), octet, octet, octet),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
    fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
    fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  );
  fc.assert(
    fc.property(privately, ([a, b, c, d]) => {
      const hex = [a, b, c, d].map((part) => part.toString(16).padStart(2, "0")).join("");
      const mapped = `::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`;
      assert(!isAllowed(`${a}.${b}.${c}.${d}`, []));
      assert(!isAllowed(mapped, []));
    }),
  );
});

async function reach(url: string, networks: ReadonlyArray<string> = []): Promise<string> {
  const outgoing = createGuardedFetch(networks);
  try {
    const response = await outgoing.fetch(url, { signal: AbortSignal.timeout(2_000) });
    return await response.text();
  } catch (error) {
    const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return String((inner as { code?: unknown }).code);
  } finally {
    await outgoing.close();
  }
}

test("this machine is reached by name and by number; other ways to write a forbidden place are not", async () => {
  calls = 0;
  assert.equal(await reach(`http://127.0.0.1:${port}/`), "here");
  assert.equal(await reach(`http://localhost:${port}/`), "here");
  assert.equal(calls, 2);
  for (const host of [
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "[::ffff:a9fe:a9fe]",
    "0.0.0.0",
    "0",
  ]) {
    assert.equal(await reach(`http://${host}:${port}/`), "ADDRESS_NOT_ALLOWED", host);
  }
  assert.equal(calls, 2, "nobody was called");
});

test("a redirect to a forbidden place is not followed into it", async () => {
  const redirecting = createServer((_request, response) => {
    response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
  });
  await new Promise<void>((resolve) => redirecting.listen(0, "127.0.0.1", resolve));
  const { port: at } = redirecting.address() as AddressInfo;
  assert.equal(await reach(`http://127.0.0.1:${at}/`), "ADDRESS_NOT_ALLOWED");
  redirecting.close();
});
