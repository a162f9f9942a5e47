/**
 * `campaignCriteria:mutate`, strictly: what the real platform would refuse is refused here, with its
 * codes, so that a connector that passes here has not been spoilt.
 *
 * All operations are checked against the state as the ones before them leave it; then either all
 * become changes or none does. Left out: partial failure, criteria other than locations.
 */
import type { AdsState, Criterion, CriterionChange } from "./ads-state.ts";
import { refuse } from "./ads-error.ts";
import { COUNTRY_ID, type Gazetteer } from "./geo-target.ts";

const OPERATIONS_MAX = 10_000;
const BID_MODIFIER_MIN = 0.1;
const BID_MODIFIER_MAX = 10;

type Fields = Record<string, unknown>;

export type MutatePlan = {
  readonly validateOnly: boolean;
  /** Only what differs from the state now; a no-op leaves nothing here. */
  readonly changes: ReadonlyArray<CriterionChange>;
  readonly resourceNames: ReadonlyArray<string>;
};

export function planMutate(
  state: AdsState,
  gazetteer: Gazetteer,
  customerId: string,
  body: Fields,
): MutatePlan {
  checkFields(body, ["operations", "partialFailure", "validateOnly", "responseContentType"]);
  const { operations } = body;
  if (!Array.isArray(operations) || operations.length === 0) {
    refuse("requestError", "REQUIRED_FIELD_MISSING", "The required field was not present.");
  }
  if (operations.length > OPERATIONS_MAX) {
    refuse("mutateError", "TOO_MANY_MUTATE_OPERATIONS", "Too many operations in the request.");
  }
  if (body["partialFailure"] === true) {
    refuse("requestError", "OPERATION_NOT_SUPPORTED", "Partial failure is not served here.");
  }
  const drafted = new Map<string, CriterionChange>();
  const resourceNames = (operations as unknown[]).map((operation, index) => {
    const change = planOperation(state, gazetteer, customerId, operation, index);
    const name = `${change.campaign}~${change.geo}`;
    if (drafted.has(name)) {
      const message = "A resource is changed by more than one operation of the request.";
      refuse("mutateError", "ID_EXISTS_IN_MULTIPLE_MUTATES", message, index);
    }
    drafted.set(name, change);
    return `customers/${customerId}/campaignCriteria/${name}`;
  });
  return {
    validateOnly: body["validateOnly"] === true,
    changes: [...drafted.values()].filter(
      ({ campaign, geo, criterion }) => !isSame(state.find(campaign, geo) ?? null, criterion),
    ),
    resourceNames,
  };
}

function planOperation(
  state: AdsState,
  gazetteer: Gazetteer,
  customerId: string,
  operation: unknown,
  index: number,
): CriterionChange {
  const fields = isFields(operation) ? operation : {};
  checkFields(fields, ["create", "update", "remove", "updateMask"], index);
  const verbs = ["create", "update", "remove"].filter((verb) => fields[verb] !== undefined);
  if (verbs.length !== 1) {
    refuse("mutateError", "OPERATION_DOES_NOT_EXIST", "One operation must be set.", index);
  }
  if (fields["create"] !== undefined) {
    return planCreate(state, gazetteer, customerId, fields["create"], index);
  }
  if (fields["remove"] !== undefined) {
    const { campaign, geo } = findExisting(state, customerId, fields["remove"], index);
    if (geo === COUNTRY_ID) {
      refuse("criterionError", "CANNOT_EXCLUDE_ALL_TARGETS", "The last target must stay.", index);
    }
    return { campaign, geo, criterion: null };
  }
  return planUpdate(state, customerId, fields["update"], fields["updateMask"], index);
}

