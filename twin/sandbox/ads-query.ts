/**
 * The rows behind `googleAds:searchStream`, for the three questions that have an answer here:
 * location criteria of one place, spend of one place, and spend of the whole account.
 *
 * A question that is well formed but of another kind is refused, so that nobody mistakes "the sandbox
 * cannot tell" for "there are none".
 */
import type { Json } from "../../src/std/canonical-json.ts";
import { addDays, isDay, type Day } from "../../src/std/time.ts";
import type { AdsState } from "./ads-state.ts";
import { refuse } from "./ads-error.ts";
import { parseGaql, type Condition, type Query } from "./gaql.ts";
import type { Gazetteer, Place } from "./geo-target.ts";
import type { CompanyFigures } from "./types.ts";

type Row = { readonly [key: string]: Json };

const MICROS_PER_MINOR = 10_000;
/** A segment in WHERE has to be selected too; these say which place a row of spend is about. */
const PLACE_SEGMENTS: Readonly<Record<string, Place["targetType"]>> = {
  "segments.geo_target_postal_code": "Postal Code",
  "segments.geo_target_district": "District",
  "segments.geo_target_state": "State",
};

export function answerQuery(
  world: {
    readonly state: AdsState;
    readonly gazetteer: Gazetteer;
    readonly company: CompanyFigures | undefined;
    readonly customerId: string;
  },
  text: string,
): ReadonlyArray<Row> {
  const query = parseGaql(text);
  switch (query.from) {
    case "campaign_criterion":
      return criterionRows(world, query);
    case "geographic_view":
      return placeSpendRows(world, query);
    case "customer":
      return accountSpendRows(world, query);
    default: {
      const message = `Error in query: resource "${query.from}" is not served.`;
      return refuse("queryError", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", message);
    }
  }
}

const CRITERION_FIELDS = [
  "campaign.id",
  "campaign_criterion.resource_name",
  "campaign_criterion.criterion_id",
  "campaign_criterion.type",
  "campaign_criterion.negative",
  "campaign_criterion.bid_modifier",
  "campaign_criterion.location.geo_target_constant",
];

function criterionRows(
  { state, customerId }: { readonly state: AdsState; readonly customerId: string },
  query: Query,
): ReadonlyArray<Row> {
  checkSelect(query, CRITERION_FIELDS);
  let geo: string | undefined;
  let campaigns: ReadonlyArray<string> | undefined;
  let negative: boolean | undefined;
  for (const condition of query.where) {
    const values = valuesOf(condition);
    if (condition.field === "campaign.id") campaigns = values;
    else if (condition.field === "campaign_criterion.negative") {
      negative = values[0]?.toUpperCase() === "TRUE";
    } else if (condition.field === "campaign_criterion.location.geo_target_constant") {
      geo = /^geoTargetConstants\/(\d+)$/.exec(values[0] ?? "")?.[1];
    } else if (condition.field !== "campaign_criterion.type" || values[0] !== "LOCATION") {
      unrecognised(condition.field);
    }
  }
  if (geo === undefined) {
    const message = "Criteria are served for one geo target constant at a time.";
    return refuse("queryError", "INVALID_VALUE_WITH_EQUALITY_OPERATOR", message);
  }
  const rows: Row[] = [];
  for (const [campaign, criterion] of state.ofGeo(geo)) {
    if (campaigns !== undefined && !campaigns.includes(campaign)) continue;
    if (negative !== undefined && criterion.negative !== negative) continue;
    rows.push({
      campaign: { resourceName: `customers/${customerId}/campaigns/${campaign}`, id: campaign },
      campaignCriterion: {
        resourceName: `customers/${customerId}/campaignCriteria/${campaign}~${geo}`,
        criterionId: geo,
        type: "LOCATION",
        negative: criterion.negative,
        ...(criterion.bidModifier === null ? {} : { bidModifier: criterion.bidModifier }),
        location: { geoTargetConstant: `geoTargetConstants/${geo}` },
      },
    });
  }
  return rows;
}

type Spending = { readonly gazetteer: Gazetteer; readonly company: CompanyFigures | undefined };

function placeSpendRows(world: Spending, query: Query): ReadonlyArray<Row> {
  const segments = Object.keys(PLACE_SEGMENTS);
  checkSelect(query, [...segments, "metrics.cost_micros", "geographic_view.location_type"]);
  let place: Place | undefined;
  let segment: string | undefined;
  let days: { readonly from: Day; readonly until: Day } | undefined;
  for (const condition of query.where) {
    const value = valuesOf(condition)[0] ?? "";
    if (condition.field === "segments.date") days = daysOf(condition);
    else if (PLACE_SEGMENTS[condition.field] !== undefined) {
      if (!query.select.includes(condition.field)) {
        const message = `Error in query: "${condition.field}" must be in the SELECT clause.`;
        refuse("queryError", "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE", message);
      }
      segment = condition.field;
      place = world.gazetteer.byId.get(value.replace(/^geoTargetConstants\//, ""));
    } else if (
      condition.field !== "geographic_view.location_type" ||
      value !== "LOCATION_OF_PRESENCE"
    ) {
      unrecognised(condition.field);
    }
  }
  if (days === undefined) return dateNeeded();
  if (segment === undefined) {
    const message = "Spend is served for one place at a time.";
    return refuse("queryError", "INVALID_VALUE_WITH_EQUALITY_OPERATOR", message);
  }
  // A place of another kind has no rows under this segment, as on the real platform.
  if (place === undefined || place.targetType !== PLACE_SEGMENTS[segment]) return [];
  const key = segment
    .replace("segments.", "")
    .replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  return [
    {
      segments: { [key]: `geoTargetConstants/${place.id}` },
      metrics: { costMicros: costMicros(world.company, place.subject, days) },
    },
  ];
}

function accountSpendRows(world: Spending, query: Query): ReadonlyArray<Row> {
  checkSelect(query, ["metrics.cost_micros", "customer.id"]);
  let days: { readonly from: Day; readonly until: Day } | undefined;
  for (const condition of query.where) {
    if (condition.field !== "segments.date") unrecognised(condition.field);
    days = daysOf(condition);
  }
  if (days === undefined) return dateNeeded();
  return [{ metrics: { costMicros: costMicros(world.company, "IN", days) } }];
}

/** Money in millionths of a rupee; int64 travels as text. */
function costMicros(
  company: CompanyFigures | undefined,
  subject: string,
  days: { readonly from: Day; readonly until: Day },
): string {
  const perDay = company?.spendPerDayMinor(subject, days.from, days.until) ?? [];
  const minor = perDay.reduce((sum, spend) => sum + spend, 0);
  return String(Math.round(minor) * MICROS_PER_MINOR);
}

function daysOf(condition: Condition): { readonly from: Day; readonly until: Day } {
  if (condition.operator !== "BETWEEN" || !isDay(condition.low) || !isDay(condition.high)) {
    const message = "segments.date takes BETWEEN two days.";
    return refuse("queryError", "INVALID_VALUE_WITH_BETWEEN_OPERATOR", message);
  }
  return { from: condition.low, until: addDays(condition.high, 1) };
}

function valuesOf(condition: Condition): ReadonlyArray<string> {
  if (condition.operator === "=") return [condition.value];
  return condition.operator === "IN" ? condition.values : [condition.low, condition.high];
}

function checkSelect(query: Query, known: ReadonlyArray<string>): void {
  const unknown = query.select.find((field) => !known.includes(field));
  if (unknown !== undefined) unrecognised(unknown);
}

function unrecognised(field: string): never {
  const message = `Error in query: unrecognised or unserved field "${field}".`;
  return refuse("queryError", "UNRECOGNIZED_FIELD", message);
}

function dateNeeded(): never {
  const message = "Metrics need a finite range of segments.date.";
  return refuse("queryError", "MISSING_DATE_RANGE", message);
}
