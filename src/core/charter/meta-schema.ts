/**
 * The shape of a charter document, `charter/1`, as JSON Schema 2020-12. What a schema cannot say is
 * checked in `parse.ts`.
 */
const line = (description: string, maxLength = 200): object => ({
  type: "string",
  minLength: 1,
  maxLength,
  description,
});

const department = {
  type: "string",
  pattern: "^[a-z][a-z0-9-]{0,59}$",
  description: "a department's short name in lower case, such as logistics",
};

const person = {
  type: "object",
  required: ["name", "email"],
  additionalProperties: false,
  properties: {
    name: line("a person's name", 100),
    email: { type: "string", maxLength: 200, format: "email" },
  },
};
const people = { type: "array", maxItems: 50, items: person };

const instant = {
  type: "string",
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
  description: "an instant in UTC such as 2026-01-31T18:30:00.000Z",
};

const range = (kind: "integer" | "number", maximum: number, description: string): object => ({
  type: "object",
  minProperties: 1,
  additionalProperties: false,
  description,
  properties: {
    atLeast: { type: kind, minimum: 0, maximum },
    below: { type: kind, minimum: 0, maximum: kind === "number" ? 2 : maximum },
  },
});
const share = (description: string): object => range("number", 1, description);

const hoursLimit = { type: "number", exclusiveMinimum: 0, maximum: 720, unit: "hours" };

const vote = {
  type: "object",
  required: ["party", "quorum", "withinHours", "remindAfterHours", "onTimeout"],
  additionalProperties: false,
  properties: {
    party: department,
    quorum: { type: "integer", minimum: 1, maximum: 20 },
    withinHours: hoursLimit,
    remindAfterHours: hoursLimit,
    onTimeout: {
      enum: ["expire", "decline", "escalate"],
      description: "what silence means; it never allows",
    },
    escalateHours: hoursLimit,
  },
};

const effect = {
  type: "object",
  required: ["kind"],
  additionalProperties: false,
  properties: {
    kind: { enum: ["auto", "approve", "forbid"] },
    votes: { type: "array", minItems: 1, maxItems: 10, items: vote },
  },
};

const amount = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

export const CHARTER_SCHEMA = {
  type: "object",
  required: [
    "interlock",
    "name",
    "version",
    "loop",
    "title",
    "currency",
    "parties",
    "options",
    "rules",
    "guardrails",
    "notify",
    "outcome",
    "effective",
  ],
  additionalProperties: false,
  properties: {
    interlock: { const: "charter/1", description: "the kind of document: charter/1" },
    name: { type: "string", maxLength: 100, pattern: "^[a-z][a-z0-9-]*$" },
    version: { type: "integer", minimum: 1, maximum: 1_000_000 },
    loop: { type: "string", maxLength: 100, pattern: "^[a-z][a-z0-9-]*$" },
    title: line("what the two departments agree on", 120),
    currency: {
      type: "string",
      pattern: "^[A-Z]{3}$",
      description: "an ISO 4217 code such as INR",
    },
    parties: {
      type: "array",
      minItems: 2,
      maxItems: 10,
      items: {
        type: "object",
        required: ["department", "owner", "deputies", "approvers"],
        additionalProperties: false,
        properties: { department, owner: person, deputies: people, approvers: people },
      },
    },
    options: {
      type: "array",
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      items: { type: "string", pattern: "^[a-z][a-z0-9_]{0,59}$" },
      description: "the acting options that this charter governs",
    },
    rules: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      items: {
        type: "object",
        required: ["name", "because", "when", "then"],
        additionalProperties: false,
        properties: {
          name: {
            type: "string",
            pattern: "^[a-z][a-z0-9-]{0,59}$",
            description: "a short name in lower case, such as small-and-reversible",
          },
          because: line("why, for someone of the other department", 500),
          when: {
            type: "object",
            additionalProperties: false,
            properties: {
              option: {
                type: "array",
                minItems: 1,
                maxItems: 50,
                uniqueItems: true,
                items: { type: "string" },
              },
              valueAtStakeMinor: range(
                "integer",
                Number.MAX_SAFE_INTEGER,
                "minor units of the charter's currency",
              ),
              confidence: share("0 to 1"),
              reversible: { type: "boolean" },
              subjects: range("integer", 10_000_000, "number of subjects touched"),
              shareOfOrders: share("0 to 1 of all the company's orders"),
              shareOfSpend: share("0 to 1 of all the company's ad spend"),
            },
          },
          then: effect,
        },
      },
    },
    guardrails: {
      type: "object",
      required: [
        "actionsPerDay",
        "actionsPerWeek",
        "valuePerDayMinor",
        "coolDownDays",
        "standingDaysMax",
        "freezes",
      ],
      additionalProperties: false,
      properties: {
        actionsPerDay: { type: "integer", minimum: 0, maximum: 1_000_000 },
        actionsPerWeek: { type: "integer", minimum: 0, maximum: 1_000_000 },
        valuePerDayMinor: amount,
        coolDownDays: { type: "integer", minimum: 0, maximum: 366, unit: "days" },
        standingDaysMax: { type: "integer", minimum: 1, maximum: 366, unit: "days" },
        freezes: {
          type: "array",
          maxItems: 100,
          items: {
            type: "object",
            required: ["from", "until", "because"],
            additionalProperties: false,
            properties: {
              from: instant,
              until: instant,
              because: line("why nothing may change", 500),
            },
          },
        },
      },
    },
    notify: {
      type: "array",
      minItems: 1,
      maxItems: 50,
      items: {
        type: "object",
        required: ["department", "channel", "address"],
        additionalProperties: false,
        properties: {
          department,
          channel: { enum: ["email"] },
          address: { type: "string", maxLength: 200, format: "email" },
        },
      },
    },
    outcome: {
      type: "object",
      required: ["maturityDays", "undoOnHarm"],
      additionalProperties: false,
      properties: {
        maturityDays: { type: "integer", minimum: 1, maximum: 366, unit: "days" },
        undoOnHarm: { type: "boolean" },
        acceptUndetermined: { type: "boolean" },
      },
    },
    effective: {
      type: "object",
      required: ["from", "until"],
      additionalProperties: false,
      properties: { from: instant, until: instant },
    },
  },
};
