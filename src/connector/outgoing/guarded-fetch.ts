/**
 * `fetch` for addresses that somebody else has written down: an agent's, a webhook's. It connects to public
 * addresses, to this machine, and to networks that the operator names, and to nothing else; so nobody makes
 * this server knock at doors inside the company, or at a cloud's metadata.
 *
 * The rule: what is judged is the address that is connected to, after the name was resolved and in the same
 * moment. A name that points elsewhere a second later gains nothing.
 */
import { lookup as resolve } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { Agent, buildConnector, fetch as undiciFetch } from "undici";
import { InterlockError } from "../../std/errors.ts";

/** Ranges of the registry of special addresses that are a place anybody may be called at. */
const OPEN_RANGES: ReadonlyArray<string> = ["unicast", "loopback"];

export type GuardedFetch = {
  fetch: typeof globalThis.fetch;
  close(): Promise<void>;
};

/** `networks` as CIDR, `10.20.0.0/16`, besides public ones and this machine. */
export function createGuardedFetch(networks: ReadonlyArray<string> = []): GuardedFetch {
  const named = networks.map(readNetwork);
  const connect = buildConnector({ lookup: createLookup(named), autoSelectFamily: true });
  const agent = new Agent({
    connect(options, callback) {
      // A literal address is connected to without being looked up.
      const host = options.hostname.replace(/^\[|\]$/g, "");
      if (isIP(host) === 0 || isAllowed(host, named)) connect(options, callback);
      else callback(refuse(host, host), null);
    },
  });
  return {
    fetch: ((url: string, init: object) =>
      undiciFetch(url, { ...init, dispatcher: agent })) as unknown as typeof globalThis.fetch,
    close: () => agent.close(),
  };
}

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

export function readNetwork(text: string): Network {
  try {
    return ipaddr.parseCIDR(text.trim());
  } catch (cause) {
    throw new InterlockError("cli/usage", `\`${text}\` is not a network`, {
      cause,
      help: "write it as 10.20.0.0/16 or fd00::/8",
    });
  }
}

/** True where an outgoing call may go. Addresses of one kind written as the other are read as what they are. */
export function isAllowed(address: string, named: ReadonlyArray<Network>): boolean {
  const parsed = ipaddr.process(address);
  if (OPEN_RANGES.includes(parsed.range())) return true;
  return named.some(
    ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
  );
}

/** The system's own way of resolving, less the addresses that may not be called. */
function createLookup(named: ReadonlyArray<Network>): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed = addresses.filter(({ address }) => isAllowed(address, named));
      const [first] = allowed;
      if (first === undefined) {
        return callback(refuse(hostname, addresses[0]?.address ?? "nowhere"), []);
      }
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refuse(hostname: string, address: string): NodeJS.ErrnoException {
  const where = hostname === address ? address : `${hostname} is ${address}, which`;
  const refused: NodeJS.ErrnoException = new Error(`${where} may not be called from here`);
  refused.code = "ADDRESS_NOT_ALLOWED";
  return refused;
}
