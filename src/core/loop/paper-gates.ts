/** The gates of what was agreed on paper: the contract, the charter, and how the effect is read. */
import { type Gate, gate, type GateEvidence, ownerOf } from "./gate.ts";

export function contractAccepted(evidence: GateEvidence): Gate {
  const { name, version, isInForce, unaccepted } = evidence.contract;
  return gate("contract-accepted", "connect", isInForce && unaccepted.length === 0, {
    yes: `both departments accepted ${name} ${version}`,
    no:
      unaccepted.length > 0
        ? `${name} ${version} is not accepted by ${unaccepted.join(" and ")}`
        : `${name} ${version} is not in force`,
    toHold: "both departments read and accept this version; nobody publishes one alone",
    commands: unaccepted.map(
      (department) =>
        `contract accept ${name} ${version} --as ${department} --by ${ownerOf(evidence, department)}`,
    ),
  });
}

export function charterInForce(evidence: GateEvidence): Gate {
  const { unsigned, keyless, effective, errors, state, today } = evidence.charter;
  const inTime = effective.from <= today && today < effective.until;
  const isWithdrawn = state === "withdrawn";
  const holds = unsigned.length === 0 && inTime && errors.length === 0 && !isWithdrawn;
  const no = isWithdrawn
    ? "a party withdrew from the charter"
    : errors.length > 0
      ? `the charter has an error: ${errors[0]}`
      : unsigned.length > 0
        ? `the charter is not signed by ${unsigned.join(" and ")}`
        : `the charter is in force from ${effective.from} until ${effective.until}`;
  return gate("charter-in-force", "go-live", holds, {
    yes: `the charter is signed by every party and in force until ${effective.until}`,
    no,
    toHold: isWithdrawn
      ? "agree on a new version, propose it, and have every owner sign it"
      : errors.length > 0
        ? "mend the charter; `charter gaps` lists every error"
        : unsigned.length > 0
          ? `have ${unsigned.join(" and ")} sign it`
          : "agree on new dates and sign again",
    commands:
      isWithdrawn || errors.length > 0
        ? []
        : unsigned.flatMap((party) => [
            ...(keyless.includes(party)
              ? [`charter key create --person ${ownerOf(evidence, party)}`]
              : []),
            `charter sign ${evidence.loop} --party ${party}`,
          ]),
  });
}

export function measurable(evidence: GateEvidence): Gate {
  const { maturityDays, effect, ablePlaces, places, acceptsUndetermined } = evidence.measurement;
  const isMostlyAble = places > 0 && ablePlaces * 2 >= places;
  const points = Math.round(effect * 1_000) / 10;
  const power =
    `an effect of ${points} points would show within ${maturityDays} days ` +
    `in ${ablePlaces} of ${places} places`;
  return gate("measurable", "go-live", isMostlyAble || acceptsUndetermined, {
    yes: acceptsUndetermined ? `${power}; both heads accept "cannot tell" elsewhere` : power,
    no: `${power}, and the charter does not accept "cannot tell"`,
    toHold:
      "measure longer (outcome.maturityDays), or accept outcome.acceptUndetermined in the charter",
  });
}
