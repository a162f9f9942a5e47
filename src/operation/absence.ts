/** Being away: who is asked instead, until when; and one question handed to a deputy. */
import type { Delegation } from "../core/charter/delegation.ts";
import {
  type Absence,
  declareAbsence,
  delegateVote,
  endAbsence,
  readAbsences,
} from "../engine/absences.ts";
import type { ErrorCode } from "../std/errors.ts";
import {
  CASE_FIELD,
  DAY_FIELD,
  inputSchema,
  nameField,
  type Operation,
  type OperationContext,
} from "./operation.ts";

export type { Absence } from "../engine/absences.ts";

const PERSON_FIELD = nameField("the email of who is away, as in the charter");
const TO_FIELD = nameField(
  "the deputy who is asked instead; may be left out where there is one only",
);

const REFUSALS: ReadonlyArray<ErrorCode> = [
  "delegation/not-entitled",
  "delegation/not-a-deputy",
  "delegation/both-sides",
  "delegation/deputy-away",
  "delegation/bad-until",
];

const viaOf = ({ signedIn }: OperationContext) =>
  signedIn === undefined ? ("command" as const) : ("session" as const);

export const absenceDeclare: Operation<
  {
    readonly person: string;
    readonly until: string;
    readonly to?: string;
    readonly department?: string;
  },
  ReadonlyArray<Absence>
> = {
  name: "absence.declare",
  summary: "Somebody is away until a day, and a deputy of the charter is asked instead.",
  access: "approver",
  errors: REFUSALS,
  input: inputSchema(
    {
      person: PERSON_FIELD,
      until: { ...DAY_FIELD, description: "the day on which they are back, such as 2026-12-05" },
      to: TO_FIELD,
      department: nameField("that side alone; every side with a seat of theirs when left out"),
    },
    ["to", "department"],
  ),
  handler: (context, away) => declareAbsence(context.engine.context, away, viaOf(context)),
};

export const absenceEnd: Operation<
  { readonly person: string; readonly department?: string },
  ReadonlyArray<Absence>
> = {
  name: "absence.end",
  summary: "Somebody is back before the day, and is asked again.",
  access: "approver",
  errors: ["delegation/not-away"],
  input: inputSchema(
    { person: PERSON_FIELD, department: nameField("the side by which the caller is let in") },
    ["department"],
  ),
  handler: (context, { person }) => endAbsence(context.engine.context, person, viaOf(context)),
};

export const absenceList: Operation<Record<string, never>, ReadonlyArray<Absence>> = {
  name: "absence.list",
  summary: "Who is away, until when, and who is asked instead.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  handler: ({ engine }) => readAbsences(engine.context),
};

export const caseDelegate: Operation<
  { readonly id: string; readonly person: string; readonly to?: string },
  Delegation
> = {
  name: "case.delegate",
  summary: "Hands the question of one case to a deputy of the charter; whoever was asked says so.",
  access: "approver",
  errors: ["case/not-found", "delegation/not-asked", ...REFUSALS],
  input: inputSchema(
    { id: CASE_FIELD, person: nameField("the email of who was asked"), to: TO_FIELD },
    ["to"],
  ),
  handler: (context, { id, person, to }) =>
    delegateVote(
      context.engine.context,
      { case: id, person, ...(to === undefined ? {} : { to }) },
      viaOf(context),
    ),
};
