/** The map of loops as text, for a screen of 100 columns. */
import {
  contractStateWords,
  type DeadEnd,
  type LoopMap,
  type MapEdge,
  type MapNode,
} from "./map.ts";

const COLUMNS = 100;

export function mapToText(map: LoopMap): string {
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const edges = map.edges.flatMap((edge) => [...drawEdge(edge, nodes), ""]);
  const ends = map.deadEnds.flatMap(drawDeadEnd);
  return [
    ...(edges.length === 0 ? ["No contract is registered, and no loop is set up.", ""] : edges),
    ends.length === 0 ? "No dead ends." : `${map.deadEnds.length} dead end(s):`,
    ...ends,
  ].join("\n");
}

/** One line where it fits, else the receiver on a line of its own; what stands where is below. */
function drawEdge(edge: MapEdge, nodes: ReadonlyMap<string, MapNode>): ReadonlyArray<string> {
  const isDead = edge.loop === null;
  const [rail, head] = isDead ? ["╌╌", "╌╌>"] : ["──", "──>"];
  const from = nameOf(nodes.get(edge.from));
  const to = nameOf(nodes.get(edge.to));
  const contract = `[${edge.contract} ${edge.version}]`;
  const states = [
    isDead ? "no loop" : `loop ${edge.loop}: ${edge.loopState}`,
    `contract ${contractStateWords(edge.contractState)}`,
    `sender ${nodes.get(edge.from)?.state ?? "missing"}`,
    `receiver ${nodes.get(edge.to)?.state ?? "missing"}`,
  ].join(", ");
  const line = `${from} ${rail}${contract}${head} ${to}`;
  const drawn = line.length <= COLUMNS ? [line] : [from, `  ${rail}${contract}`, `  ${head} ${to}`];
  return [
    ...drawn,
    ...wrap(states, "    ", "    "),
    ...edge.halts.flatMap((halt) => wrap(halt, "    ! ", "      ")),
  ];
}

function nameOf(node: MapNode | undefined): string {
  if (node === undefined) return "?";
  return node.agent === null ? `${node.department}/?` : `${node.id} ${node.version ?? ""}`.trim();
}

function drawDeadEnd({ kind, what, words, advice }: DeadEnd): ReadonlyArray<string> {
  return [
    ...wrap(`${what}: ${words}`, `  ${kind.padEnd(8)}  `, " ".repeat(12)),
    ...wrap(advice, "            -> ", " ".repeat(15)),
  ];
}

/** Words over several lines; one that is longer than a line stands on a line of its own. */
function wrap(text: string, first: string, others: string): ReadonlyArray<string> {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = others;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
