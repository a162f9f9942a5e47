/**
 * The shape of a charter document, `charter/1`, as JSON Schema 2020-12. What a schema cannot say is
 * checked in `parse.ts`. Descriptions are what an editor shows beside a field, so they are written for
 * the head of a department.
 */
import { MONEY_PATTERN } from "./money-text.ts";
import { AUTONOMY_LEVELS, LIFTABLE, NOTIFY_EVENTS, WEEKDAYS } from "./types.ts";

const line = (description: string, maxLength = 200): object => ({
  type: "string",
  minLength: 1,
  maxLength,
  description,
});

const record = (
  properties: { readonly [field: string]: object },
  optional: ReadonlyArray<string> = [],
  description?: string,
): object => ({
  type: "object",
  required: Object.keys(properties).filter((field) => !optional.includes(field)),
  additionalProperties: false,
  properties,
  ...(description === undefined ? {} : { description }),
});

const list = (
  items: object,
  maxItems: number,
  {
    minItems = 0,
    ...more
  }: { readonly minItems?: number; readonly [keyword: string]: unknown } = {},
): object => ({ type: "array", minItems, maxItems, items, ...more });

const count = (description: string, maximum = 1_000_000, minimum = 0): object => ({
  type: "integer",
  minimum,
  maximum,
  description,
});

const department = {
  type: "string",
  pattern: "^[a-z][a-z0-9-]{0,59}$",
  description: "a department's short name in lower case, such as logistics",
};

const loopName = { type: "string", maxLength: 100, pattern: "^[a-z][a-z0-9-]*$" };

const day = {
  type: "string",
  format: "date",
  description: "a day such as 2026-11-05; `until` is the first day on which it no longer holds",
};

const timeZone = {
  type: "string",
  minLength: 1,
  maxLength: 60,
  description: "an IANA time zone such as Asia/Kolkata",
};

const money = {
  type: "string",
  pattern: MONEY_PATTERN,
  description: "a currency and an amount, such as INR 75000 or INR 75000.50",
};

const seat = {
  type: "string",
  pattern: "^[a-z][a-z0-9-]{0,59}$",
  description: "`owner`, `deputies`, or the name of one of the party's groups",
};

const hours = (description: string): object => ({
  type: "number",
  exclusiveMinimum: 0,
  maximum: 720,
  unit: "hours",
  description,
});

const person = record(
  {
    name: line("a person's name", 100),
    email: { type: "string", maxLength: 200, format: "email" },
    from: { ...day, description: "the first day on which they speak for the department" },
    until: { ...day, description: "the first day on which they no longer do" },
  },
  ["from", "until"],
);
const people = list(person, 50);

const window = record({
  days: list({ enum: WEEKDAYS }, 7, { minItems: 1, uniqueItems: true }),
  from: {
    type: "string",
    pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    description: "hour of the wall clock, such as 09:30",
  },
  until: {
    type: "string",
    pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
    description: "later on the same day; 24:00 is midnight",
  },
});

const calendar = record(
  {
    timeZone,
    open: list(window, 50, { minItems: 1, description: "when somebody of the party works" }),
    holidays: list(record({ day, name: line("what is celebrated", 100) }), 400),
  },
  [],
  "when this party's clock runs",
);

const clock = record(
  {
    counts: {
      enum: ["working-hours", "all-hours"],
      description: "whether the clock stands still while the calendar is closed",
    },
    remindAfterHours: hours("who is asked is reminded after so many hours"),
    answerWithinHours: hours("who is asked first has so many hours"),
    escalate: list(record({ to: seat, withinHours: hours("they have so many hours more") }), 10, {
      description: "who is asked next, one after the other, once the time is over",
    }),
    atEnd: { enum: ["expire", "decline"], description: "what silence means; it never allows" },
  },
  [],
  "how this party is asked, and what its silence means",
);

const party = record({
  department,
  owner: person,
  deputies: { ...people, description: "who answers in the owner's stead" },
  groups: {
    type: "object",
    maxProperties: 50,
    propertyNames: { pattern: "^[a-z][a-z0-9-]{0,59}$" },
    additionalProperties: people,
    description: "approvers by name of their group, such as ndr-desk",
  },
  calendar,
  clock,
});

const range = (bound: object, description: string, below: object = bound): object => ({
  type: "object",
  minProperties: 1,
  additionalProperties: false,
  description,
  properties: { atLeast: bound, below },
});
const share = (description: string): object =>
  range({ type: "number", minimum: 0, maximum: 1 }, description, {
    type: "number",
    minimum: 0,
    // Above 1, so that a range can hold 1 itself.
    maximum: 2,
  });

const conditions = record(
  {
    option: list({ type: "string" }, 50, { minItems: 1, uniqueItems: true }),
    valueAtStake: range(money, "what is lost if it is wrong; `atLeast` is in, `below` is out"),
    confidence: share("of the signal, 0 to 1"),
    reversible: { type: "boolean", description: "whether it can be undone" },
    subjects: range(count("", 10_000_000), "number of subjects touched"),
    shareOfOrders: share("of all the company's orders, 0 to 1"),
    shareOfSpend: share("of all the company's ad spend, 0 to 1"),
    time: list(window, 20, {
      minItems: 1,
      description: "hours of the week in the charter's time zone; any of the windows",
    }),
  },
  [
    "option",
    "valueAtStake",
    "confidence",
    "reversible",
    "subjects",
    "shareOfOrders",
    "shareOfSpend",
    "time",
  ],
  "all of them must hold; a condition that is left out holds for anything",
);

