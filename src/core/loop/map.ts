/**
 * The map of every loop of the company, and its dead ends.
 *
 * Picture a railway map on which each line is drawn from the station where trains are sent off to the
 * one where they arrive; the dead ends are the rails that lead nowhere: a signal with no live receiver,
 * an option that nobody can carry out, a receiver to whom nobody sends. Each is told with what to do.
 *
 * Nodes are agents, or the empty place of one; edges are contracts. Left out: how well an agent does
 * its work, which is the gates' matter.
 */
import { compareVersions } from "../contract/compare/version.ts";
import type { LoopState } from "./lifecycle.ts";

export type MapAgent = {
  readonly name: string;
  readonly version: string;
  /** False when it missed its heartbeat. */
  readonly isHeard: boolean;
};

export type MapContract = {
  readonly name: string;
  readonly version: string;
  readonly state: "draft" | "in-force" | "deprecated" | "retired";
  readonly sender: string;
  readonly receiver: string;
  /** Names of the options that change something outside. */
  readonly actingOptions: ReadonlyArray<string>;
};

export type MapLoop = {
  readonly name: string;
  readonly state: LoopState;
  /** Name and version of the contract that it speaks, one of the map's. */
  readonly contract: { readonly name: string; readonly version: string };
  readonly sender?: MapAgent;
  readonly receiver?: MapAgent;
  /** Options that the charter has rules for, and those that a connector carries out. */
  readonly charterOptions: ReadonlyArray<string>;
  /** Stops and broken glass, in words. */
  readonly halts?: ReadonlyArray<string>;
  /** Undefined when the loop is not wired in this process, and nobody here can tell. */
  readonly connectorOptions?: ReadonlyArray<string>;
};

export type MapNode = {
  /** `department/agent`, or the department alone where no agent stands. */
  readonly id: string;
  readonly department: string;
  readonly agent: string | null;
  readonly version: string | null;
  readonly state: "connected" | "silent" | "missing";
};

export type MapEdge = {
  readonly from: string;
  readonly to: string;
  readonly contract: string;
  readonly version: string;
  readonly contractState: MapContract["state"];
  /** The loop that carries it, and where that stands; null when none does. */
  readonly loop: string | null;
  readonly loopState: LoopState | null;
  /** Stops and broken glass of that loop, in words. */
  readonly halts: ReadonlyArray<string>;
};

export const DEAD_END_KINDS = ["signal", "option", "receiver"] as const;

export type DeadEnd = {
  readonly kind: (typeof DEAD_END_KINDS)[number];
  /** What leads nowhere: a contract's version, an option, an agent. */
  readonly what: string;
  readonly loop: string | null;
  readonly words: string;
  readonly advice: string;
};

export type LoopMap = {
  readonly nodes: ReadonlyArray<MapNode>;
  readonly edges: ReadonlyArray<MapEdge>;
  readonly deadEnds: ReadonlyArray<DeadEnd>;
};

/** A retired loop carries nothing, and a retired contract says nothing: neither is drawn. */
export function computeMap(input: {
  readonly loops: ReadonlyArray<MapLoop>;
  readonly contracts: ReadonlyArray<MapContract>;
}): LoopMap {
  const loops = input.loops.filter(({ state }) => state !== "retired");
  const contracts = input.contracts.filter(({ state }) => state !== "retired");
  const nodes = new Map<string, MapNode>();
  const edges: MapEdge[] = [];
  const deadEnds: DeadEnd[] = [];
  for (const contract of contracts) {
    const carriers = loops.filter((loop) => isCarried(contract, loop));
    if (carriers.length === 0 && isWaiting(contract, loops)) continue;
    for (const loop of carriers.length === 0 ? [undefined] : carriers) {
      const from = toNode(contract.sender, loop?.sender);
      const to = toNode(contract.receiver, loop?.receiver);
      for (const node of [from, to]) nodes.set(node.id, node);
      edges.push({
        from: from.id,
        to: to.id,
        contract: contract.name,
        version: contract.version,
        contractState: contract.state,
        loop: loop?.name ?? null,
        loopState: loop?.state ?? null,
        halts: loop?.halts ?? [],
      });
      if (loop === undefined) deadEnds.push(withoutLoop(contract, loops));
      else if (speaks(loop, contract)) deadEnds.push(...findDeadEnds(loop, contract));
    }
  }
  return {
    nodes: [...nodes.values()].sort((a, b) => compareTexts(a.id, b.id)),
    edges,
    deadEnds: DEAD_END_KINDS.flatMap((kind) => deadEnds.filter((end) => end.kind === kind)),
  };
}

function speaks(loop: MapLoop, contract: MapContract): boolean {
  return loop.contract.name === contract.name && loop.contract.version === contract.version;
}

