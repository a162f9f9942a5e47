/** The comparison in words: tables for a terminal, and the same for the page that carries one run. */
import { table } from "../../src/cli/output.ts";
import type { Sample } from "../sample.ts";
import type { Comparison, PeerRow } from "./comparison.ts";

type Cells = ReadonlyArray<ReadonlyArray<string>>;

export function comparisonToText(run: Comparison): string {
  return [
    ...headOf(run),
    "",
    ...sectionsOf(run).map(
      ({ title, rows, below }) =>
        `${title}\n${table(rows).replace(/^/gm, "  ")}\n${below.map((line) => `  ${line}\n`).join("")}`,
    ),
  ].join("\n");
}

export function comparisonToMarkdown(run: Comparison): string {
  const parts = sectionsOf(run).map(({ title, rows, below }) => {
    const [head = [], ...rest] = rows;
    const line = (cells: ReadonlyArray<string>): string =>
      `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [
      `**${title}**`,
      "",
      line(head),
      line(head.map(() => "---")),
      ...rest.map(line),
      ...(below.length > 0 ? ["", ...below] : []),
    ].join("\n");
  });
  return [headOf(run).join("\n"), ...parts].join("\n\n");
}

function headOf({ machine, postgres, rounds, isQuick, tookSeconds }: Comparison): string[] {
  const durable = Object.entries(postgres.settings).map(([name, value]) => `${name}=${value}`);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, disk ` +
      `${machine.disk}, load before ${machine.loadBefore.toFixed(1)}; node ${machine.versions["node"]}, ` +
      `PostgreSQL ${postgres.version} (${durable.join(", ")}); ${machine.at}; ` +
      `took ${Math.round(tookSeconds)} s.`,
    `Median of ${rounds} interleaved round${rounds === 1 ? "" : "s"} [lowest to highest].` +
      (isQuick ? " QUICK: too short for figures to be quoted." : ""),
  ];
}

function sectionsOf(run: Comparison): { title: string; rows: Cells; below: string[] }[] {
  const { rows, limits, goals, product } = run;
  const ran = rows.filter(({ perSecond }) => perSecond !== null);
  const killed = rows.filter(({ crash }) => crash !== null);
  const troubled = rows.filter(({ trouble }) => trouble !== null);
  const versions = Object.assign({}, ...rows.map((row) => row.versions)) as Record<string, string>;
  return [
    {
      title: "Signals a second, accepted to acted and written down",
      rows: [
        [
          "",
          "comes in",
          "a second",
          "CPU s per 1,000",
          "engine + PostgreSQL",
          "peak MB",
          "flushes per 1,000",
          "others' cores",
          "install MB",
        ],
        ...ran.map(throughputRow),
      ],
      below: Object.entries(versions).map(([name, version]) => `${name} ${version}`).length
        ? [
            `Versions: ${Object.entries(versions)
              .map((pair) => pair.join(" "))
              .join(", ")}.`,
          ]
        : [],
    },
    {
      title: "One signal at a time, 20 a second, each by HTTP: ms from sending until acted",
      rows: [
        ["", "p50", "p99", "signals"],
        ...rows.flatMap(({ title, waits }) =>
          waits === null
            ? []
            : [[title, waits.p50Ms.toFixed(1), waits.p99Ms.toFixed(1), String(waits.signals)]],
        ),
      ],
      below: [],
    },
    {
      title: "Killed twice (kill -9 of all its processes) while 64 signals at a time come by HTTP",
      rows: [
        [
          "",
          "accepted",
          "not done",
          "calls again",
          "double effects",
          "start, s",
          "first action, s",
          "stranded done, s",
        ],
        ...killed.map(crashRow),
      ],
      below: [
        `Not done: acknowledged, and not acted on when nothing had come for ${killed[0]?.crash?.quietSeconds ?? 0} s. ` +
          "Calls again: with a key that the platform had seen, which changed " +
          "nothing. Seconds: the slower of both restarts; first action and stranded count from when it took signals again.",
      ],
    },
    {
      title: "What the machine can do with nothing built on it",
      rows: [["", "a second"], ...limits.map(({ name, perSecond }) => [name, range(perSecond)])],
      below: [],
    },
    {
      title: "Goals",
      rows: [
        ["", "reached", "against", ""],
        ...goals.map(({ goal, reached, against, isMet }) => [
          goal,
          reached,
          against,
          isMet === null ? "-" : isMet ? "met" : "NOT MET",
        ]),
      ],
      below:
        "trouble" in product
          ? [`The product's size is not known: ${product.trouble}`]
          : [
              `Installed for production, Interlock is ${product.mb.toFixed(0)} MB on disk ` +
                `(${product.fileMb.toFixed(0)} MB of files) in ${product.packages} packages, ` +
                `${product.postgresMb.toFixed(0)} MB of them the embedded PostgreSQL; ` +
                `the heaviest: ${product.heaviest.map(({ name, mb }) => `${name} ${mb.toFixed(0)}`).join(", ")}.`,
            ],
    },
    ...(troubled.length === 0
      ? []
      : [
          {
            title: "Not run, or not to the end",
            rows: [
              ["", "comes in", "why"],
              ...troubled.map(({ title, ingress, trouble }) => [
                title,
                ingress,
                (trouble ?? "").replace(/\s+/g, " ").slice(0, 200),
              ]),
            ],
            below: [],
          },
        ]),
  ];
}

function throughputRow(row: PeerRow): ReadonlyArray<string> {
  return [
    row.title,
    row.ingress,
    row.perSecond === null ? "" : range(row.perSecond),
    fixed(row.cpu, 2),
    `${fixed(row.engineCpu, 2)} + ${fixed(row.postgresCpu, 2)}`,
    fixed(row.peakMb, 0),
    row.store === "postgres" ? fixed(row.flushesPer1000, 0) : "own store",
    fixed(row.foreignCores?.median ?? null, 1),
    fixed(row.installMb, 0),
  ];
}

function crashRow({ title, crash, durable }: PeerRow): ReadonlyArray<string> {
  if (crash === null) return [];
  return [
    durable ? title : `${title} (acknowledges first)`,
    String(crash.accepted),
    String(crash.lost),
    String(crash.repeats),
    String(crash.doubles),
    crash.startSeconds.toFixed(1),
    fixed(crash.firstActionSeconds, 2),
    crash.strandedSeconds.toFixed(1),
  ];
}

function range({ median, min, max }: Sample): string {
  return `${count(median)} [${count(min)} to ${count(max)}]`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function fixed(value: number | null, digits: number): string {
  return value === null || !Number.isFinite(value) ? "-" : value.toFixed(digits);
}