const vote = record(
  {
    party: department,
    quorum: count("votes needed from different people of this party", 20, 1),
    from: list(seat, 20, {
      minItems: 1,
      uniqueItems: true,
      description: "who is asked first; deputies may always answer in their stead",
    }),
    clock: { ...clock, description: "instead of the party's own clock" },
  },
  ["clock"],
);

const rule = record(
  {
    name: {
      type: "string",
      pattern: "^[a-z][a-z0-9-]{0,59}$",
      description: "a short name in lower case, such as small-and-reversible",
    },
    because: line("why, for someone of the other department", 500),
    when: conditions,
    then: record(
      {
        kind: { enum: ["auto", "approve", "forbid"] },
        votes: list(vote, 10, { minItems: 1 }),
      },
      ["votes"],
    ),
    accountable: { ...department, description: "the party that answers for what this rule allows" },
  },
  ["accountable"],
);

const caps = (span: string): object =>
  record({
    actions: count(`actions ${span}`),
    subjects: count(`subjects touched ${span}`, 10_000_000),
    value: { ...money, description: `value at stake of all actions ${span}` },
  });

const guardrails = record({
  perDay: caps("a day"),
  perWeek: caps("in seven days"),
  coolDownDays: { ...count("days a subject rests after an action", 366), unit: "days" },
  standingDaysMax: { ...count("days an action may stand", 366, 1), unit: "days" },
  freezes: list(
    record({ from: day, until: day, because: line("why nothing may change", 500) }),
    100,
  ),
});

const step = (description: string): object => count(description, 100_000);

const autonomy = record({
  start: {
    enum: AUTONOMY_LEVELS,
    description: "`shadow` only watches, `advise` asks for every vote, `act` obeys the rules",
  },
  promote: record(
    {
      matured: step("outcomes read since the last step; in shadow, verdicts reached"),
      helpedShareAtLeast: { type: "number", minimum: 0, maximum: 1 },
      harmedAtMost: step("harmful outcomes since the last step"),
    },
    [],
    "what lets a step up be proposed; both owners then sign it",
  ),
  demote: record(
    { harmed: count("harmful outcomes", 100_000, 1), withinDays: count("days", 366, 1) },
    [],
    "what takes the loop a step down at once",
  ),
});

const CHARTER = record(
  {
    interlock: { const: "charter/1", description: "the kind of document: charter/1" },
    name: loopName,
    version: { type: "integer", minimum: 1, maximum: 1_000_000 },
    replaces: {
      type: "string",
      pattern: "^[0-9a-f]{64}$",
      description: "hash of the version that this one takes the place of",
    },
    loop: loopName,
    title: line("what the two departments agree on", 120),
    currency: {
      type: "string",
      pattern: "^[A-Z]{3}$",
      description: "an ISO 4217 code such as INR",
    },
    timeZone: { ...timeZone, description: "of every day and hour here that is not a party's own" },
    parties: list(party, 10, { minItems: 2 }),
    options: list({ type: "string", pattern: "^[a-z][a-z0-9_]{0,59}$" }, 50, {
      minItems: 1,
      uniqueItems: true,
      description: "the acting options that this charter governs",
    }),
    rules: list(rule, 200, {
      minItems: 1,
      description: "read from the top; the first that fits decides; if none fits, nothing is done",
    }),
    guardrails,
    notify: list(
      record(
        {
          department,
          channel: { enum: ["email"] },
          address: { type: "string", maxLength: 200, format: "email" },
          on: list({ enum: NOTIFY_EVENTS }, NOTIFY_EVENTS.length, {
            minItems: 1,
            uniqueItems: true,
            description: "what this address is told of; everything when left out",
          }),
        },
        ["on"],
      ),
      50,
      { minItems: 1 },
    ),
    precedence: record(
      { over: list(loopName, 50), yieldsTo: list(loopName, 50) },
      ["over", "yieldsTo"],
      "against other loops on the same resource; it counts only where both charters say the same",
    ),
    rollback: record({
      by: list(department, 10, {
        minItems: 1,
        uniqueItems: true,
        description: "parties of which anyone may undo an action",
      }),
      onHarm: { type: "boolean", description: "an action that did harm is undone by itself" },
      onRecovery: {
        type: "boolean",
        description: "a subject that recovered is released by itself",
      },
    }),
    autonomy,
    breakGlass: record(
      {
        hoursMax: hours("the longest that the glass may be broken"),
        lifts: list({ enum: LIFTABLE }, LIFTABLE.length, { minItems: 1, uniqueItems: true }),
      },
      [],
      "what an owner may lift for a while, with a reason; everything then needs every party's vote",
    ),
    openCases: {
      enum: ["finish", "regovern"],
      description: "what becomes of open cases when this version comes into force",
    },
    outcome: record(
      {
        maturityDays: {
          ...count("days after the action before its effect is read", 366, 1),
          unit: "days",
        },
        acceptUndetermined: { type: "boolean" },
        holdout: record(
          {
            share: {
              type: "number",
              exclusiveMinimum: 0,
              maximum: 0.5,
              description: "share of what may act that waits by lot, such as 0.2",
            },
            because: line("why, for someone of the other department", 500),
          },
          [],
          "what may act and by lot waits, so that what acting does can be told",
        ),
      },
      ["acceptUndetermined", "holdout"],
    ),
    effective: record({
      from: day,
      review: { ...day, description: "the day on which both heads look at it again" },
      until: day,
    }),
  },
  ["replaces", "precedence", "breakGlass"],
);

/** What a charter is checked against, and what an editor completes from. */
export const CHARTER_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Interlock charter, charter/1",
  ...CHARTER,
};