/** A loop takes in the version that it speaks, and older ones that are deprecated but not retired. */
function isCarried(contract: MapContract, loop: MapLoop): boolean {
  if (speaks(loop, contract)) return true;
  const { name, version } = loop.contract;
  return (
    contract.state === "deprecated" &&
    name === contract.name &&
    compareVersions(version, contract.version) > 0
  );
}

/** A draft beside a version that is spoken leads nowhere yet, and nobody expects it to. */
function isWaiting(contract: MapContract, loops: ReadonlyArray<MapLoop>): boolean {
  return contract.state === "draft" && loops.some((loop) => loop.contract.name === contract.name);
}

function withoutLoop(contract: MapContract, loops: ReadonlyArray<MapLoop>): DeadEnd {
  const what = `${contract.name} ${contract.version}`;
  const older = loops.find((loop) => loop.contract.name === contract.name);
  if (older === undefined) {
    return {
      kind: "signal",
      what,
      loop: null,
      words:
        `no loop carries it: ${contract.sender} may send it, ` +
        `and nobody at ${contract.receiver} receives it`,
      advice: `wire a loop between the two departments, or withdraw it: contract retire ${what}`,
    };
  }
  return {
    kind: "signal",
    what,
    loop: older.name,
    words: `it is ${contractStateWords(contract.state)}, but the loop ${older.name} speaks ${older.contract.version}`,
    advice: `give ${older.name} the version ${contract.version}, once both its agents speak it`,
  };
}

export function contractStateWords(state: MapContract["state"]): string {
  return state === "in-force" ? "in force" : state;
}

function findDeadEnds(loop: MapLoop, contract: MapContract): ReadonlyArray<DeadEnd> {
  return [
    ...findDeadSignal(loop, contract),
    ...findDeadOptions(loop, contract),
    ...findDeadReceiver(loop, contract),
  ];
}

function findDeadSignal(loop: MapLoop, contract: MapContract): ReadonlyArray<DeadEnd> {
  const { receiver } = loop;
  const dead = (words: string, advice: string): ReadonlyArray<DeadEnd> => [
    {
      kind: "signal",
      what: `${contract.name} ${contract.version}`,
      loop: loop.name,
      words,
      advice,
    },
  ];
  if (receiver === undefined) {
    return dead(`no agent of ${contract.receiver} receives it`, startAdvice(contract.receiver));
  }
  if (!receiver.isHeard) {
    return dead(
      `its receiver ${contract.receiver}/${receiver.name} has not been heard in time`,
      "start that agent again, or find out why its heartbeat does not arrive",
    );
  }
  if (loop.state === "live") return [];
  return dead(
    `the loop ${loop.name} is ${loop.state}: its signals are parked and nobody answers them`,
    `loop show ${loop.name} says what is missing; loop activate ${loop.name} goes live`,
  );
}

function findDeadOptions(loop: MapLoop, contract: MapContract): ReadonlyArray<DeadEnd> {
  const { connectorOptions } = loop;
  return contract.actingOptions.flatMap((option): ReadonlyArray<DeadEnd> => {
    const dead = (words: string, advice: string) => [
      { kind: "option" as const, what: option, loop: loop.name, words, advice },
    ];
    if (!loop.charterOptions.includes(option)) {
      return dead(
        `${contract.name} ${contract.version} offers it, but the charter of ${loop.name} has no ` +
          "rule for it, so it is always forbidden",
        "add it to the charter and sign again, or leave it out of the contract's next version",
      );
    }
    if (connectorOptions === undefined || connectorOptions.includes(option)) return [];
    return dead(
      `the charter of ${loop.name} allows it, but no connector carries it out`,
      `connect a system that can do it for ${contract.receiver}, or take it out of the charter`,
    );
  });
}

function findDeadReceiver(loop: MapLoop, contract: MapContract): ReadonlyArray<DeadEnd> {
  const { sender, receiver } = loop;
  if (receiver === undefined || sender?.isHeard === true) return [];
  const words =
    sender === undefined
      ? `no agent of ${contract.sender} sends to it`
      : `its sender ${contract.sender}/${sender.name} has not been heard in time`;
  const advice =
    sender === undefined
      ? startAdvice(contract.sender)
      : "start that agent again, or find out why its heartbeat does not arrive";
  const what = `${contract.receiver}/${receiver.name}`;
  return [{ kind: "receiver", what, loop: loop.name, words, advice }];
}

function startAdvice(department: string): string {
  return `give ${department} a key and start its agent: agent key create --department ${department}`;
}

function toNode(department: string, agent: MapAgent | undefined): MapNode {
  if (agent === undefined) {
    return { id: department, department, agent: null, version: null, state: "missing" };
  }
  return {
    id: `${department}/${agent.name}`,
    department,
    agent: agent.name,
    version: agent.version,
    state: agent.isHeard ? "connected" : "silent",
  };
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