function planCreate(
  state: AdsState,
  gazetteer: Gazetteer,
  customerId: string,
  create: unknown,
  index: number,
): CriterionChange {
  const fields = isFields(create) ? create : {};
  checkFields(fields, ["campaign", "location", "negative", "bidModifier", "status"], index);
  const campaign = campaignOf(fields["campaign"], customerId);
  if (campaign === undefined || !state.campaigns.has(campaign)) {
    return refuse("mutateError", "RESOURCE_NOT_FOUND", "Campaign was not found.", index);
  }
  const location = isFields(fields["location"]) ? fields["location"] : {};
  checkFields(location, ["geoTargetConstant"], index);
  const constant = location["geoTargetConstant"];
  const geo =
    typeof constant === "string" ? /^geoTargetConstants\/(\d+)$/.exec(constant)?.[1] : undefined;
  if (geo === undefined || !gazetteer.byId.has(geo)) {
    return refuse("mutateError", "RESOURCE_NOT_FOUND", "Geo target constant not found.", index);
  }
  const negative = fields["negative"] ?? false;
  if (typeof negative !== "boolean") {
    return refuse("requestError", "INVALID_INPUT", "Field negative must be a boolean.", index);
  }
  const bidModifier = fields["bidModifier"] ?? null;
  if (negative && bidModifier !== null) {
    const name = "CANNOT_BID_MODIFY_NEGATIVE_CRITERION";
    refuse("campaignCriterionError", name, "Cannot bid modify a negative criterion.", index);
  }
  checkModifier(bidModifier, index);
  const present = state.find(campaign, geo);
  if (present !== undefined && present.negative !== negative) {
    const message = "Cannot target and exclude the same criterion.";
    refuse("campaignCriterionError", "CANNOT_TARGET_AND_EXCLUDE", message, index);
  }
  if (present !== undefined) {
    refuse("mutateError", "RESOURCE_ALREADY_EXISTS", "The criterion already exists.", index);
  }
  return { campaign, geo, criterion: { negative, bidModifier } };
}

function planUpdate(
  state: AdsState,
  customerId: string,
  update: unknown,
  mask: unknown,
  index: number,
): CriterionChange {
  const fields = isFields(update) ? update : {};
  checkFields(fields, ["resourceName", "bidModifier"], index);
  const { campaign, geo, present } = findExisting(state, customerId, fields["resourceName"], index);
  if (mask !== "bid_modifier" && mask !== "bidModifier") {
    refuse("fieldMaskError", "FIELD_MASK_MISSING", "The mask must name bid_modifier.", index);
  }
  if (present.negative) {
    const message = "A negative criterion cannot be updated.";
    refuse("campaignCriterionError", "CANNOT_UPDATE_NEGATIVE_CRITERION", message, index);
  }
  const bidModifier = fields["bidModifier"] ?? null;
  checkModifier(bidModifier, index);
  return { campaign, geo, criterion: { negative: false, bidModifier } };
}

function findExisting(
  state: AdsState,
  customerId: string,
  resourceName: unknown,
  index: number,
): { readonly campaign: string; readonly geo: string; readonly present: Criterion } {
  const match =
    typeof resourceName === "string"
      ? /^customers\/(\d+)\/campaignCriteria\/(\d+)~(\d+)$/.exec(resourceName)
      : null;
  const [, customer, campaign, geo] = match ?? [];
  if (customer !== customerId || campaign === undefined || geo === undefined) {
    return refuse("requestError", "BAD_RESOURCE_ID", "The resource name is malformed.", index);
  }
  const present = state.find(campaign, geo);
  if (present === undefined) {
    return refuse("mutateError", "RESOURCE_NOT_FOUND", "Resource was not found.", index);
  }
  return { campaign, geo, present };
}

function checkModifier(value: unknown, index: number): asserts value is number | null {
  if (value === null) return;
  if (typeof value !== "number") {
    refuse("requestError", "INVALID_INPUT", "Field bid_modifier must be a number.", index);
  }
  if (value < BID_MODIFIER_MIN) refuse("rangeError", "TOO_LOW", "Too low.", index);
  if (value > BID_MODIFIER_MAX) refuse("rangeError", "TOO_HIGH", "Too high.", index);
}

function campaignOf(name: unknown, customerId: string): string | undefined {
  const match = typeof name === "string" ? /^customers\/(\d+)\/campaigns\/(\d+)$/.exec(name) : null;
  return match?.[1] === customerId ? match[2] : undefined;
}

/** The platform refuses names it does not know, snake_case ones included. */
function checkFields(fields: Fields, known: ReadonlyArray<string>, index?: number): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const message = `Invalid JSON payload received. Unknown name "${unknown}".`;
  refuse("requestError", "UNKNOWN_FIELD", message, index);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSame(a: Criterion | null, b: Criterion | null): boolean {
  if (a === null || b === null) return a === b;
  return a.negative === b.negative && a.bidModifier === b.bidModifier;
}
