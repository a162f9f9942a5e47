/** The words of the sandbox: what it is started with, and what it can be asked. */
import type { Json } from "../../src/std/canonical-json.ts";
import type { Day, Instant } from "../../src/std/time.ts";
import type { Subject } from "../../src/core/port/types.ts";
import type { FaultKind, FaultRates, SystemName } from "./fault.ts";

export type SandboxCampaign = {
  /** Digits only. */
  readonly id: string;
  readonly name: string;
  /** The small campaign that keeps running where the others are excluded. */
  readonly probe?: boolean;
};

/**
 * The company's figures, as its outside systems would know them. Days are `from <= day < until`,
 * oldest first; the subject `IN` is everything.
 */
export type CompanyFigures = {
  /** Paise spent on ads per day. */
  spendPerDayMinor(subject: string, from: Day, until: Day): ReadonlyArray<number>;
  ordersPerDay(
    subject: string,
    from: Day,
    until: Day,
  ): ReadonlyArray<{ readonly orders: number; readonly codOrders: number }>;
};

export type SandboxOptions = {
  /** Where the journal lives; without it the state dies with the process. */
  readonly directory?: string;
  readonly now: () => Instant;
  readonly subjects: Iterable<Subject>;
  readonly company?: CompanyFigures;
  readonly campaigns?: ReadonlyArray<SandboxCampaign>;
  /** Spend share of the probe campaign at bid modifier 1. */
  readonly probeShareAtModifierOne?: number;
  readonly customerId?: string;
  readonly shop?: string;
  /** Business time zone, which decides on which day a change falls. */
  readonly offsetMinutes?: number;
  readonly faults?: FaultRates;
  /** Addresses that exist; without it every address does. */
  readonly mailboxes?: ReadonlyArray<string>;
};

/** A change that an outside system accepted and carried out. */
export type Mutation = {
  readonly seq: number;
  readonly at: Instant;
  readonly system: SystemName;
  /** `x-interlock-key` of the call, or null for a person's own edit. */
  readonly key: string | null;
  readonly fence: number | null;
  /** Subjects touched; for mail, the recipient. */
  readonly subjects: ReadonlyArray<string>;
  readonly request: Json;
};

export type InForce = {
  readonly option: "exclude_geo" | "lower_bid" | "prepaid_only" | "confirm_orders";
  readonly parameters: { readonly [name: string]: number };
  /** First whole day under it. */
  readonly since: Day;
};

export type Mail = {
  readonly seq: number;
  readonly at: Instant;
  readonly messageId: string;
  readonly inReplyTo: string | null;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
};

/** Calls since this process started, refused and failed ones included. */
export type RequestCounts = {
  readonly total: number;
  readonly ads: { readonly read: number; readonly dryRun: number; readonly mutation: number };
  readonly shop: { readonly read: number; readonly dryRun: number; readonly mutation: number };
  readonly mail: { readonly mutation: number };
};

/** A criterion as a person would set it in the platform's own screens; null takes it away. */
export type ManualCriterion = { readonly negative: boolean; readonly bidModifier?: number } | null;

export type Sandbox = {
  /** What a client needs to reach each system. */
  readonly ads: {
    readonly baseUrl: string;
    readonly customerId: string;
    readonly developerToken: string;
    readonly accessToken: string;
    readonly campaignIds: ReadonlyArray<string>;
    readonly probeCampaign?: { readonly id: string; readonly shareAtModifierOne: number };
  };
  readonly shop: { readonly baseUrl: string; readonly shop: string; readonly accessToken: string };
  readonly mail: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly pass: string;
  };

  /** Every accepted change there ever was, oldest first. */
  mutations(): ReadonlyArray<Mutation>;
  mails(): ReadonlyArray<Mail>;
  readonly requests: RequestCounts;
  /**
   * Interventions that stood at the first minute of `day` for this very subject (not for the places
   * around it). A change works from the day after it was made, so a day's answer is final before the
   * day begins, whatever is changed, killed and resumed later.
   */
  inForce(subject: string, day: Day): ReadonlyArray<InForce>;
  /** The platform's id of a place; undefined for one that it does not know. */
  geoTargetOf(subject: string): string | undefined;

  /** A person's edit in the platform's own screens: journaled like any other, under no key. */
  editCriterion(subject: string, campaignId: string, criterion: ManualCriterion): void;
  editCodRule(subject: string, rule: { readonly [key: string]: Json } | null): void;
  /** The next `times` calls of this kind fail so. Comes before any rate of `faults`. */
  failNext(system: SystemName, on: "read" | "mutation", kind: FaultKind, times?: number): void;
  close(): Promise<void>;
};
