/**
 * The shape of a contract document, `contract/1`, as JSON Schema 2020-12. Kept as a value, not a file,
 * so that `core` needs no I/O. What a schema cannot say is checked in `parse.ts`.
 */
const line = (description: string, maxLength = 200): object => ({
  type: "string",
  minLength: 1,
  maxLength,
  description,
});

const department = {
  type: "object",
  required: ["department"],
  additionalProperties: false,
  properties: {
    department: {
      type: "string",
      pattern: "^[a-z][a-z0-9-]{0,59}$",
      description: "a department's short name in lower case, such as logistics",
    },
  },
};

const version = {
  type: "string",
  maxLength: 60,
  pattern:
    "^(?:0|[1-9][0-9]*)\\.(?:0|[1-9][0-9]*)\\.(?:0|[1-9][0-9]*)(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$",
  description: "a semantic version such as 1.0.0",
};

const pointer = {
  type: "string",
  maxLength: 200,
  pattern: "^(?:/[^/]+)+$",
  description:
    "a JSON Pointer into the payload, such as /measure/trials; * is every item of a list",
};

const steps = {
  type: "array",
  maxItems: 100,
  items: {
    type: "object",
    required: ["op", "path"],
    additionalProperties: false,
    properties: {
      op: {
        enum: ["add", "remove", "move", "copy", "scale", "map"],
        description: "what is done at path",
      },
      path: pointer,
      from: pointer,
      value: { description: "what add puts there" },
      by: { type: "number", description: "what scale multiplies with, such as 100" },
      values: {
        type: "array",
        minItems: 1,
        maxItems: 200,
        items: {
          type: "object",
          required: ["from", "to"],
          additionalProperties: false,
          properties: { from: {}, to: {} },
        },
        description: "what map replaces by what",
      },
    },
  },
};

const share = { type: "number", minimum: 0, maximum: 1 };

export const CONTRACT_SCHEMA = {
  type: "object",
  required: [
    "interlock",
    "name",
    "version",
    "title",
    "description",
    "sender",
    "receiver",
    "subject",
    "payload",
    "options",
    "confidence",
    "evidence",
    "expiry",
  ],
  additionalProperties: false,
  properties: {
    interlock: { const: "contract/1", description: "the kind of document: contract/1" },
    name: {
      type: "string",
      maxLength: 100,
      pattern: "^[a-z][a-z0-9-]*(?:\\.[a-z][a-z0-9-]*)+$",
      description: "department.what, such as logistics.geo-risk",
    },
    version,
    title: line("what a signal says, in a few words", 120),
    description: line("when the sender speaks and what the receiver is expected to do", 2_000),
    sender: department,
    receiver: department,
    subject: {
      type: "object",
      required: ["kind", "description", "pattern"],
      additionalProperties: false,
      properties: {
        kind: line("what one signal is about, such as geography", 60),
        description: line("how a subject's id is made up", 500),
        pattern: line("a regular expression that every subject id matches, from ^ to $", 500),
      },
    },
    payload: { type: "object", description: "a JSON Schema 2020-12 of type object" },
    options: {
      type: "array",
      minItems: 2,
      maxItems: 50,
      items: {
        type: "object",
        required: ["name", "description", "reversible", "kind", "parameters"],
        additionalProperties: false,
        properties: {
          name: {
            type: "string",
            pattern: "^[a-z][a-z0-9_]{0,59}$",
            description: "lower case with underscores, such as lower_bid",
          },
          description: line("what it does, for someone of the other department", 500),
          reversible: {
            type: "boolean",
            description: "true when undoing restores the state before",
          },
          kind: {
            enum: ["act", "none", "hand-back"],
            description: "act changes something outside, none nothing, hand-back returns the case",
          },
          parameters: { type: "object", description: "a JSON Schema 2020-12 of type object" },
        },
      },
    },
    confidence: {
      type: "object",
      required: ["meaning", "calibration", "thresholds"],
      additionalProperties: false,
      properties: {
        meaning: line("the event whose probability the confidence is", 1_000),
        calibration: line("how it is checked that the number is honest", 1_000),
        thresholds: {
          type: "object",
          required: ["signal", "act"],
          additionalProperties: false,
          properties: {
            signal: { ...share, description: "below it the sender stays silent" },
            act: { ...share, description: "below it the receiver may not act" },
          },
        },
        tolerance: {
          ...share,
          description: "how far the share that came true may be from the confidence said",
        },
      },
    },
    evidence: {
      type: "object",
      required: ["required"],
      additionalProperties: false,
      properties: {
        required: {
          type: "array",
          maxItems: 50,
          items: {
            type: "object",
            required: ["name", "path", "why"],
            additionalProperties: false,
            properties: {
              name: line("the data point's name in words", 100),
              path: {
                type: "string",
                maxLength: 200,
                pattern: "^(?:/[^/]+)+$",
                description: "a JSON Pointer into the payload, such as /measure/trials",
              },
              why: line("what the receiver needs it for", 500),
            },
          },
        },
      },
    },
    expiry: {
      type: "object",
      required: ["afterHours"],
      additionalProperties: false,
      properties: {
        afterHours: {
          type: "number",
          exclusiveMinimum: 0,
          maximum: 2_160,
          unit: "hours",
          description: "the longest that a signal may stay open",
        },
      },
    },
    migrations: {
      type: "array",
      maxItems: 20,
      description: "how payloads of older versions become payloads of this one, and back",
      items: {
        type: "object",
        required: ["from", "up", "down", "golden"],
        additionalProperties: false,
        properties: {
          from: version,
          up: { ...steps, description: "steps from the old payload to the new one" },
          down: { ...steps, description: "steps from the new payload to the old one" },
          lossy: { type: "array", maxItems: 50, items: pointer },
          golden: {
            type: "array",
            minItems: 1,
            maxItems: 50,
            description: "pairs of payloads that show the migration at work",
            items: {
              type: "object",
              required: ["old", "new"],
              additionalProperties: false,
              properties: { old: { type: "object" }, new: { type: "object" } },
            },
          },
        },
      },
    },
  },
};
