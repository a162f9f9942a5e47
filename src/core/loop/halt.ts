/** What holds a loop, or loosens it, in words short enough for every place where the loop is named. */
import type { StopFact, VerdictFacts } from "../charter/types.ts";

export type Halts = {
  readonly stops: ReadonlyArray<StopFact>;
  readonly glass: VerdictFacts["glass"] | null;
};

export function describeHalts({ stops, glass }: Halts): ReadonlyArray<string> {
  return [
    ...stops.map((stop) => `${stop.person} stopped ${describeScope(stop)}: ${stop.reason}`),
    ...(glass ? [`${glass.person} broke the glass until ${glass.until}: ${glass.reason}`] : []),
  ];
}

export function describeScope({ scope, name }: Pick<StopFact, "scope" | "name">): string {
  return scope === "everything" ? "everything" : `the ${scope} ${name}`;
}
