/**
 * How much each caller may ask: people by their address, departments by theirs, sign-ins and whatever
 * else is open to anybody by where they come from. Kept in this process: a server of several processes
 * lets each of them through once more.
 */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { SECOND_MS } from "../../std/time.ts";
import { RefusedRequest } from "./errors.ts";
import type { AddressLimit, Caller } from "./route.ts";

/** Requests a minute. */
export type RateLimits = {
  readonly person: number;
  readonly department: number;
} & {
  /** Of one address on the network; behind a proxy, of everybody together. */
  readonly [limit in AddressLimit]: number;
};

export const DEFAULT_RATE_LIMITS: RateLimits = {
  person: 1_200,
  department: 120_000,
  signIn: 60,
  open: 1_200,
};
const WINDOW_SECONDS = 60;

export class RateGuard {
  readonly #limiters: { readonly [kind in keyof RateLimits]: RateLimiterMemory };

  constructor(limits: RateLimits) {
    const limiter = (points: number) => new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
    this.#limiters = {
      person: limiter(limits.person),
      department: limiter(limits.department),
      signIn: limiter(limits.signIn),
      open: limiter(limits.open),
    };
  }

  /** Throws 429 with how long to wait. */
  async takeAddress(limit: AddressLimit, address: string): Promise<void> {
    await this.#take(limit, address);
  }

  async takeRequest(caller: Caller): Promise<void> {
    if (caller.kind === "person") await this.#take("person", caller.signedIn.email);
    if (caller.kind === "department") await this.#take("department", caller.department);
  }

  async #take(kind: keyof RateLimits, who: string): Promise<void> {
    await this.#limiters[kind].consume(who).catch((refused: unknown) => {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const wait = Math.max(refused.msBeforeNext, SECOND_MS);
      throw new RefusedRequest("server/too-many-requests", "too much is asked in a minute", {
        retry: "later",
        retryAfterMs: wait,
        help: `wait ${Math.ceil(wait / SECOND_MS)} seconds, and ask again`,
      });
    });
  }
}
